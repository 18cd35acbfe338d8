//! Configurations that refer to values elsewhere: used, kept out of sight, and looked up again.

use std::fs;

use connect_tests::eventually::eventually;
use connect_tests::topic;
use connect_tests::worker::Standalone;
use serde_json::{Value, json};

use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers, text};

on_both_brokers!(
    references_are_resolved_when_they_are_used_and_shown_as_they_are_written,
    what_was_looked_up_is_in_no_message,
    a_plugin_that_quotes_its_configuration_tells_no_secret,
    a_patch_is_checked_with_what_it_refers_to,
    a_reference_that_cannot_be_looked_up_fails_the_request,
    a_connector_whose_values_expire_is_restarted_with_new_ones,
    tasks_go_on_until_a_value_that_expires_has_changed,
    no_output_shows_what_was_looked_up,
);

const FILE_PROVIDER: &str = "org.apache.kafka.common.config.provider.FileConfigProvider";

/// A worker that looks values up in files.
fn worker(scene: &Scene) -> Standalone {
    scene
        .worker()
        .set("config.providers", "file,expiring")
        .set("config.providers.file.class", FILE_PROVIDER)
        .set(
            "config.providers.expiring.class",
            "org.example.ExpiringFile",
        )
}

/// Writes what is looked up, and gives the reference to `key`.
fn reference(scene: &Scene, provider: &str, key: &str, value: &str) -> String {
    reference_in(scene, "secrets.properties", provider, key, value)
}

fn reference_in(scene: &Scene, file: &str, provider: &str, key: &str, value: &str) -> String {
    let file = scene.path(file);
    fs::write(&file, format!("{key}={value}\n")).unwrap();
    format!("${{{provider}:{}:{key}}}", text(&file))
}

async fn references_are_resolved_when_they_are_used_and_shown_as_they_are_written(scene: Scene) {
    let topic = reference(&scene, "file", "topic", scene.topic());
    // The worker's own settings refer to values, too.
    let interval = format!("${{file:{}:interval}}", text(&scene.path("worker.secrets")));
    fs::write(scene.path("worker.secrets"), "interval=150").unwrap();
    let worker = worker(&scene)
        .set("offset.flush.interval.ms", &interval)
        .start()
        .await;
    let rest = worker.rest();
    let mut source = scene.source();
    source["topic"] = json!(topic);
    let mut sink = scene.sink();
    sink["topics"] = json!(format!("no-such-topic,{topic}"));
    scene.append("one\n");

    rest.create(&scene.source_name(), &source).await;
    rest.create(&scene.sink_name(), &sink).await;

    scene.wait_for_sink("one\n").await;
    for (name, key) in [
        (scene.source_name(), "topic"),
        (scene.sink_name(), "topics"),
    ] {
        let written = if key == "topic" {
            &source[key]
        } else {
            &sink[key]
        };
        let config = rest.get(&format!("/connectors/{name}/config")).await.json();
        let tasks = rest.get(&format!("/connectors/{name}/tasks")).await.json();
        assert_eq!(&config[key], written);
        assert_eq!(&tasks[0]["config"][key], written);
    }
    assert!(!worker.process().log().contains("interval=150"));
}

