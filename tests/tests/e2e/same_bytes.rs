//! A chain of transforms writes what the reference writes: a Java worker and ours read the same
//! file with the same configuration.

use std::collections::BTreeMap;

use connect_tests::eventually::eventually;
use connect_tests::kafka::{JavaWorker, Mode};
use connect_tests::topic;
use serde_json::{Value, json};

use crate::scene::{ARRIVAL_LIMIT, Scene, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_of_five_transforms_writes_the_bytes_of_a_java_worker() {
    crate::scene::run(
        connect_tests::broker::BrokerKind::Kafka,
        a_chain_writes_the_bytes_of_a_java_worker,
    )
    .await;
}

async fn a_chain_writes_the_bytes_of_a_java_worker(scene: Scene) {
    const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
    scene.append("one\n17\n\u{e4}\u{20ac}\u{1f600}\n\n\"quoted\\\" text\n");
    let java_dir = scene.path("java");
    std::fs::create_dir(&java_dir).unwrap();
    let offsets = java_dir.join("offsets");
    let settings = [
        ("bootstrap.servers", scene.bootstrap()),
        ("key.converter", JSON),
        ("value.converter", JSON),
        ("offset.storage.file.filename", text(&offsets)),
    ];
    let settings: BTreeMap<String, String> = settings
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let Some(java) = JavaWorker::start(Mode::Standalone, &java_dir, &settings).await else {
        return;
    };
    let ours = scene
        .worker()
        .set("key.converter", JSON)
        .set("value.converter", JSON)
        .start()
        .await;
    let (java_topic, our_topic) = (
        format!("{}-java", scene.topic()),
        format!("{}-ours", scene.topic()),
    );

    java.rest()
        .create("java", &chain(&scene, &java_topic))
        .await;
    ours.rest().create("ours", &chain(&scene, &our_topic)).await;

    let expected = records(&scene, &java_topic).await;
    let found = records(&scene, &our_topic).await;
    assert_eq!(found, expected);
    assert!(expected[1].contains("\"length\""), "{expected:?}");
}

/// All values and headers, as text.
async fn records(scene: &Scene, topic: &str) -> Vec<String> {
    eventually(ARRIVAL_LIMIT, topic, async || {
        let records = topic::records(scene.bootstrap(), topic).await;
        let shown: Vec<String> = records
            .iter()
            .map(|it| format!("{} {:?}", it.value, it.headers))
            .collect();
        match shown.len() {
            5 => Ok(shown),
            _ => Err(shown),
        }
    })
    .await
}

/// A file source with five transforms, one of them for some records only.
fn chain(scene: &Scene, topic: &str) -> Value {
    json!({
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "tasks.max": "1",
        "file": text(&scene.source_file()),
        "topic": format!("{topic}-raw"),
        "transforms": "hoist,insert,cast,mark,route",
        "transforms.hoist.type": "org.apache.kafka.connect.transforms.HoistField$Value",
        "transforms.hoist.field": "line",
        "transforms.insert.type": "org.apache.kafka.connect.transforms.InsertField$Value",
        "transforms.insert.static.field": "length",
        "transforms.insert.static.value": "42",
        "transforms.cast.type": "org.apache.kafka.connect.transforms.Cast$Value",
        "transforms.cast.spec": "length:float64",
        "transforms.mark.type": "org.apache.kafka.connect.transforms.InsertHeader",
        "transforms.mark.header": "origin",
        "transforms.mark.value.literal": "[1, 2.5]",
        "transforms.mark.predicate": "raw",
        "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter",
        "transforms.route.regex": "(.*)-raw",
        "transforms.route.replacement": "$1",
        "predicates": "raw",
        "predicates.raw.type": "org.apache.kafka.connect.transforms.predicates.TopicNameMatches",
        "predicates.raw.pattern": ".*-raw",
    })
}
