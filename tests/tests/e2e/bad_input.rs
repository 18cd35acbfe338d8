//! What users get wrong: each time a message that says what and where, and nothing is lost.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use connect_tests::broker::BrokerProcess;
use connect_tests::lines::wait_for_text;
use connect_tests::ports::free_port;
use connect_tests::process::{Process, Signal};
use connect_tests::rest::Rest;
use connect_tests::worker::{Standalone, Worker};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers, text};

on_both_brokers!(
    an_unknown_class_is_named_with_those_that_exist,
    a_missing_key_is_named,
    a_source_that_cannot_be_read_fails_until_it_can,
    a_sink_that_cannot_be_written_fails_until_it_can,
    bytes_that_are_no_text_are_replaced_and_the_rest_goes_on,
    a_body_that_is_no_json_is_refused,
    a_configuration_that_is_not_of_strings_is_refused,
    a_bad_connector_file_stops_the_start,
    a_damaged_offsets_file_is_refused_and_kept,
    a_port_in_use_is_named,
);

/// Exit codes of the reference.
const BAD_SETUP: i32 = 2;
const BAD_START: i32 = 3;

/// For a worker that gives up; longer than it waits for a broker.
const END_LIMIT: Duration = Duration::from_secs(90);

async fn an_unknown_class_is_named_with_those_that_exist(scene: Scene) {
    let worker = scene.worker().start().await;
    let mut config = scene.source();
    config["connector.class"] = json!("org.example.NoSuchConnector");

    let message = refused(worker.rest(), &scene.source_name(), &config, 400).await;

    let expected = "Failed to find any class that implements Connector and which name matches \
                    org.example.NoSuchConnector, available connectors are: ";
    assert!(message.starts_with(expected), "{message}");
    assert!(
        message.contains("org.apache.kafka.connect.file.FileStreamSourceConnector"),
        "{message}"
    );
    assert_eq!(worker.rest().get("/connectors").await.json(), json!([]));
}

async fn a_missing_key_is_named(scene: Scene) {
    let worker = scene.worker().start().await;
    let mut config = scene.source();
    config.as_object_mut().expect("an object").remove("topic");
    config["batch.size"] = json!("many");

    let message = refused(worker.rest(), &scene.source_name(), &config, 400).await;

    let expected = "Connector configuration is invalid and contains the following 2 error(s):\n";
    assert!(message.starts_with(expected), "{message}");
    for line in [
        "Missing required configuration \"topic\" which has no default value.",
        "Invalid value many for configuration batch.size: Not a number of type INT",
    ] {
        assert!(message.lines().any(|it| it == line), "{message}");
    }

    let process = scene.worker().unset("value.converter").launch();
    ends_saying(
        process,
        BAD_SETUP,
        &["Missing required configuration \"value.converter\""],
    )
    .await;
}

async fn a_source_that_cannot_be_read_fails_until_it_can(scene: Scene) {
    let worker = scene.worker().start().await;
    let (name, file) = (scene.source_name(), scene.source_file());
    worker
        .rest()
        .create(&scene.sink_name(), &scene.sink())
        .await;

    // A link to itself cannot be read by anybody; permissions would not stop a superuser.
    symlink(&file, &file).unwrap();
    worker.rest().create(&name, &scene.source()).await;
    failed_naming(&worker, &name, &file).await;

    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    restart_task(&worker, &name).await;
    failed_naming(&worker, &name, &file).await;

    fs::remove_dir(&file).unwrap();
    scene.append("now\n");
    restart_task(&worker, &name).await;
    scene.wait_for_sink("now\n").await;
}

async fn a_sink_that_cannot_be_written_fails_until_it_can(scene: Scene) {
    scene.append("1\n2\n");
    let worker = scene.worker().start().await;
    let (name, file) = (scene.sink_name(), scene.path("folder").join("sink.txt"));
    let mut config = scene.sink();
    config["file"] = json!(text(&file));
    worker
        .rest()
        .create(&scene.source_name(), &scene.source())
        .await;

    // The folder is missing.
    worker.rest().create(&name, &config).await;
    failed_naming(&worker, &name, &file).await;

    fs::create_dir_all(&file).unwrap();
    restart_task(&worker, &name).await;
    failed_naming(&worker, &name, &file).await;

    fs::remove_dir(&file).unwrap();
    restart_task(&worker, &name).await;
    wait_for_text(ARRIVAL_LIMIT, &file, "1\n2\n").await;
}

async fn bytes_that_are_no_text_are_replaced_and_the_rest_goes_on(scene: Scene) {
    fs::write(
        scene.source_file(),
        b"good\nb\xffd \xc3\xa9 cut \xe6\xbc\ngood again\n",
    )
    .unwrap();

    let worker = scene.worker_with_both().start().await;

    scene
        .wait_for_sink("good\nb\u{fffd}d \u{e9} cut \u{fffd}\ngood again\n")
        .await;
    let log = worker.process().log();
    let warned = log.lines().any(|line| {
        line.contains("UTF-8") && line.contains("source.txt") && line.contains("position=5")
    });
    assert!(warned, "{log}");
}

