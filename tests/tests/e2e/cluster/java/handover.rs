//! Connectors that run beside a leader of the other kind: their tasks are planned here and written there.

use std::collections::BTreeSet;

use connect_tests::broker::BrokerKind;
use connect_tests::eventually::eventually;
use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use reqwest::Method;
use serde_json::Value;

use super::{id, java_id, java_member, member};
use crate::cluster::places;
use crate::scene::{ARRIVAL_LIMIT, Scene, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_are_handed_to_a_leader_of_the_other_kind() {
    run(BrokerKind::Kafka, are_handed_over).await;
}

/// Waits until both workers say that both connectors run, each at a worker of its own, with so many tasks.
async fn wait_shared(rests: [&Rest; 2], names: &[String; 2], tasks: usize, ids: [String; 2]) {
    let ids = BTreeSet::from(ids);
    let what = format!("{tasks} tasks of {names:?} at {ids:?}");
    eventually(ARRIVAL_LIMIT, &what, async || {
        let mut seen = Vec::new();
        for rest in rests {
            let mut owners = BTreeSet::new();
            for name in names {
                let answer = rest.get(&format!("/connectors/{name}/status")).await;
                if answer.status != 200 {
                    return Err(format!("{answer:?}"));
                }
                let status = answer.json();
                if !is_running(&status, tasks) {
                    return Err(status.to_string());
                }
                owners.insert(places(&status).0);
            }
            seen.push(owners);
        }
        let are_shared = seen.iter().all(|it| *it == ids);
        are_shared.then_some(()).ok_or(format!("{seen:?}"))
    })
    .await;
}

fn is_running(status: &Value, tasks: usize) -> bool {
    let running = |part: &Value| part["state"] == "RUNNING";
    let listed = status["tasks"].as_array().unwrap();
    running(&status["connector"]) && listed.len() == tasks && listed.iter().all(running)
}

/// Gives both connectors so many tasks.
async fn set_tasks(rest: &Rest, scene: &Scene, names: &[String; 2], tasks: usize) {
    let mut config = scene.sink();
    config["tasks.max"] = tasks.to_string().into();
    for name in names {
        let path = format!("/connectors/{name}/config");
        rest.put(&path, &config).await.assert_status(200);
    }
}

async fn are_handed_over(scene: Scene) {
    let ours = member(&scene, "ours");
    let leader = ours.start().await;
    let Some(java) = java_member(&scene).await else {
        return;
    };
    let names = ["one", "two"].map(|it| format!("{}-{it}", scene.sink_name()));
    for name in &names {
        java.rest().create(name, &scene.sink()).await;
    }
    let ids = || [id(&leader), java_id(&java)];
    wait_shared([leader.rest(), java.rest()], &names, 1, ids()).await;
    set_tasks(java.rest(), &scene, &names, 2).await;
    wait_shared([leader.rest(), java.rest()], &names, 2, ids()).await;
    // One that has fewer tasks than before lists fewer, whoever is asked.
    set_tasks(leader.rest(), &scene, &names, 1).await;
    wait_shared([leader.rest(), java.rest()], &names, 1, ids()).await;
    for name in &names {
        let path = format!("/connectors/{name}/tasks");
        let listed = java.rest().get(&path).await.expect_status(200).json();
        assert_eq!(listed.as_array().unwrap().len(), 1);
        assert_eq!(leader.rest().get(&path).await.json(), listed);
    }
    assert_eq!(leader.stop(Signal::Terminate).await, 143);

    // The Java worker leads from here on.
    let follower = ours.start().await;
    let ids = || [id(&follower), java_id(&java)];
    wait_shared([follower.rest(), java.rest()], &names, 1, ids()).await;
    set_tasks(follower.rest(), &scene, &names, 3).await;
    wait_shared([follower.rest(), java.rest()], &names, 3, ids()).await;

    controls_reach_the_other_kind(follower.rest(), java.rest(), &names).await;
}

/// What is asked of one worker is done by both: each of them has a part of every connector.
async fn controls_reach_the_other_kind(ours: &Rest, java: &Rest, names: &[String; 2]) {
    for (asked, name) in [(ours, &names[0]), (java, &names[1])] {
        let send = async |method: Method, end: &str, status: u16| {
            let path = format!("/connectors/{name}{end}");
            asked.send(method, &path, None).await.assert_status(status);
        };
        let wait = async |connector: &str, tasks: &[&str]| {
            ours.wait_states(name, connector, tasks).await;
            java.wait_states(name, connector, tasks).await;
        };
        send(Method::PUT, "/pause", 202).await;
        wait("PAUSED", &["PAUSED"; 3]).await;
        send(Method::PUT, "/resume", 202).await;
        wait("RUNNING", &["RUNNING"; 3]).await;
        send(Method::POST, "/restart?includeTasks=true", 202).await;
        wait("RUNNING", &["RUNNING"; 3]).await;
        for task in 0..3 {
            send(Method::POST, &format!("/tasks/{task}/restart"), 204).await;
        }
        send(Method::POST, "/restart", 204).await;
        wait("RUNNING", &["RUNNING"; 3]).await;
        send(Method::PUT, "/stop", 204).await;
        wait("STOPPED", &[]).await;
        send(Method::DELETE, "", 204).await;
        for rest in [ours, java] {
            eventually(ARRIVAL_LIMIT, "no status any more", async || {
                let status = rest.get(&format!("/connectors/{name}/status")).await;
                (status.status == 404).then_some(()).ok_or(status)
            })
            .await;
        }
    }
}
