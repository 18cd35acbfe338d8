//! What the log says of a task stands in its span, whoever writes it and on whatever thread.

use connect_tests::broker::BrokerProcess;
use connect_tests::eventually::eventually;
use connect_tests::process::{Process, Signal};
use connect_tests::worker::{Standalone, command};
use serde_json::{Value, json};

use crate::scene::ARRIVAL_LIMIT;

/// Names of connectors may have blanks, quotes and any letters.
const TALKER: &str = r#"a "talking" soürce"#;
const SINK: &str = "a sink";

/// Parts of the worker that speak of nothing but one task.
const OF_TASKS: [&str; 4] = [
    "connect_worker::worker::source",
    "connect_worker::worker::sink",
    "connect_worker::worker::errors",
    "worker_under_test::talking_source",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_of_a_task_stands_in_its_span_in_valid_json() {
    let dir = tempfile::tempdir().unwrap();
    let broker = BrokerProcess::new(dir.path());
    let mut running = broker.start().await;
    let worker = Standalone::new(dir.path(), &broker.bootstrap())
        .set("producer.reconnect.backoff.max.ms", "100")
        .argument("--log-format=json")
        .argument("--log=info,connect_kafka=debug")
        .start()
        .await;
    let rest = worker.rest();
    let config = json!({"connector.class": "org.example.TalkingSource", "topic": "words"});
    rest.create(TALKER, &config).await;
    let (file, class) = (dir.path().join("out.txt"), "FileStreamSink");
    let config = json!({"connector.class": class, "topics": "words", "file": file});
    rest.create(SINK, &config).await;
    rest.wait_running(TALKER, 1).await;
    rest.wait_running(SINK, 1).await;
    connect_tests::lines::wait_for_line(ARRIVAL_LIMIT, &file, "word").await;
    let (talker, sink) = (format!("{TALKER}-0"), format!("{SINK}-0"));

    running.kill();

    let said = |task: &str, target: &str| {
        let lines = lines(worker.process()).into_iter();
        let mut lines = lines.filter(|it| it["target"] == target);
        lines.any(|it| spans(&it).contains(&task.to_owned()))
    };
    eventually(ARRIVAL_LIMIT, "lines of plugins and clients", async || {
        let missing = [
            (&talker, "worker_under_test::talking_source"),
            (&talker, "connect_kafka::client"),
            (&sink, "connect_kafka::client"),
            (&sink, "connect_worker::worker::sink"),
        ]
        .map(|(task, target)| (!said(task, target)).then_some((task, target)));
        missing
            .iter()
            .all(Option::is_none)
            .then_some(())
            .ok_or(missing)
    })
    .await;
    for line in lines(worker.process()) {
        assert!(line["fields"]["message"].is_string(), "{line}");
        let target = line["target"].as_str().unwrap_or_default();
        let client = line["fields"]["client"].as_str().unwrap_or_default();
        let task = [(&talker, TALKER), (&sink, SINK)]
            .into_iter()
            .find(|(task, _)| client.ends_with(&***task));
        if let Some((task, connector)) = task {
            assert_eq!(spans(&line), [connector, task], "{line}");
        }
        if OF_TASKS.iter().any(|it| target.starts_with(it)) {
            assert_eq!(spans(&line).len(), 2, "{line}");
        }
    }
    worker.stop(Signal::Terminate).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_logged_once_and_without_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let broker = BrokerProcess::new(dir.path());
    let _running = broker.start().await;
    let worker = Standalone::new(dir.path(), &broker.bootstrap())
        .set("ssl.key.password", "hunter2")
        .set("internal.key.converter", "JsonConverter")
        .argument("--log-format=json")
        .start()
        .await;

    let lines = lines(worker.process());

    let of = |message: &str| {
        let lines = lines.iter().filter(|it| it["fields"]["message"] == message);
        lines.collect::<Vec<_>>()
    };
    let [settings] = of("worker settings")[..] else {
        panic!("{lines:?}");
    };
    assert_eq!(settings["level"], "INFO");
    let text = settings["fields"]["settings"].as_str().unwrap_or_default();
    for setting in [
        r#""offset.flush.interval.ms": "200""#,
        r#""offset.flush.timeout.ms": "5000""#,
        r#""ssl.key.password": "[hidden]""#,
    ] {
        assert!(text.contains(setting), "{text}");
    }
    let removed =
        of("worker setting has no effect since Kafka 3.0: internal data is JSON without schemas");
    assert_eq!(removed.len(), 1, "{lines:?}");
    assert_eq!(removed[0]["fields"]["key"], "internal.key.converter");
    assert!(!worker.process().log().contains("hunter2"));
    worker.stop(Signal::Terminate).await;
}

#[tokio::test]
async fn a_worker_that_cannot_start_says_so_in_json() {
    let missing = command(["--log-format=json", "standalone", "no-such.properties"]);
    let output = tokio::process::Command::from(missing).output().await;

    let output = output.unwrap();

    let text = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<Value> = text.lines().map(parsed).collect();
    let last = lines.last().map(|it| it["fields"]["error"].to_string());
    assert!(last.unwrap().contains("no-such.properties"), "{text}");
    assert_eq!(output.status.code(), Some(2), "{text}");
}

/// All lines of a log; each has to be an object in JSON. The last one may be under way.
fn lines(process: &Process) -> Vec<Value> {
    let log = process.log();
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(parsed).collect()
}

fn parsed(line: &str) -> Value {
    let value = serde_json::from_str::<Value>(line);
    assert!(value.is_ok(), "{value:?}: {line}");
    let value = value.unwrap();
    assert!(value.is_object(), "{line}");
    value
}

/// Connector and task of a line, from the outside in.
fn spans(line: &Value) -> Vec<String> {
    let spans = line["spans"].as_array().into_iter().flatten();
    let named = spans.filter_map(|it| it["name"].as_str().zip(Some(it)));
    named
        .filter(|(kind, _)| matches!(*kind, "connector" | "task"))
        .filter_map(|(_, it)| it["id"].as_str())
        .map(str::to_owned)
        .collect()
}
