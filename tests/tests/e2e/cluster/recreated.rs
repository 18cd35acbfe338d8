//! A connector is deleted and created again before its worker has looked: what runs is the new one.

use std::time::Duration;

use connect_kafka::{ClientSettings, OutgoingRecord, Producer};
use connect_tests::broker::BrokerKind;
use connect_tests::eventually::eventually;
use connect_tests::lines::{append, numbered};
use connect_tests::rest::Rest;
use reqwest::Method;
use serde_json::json;

use super::java::java_member;
use super::member;
use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers, run, text};

on_both_brokers!(
    a_connector_that_is_created_again_is_a_new_one,
    a_paused_connector_that_is_created_again_runs,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connector_that_is_created_again_is_a_new_one_to_a_java_worker() {
    run(BrokerKind::Kafka, async |scene| {
        if let Some(java) = java_member(&scene).await {
            is_new(&scene, java.rest(), "RUNNING").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_connector_that_is_created_again_runs_at_a_java_worker() {
    run(BrokerKind::Kafka, async |scene| {
        if let Some(java) = java_member(&scene).await {
            is_new(&scene, java.rest(), "PAUSED").await;
        }
    })
    .await;
}

async fn a_connector_that_is_created_again_is_a_new_one(scene: Scene) {
    let worker = member(&scene, "only").start().await;
    is_new(&scene, worker.rest(), "RUNNING").await;
}

async fn a_paused_connector_that_is_created_again_runs(scene: Scene) {
    let worker = member(&scene, "only").start().await;
    is_new(&scene, worker.rest(), "PAUSED").await;
}

/// The connector is in this state when it is created again.
async fn is_new(scene: &Scene, rest: &Rest, state: &str) {
    let name = scene.source_name();
    scene.append(&numbered(0..10));
    rest.create(&name, &scene.source()).await;
    rest.wait_running(&name, 1).await;
    let read = async |count: usize| {
        let what = format!("{count} lines in the topic");
        eventually(ARRIVAL_LIMIT, &what, async || {
            let values = scene.topic_values().await;
            (values.len() == count).then_some(()).ok_or(values)
        })
        .await;
    };
    read(10).await;
    if state == "PAUSED" {
        let path = format!("/connectors/{name}/pause");
        rest.send(Method::PUT, &path, None).await.assert_status(202);
    }
    rest.wait_states(&name, state, &[state]).await;
    let file = scene.path("another.txt");
    append(&file, &numbered(10..30));
    let mut config = scene.source();
    config["name"] = name.clone().into();
    config["file"] = text(&file).into();

    // As another leader writes it, in one go.
    write(
        scene,
        &[
            (format!("connector-{name}"), None),
            (format!("target-state-{name}"), None),
            (
                format!("connector-{name}"),
                Some(json!({"properties": config}).to_string()),
            ),
        ],
    )
    .await;

    read(30).await;
    rest.wait_running(&name, 1).await;
    let tasks = rest.get(&format!("/connectors/{name}/tasks")).await.json();
    assert_eq!(tasks[0]["config"]["file"], config["file"], "{tasks}");
}

/// Writes to the topic of configurations.
async fn write(scene: &Scene, records: &[(String, Option<String>)]) {
    let settings = ClientSettings::from_iter([("bootstrap.servers", scene.bootstrap())]);
    let topic = format!("{}-configs", scene.topic_of("cluster"));
    let records = records.iter().map(|(key, value)| OutgoingRecord {
        topic: &topic,
        partition: Some(0),
        key: Some(key.as_bytes()),
        value: value.as_ref().map(String::as_bytes),
        headers: &[],
        timestamp: None,
    });
    let mut producer = Producer::new(&settings).unwrap();
    let expected = records.len();
    assert_eq!(producer.send(records), expected);
    let (acks, flushed) = producer.close(Duration::from_secs(60)).await;
    flushed.unwrap();
    assert!(acks.iter().all(|it| it.result.is_ok()), "{acks:?}");
}