async fn a_body_that_is_no_json_is_refused(scene: Scene) {
    let worker = scene.worker().start().await;
    let send = async |body: &str| {
        let answer = worker
            .rest()
            .send(Method::POST, "/connectors", Some(body.to_owned()))
            .await;
        assert!(matches!(answer.status, 400 | 500), "{body}: {answer:?}");
        answer.error_message()
    };

    let cut = send("{\"name\": \"a\",\n \"config\": {").await;
    assert!(cut.contains("line: 2"), "{cut}");
    for body in [
        "",
        "no json",
        "[]",
        "\"text\"",
        "{\"name\": \"a\"}",
        "{\"name\": \"a\", \"config\": []}",
    ] {
        assert!(!send(body).await.is_empty(), "{body}");
    }
    let unknown = send(r#"{"name": "a", "confg": {}}"#).await;
    assert!(unknown.contains("confg"), "{unknown}");

    assert_eq!(worker.rest().get("/connectors").await.json(), json!([]));
}

async fn a_configuration_that_is_not_of_strings_is_refused(scene: Scene) {
    let worker = scene.worker().start().await;
    for value in [json!({"a": 1}), json!(["a"])] {
        let mut config = scene.source();
        config["batch.size"] = value;
        let body = json!({"name": scene.source_name(), "config": config});

        let answer = worker.rest().post("/connectors", &body).await;

        assert!(matches!(answer.status, 400 | 500), "{answer:?}");
        assert!(answer.error_message().contains("batch.size"), "{answer:?}");
    }
    assert_eq!(worker.rest().get("/connectors").await.json(), json!([]));

    // Numbers and booleans have one spelling as text, so they are as good as strings.
    let mut config = scene.source();
    config["tasks.max"] = json!(1);
    config["errors.log.enable"] = json!(true);
    let created = worker.rest().create(&scene.source_name(), &config).await;
    assert_eq!(created["config"]["tasks.max"], "1");
    assert_eq!(created["config"]["errors.log.enable"], "true");
}

async fn a_bad_connector_file_stops_the_start(scene: Scene) {
    let nameless = format!(
        "connector.class=FileStreamSource\ntopic={}\n",
        scene.topic()
    );
    let unknown = "name=a\nconnector.class=org.example.NoSuchConnector\n";
    for (file, content, expected) in [
        (
            "nameless.properties",
            nameless.as_str(),
            "missing the mandatory 'name' configuration",
        ),
        ("unknown.properties", unknown, "org.example.NoSuchConnector"),
        (
            "keyless.json",
            r#"{"name": "a", "connector.class": "FileStreamSource"}"#,
            "\"topic\"",
        ),
        (
            "null.json",
            r#"{"name": "a", "connector.class": "FileStreamSource", "topic": null}"#,
            "Invalid value null for configuration topic",
        ),
        (
            "escape.properties",
            "name=a\ntopic=\\u12\n",
            "escape.properties",
        ),
    ] {
        let process = scene
            .worker()
            .connector_file(file, content.as_bytes())
            .launch();
        ends_saying(process, BAD_START, &[file, expected]).await;
    }

    let absent = scene
        .worker()
        .argument(scene.path("absent.properties"))
        .launch();
    ends_saying(absent, BAD_START, &["absent.properties"]).await;
}

async fn a_damaged_offsets_file_is_refused_and_kept(scene: Scene) {
    scene.append("1\n");
    let worker = scene.worker_with_both();
    let running = worker.start().await;
    scene.wait_for_sink("1\n").await;
    running.stop(Signal::Terminate).await;
    let good = fs::read(worker.offsets_file()).unwrap();
    let cut = &good[..good.len() - 3];
    fs::write(worker.offsets_file(), cut).unwrap();

    let process = worker.launch();

    let file = worker.offsets_file();
    ends_saying(process, BAD_START, &[text(&file), "damaged"]).await;
    assert_eq!(fs::read(&file).unwrap(), cut);

    // With the file restored the worker goes on where it was.
    fs::write(&file, good).unwrap();
    scene.append("2\n");
    let running = worker.start().await;
    scene.wait_for_sink("1\n2\n").await;
    running.stop(Signal::Terminate).await;
}

async fn a_port_in_use_is_named(scene: Scene) {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let process = scene
        .worker()
        .set("listeners", &format!("http://{address}"))
        .launch();

    ends_saying(process, BAD_SETUP, &[&address, "in use"]).await;
}

#[tokio::test]
async fn a_broker_that_is_not_there_is_named() {
    let dir = TempDir::new().unwrap();
    let nowhere = format!("127.0.0.1:{}", free_port());

    let process = Standalone::new(dir.path(), &nowhere).launch();

    let expected = "Failed to connect to and describe Kafka cluster. Check worker's broker connection \
                    and security properties.";
    ends_saying(process, BAD_SETUP, &[expected, &nowhere]).await;
}

#[tokio::test]
async fn a_bad_worker_file_is_named_with_the_line() {
    let dir = TempDir::new().unwrap();
    let worker = Standalone::new(dir.path(), "127.0.0.1:1");

    // `Standalone` writes sorted keys; the wrong one comes last.
    let process = worker.set("zzz", "\\u12").launch();

    ends_saying(
        process,
        BAD_SETUP,
        &["worker.properties", "line 9", "\\u12"],
    )
    .await;
}

#[tokio::test]
async fn a_brokers_port_in_use_is_named() {
    let (dir, other_dir) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let broker = BrokerProcess::new(dir.path());
    let _running = broker.start().await;

    let second = BrokerProcess::on_port_of(&broker, other_dir.path()).launch();

    ends_saying(second, BAD_SETUP, &[&broker.bootstrap(), "in use"]).await;
}

#[tokio::test]
async fn a_damaged_segment_is_refused_and_kept() {
    let dir = TempDir::new().unwrap();
    let broker = BrokerProcess::new(dir.path());
    let mut running = broker.start().await;
    let source = dir.path().join("source.txt");
    let sink = dir.path().join("sink.txt");
    let lines = connect_tests::lines::numbered(0..1_000);
    let (first, second) = lines.split_at(lines.len() / 2);
    fs::write(&source, first).unwrap();
    let worker = Standalone::new(dir.path(), &broker.bootstrap())
        .connector(
            "in",
            &json!({"connector.class": "FileStreamSource", "file": text(&source), "topic": "t"}),
        )
        .connector(
            "out",
            &json!({"connector.class": "FileStreamSink", "file": text(&sink), "topics": "t"}),
        );
    let filled = worker.start().await;
    wait_for_text(ARRIVAL_LIMIT, &sink, first).await;
    // In a batch of its own: what is damaged before it cannot be the end of an interrupted write.
    connect_tests::lines::append(&source, second);
    wait_for_text(ARRIVAL_LIMIT, &sink, &lines).await;
    filled.stop(Signal::Terminate).await;
    // After a clean stop the broker knows that its files are whole and does not read them again.
    running.kill();

    let segment = largest_file(&broker.data());
    let good = fs::read(&segment).unwrap();
    let mut bad = good.clone();
    let early = bad.len() / 4;
    bad[early] ^= 0x55;
    fs::write(&segment, &bad).unwrap();

    let name = segment
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a segment has a name");
    ends_saying(broker.launch(), BAD_SETUP, &[name, "damaged"]).await;
    assert_eq!(fs::read(&segment).unwrap(), bad);

    fs::write(&segment, &good).unwrap();
    let _running = broker.start().await;
    let values = connect_tests::topic::values(&broker.bootstrap(), "t").await;
    assert_eq!(values, lines.lines().collect::<Vec<_>>());
}

/// The file below `folder` that holds the topic's records.
fn largest_file(folder: &Path) -> std::path::PathBuf {
    let mut waiting = vec![folder.to_owned()];
    let mut largest = None;
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                largest = largest.max(Some((fs::metadata(&path).unwrap().len(), path)));
            }
        }
    }
    largest.expect("the broker keeps files").1
}

