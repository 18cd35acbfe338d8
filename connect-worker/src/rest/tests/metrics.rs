//! Metrics as text and as JSON.

use serde_json::Value;

use super::*;

#[tokio::test]
async fn metrics_are_text_for_prometheus() {
    let rest = Rest::start();

    let answer = rest.call("GET /metrics", "").await;

    assert_eq!(answer.status, 200);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(answer.headers[CONTENT_TYPE], kind);
    let line = "\nkafka_connect_worker_connector_count 0\n";
    assert!(answer.text.contains(line), "{}", answer.text);
}

#[tokio::test]
async fn metrics_are_json() {
    let rest = Rest::start();

    let answer = rest.call("GET /ext/v1/metrics", "").await;

    let sets: Vec<Value> = serde_json::from_str(&answer.text).unwrap();
    let worker = sets
        .iter()
        .find(|it| it["group"] == "connect-worker-metrics");
    let worker = worker.unwrap();
    assert_eq!(worker["domain"], "kafka.connect");
    assert_eq!(worker["values"]["task-count"], 0.0);
    let about = sets.iter().find(|it| it["group"] == "app-info").unwrap();
    assert_eq!(about["tags"]["client-id"], "worker:8083");
    assert_eq!(about["values"]["version"], "4.3.1");
}