async fn what_was_looked_up_is_in_no_message(scene: Scene) {
    const SECRET: &str = "correct-horse-battery";
    let secret = reference(&scene, "file", "secret", SECRET);
    let worker = worker(&scene).start().await;
    let rest = worker.rest();
    let mut config = scene.source();
    config["tasks.max"] = json!(secret);

    let path = "/connector-plugins/FileStreamSource/config/validate";
    let mut validated = config.clone();
    validated["connector.class"] = json!("FileStreamSource");
    let validation = rest.put(path, &validated).await.expect_status(200).json();
    let refused = rest
        .post(
            "/connectors",
            &json!({"name": scene.source_name(), "config": config}),
        )
        .await
        .expect_status(400)
        .error_message();

    let problem =
        format!("Invalid value {secret} for configuration tasks.max: Not a number of type INT");
    assert_eq!(errors_of(&validation, "tasks.max")[0], json!(problem));
    assert!(refused.contains(&problem), "{refused}");

    // A task that fails, and shows why.
    scene.append("plain\n");
    let mut config = scene.source();
    config["transforms"] = json!("extract");
    config["transforms.extract.type"] =
        json!("org.apache.kafka.connect.transforms.ExtractField$Value");
    config["transforms.extract.field"] = json!(secret);
    config["errors.log.enable"] = json!("true");
    rest.create(&scene.source_name(), &config).await;
    let status = rest
        .wait_states(&scene.source_name(), "RUNNING", &["FAILED"])
        .await;

    assert!(!status.to_string().contains(SECRET), "{status}");
    assert!(!worker.process().log().contains(SECRET));
}

async fn a_plugin_that_quotes_its_configuration_tells_no_secret(scene: Scene) {
    const SECRET: &str = "correct-horse-battery";
    let secret = reference(&scene, "file", "secret", SECRET);
    let worker = worker(&scene).start().await;
    let rest = worker.rest();
    let mut mishaps = Vec::new();
    for (method, manner, logged) in [
        ("poll", "retry", "poll failed and is tried again"),
        ("commit", "error", "commit failed"),
        ("poll", "panic", "the code of a plugin panicked"),
    ] {
        let name = format!("{}-{method}-{manner}", scene.source_name());
        let config = json!({
            "connector.class": "org.example.MisbehavingSource",
            "method": method, "manner": manner, "words": secret,
        });
        rest.create(&name, &config).await;
        mishaps.push(logged);
    }

    for logged in mishaps {
        eventually(ARRIVAL_LIMIT, logged, async || {
            let log = worker.process().log();
            log.contains(logged).then_some(()).ok_or(log)
        })
        .await;
    }
    let panicked = format!("{}-poll-panic", scene.source_name());
    let status = rest.wait_states(&panicked, "RUNNING", &["FAILED"]).await;
    assert!(status.to_string().contains(&secret), "{status}");
    assert!(!status.to_string().contains(SECRET), "{status}");
    let log = worker.process().log();
    assert!(log.contains(&format!("cause of {secret}")), "{log}");
    assert!(!log.contains(SECRET), "{log}");
}

async fn a_patch_is_checked_with_what_it_refers_to(scene: Scene) {
    let tasks = reference(&scene, "file", "tasks", "1");
    let worker = worker(&scene).start().await;
    let rest = worker.rest();
    let mut source = scene.source();
    source["tasks.max"] = json!(tasks);
    rest.create(&scene.source_name(), &source).await;

    let path = format!("/connectors/{}/config", scene.source_name());
    let patched = rest
        .patch(&path, &json!({"errors.log.enable": "true"}))
        .await;

    let config = &patched.expect_status(200).json()["config"];
    assert_eq!(config["tasks.max"], json!(tasks));
    assert_eq!(config["errors.log.enable"], json!("true"));
}

async fn a_reference_that_cannot_be_looked_up_fails_the_request(scene: Scene) {
    let worker = worker(&scene).start().await;
    let rest = worker.rest();
    let mut config = scene.source();
    config["topic"] = json!("${file:/no/such/file:topic}");
    let body = json!({"name": scene.source_name(), "config": config});

    let created = rest.post("/connectors", &body).await.expect_status(500);
    let validated = rest
        .put(
            "/connector-plugins/FileStreamSource/config/validate",
            &config,
        )
        .await
        .expect_status(500);

    let problem = "Could not read properties from file /no/such/file";
    assert_eq!(created.error_message(), problem);
    assert_eq!(
        validated.error_message(),
        format!("org.apache.kafka.common.config.ConfigException: {problem}")
    );

    // What nobody knows stays as it is written, and is judged so.
    config["topic"] = json!(scene.topic());
    config["tasks.max"] = json!("${nobody:x}");
    let validated = rest
        .put(
            "/connector-plugins/FileStreamSource/config/validate",
            &config,
        )
        .await
        .expect_status(200)
        .json();
    assert_eq!(
        errors_of(&validated, "tasks.max")[0],
        json!("Invalid value ${nobody:x} for configuration tasks.max: Not a number of type INT")
    );
}

