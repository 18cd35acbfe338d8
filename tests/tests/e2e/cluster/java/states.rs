//! What a Java worker leaves behind when it is killed: targets, offsets, and what topics a connector has used.

use connect_tests::broker::BrokerKind;
use connect_tests::eventually::eventually;
use connect_tests::lines::numbered;
use connect_tests::rest::Rest;
use reqwest::Method;
use serde_json::{Value, json};

use super::{java_member, member};
use crate::scene::{ARRIVAL_LIMIT, Scene, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn targets_and_offsets_of_a_killed_java_worker_are_kept() {
    run(BrokerKind::Kafka, are_kept).await;
}

async fn get(rest: &Rest, path: &str) -> Value {
    rest.get(path).await.expect_status(200).json()
}

/// Everything that is said of a connector and does not name a worker.
async fn said(rest: &Rest, name: &str) -> [Value; 4] {
    let path = |end: &str| format!("/connectors/{name}{end}");
    [
        get(rest, &path("")).await,
        get(rest, &path("/tasks")).await,
        get(rest, &path("/offsets")).await,
        get(rest, &path("/topics")).await,
    ]
}

async fn are_kept(scene: Scene) {
    let Some(mut java) = java_member(&scene).await else {
        return;
    };
    let rest = java.rest();
    let source = scene.source_name();
    let (paused, stopped) = (format!("{source}-paused"), format!("{source}-stopped"));
    let reset = format!("{source}-reset");
    scene.append(&numbered(0..50));
    for name in [&paused, &stopped, &reset] {
        rest.create(name, &scene.source()).await;
        rest.wait_running(name, 1).await;
        let path = format!("/connectors/{name}/offsets");
        eventually(ARRIVAL_LIMIT, &format!("offsets of {name}"), async || {
            let offsets = get(rest, &path).await;
            let position = &offsets["offsets"][0]["offset"]["position"];
            (*position == 5_000).then_some(()).ok_or(offsets)
        })
        .await;
    }
    for (name, target, status) in [
        (&paused, "pause", 202),
        (&stopped, "stop", 204),
        (&reset, "stop", 204),
    ] {
        let path = format!("/connectors/{name}/{target}");
        let answer = rest.send(Method::PUT, &path, None).await;
        answer.assert_status(status);
    }
    rest.wait_states(&paused, "PAUSED", &["PAUSED"]).await;
    rest.wait_states(&stopped, "STOPPED", &[]).await;
    rest.wait_states(&reset, "STOPPED", &[]).await;
    eventually(ARRIVAL_LIMIT, "offsets that are reset", async || {
        // Right after the stop the tasks may still be ending.
        let answer = rest.delete(&format!("/connectors/{reset}/offsets")).await;
        (answer.status == 200).then_some(()).ok_or(answer)
    })
    .await;
    let mut before = Vec::new();
    for name in [&paused, &stopped, &reset] {
        before.push(said(rest, name).await);
    }
    assert_eq!(before[1][1], json!([]), "a stopped connector has no tasks");
    java.kill();

    let ours = member(&scene, "ours").start().await;

    let rest = ours.rest();
    rest.wait_states(&paused, "PAUSED", &["PAUSED"]).await;
    rest.wait_states(&stopped, "STOPPED", &[]).await;
    rest.wait_states(&reset, "STOPPED", &[]).await;
    for (name, before) in [&paused, &stopped, &reset].into_iter().zip(before) {
        assert_eq!(said(rest, name).await, before);
    }
    // Each goes on where it was: one has nothing left to read, and one begins anew.
    let read = scene.topic_values().await.len();
    assert_eq!(read, 150);
    scene.append(&numbered(50..60));
    for name in [&stopped, &reset] {
        let path = format!("/connectors/{name}/resume");
        let answer = rest.send(Method::PUT, &path, None).await;
        answer.assert_status(202);
        rest.wait_running(name, 1).await;
    }
    eventually(ARRIVAL_LIMIT, "10 lines and 60", async || {
        let count = scene.topic_values().await.len();
        (count == read + 10 + 60).then_some(()).ok_or(count)
    })
    .await;
}
