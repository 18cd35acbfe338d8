//! What takes its time to stop, or never has started, keeps neither the worker from its group nor others from work.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Duration;

use connect_tests::eventually::eventually;
use connect_tests::misbehaving::misbehaving;
use connect_tests::process::Signal;
use connect_tests::raw::RawClient;
use connect_tests::worker::Worker;
use kafka_protocol::messages::DescribeGroupsRequest;
use kafka_protocol::protocol::StrBytes;
use serde_json::{Value, json};

use super::{id, member, places};
use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers};

on_both_brokers!(
    a_slow_stop_does_not_cost_the_membership,
    tasks_move_while_their_connector_hangs,
    a_restart_does_not_start_tasks_of_another_set,
    a_connector_hears_of_its_deletion_when_its_tasks_have_stopped,
    a_worker_ends_while_a_connector_waits_for_its_tasks,
);

fn connector(method: &str, tasks: usize) -> Value {
    let class = json!({"connector.class": "org.example.MisbehavingConnector"});
    let mut config = misbehaving(class, "", method, "hang");
    config["tasks.max"] = tasks.to_string().into();
    config
}

/// A worker alone with a connector whose one task is given up after so many milliseconds, and its name.
async fn with_slow_task(scene: &Scene, patience: &str) -> (Worker, String) {
    let worker = member(scene, "worker").set("task.shutdown.graceful.timeout.ms", patience);
    let worker = worker.start().await;
    let name = scene.source_name();
    worker.rest().create(&name, &connector("stop", 1)).await;
    worker.rest().wait_running(&name, 1).await;
    (worker, name)
}

async fn put(worker: &Worker, name: &str, config: &Value) {
    let path = format!("/connectors/{name}/config");
    worker.rest().put(&path, config).await.assert_status(200);
}

async fn restart_with_tasks(worker: &Worker, name: &str) {
    let path = format!("/connectors/{name}/restart?includeTasks=true");
    let restarted = worker.rest().post(&path, &Value::Null).await;
    restarted.assert_status(202);
}

async fn delete(worker: &Worker, name: &str) {
    let path = format!("/connectors/{name}");
    worker.rest().delete(&path).await.assert_status(204);
}

/// How many members the scene's cluster has.
async fn members(scene: &Scene, client: &mut RawClient) -> usize {
    let group = StrBytes::from_string(scene.topic_of("cluster"));
    let request = DescribeGroupsRequest::default().with_groups(vec![group.into()]);
    let described = client.call(0, &request).await;
    described.groups[0].members.len()
}

/// Waits until the tasks of a connector run, in this number and at these workers.
async fn wait_spread(worker: &Worker, name: &str, tasks: usize, at: &BTreeSet<String>) {
    let path = format!("/connectors/{name}/status");
    eventually(ARRIVAL_LIMIT, "tasks at all workers", async || {
        let status = worker.rest().get(&path).await.json();
        let running = status["tasks"].as_array().into_iter().flatten();
        let running = running.filter(|it| it["state"] == "RUNNING").count();
        let is_spread = running == tasks && BTreeSet::from_iter(places(&status).1) == *at;
        is_spread.then_some(()).ok_or(status)
    })
    .await;
}

async fn a_slow_stop_does_not_cost_the_membership(scene: Scene) {
    let member = |name, patience| {
        member(&scene, name)
            .set("session.timeout.ms", "1500")
            .set("heartbeat.interval.ms", "300")
            .set("task.shutdown.graceful.timeout.ms", patience)
    };
    // Longer than a session, and shorter than a rebalance may take.
    let first = member("first", "4000").start().await;
    let second = member("second", "200").start().await;
    let name = scene.source_name();
    first.rest().create(&name, &connector("stop", 2)).await;
    let both = BTreeSet::from([id(&first), id(&second)]);
    wait_spread(&first, &name, 2, &both).await;

    // Each gives its task up after a while, and the second one has to wait for the first to join again.
    let is_over = Cell::new(false);
    let mut client = RawClient::connect(scene.bootstrap()).await;
    let watching = async {
        let mut seen = BTreeSet::new();
        while !is_over.get() {
            seen.insert(members(&scene, &mut client).await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        seen
    };
    let changing = async {
        put(&first, &name, &connector("nothing", 3)).await;
        wait_spread(&first, &name, 3, &both).await;
        is_over.set(true);
    };
    let (seen, ()) = tokio::join!(watching, changing);

    assert_eq!(seen, BTreeSet::from([2]));
}

async fn tasks_move_while_their_connector_hangs(scene: Scene) {
    let first = member(&scene, "first").start().await;
    let name = scene.source_name();
    first.rest().create(&name, &connector("nothing", 4)).await;
    wait_spread(&first, &name, 4, &BTreeSet::from([id(&first)])).await;
    put(&first, &name, &connector("connector start", 4)).await;

    let second = member(&scene, "second").start().await;

    let both = BTreeSet::from([id(&first), id(&second)]);
    wait_spread(&second, &name, 4, &both).await;
}

async fn a_restart_does_not_start_tasks_of_another_set(scene: Scene) {
    let member =
        |name, patience| member(&scene, name).set("task.shutdown.graceful.timeout.ms", patience);
    let first = member("first", "4000").start().await;
    let second = member("second", "200").start().await;
    let name = scene.source_name();
    first.rest().create(&name, &connector("stop", 2)).await;
    let both = BTreeSet::from([id(&first), id(&second)]);
    wait_spread(&first, &name, 2, &both).await;
    let rounds = rounds(&first.process().log());

    // The restart waits for the old task of the first worker when the new set comes.
    restart_with_tasks(&first, &name).await;
    let mut config = connector("nothing", 3);
    config["words"] = "of the new set".into();
    put(&first, &name, &config).await;
    wait_spread(&first, &name, 3, &both).await;

    let log = first.process().log();
    let (before, _) = log.split_once("of the new set").unwrap();
    assert!(self::rounds(before) > rounds, "{log}");
}

/// How often a worker has got work, by its log.
fn rounds(log: &str) -> usize {
    log.matches("joined the group").count()
}

async fn a_connector_hears_of_its_deletion_when_its_tasks_have_stopped(scene: Scene) {
    let (worker, name) = with_slow_task(&scene, "1000").await;

    delete(&worker, &name).await;

    let log = eventually(ARRIVAL_LIMIT, "the word of the deletion", async || {
        let log = worker.process().log();
        let is_told = log.contains("the connector hears of its deletion");
        if is_told { Ok(log) } else { Err(log) }
    })
    .await;
    let (before, _) = log
        .split_once("the connector hears of its deletion")
        .unwrap();
    assert!(before.contains("task did not stop in time"), "{log}");
}

async fn a_worker_ends_while_a_connector_waits_for_its_tasks(scene: Scene) {
    let (worker, name) = with_slow_task(&scene, "4000").await;

    // A restart stops the task for seconds; behind it the task is to be stopped because its connector is deleted.
    restart_with_tasks(&worker, &name).await;
    delete(&worker, &name).await;
    tokio::time::sleep(Duration::from_secs(1)).await;

    assert_eq!(worker.stop(Signal::Terminate).await, 143);
}
