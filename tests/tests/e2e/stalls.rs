//! A broker that hangs: what waits for it counts as stalled, says why, and goes on afterwards.

use connect_tests::broker::BrokerProcess;
use connect_tests::eventually::eventually;
use connect_tests::lines::{append, numbered, wait_for_text};
use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use connect_tests::worker::Standalone;
use serde_json::{Value, json};

use crate::scene::ARRIVAL_LIMIT;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_before_a_broker_that_hangs_is_stalled_until_it_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (lines, copy) = (dir.path().join("lines.txt"), dir.path().join("copy.txt"));
    let broker = BrokerProcess::new(dir.path());
    let mut running = broker.start().await;
    let worker = Standalone::new(dir.path(), &broker.bootstrap())
        .set("task.stall.timeout.ms", "1000")
        // However long the broker hangs: a member that it has forgotten gets lines twice.
        .set("consumer.session.timeout.ms", "120000")
        .start()
        .await;
    let rest = worker.rest();
    append(&lines, &numbered(0..10));
    let source = json!({"connector.class": "FileStreamSource", "file": lines, "topic": "lines"});
    rest.create("in", &source).await;
    let sink = json!({"connector.class": "FileStreamSink", "file": copy, "topics": "lines"});
    rest.create("out", &sink).await;
    wait_for_text(ARRIVAL_LIMIT, &copy, &numbered(0..10)).await;
    wait_for_health(rest, "healthy").await;

    running.signal(Signal::Stop);
    append(&lines, &numbered(10..20));

    let health = wait_for_health(rest, "stalled").await;
    let reason = health["reason"].as_str().unwrap_or_default();
    assert!(
        reason.contains("Task 0") && reason.ends_with('.'),
        "{reason}"
    );
    let metric = r#"kafka_connect_ext_task_progress_stalled{connector="in",task="0"} 1"#;
    let metrics = rest.get("/metrics").await.text;
    assert!(metrics.contains(metric), "{metrics}");
    // REST answers meanwhile, and nobody has failed.
    rest.wait_running("in", 1).await;
    rest.wait_running("out", 1).await;

    running.signal(Signal::Continue);
    wait_for_text(ARRIVAL_LIMIT, &copy, &numbered(0..20)).await;
    wait_for_health(rest, "healthy").await;
    worker.stop(Signal::Terminate).await;
}

async fn wait_for_health(rest: &Rest, status: &str) -> Value {
    eventually(ARRIVAL_LIMIT, status, async || {
        let health = rest.get("/ext/v1/connectors/in/health").await.json();
        if health["status"] == status {
            return Ok(health);
        }
        let metrics = rest.get("/metrics").await.text;
        let records = metrics.lines().filter(|it| it.contains("source_record"));
        Err((health, records.map(str::to_owned).collect::<Vec<_>>()))
    })
    .await
}
