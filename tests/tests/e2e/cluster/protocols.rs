//! A cluster changes its protocol while it works, one worker after the other.

use std::collections::{BTreeSet, VecDeque};

use connect_tests::eventually::eventually;
use connect_tests::lines::numbered;
use connect_tests::process::Signal;
use connect_tests::worker::Worker;

use super::losses::wait_for_lines;
use super::{id, member, wait_running_at};
use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers};

on_both_brokers!(a_cluster_is_moved_from_eager_to_sessioned);

async fn a_cluster_is_moved_from_eager_to_sessioned(scene: Scene) {
    let member = |name, protocol| member(&scene, name).set("connect.protocol", protocol);
    let mut workers = VecDeque::from([
        member("first", "eager").start().await,
        member("second", "eager").start().await,
    ]);
    let (source, sink) = (scene.source_name(), scene.sink_name());
    let mut config = scene.sink();
    config["tasks.max"] = "2".into();
    workers[1].rest().create(&source, &scene.source()).await;
    workers[1].rest().create(&sink, &config).await;
    let names = [source.as_str(), &sink];
    let mut lines = 0;
    goes_on(&scene, &workers, names, &mut lines).await;
    wait_protocol(&workers, "eager").await;

    for protocol in ["compatible", "sessioned"] {
        for name in ["first", "second"] {
            let old = workers.pop_front().unwrap();
            assert_eq!(old.stop(Signal::Terminate).await, 143);
            workers.push_back(member(name, protocol).start().await);
            goes_on(&scene, &workers, names, &mut lines).await;
        }
        wait_protocol(&workers, protocol).await;
    }
}

/// Everything runs at these workers, and a hundred lines more come through.
async fn goes_on(scene: &Scene, workers: &VecDeque<Worker>, names: [&str; 2], lines: &mut u64) {
    let rests: Vec<_> = workers.iter().map(Worker::rest).collect();
    let ids: BTreeSet<String> = workers.iter().map(id).collect();
    wait_running_at(&rests, names, 2, &ids).await;
    let end = *lines + 100;
    scene.append(&numbered(*lines..end));
    wait_for_lines(scene, end).await;
    *lines = end;
}

/// Waits until all of them have joined with a protocol last.
async fn wait_protocol(workers: &VecDeque<Worker>, protocol: &str) {
    let wanted = format!("protocol=\"{}\"", protocol.to_uppercase());
    eventually(ARRIVAL_LIMIT, &wanted, async || {
        for worker in workers {
            let log = worker.process().log();
            let joined = log.lines().rfind(|it| it.contains("joined the group"));
            if !joined.is_some_and(|it| it.contains(&wanted)) {
                return Err(format!("{joined:?}"));
            }
        }
        Ok(())
    })
    .await;
}
