//! Plugins that block, spin, panic and hang: the others go on, REST answers, the worker ends.

use std::time::{Duration, Instant};

use connect_tests::process::Signal;
use connect_tests::worker::Worker;
use serde_json::{Value, json};

use crate::scene::{Scene, on_both_brokers};

on_both_brokers!(
    others_go_on_beside_plugins_that_misbehave,
    a_misbehaving_task_says_what_is_wrong,
);

/// Slower answers would mean that a plugin keeps the API waiting; the machine may be busy.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

const SOURCE_METHODS: [&str; 5] = ["start", "poll", "commit", "stop", "garbage"];
const SINK_METHODS: [&str; 7] = [
    "start",
    "put",
    "pre_commit",
    "open",
    "close",
    "stop",
    "garbage",
];

fn misbehaving(scene: &Scene, kind: &str, method: &str, manner: &str) -> (String, Value) {
    let name = format!("{}-{kind}-{method}-{manner}", scene.topic());
    let mut config = json!({
        "connector.class": format!("org.example.Misbehaving{kind}"),
        "tasks.max": "1",
        "method": method,
        "manner": manner,
    });
    if kind == "Sink" {
        config["topics"] = json!(scene.topic());
    }
    (name, config)
}

async fn create_all(scene: &Scene, worker: &Worker, manner: &str) {
    let sources = SOURCE_METHODS.map(|method| ("Source", method));
    let sinks = SINK_METHODS.map(|method| ("Sink", method));
    for (kind, method) in sources.into_iter().chain(sinks) {
        let (name, config) = misbehaving(scene, kind, method, manner);
        worker.rest().create(&name, &config).await;
    }
}

async fn others_go_on_beside_plugins_that_misbehave(scene: Scene) {
    let worker = scene.worker();
    let worker = worker.set("task.shutdown.graceful.timeout.ms", "2000");
    let worker = worker.set("offset.flush.interval.ms", "500");
    let worker = worker.start().await;
    scene.append("1\n");
    scene.create_both(&worker).await;
    scene.wait_for_sink("1\n").await;

    // One of each kind that computes is enough to keep a small machine busy.
    for method in ["poll", "start"] {
        let (name, config) = misbehaving(&scene, "Source", method, "spin");
        worker.rest().create(&name, &config).await;
    }
    for manner in ["block", "hang", "panic", "error"] {
        create_all(&scene, &worker, manner).await;
    }

    let begun = Instant::now();
    let listing = worker.rest().get("/connectors?expand=status").await;
    assert!(begun.elapsed() < ANSWER_LIMIT, "{:?}", begun.elapsed());
    let count = listing
        .expect_status(200)
        .json()
        .as_object()
        .map(serde_json::Map::len);
    assert_eq!(
        count,
        Some(2 + 2 + 4 * (SOURCE_METHODS.len() + SINK_METHODS.len()))
    );
    scene.append("2\n3\n");
    scene.wait_for_sink("1\n2\n3\n").await;

    let begun = Instant::now();
    worker.stop(Signal::Terminate).await;
    // Connectors stop side by side, each within its two seconds.
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
}

async fn a_misbehaving_task_says_what_is_wrong(scene: Scene) {
    let worker = scene.worker().start().await;
    for (manner, text) in [
        ("panic", "poll panicked on purpose"),
        ("error", "poll failed on purpose"),
    ] {
        let (name, config) = misbehaving(&scene, "Source", "poll", manner);
        worker.rest().create(&name, &config).await;

        let rest = worker.rest();
        let status = rest.wait_states(&name, "RUNNING", &["FAILED"]).await;

        let trace = status["tasks"][0]["trace"].as_str().unwrap_or_default();
        assert!(trace.contains(text), "{trace}");
    }
}
