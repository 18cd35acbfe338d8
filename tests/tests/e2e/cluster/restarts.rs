//! All workers of a cluster are stopped, and started again.

use connect_tests::eventually::eventually;
use connect_tests::lines::numbered;
use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use reqwest::Method;
use serde_json::{Value, json};

use super::member;
use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers, text};

on_both_brokers!(targets_and_offsets_outlive_all_workers);

/// The offsets of a connector.
async fn offsets(rest: &Rest, name: &str) -> Value {
    let answer = rest.get(&format!("/connectors/{name}/offsets")).await;
    answer.expect_status(200).json()
}

async fn put(rest: &Rest, name: &str, end: &str, status: u16) {
    let path = format!("/connectors/{name}/{end}");
    let answer = rest.send(Method::PUT, &path, None).await;
    answer.assert_status(status);
}

async fn targets_and_offsets_outlive_all_workers(scene: Scene) {
    let members = [member(&scene, "first"), member(&scene, "second")];
    let workers = [members[0].start().await, members[1].start().await];
    let rest = workers[1].rest();
    let (source, sink) = (scene.source_name(), scene.sink_name());
    let (paused, stopped) = (format!("{source}-paused"), format!("{source}-stopped"));
    scene.append(&numbered(0..50));
    rest.create(&source, &scene.source()).await;
    rest.create(&sink, &scene.sink()).await;
    for name in [&paused, &stopped] {
        let mut config = scene.source();
        config["topic"] = scene.topic_of("aside").into();
        rest.create(name, &config).await;
        rest.wait_running(name, 1).await;
        let what = format!("offsets of {name}");
        eventually(ARRIVAL_LIMIT, &what, async || {
            let offsets = offsets(rest, name).await;
            let position = &offsets["offsets"][0]["offset"]["position"];
            (*position == 5_000).then_some(()).ok_or(offsets)
        })
        .await;
    }
    put(rest, &paused, "pause", 202).await;
    put(rest, &stopped, "stop", 204).await;
    rest.wait_states(&paused, "PAUSED", &["PAUSED"]).await;
    rest.wait_states(&stopped, "STOPPED", &[]).await;
    let entry = json!({
        "partition": {"filename": text(&scene.source_file())},
        "offset": {"position": 4_000},
    });
    let path = format!("/connectors/{stopped}/offsets");
    let altered = rest.patch(&path, &json!({"offsets": [entry]})).await;
    altered.assert_status(200);
    scene.wait_for_sink(&numbered(0..50)).await;
    let infos = rest.get("/connectors?expand=info").await.json();
    for worker in workers {
        assert_eq!(worker.stop(Signal::Terminate).await, 143);
    }
    scene.append(&numbered(50..80));

    // The other way round.
    let workers = [members[1].start().await, members[0].start().await];

    let rest = workers[1].rest();
    assert_eq!(rest.get("/connectors?expand=info").await.json(), infos);
    rest.wait_states(&paused, "PAUSED", &["PAUSED"]).await;
    rest.wait_states(&stopped, "STOPPED", &[]).await;
    scene.wait_for_sink(&numbered(0..80)).await;
    let position = |offsets: &Value| offsets["offsets"][0]["offset"]["position"].clone();
    assert_eq!(position(&offsets(rest, &paused).await), 5_000);
    assert_eq!(position(&offsets(rest, &stopped).await), 4_000);

    // From the altered offset on: ten lines for the second time, and those that are new.
    let aside = scene.topic_of("aside");
    let before = connect_tests::topic::values(scene.bootstrap(), &aside).await;
    assert_eq!(
        before.len(),
        100,
        "each of the two has read fifty lines once"
    );
    put(rest, &stopped, "resume", 202).await;
    rest.wait_running(&stopped, 1).await;
    eventually(ARRIVAL_LIMIT, "lines from the altered offset", async || {
        let mut values = connect_tests::topic::values(scene.bootstrap(), &aside).await;
        let values = values.split_off(before.len());
        let expected = numbered(40..80);
        let is_there = values == expected.lines().collect::<Vec<_>>();
        is_there.then_some(()).ok_or(values)
    })
    .await;
    for worker in workers {
        assert_eq!(worker.stop(Signal::Terminate).await, 143);
    }
    let expected = numbered(0..80);
    let values = scene.topic_values().await;
    assert_eq!(values, expected.lines().collect::<Vec<_>>());
    let copied = std::fs::read_to_string(scene.sink_file()).unwrap();
    assert_eq!(copied, expected, "nothing comes twice");
}
