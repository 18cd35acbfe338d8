//! What a sink asks of its context is done: pauses, seeks, commits, reports of bad records.

use std::fs;
use std::time::Duration;

use connect_tests::eventually::eventually;
use connect_tests::lines::wait_for_text;
use connect_tests::worker::Worker;
use serde_json::{Value, json};

use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers, text};

on_both_brokers!(
    a_paused_partition_waits_until_it_is_resumed,
    a_partition_goes_on_where_the_task_wants_it_to,
    a_commit_happens_when_the_task_asks_for_it,
    a_reported_record_is_a_dead_letter,
    a_reported_record_fails_a_task_without_tolerance,
);

/// How often a paused task has to have been called before it counts as waiting.
const CALLS: usize = 3;

fn commanding(scene: &Scene) -> Value {
    json!({
        "connector.class": "org.example.CommandingSink",
        "tasks.max": "1",
        "topics": scene.topic(),
        "file": text(&scene.sink_file()),
    })
}

/// A worker that commits on its own about never, with a source and this sink.
async fn started(scene: &Scene, sink: &Value) -> Worker {
    let worker = scene.worker().set("offset.flush.interval.ms", "3600000");
    let worker = worker.start().await;
    let rest = worker.rest();
    rest.create(&scene.source_name(), &scene.source()).await;
    rest.create(&scene.sink_name(), sink).await;
    worker
}

async fn a_paused_partition_waits_until_it_is_resumed(scene: Scene) {
    let go_on = scene.path("go");
    let mut sink = commanding(&scene);
    sink["go.on"] = json!(text(&go_on));
    scene.append("1\npause\n");
    let _worker = started(&scene, &sink).await;
    scene.wait_for_sink("1\npause\n").await;

    scene.append("2\n");
    let written = eventually(ARRIVAL_LIMIT, "the line is in the topic", async || {
        let values = scene.topic_values().await;
        (values.len() == 3).then_some(values.len()).ok_or(values)
    });
    written.await;
    // It is called again and again meanwhile, and gets nothing.
    let calls = scene.path("go.calls");
    let called = eventually(ARRIVAL_LIMIT, "the paused task is called", async || {
        let calls = fs::read_to_string(&calls).unwrap_or_default();
        (calls.lines().count() >= CALLS).then_some(()).ok_or(calls)
    });
    called.await;
    scene.wait_for_sink("1\npause\n").await;

    fs::write(&go_on, "").unwrap();
    scene.wait_for_sink("1\npause\n2\n").await;
}

async fn a_partition_goes_on_where_the_task_wants_it_to(scene: Scene) {
    scene.append("1\n2\nagain\n");
    let _worker = started(&scene, &commanding(&scene)).await;

    scene.wait_for_sink("1\n2\nagain\n1\n2\nagain\n").await;
    scene.append("3\n");
    scene.wait_for_sink("1\n2\nagain\n1\n2\nagain\n3\n").await;
}

async fn a_commit_happens_when_the_task_asks_for_it(scene: Scene) {
    scene.append("1\n2\n");
    let worker = started(&scene, &commanding(&scene)).await;
    scene.wait_for_sink("1\n2\n").await;
    assert_eq!(committed(&scene, &worker).await, None);

    scene.append("commit\n");
    let at_three = eventually(ARRIVAL_LIMIT, "everything is committed", async || {
        let offset = committed(&scene, &worker).await;
        (offset == Some(3)).then_some(()).ok_or(offset)
    });
    at_three.await;
}

/// The committed offset of the sink's only partition.
async fn committed(scene: &Scene, worker: &Worker) -> Option<i64> {
    let path = format!("/connectors/{}/offsets", scene.sink_name());
    let answer = worker.rest().get(&path).await.expect_status(200).json();
    answer["offsets"][0]["offset"]["kafka_offset"].as_i64()
}

async fn a_reported_record_is_a_dead_letter(scene: Scene) {
    let dead = format!("{}-dead", scene.topic());
    let mut sink = commanding(&scene);
    sink["errors.tolerance"] = json!("all");
    sink["errors.deadletterqueue.topic.name"] = json!(dead);
    sink["errors.deadletterqueue.topic.replication.factor"] = json!("1");
    scene.append("1\nbad\n2\ncommit\n");
    let worker = started(&scene, &sink).await;

    scene.wait_for_sink("1\n2\ncommit\n").await;
    let letters = eventually(
        ARRIVAL_LIMIT,
        "the bad record is a dead letter",
        async || {
            let values = connect_tests::topic::values(scene.bootstrap(), &dead).await;
            (values == ["bad"]).then_some(()).ok_or(values)
        },
    );
    letters.await;
    let at_four = eventually(ARRIVAL_LIMIT, "it counts as delivered", async || {
        let offset = committed(&scene, &worker).await;
        (offset == Some(4)).then_some(()).ok_or(offset)
    });
    at_four.await;
}

async fn a_reported_record_fails_a_task_without_tolerance(scene: Scene) {
    let mut sink = commanding(&scene);
    sink["errors.log.enable"] = json!("true");
    scene.append("1\nbad\n2\n");
    let worker = started(&scene, &sink).await;

    let name = scene.sink_name();
    let rest = worker.rest();
    let status = rest.wait_states(&name, "RUNNING", &["FAILED"]).await;

    let trace = status["tasks"][0]["trace"].as_str().unwrap_or_default();
    assert!(
        trace.contains("Tolerance exceeded in error handler"),
        "{trace}"
    );
    wait_for_text(Duration::from_secs(1), &scene.sink_file(), "1\n").await;
}
