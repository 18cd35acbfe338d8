//! Records that fail, sinks that ask again, topics that are created by rules.

use connect_tests::eventually::eventually;
use connect_tests::topic;
use serde_json::{Value, json};

use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers};

on_both_brokers!(
    a_record_that_cannot_be_converted_becomes_a_dead_letter,
    a_sink_that_asks_again_gets_the_same_records,
    a_failed_flush_delivers_again_and_loses_nothing,
    a_source_creates_its_topics_by_rules,
);

async fn a_record_that_cannot_be_converted_becomes_a_dead_letter(scene: Scene) {
    let dead = scene.topic().replace("lines-", "dead-");
    scene.append("1\nno json\n2\n");
    let worker = scene.worker().start().await;
    let rest = worker.rest();
    let mut sink = scene.sink();
    sink["value.converter"] = json!("JsonConverter");
    sink["value.converter.schemas.enable"] = json!("false");
    sink["errors.tolerance"] = json!("all");
    sink["errors.deadletterqueue.topic.name"] = json!(dead);
    sink["errors.deadletterqueue.topic.replication.factor"] = json!("1");
    sink["errors.deadletterqueue.context.headers.enable"] = json!("true");

    rest.create(&scene.source_name(), &scene.source()).await;
    rest.create(&scene.sink_name(), &sink).await;

    scene.wait_for_sink("1\n2\n").await;
    rest.wait_running(&scene.sink_name(), 1).await;
    // Letters are on their way while the sink goes on; they only have to arrive before its next commit.
    let letters = eventually(ARRIVAL_LIMIT, "the dead letter", async || {
        let letters = topic::records(scene.bootstrap(), &dead).await;
        if letters.is_empty() {
            Err(())
        } else {
            Ok(letters)
        }
    })
    .await;
    let values: Vec<&str> = letters.iter().map(|it| it.value.as_str()).collect();
    assert_eq!(values, ["no json"]);
    let names: Vec<&str> = letters[0].headers.iter().map(|it| it.0.as_str()).collect();
    let expected = [
        "topic",
        "partition",
        "offset",
        "connector.name",
        "task.id",
        "stage",
        "class.name",
        "exception.class.name",
        "exception.message",
        "exception.stacktrace",
    ];
    assert_eq!(names, expected.map(|it| format!("__connect.errors.{it}")));
    let header = |name: &str| {
        let headers = &letters[0].headers;
        let found = headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("__connect.errors.topic"), Some(scene.topic()));
    assert_eq!(header("__connect.errors.partition"), Some("0"));
    assert_eq!(header("__connect.errors.offset"), Some("1"));
    assert_eq!(
        header("__connect.errors.connector.name"),
        Some(scene.sink_name().as_str())
    );
    assert_eq!(header("__connect.errors.stage"), Some("VALUE_CONVERTER"));
}

/// A sink of the worker under test that buffers lines until they are flushed.
fn flaky_sink(scene: &Scene, failure: &str) -> Value {
    let mut sink = scene.sink();
    sink["connector.class"] = json!("org.example.FlakySink");
    sink[failure] = json!("true");
    sink
}

async fn a_sink_that_asks_again_gets_the_same_records(scene: Scene) {
    let worker = scene.worker().start().await;
    let rest = worker.rest();
    scene.append("1\n2\n3\n");
    rest.create(&scene.source_name(), &scene.source()).await;

    let sink = flaky_sink(&scene, "refuse.puts");
    rest.create(&scene.sink_name(), &sink).await;
    scene.wait_for_sink("1\n2\n3\n").await;
    scene.append("4\n");

    scene.wait_for_sink("1\n2\n3\n4\n").await;
    rest.wait_running(&scene.sink_name(), 1).await;
}

async fn a_failed_flush_delivers_again_and_loses_nothing(scene: Scene) {
    let worker = scene.worker().start().await;
    let rest = worker.rest();
    scene.append("1\n2\n3\n");
    rest.create(&scene.source_name(), &scene.source()).await;

    let sink = flaky_sink(&scene, "lose.first.flush");
    rest.create(&scene.sink_name(), &sink).await;

    scene.wait_for_sink("1\n2\n3\n").await;
    rest.wait_running(&scene.sink_name(), 1).await;
}

async fn a_source_creates_its_topics_by_rules(scene: Scene) {
    scene.append("1\n2\n3\n");
    let worker = scene.worker().start().await;
    let mut source = scene.source();
    source["topic.creation.default.replication.factor"] = json!("1");
    source["topic.creation.default.partitions"] = json!("1");
    source["topic.creation.groups"] = json!("wide");
    source["topic.creation.wide.include"] = json!("lines-.*");
    source["topic.creation.wide.partitions"] = json!("3");
    let rest = worker.rest();

    rest.create(&scene.source_name(), &source).await;
    rest.create(&scene.sink_name(), &scene.sink()).await;

    let count = async || topic::partition_count(scene.bootstrap(), scene.topic()).await;
    eventually(ARRIVAL_LIMIT, "a topic", async || match count().await {
        Some(3) => Ok(()),
        other => Err(other),
    })
    .await;
    rest.wait_running(&scene.source_name(), 1).await;
}
