//! Java workers in the same cluster, before us and beside us.

mod handover;
mod states;

use std::collections::{BTreeMap, BTreeSet};

use connect_tests::broker::BrokerKind;
use connect_tests::kafka::{JavaWorker, Mode};
use connect_tests::lines::numbered;
use connect_tests::process::Signal;
use connect_tests::worker::cluster_settings;
use serde_json::Value;

use super::{id, member, wait_running_at};
use crate::scene::{Scene, run};

const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cluster_of_java_workers_is_taken_over() {
    run(BrokerKind::Kafka, is_taken_over).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn java_workers_and_ours_share_a_cluster() {
    run(BrokerKind::Kafka, share_a_cluster).await;
}

/// A Java worker of the scene's cluster; `None` where there is no Java.
pub(super) async fn java_member(scene: &Scene) -> Option<JavaWorker> {
    let dir = scene.path("java");
    std::fs::create_dir_all(&dir).unwrap();
    let mut settings = BTreeMap::from([
        ("bootstrap.servers".to_owned(), scene.bootstrap().to_owned()),
        ("key.converter".to_owned(), STRING.to_owned()),
        ("value.converter".to_owned(), STRING.to_owned()),
        ("offset.flush.interval.ms".to_owned(), "200".to_owned()),
        ("consumer.session.timeout.ms".to_owned(), "6000".to_owned()),
        (
            "consumer.heartbeat.interval.ms".to_owned(),
            "1000".to_owned(),
        ),
    ]);
    let shared = cluster_settings(&scene.topic_of("cluster")).into_iter();
    settings.extend(shared.map(|(key, value)| (key.to_owned(), value)));
    JavaWorker::start(Mode::Distributed, &dir, &settings).await
}

fn java_id(worker: &JavaWorker) -> String {
    worker
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned()
}

/// Records of the config topic that say what tasks do.
async fn task_records(scene: &Scene) -> usize {
    let topic = format!("{}-configs", scene.topic_of("cluster"));
    let records = connect_tests::topic::records(scene.bootstrap(), &topic).await;
    let of_tasks = records.iter().filter(|it| it.value.contains("task.class"));
    of_tasks.count()
}

async fn is_taken_over(scene: Scene) {
    let (source, sink) = (scene.source_name(), scene.sink_name());
    let Some(java) = java_member(&scene).await else {
        return;
    };
    scene.append(&numbered(0..100));
    java.rest().create(&source, &scene.source()).await;
    java.rest().create(&sink, &scene.sink()).await;
    scene.wait_for_sink(&numbered(0..100)).await;
    java.rest().wait_running(&sink, 1).await;
    let before: Value = java.rest().get("/connectors?expand=info").await.json();
    assert_eq!(java.stop().await, 143);
    let written = task_records(&scene).await;
    scene.append(&numbered(100..200));

    let ours = member(&scene, "ours").start().await;

    let only = BTreeSet::from([id(&ours)]);
    wait_running_at(&[ours.rest()], [&source, &sink], 1, &only).await;
    assert_eq!(
        ours.rest().get("/connectors?expand=info").await.json(),
        before
    );
    scene.wait_for_sink(&numbered(0..200)).await;
    assert_eq!(
        task_records(&scene).await,
        written,
        "the tasks are what they were"
    );
    assert_eq!(ours.stop(Signal::Terminate).await, 143);

    // And back.
    scene.append(&numbered(200..300));
    let Some(java) = java_member(&scene).await else {
        return;
    };
    let only = BTreeSet::from([java_id(&java)]);
    wait_running_at(&[java.rest()], [&source, &sink], 1, &only).await;
    scene.wait_for_sink(&numbered(0..300)).await;
    assert_eq!(
        task_records(&scene).await,
        written,
        "the tasks are what they were"
    );
}

async fn share_a_cluster(scene: Scene) {
    let (source, sink) = (scene.source_name(), scene.sink_name());
    let ours = member(&scene, "ours");
    let leader = ours.start().await;
    let Some(java) = java_member(&scene).await else {
        return;
    };
    let mut config = scene.sink();
    config["tasks.max"] = "3".into();
    scene.append(&numbered(0..100));
    // A follower of the other kind passes this on.
    java.rest().create(&source, &scene.source()).await;
    leader.rest().create(&sink, &config).await;
    let both = BTreeSet::from([id(&leader), java_id(&java)]);
    wait_running_at(&[leader.rest(), java.rest()], [&source, &sink], 3, &both).await;
    scene.wait_for_sink(&numbered(0..100)).await;

    // Then the Java worker leads, and ours comes back to follow.
    assert_eq!(leader.stop(Signal::Terminate).await, 143);
    let only = BTreeSet::from([java_id(&java)]);
    wait_running_at(&[java.rest()], [&source, &sink], 3, &only).await;
    let follower = ours.start().await;
    let both = BTreeSet::from([id(&follower), java_id(&java)]);
    config["tasks.max"] = "2".into();
    let path = format!("/connectors/{sink}/config");
    follower.rest().put(&path, &config).await.assert_status(200);
    wait_running_at(&[follower.rest(), java.rest()], [&source, &sink], 2, &both).await;
    scene.append(&numbered(100..200));
    scene.wait_for_sink(&numbered(0..200)).await;
}
