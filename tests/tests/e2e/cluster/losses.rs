//! The leader is killed, or hangs and comes back.

use std::collections::BTreeSet;

use connect_tests::eventually::eventually;
use connect_tests::lines::numbered;
use connect_tests::process::Signal;
use connect_tests::worker::Worker;

use super::{id, member, places, wait_running_at};
use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers};

on_both_brokers!(
    work_of_a_killed_leader_goes_on_at_once,
    a_leader_that_hangs_comes_back_as_a_follower,
);

/// Waits until every line up to a number is behind the sink, perhaps more than once.
pub(super) async fn wait_for_lines(scene: &Scene, count: u64) {
    eventually(ARRIVAL_LIMIT, "all lines behind the sink", async || {
        let found = std::fs::read_to_string(scene.sink_file()).unwrap_or_default();
        let found: BTreeSet<&str> = found.lines().collect();
        let expected = numbered(0..count);
        let missing = expected.lines().find(|it| !found.contains(it));
        missing.map_or(Ok(()), |it| Err(it.to_owned()))
    })
    .await;
}

async fn work_of_a_killed_leader_goes_on_at_once(scene: Scene) {
    // A delay would be longer than the test: whoever leads next remembers nothing and waits for nobody.
    let member = |name| member(&scene, name).set("scheduled.rebalance.max.delay.ms", "3600000");
    let leader = member("leader").start().await;
    let others = [
        member("second").start().await,
        member("third").start().await,
    ];
    let (source, sink) = (scene.source_name(), scene.sink_name());
    let mut config = scene.sink();
    config["tasks.max"] = "3".into();
    leader.rest().create(&source, &scene.source()).await;
    leader.rest().create(&sink, &config).await;
    let all = BTreeSet::from([id(&leader), id(&others[0]), id(&others[1])]);
    wait_running_at(&[leader.rest()], [&source, &sink], 3, &all).await;
    scene.append(&numbered(0..300));
    scene.wait_for_sink(&numbered(0..300)).await;

    drop(leader);

    let rests = [others[0].rest(), others[1].rest()];
    let left = BTreeSet::from([id(&others[0]), id(&others[1])]);
    wait_running_at(&rests, [&source, &sink], 3, &left).await;
    scene.append(&numbered(300..600));
    wait_for_lines(&scene, 600).await;
    // There is a leader again: each of them knows how to create something.
    for (number, worker) in others.iter().enumerate() {
        let name = format!("{sink}-{number}");
        worker.rest().create(&name, &scene.sink()).await;
        worker.rest().wait_running(&name, 1).await;
    }
}

async fn a_leader_that_hangs_comes_back_as_a_follower(scene: Scene) {
    let mut hanging = member(&scene, "hanging").start().await;
    let other = member(&scene, "other").start().await;
    let (source, sink) = (scene.source_name(), scene.sink_name());
    hanging.rest().create(&source, &scene.source()).await;
    hanging.rest().create(&sink, &scene.sink()).await;
    let both = BTreeSet::from([id(&hanging), id(&other)]);
    let names = [source.as_str(), &sink];
    wait_running_at(&[hanging.rest(), other.rest()], names, 1, &both).await;
    scene.append(&numbered(0..100));
    scene.wait_for_sink(&numbered(0..100)).await;

    hanging.signal(Signal::Stop);
    let alone = BTreeSet::from([id(&other)]);
    wait_running_at(&[other.rest()], names, 1, &alone).await;
    scene.append(&numbered(100..200));
    wait_for_lines(&scene, 200).await;

    hanging.signal(Signal::Continue);
    wait_for_share(&hanging, &other, names).await;
    wait_running_at(&[hanging.rest(), other.rest()], names, 1, &both).await;
    let renamed = format!("{sink}-more");
    hanging.rest().create(&renamed, &scene.sink()).await;
    other.rest().wait_running(&renamed, 1).await;

    // Nothing runs twice: lines from now on come once.
    let before = scene.topic_values().await.len();
    scene.append(&numbered(200..300));
    wait_for_lines(&scene, 300).await;
    for worker in [hanging, other] {
        assert_eq!(worker.stop(Signal::Terminate).await, 143);
    }
    let values = scene.topic_values().await.split_off(before);
    let expected = numbered(200..300);
    assert_eq!(values, expected.lines().collect::<Vec<_>>());
}

/// Waits until the other worker has given some of its work to the one that is back.
async fn wait_for_share(back: &Worker, other: &Worker, names: [&str; 2]) {
    eventually(
        ARRIVAL_LIMIT,
        "work for the worker that is back",
        async || {
            let mut found = Vec::new();
            for name in names {
                let path = format!("/connectors/{name}/status");
                found.push(places(&other.rest().get(&path).await.json()));
            }
            let (connectors, tasks): (Vec<_>, Vec<_>) = found.iter().cloned().unzip();
            let is_back = connectors.contains(&id(back)) && tasks.concat().contains(&id(back));
            is_back.then_some(()).ok_or(found)
        },
    )
    .await;
}
