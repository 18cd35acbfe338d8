//! A broker that lets a user write to topics and not create them.

use std::collections::BTreeMap;
use std::path::Path;

use connect_kafka::{Admin, ClientSettings, NewTopic};
use connect_tests::kafka::{JavaWorker, KafkaProcess, Listener, Mode, tool};
use connect_tests::lines::append;
use connect_tests::rest::Rest;
use connect_tests::worker::Standalone;
use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::ARRIVAL_LIMIT;

/// Whatever nothing is said about is allowed.
const AUTHORIZER: &str = "\
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=true
super.users=User:ANONYMOUS
";

/// Topics with such names exist already for alice, if they exist.
const PREFIX: &str = "reserved";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_may_not_be_created_fails_the_task_as_in_the_reference() {
    let dir = tempfile::tempdir().unwrap();
    let Some(broker) = KafkaProcess::new(dir.path()).await else {
        return;
    };
    let broker = broker.with(AUTHORIZER);
    let _running = broker.start().await;
    forbid(&broker.bootstrap()).await;
    let settings = login(&broker);
    let java_dir = dir.path().join("java");
    std::fs::create_dir(&java_dir).unwrap();
    let mut java_settings = settings.clone();
    let string = "org.apache.kafka.connect.storage.StringConverter";
    let offsets = java_dir.join("offsets").display().to_string();
    for (key, value) in [
        ("key.converter", string),
        ("value.converter", string),
        ("offset.storage.file.filename", &offsets),
    ] {
        java_settings.insert(key.to_owned(), value.to_owned());
    }
    let java = JavaWorker::start(Mode::Standalone, &java_dir, &java_settings).await;
    let java = java.expect("the jars were there for the broker");
    let mut ours = Standalone::new(dir.path(), "");
    for (key, value) in &settings {
        ours = ours.set(key, value);
    }
    let ours = ours.start().await;

    let lines = dir.path().join("lines.txt");
    append(&lines, "one\n");
    let expected = refused(java.rest(), &lines).await;
    let found = refused(ours.rest(), &lines).await;

    let sentence = |trace: &str| {
        let (_, rest) = trace
            .split_once("Task failed to create")
            .unwrap_or_default();
        rest.lines().next().unwrap_or_default().to_owned()
    };
    assert!(!sentence(&expected).is_empty(), "{expected}");
    assert_eq!(
        sentence(&found),
        sentence(&expected),
        "{expected}\n\n{found}"
    );
    assert!(found.contains("Task 0 of connector in"), "{found}");

    // Somebody who may creates the topic, and the task goes on after a restart.
    create(&broker.bootstrap()).await;
    let restart = "/connectors/in/tasks/0/restart";
    ours.rest()
        .post(restart, &Value::Null)
        .await
        .assert_status(204);
    ours.rest().wait_running("in", 1).await;
    connect_tests::eventually::eventually(ARRIVAL_LIMIT, "the line", async || {
        let values = connect_tests::topic::values(&broker.bootstrap(), &topic()).await;
        (values == ["one"]).then_some(()).ok_or(values)
    })
    .await;
}

fn topic() -> String {
    format!("{PREFIX}-lines")
}

/// Lets a source write to a topic that it has to create; returns why its task failed.
async fn refused(rest: &Rest, lines: &Path) -> String {
    let config = json!({
        "connector.class": "FileStreamSource",
        "file": lines,
        "topic": topic(),
        "topic.creation.default.replication.factor": "1",
        "topic.creation.default.partitions": "2",
        "topic.creation.default.retention.ms": "60000",
    });
    rest.create("in", &config).await;
    let status = rest.wait_states("in", "RUNNING", &["FAILED"]).await;
    let path = "/connectors/in/tasks/0/status";
    let answer = rest.send(Method::GET, path, None).await.json();
    let trace = answer["trace"].as_str().unwrap_or_default();
    assert!(!trace.is_empty(), "{status}");
    trace.to_owned()
}

/// Lets alice describe and write to topics with the prefix, and create none of them.
async fn forbid(bootstrap: &str) {
    let alice = "User:alice";
    for rule in [
        &[
            "--deny-principal",
            alice,
            "--operation",
            "Create",
            "--cluster",
        ][..],
        &[
            "--allow-principal",
            "User:*",
            "--operation",
            "All",
            "--cluster",
        ],
        &[
            "--allow-principal",
            alice,
            "--operation",
            "Describe",
            "--operation",
            "Write",
            "--topic",
            PREFIX,
            "--resource-pattern-type",
            "prefixed",
        ],
    ] {
        let arguments = [&["--bootstrap-server", bootstrap, "--add"], rule].concat();
        let added = tool("org.apache.kafka.tools.AclCommand", &arguments, "").await;
        let added = added.expect("the jars were there for the broker");
        assert!(added.status.success(), "{added:?}");
    }
}

/// What alice's clients are told.
fn login(broker: &KafkaProcess) -> BTreeMap<String, String> {
    let module = "org.apache.kafka.common.security.plain.PlainLoginModule";
    let login = format!("{module} required username=\"alice\" password=\"alice-secret\";");
    let mut settings = BTreeMap::new();
    let address = broker.listener(Listener::Password);
    settings.insert("bootstrap.servers".to_owned(), address);
    for (key, value) in [
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.jaas.config", &login),
    ] {
        for prefix in ["", "producer."] {
            settings.insert(format!("{prefix}{key}"), value.to_owned());
        }
    }
    settings
}

async fn create(bootstrap: &str) {
    let settings = ClientSettings::from_iter([("bootstrap.servers", bootstrap)]);
    let admin = Admin::new(&settings).unwrap();
    let topic = NewTopic {
        name: topic(),
        partitions: Some(1),
        replication: Some(1),
        configs: BTreeMap::new(),
    };
    let created = admin.create_topics(&[topic], ARRIVAL_LIMIT).await.unwrap();
    assert!(created.iter().all(|(_, it)| it.is_ok()), "{created:?}");
}