async fn a_connector_whose_values_expire_is_restarted_with_new_ones(scene: Scene) {
    let other_topic = format!("{}-other", scene.topic());
    let topic = reference(&scene, "expiring", "topic", scene.topic());
    let worker = worker(&scene).start().await;
    let rest = worker.rest();
    let mut source = scene.source();
    source["topic"] = json!(topic);
    scene.append("one\n");
    rest.create(&scene.source_name(), &source).await;
    wait_for_values(&scene, scene.topic(), &["one"]).await;

    reference(&scene, "expiring", "topic", &other_topic);

    // A line is read by the task that runs at the time: the first one, until it is replaced.
    let mut lines = 0;
    eventually(ARRIVAL_LIMIT, "a line in the other topic", async || {
        lines += 1;
        scene.append(&format!("line {lines}\n"));
        let values = topic::values(scene.bootstrap(), &other_topic).await;
        values.first().cloned().ok_or("none yet")
    })
    .await;
    let config = rest
        .get(&format!("/connectors/{}/config", scene.source_name()))
        .await
        .json();
    assert_eq!(config["topic"], json!(topic));
}

async fn tasks_go_on_until_a_value_that_expires_has_changed(scene: Scene) {
    let worker = worker(&scene).start().await;
    let rest = worker.rest();
    let (changing, steady) = (
        scene.source_name(),
        format!("{}-steady", scene.source_name()),
    );
    for name in [&changing, &steady] {
        let mut source = scene.source();
        source["topic"] = json!(reference_in(
            &scene,
            name,
            "expiring",
            "topic",
            scene.topic()
        ));
        rest.create(name, &source).await;
        rest.wait_running(name, 1).await;
    }
    let expired = |name: &str| {
        let log = worker.process().log();
        let is_told = |it: &&str| it.contains("values have expired") && it.contains(name);
        log.lines().filter(is_told).count()
    };
    let wait_for_expiry = async |name: &str| {
        let before = expired(name);
        eventually(ARRIVAL_LIMIT, "values that expire", async || {
            let count = expired(name);
            (count > before + 2).then_some(()).ok_or(count)
        })
        .await;
    };
    let started = async || {
        let text = rest.get("/metrics").await.text;
        let total = "kafka_connect_worker_task_startup_success_total ";
        let found = text.lines().find_map(|it| it.strip_prefix(total));
        found.map(str::to_owned)
    };

    wait_for_expiry(&changing).await;
    wait_for_expiry(&steady).await;
    assert_eq!(started().await.as_deref(), Some("2"));

    let other_topic = format!("{}-other", scene.topic());
    reference_in(&scene, &changing, "expiring", "topic", &other_topic);
    eventually(ARRIVAL_LIMIT, "a task with the new value", async || {
        let count = started().await;
        (count.as_deref() == Some("3")).then_some(()).ok_or(count)
    })
    .await;
    wait_for_expiry(&changing).await;
    wait_for_expiry(&steady).await;
    assert_eq!(started().await.as_deref(), Some("3"));
    rest.wait_running(&steady, 1).await;
}

