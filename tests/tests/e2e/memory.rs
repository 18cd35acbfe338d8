//! What waits for a slow broker or a slow sink is bounded, however much there is.

use std::path::Path;
use std::time::Duration;

use connect_tests::broker::BrokerProcess;
use connect_tests::eventually::eventually;
use connect_tests::lines::{append, numbered};
use connect_tests::process::{Process, Signal};
use connect_tests::usage::{Usage, until_idle};
use connect_tests::worker::{Standalone, Worker};
use serde_json::{Value, json};

/// A hundred megabytes.
const LINES: u64 = 1_000_000;
/// Until the worker has nothing to do any more.
const LIMIT: Duration = Duration::from_secs(120);
/// The buffers, what the engine holds beside each record in them, and one batch on its way.
const MOST: u64 = 72 << 20;

fn source(dir: &Path) -> Value {
    json!({
        "connector.class": "FileStreamSource",
        "file": dir.join("source.txt"),
        "topic": "lines",
    })
}

fn usage(worker: &Worker) -> Usage {
    Usage::of(worker.process().pid()).unwrap()
}

/// Waits until the worker has taken all that it can hold.
async fn assert_bounded(worker: &Worker, before: Usage) {
    let after = until_idle(worker.process().pid(), LIMIT).await;
    let grown = after.peak_resident_bytes - before.resident_bytes;
    assert!(grown < MOST, "{} MiB were taken", grown >> 20);
}

async fn start(dir: &Path) -> (BrokerProcess, Process, Worker) {
    let broker = BrokerProcess::new(dir);
    let running = broker.start().await;
    let worker = Standalone::new(dir, &broker.bootstrap()).start().await;
    (broker, running, worker)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_gone_leaves_a_source_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let (_, mut broker, worker) = start(dir.path()).await;
    append(&dir.path().join("source.txt"), &numbered(0..10));
    worker.rest().create("in", &source(dir.path())).await;
    worker.rest().wait_running("in", 1).await;
    let before = usage(&worker);

    broker.kill();
    append(&dir.path().join("source.txt"), &numbered(10..LINES));

    assert_bounded(&worker, before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sink_that_hangs_leaves_records_with_the_broker() {
    let dir = tempfile::tempdir().unwrap();
    let (broker, _running, worker) = start(dir.path()).await;
    append(&dir.path().join("source.txt"), &numbered(0..LINES));
    worker.rest().create("in", &source(dir.path())).await;
    let copy = json!({
        "connector.class": "FileStreamSink",
        "file": dir.path().join("copy.txt"),
        "topics": "lines",
    });
    worker.rest().create("copy", &copy).await;
    // All of it is in the topic.
    eventually(
        LIMIT,
        "a copy of all lines",
        async || match std::fs::metadata(dir.path().join("copy.txt")) {
            Ok(copied) if copied.len() == numbered(0..1).len() as u64 * LINES => Ok(()),
            other => Err(format!("{other:?}")),
        },
    )
    .await;
    worker.stop(Signal::Terminate).await;
    // One that has moved nothing yet.
    let fresh = tempfile::tempdir().unwrap();
    let worker = Standalone::new(fresh.path(), &broker.bootstrap())
        .start()
        .await;
    let before = usage(&worker);

    let hanging = json!({
        "connector.class": "org.example.MisbehavingSink",
        "topics": "lines",
        "method": "put",
        "manner": "hang",
    });
    worker.rest().create("out", &hanging).await;
    worker.rest().wait_running("out", 1).await;
    let read = r#"kafka_connect_sink_task_sink_record_read_total{connector="out",task="0"} "#;
    eventually(LIMIT, "records with the sink", async || {
        let figures = worker.rest().get("/metrics").await.text;
        let read = figures.lines().find_map(|it| it.strip_prefix(read));
        match read {
            Some(count) if count != "0" => Ok(()),
            other => Err(format!("{other:?}")),
        }
    })
    .await;

    assert_bounded(&worker, before).await;
}