/// Sends a new connector, which must not be accepted; returns why.
async fn refused(rest: &Rest, name: &str, config: &Value, status: u16) -> String {
    let answer = rest
        .post("/connectors", &json!({"name": name, "config": config}))
        .await;
    answer.expect_status(status).error_message()
}

/// Waits until the only task has failed, with a trace that names the file.
async fn failed_naming(worker: &Worker, name: &str, file: &Path) {
    let status = worker
        .rest()
        .wait_states(name, "RUNNING", &["FAILED"])
        .await;
    let trace = status["tasks"][0]["trace"]
        .as_str()
        .expect("a failed task has a trace");
    assert!(trace.contains(text(file)), "{trace}");
}

async fn restart_task(worker: &Worker, name: &str) {
    let path = format!("/connectors/{name}/tasks/0/restart");
    worker
        .rest()
        .send(Method::POST, &path, None)
        .await
        .assert_status(204);
}

/// Waits for the end of a process that could not start, and looks for what it has to say.
async fn ends_saying(mut process: Process, code: i32, expected: &[&str]) {
    let ended = process.wait_exit(END_LIMIT).await;

    let log = process.log();
    assert_eq!(ended, code, "{log}");
    for text in expected {
        assert!(log.contains(text), "no {text:?} in:\n{log}");
    }
}