async fn no_output_shows_what_was_looked_up(scene: Scene) {
    const SECRET: &str = "correct-horse-battery";
    let secret = reference(&scene, "file", "secret", SECRET);
    let worker = worker(&scene).start().await;
    let rest = worker.rest();
    let level = json!({"level": "TRACE"});
    rest.put("/admin/loggers/root", &level)
        .await
        .assert_status(200);
    let dead = scene.topic().replace("lines-", "dead-");
    let mut sink = scene.sink();
    let package = "org.apache.kafka.connect.transforms";
    for (key, value) in [
        ("transforms", "hoist,extract"),
        (
            "transforms.hoist.type",
            &format!("{package}.HoistField$Value"),
        ),
        ("transforms.hoist.field", "line"),
        (
            "transforms.extract.type",
            &format!("{package}.ExtractField$Value"),
        ),
        ("transforms.extract.field", &secret),
        ("errors.tolerance", "all"),
        ("errors.log.enable", "true"),
        ("errors.log.include.messages", "true"),
        ("errors.deadletterqueue.topic.name", &dead),
        ("errors.deadletterqueue.topic.replication.factor", "1"),
        ("errors.deadletterqueue.context.headers.enable", "true"),
    ] {
        sink[key] = json!(value);
    }
    // What the client logs when it reaches nobody.
    let mut stranded = scene.source();
    stranded["producer.override.bootstrap.servers"] = json!(format!("{secret}:1"));
    let mut intolerant = sink.clone();
    intolerant["errors.tolerance"] = json!("none");
    let failing = format!("{}-failing", scene.sink_name());
    scene.append("one\n");

    rest.create(&scene.source_name(), &scene.source()).await;
    rest.create(&scene.sink_name(), &sink).await;
    rest.create(&failing, &intolerant).await;
    let stranded_name = format!("{}-stranded", scene.source_name());
    rest.create(&stranded_name, &stranded).await;

    rest.wait_states(&failing, "RUNNING", &["FAILED"]).await;
    eventually(ARRIVAL_LIMIT, "a line of the client", async || {
        let log = worker.process().log();
        let address = format!("{secret}:1");
        log.contains(&address).then_some(()).ok_or(log)
    })
    .await;
    let path = format!("/connectors/{stranded_name}");
    rest.delete(&path).await.assert_status(204);
    let letters = eventually(ARRIVAL_LIMIT, "the dead letter", async || {
        let letters = topic::records(scene.bootstrap(), &dead).await;
        (!letters.is_empty()).then_some(letters).ok_or("none yet")
    })
    .await;
    let mut outputs = vec![format!("{letters:?}")];
    for name in [&scene.sink_name(), &failing] {
        for what in [
            "",
            "/config",
            "/tasks",
            "/status",
            "/tasks/0/status",
            "/offsets",
        ] {
            outputs.push(rest.get(&format!("/connectors/{name}{what}")).await.text);
        }
    }
    for path in [
        "/connectors?expand=info&expand=status",
        "/metrics",
        "/ext/v1/metrics",
        "/admin/loggers",
    ] {
        outputs.push(rest.get(path).await.text);
    }
    let path = "/connector-plugins/FileStreamSink/config/validate";
    sink["connector.class"] = json!("FileStreamSink");
    // A validation shows values as they are looked up, as the reference does; its errors do not.
    let validated = rest.put(path, &sink).await.json();
    let configs = validated["configs"].as_array().expect("a list of keys");
    let errors = configs.iter().map(|it| it["value"]["errors"].to_string());
    outputs.extend(errors);
    outputs.push(worker.process().log());
    for output in &outputs {
        assert!(!output.contains(SECRET), "{output}");
    }
    // What is written in its place.
    let problem = format!("Unknown field: {secret}");
    assert!(outputs[0].contains(&problem), "{}", outputs[0]);
    let log = outputs.last().expect("the log is the last one");
    assert!(log.contains(&problem), "{log}");
}

async fn wait_for_values(scene: &Scene, topic: &str, expected: &[&str]) {
    eventually(ARRIVAL_LIMIT, "the expected values", async || {
        let values = topic::values(scene.bootstrap(), topic).await;
        (values == expected).then_some(()).ok_or(values)
    })
    .await;
}

fn errors_of<'a>(validation: &'a Value, key: &str) -> &'a Value {
    let configs = validation["configs"].as_array().expect("a list of keys");
    let found = configs.iter().find(|it| it["value"]["name"] == key);
    &found.expect("the key is there")["value"]["errors"]
}
