//! What the worker's clients hold while there is nothing to do.

use std::fs;

use connect_tests::eventually::eventually;
use connect_tests::worker::Worker;

use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers};

on_both_brokers!(
    a_source_without_records_has_no_client,
    a_client_without_records_ends_and_comes_back,
);

async fn a_source_without_records_has_no_client(scene: Scene) {
    scene.append("");
    let worker = scene.worker().start().await;

    for number in 0..20 {
        let name = format!("{}-{number}", scene.source_name());
        worker.rest().create(&name, &scene.source()).await;
        worker.rest().wait_running(&name, 1).await;
    }

    assert_eq!(client_threads(&worker), 0);
}

async fn a_client_without_records_ends_and_comes_back(scene: Scene) {
    let mut source = scene.source();
    source["producer.override.connections.max.idle.ms"] = "300".into();
    let worker = scene.worker().start().await;
    worker.rest().create(&scene.source_name(), &source).await;

    for round in 1..=3 {
        scene.append(&format!("line {round}\n"));
        eventually(ARRIVAL_LIMIT, "the line in the topic", async || {
            let values = scene.topic_values().await;
            if values.len() == round {
                Ok(())
            } else {
                Err(values)
            }
        })
        .await;
        eventually(
            ARRIVAL_LIMIT,
            "the end of the client",
            async || match client_threads(&worker) {
                0 => Ok(()),
                threads => Err(threads),
            },
        )
        .await;
    }
    assert_eq!(scene.topic_values().await, ["line 1", "line 2", "line 3"]);
}

/// Threads of the worker that belong to Kafka clients.
fn client_threads(worker: &Worker) -> usize {
    let threads = fs::read_dir(format!("/proc/{}/task", worker.process().pid())).unwrap();
    let names = threads.filter_map(|it| fs::read_to_string(it.ok()?.path().join("comm")).ok());
    names.filter(|it| it.starts_with("rdk:")).count()
}
