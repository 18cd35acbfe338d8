//! A deployment moves from a Java standalone worker to this one and back, with its offsets file: nothing is read twice.

use connect_tests::broker::BrokerKind;
use connect_tests::eventually::eventually;
use connect_tests::lines::append;
use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use serde_json::json;

use crate::scene::{ARRIVAL_LIMIT, Scene, run, text};

/// Offsets of both are the same in bytes for such names only if both write the same JSON.
const NAMES: [&str; 2] = [
    "plain",
    "with blanks, \"quotes\" and \u{e4}\u{20ac}\u{1f600}",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offsets_go_to_a_java_worker_and_back() {
    run(BrokerKind::Kafka, offsets_go_there_and_back).await;
}

async fn offsets_go_there_and_back(scene: Scene) {
    let ours = scene.worker();
    let offsets = ours.offsets_file();

    let worker = ours.start().await;
    create(&scene, worker.rest()).await;
    add(&scene, "ours 1");
    arrived(&scene, &["ours 1"]).await;
    worker.stop(Signal::Terminate).await;

    // What comes while nobody reads is what the next one reads first.
    add(&scene, "java 1");
    let Some(java) = scene.java_worker(&offsets).await else {
        return;
    };
    create(&scene, java.rest()).await;
    arrived(&scene, &["ours 1", "java 1"]).await;
    add(&scene, "java 2");
    arrived(&scene, &["ours 1", "java 1", "java 2"]).await;
    assert_eq!(java.stop().await, 143);

    add(&scene, "ours 2");
    let worker = ours.start().await;
    create(&scene, worker.rest()).await;
    arrived(&scene, &["ours 1", "java 1", "java 2", "ours 2"]).await;
    let listed = worker.rest().get("/connectors/plain/offsets").await.json();
    let position = &listed["offsets"][0]["offset"]["position"];
    assert_eq!(position, 4 * "ours 1\n".len(), "{listed}");
    worker.stop(Signal::Terminate).await;
}

/// One source for each name, each with a file and a topic of its own.
async fn create(scene: &Scene, rest: &Rest) {
    for (number, name) in NAMES.iter().enumerate() {
        let config = json!({
            "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
            "file": text(&scene.path(&format!("{name}.txt"))),
            "topic": topic(scene, number),
        });
        rest.create(name, &config).await;
    }
}

fn topic(scene: &Scene, number: usize) -> String {
    format!("{}-{number}", scene.topic())
}

fn add(scene: &Scene, line: &str) {
    for name in NAMES {
        append(&scene.path(&format!("{name}.txt")), &format!("{line}\n"));
    }
}

async fn arrived(scene: &Scene, expected: &[&str]) {
    for number in 0..NAMES.len() {
        let topic = topic(scene, number);
        eventually(ARRIVAL_LIMIT, &topic, async || {
            let values = connect_tests::topic::values(scene.bootstrap(), &topic).await;
            (values == expected).then_some(()).ok_or(values)
        })
        .await;
    }
}
