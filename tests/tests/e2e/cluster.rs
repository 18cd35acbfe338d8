//! Workers that share their work: who runs what, what becomes of it when one is gone, and that each of them answers
//! for all.

mod hops;
mod java;
mod losses;
mod protocols;
mod recreated;
mod restarts;
mod stops;

use std::collections::{BTreeMap, BTreeSet};

use connect_kafka::{Admin, ClientSettings, NewTopic};
use connect_tests::eventually::eventually;
use connect_tests::lines::numbered;
use connect_tests::process::Signal;
use connect_tests::rest::Rest;
use connect_tests::worker::{Distributed, Worker};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};
use serde_json::{Value, json};

use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers};

on_both_brokers!(
    two_workers_share_connectors,
    work_of_a_killed_worker_goes_on,
    a_cluster_goes_on_where_it_was,
    every_request_works_on_every_worker,
    requests_of_strangers_are_refused,
    a_topic_that_loses_records_is_refused,
    a_config_topic_of_two_partitions_is_refused,
);

/// A worker of the scene's cluster, with this name.
fn member(scene: &Scene, name: &str) -> Distributed {
    Distributed::new(
        &scene.path(name),
        scene.bootstrap(),
        &scene.topic_of("cluster"),
    )
}

/// `host:port` of a worker, as statuses name it.
fn id(worker: &Worker) -> String {
    let address = worker.url().trim_start_matches("http://");
    address.trim_end_matches('/').to_owned()
}

/// Where the parts of a connector run: its own worker, and those of its tasks.
fn places(status: &Value) -> (String, Vec<String>) {
    let place = |part: &Value| part["worker_id"].as_str().unwrap().to_owned();
    let tasks = status["tasks"].as_array().unwrap();
    (
        place(&status["connector"]),
        tasks.iter().map(place).collect(),
    )
}

/// Waits until both connectors run, each part of them with one of these workers, and all ask the same.
async fn wait_running_at(
    rests: &[&Rest],
    names: [&str; 2],
    tasks: usize,
    workers: &BTreeSet<String>,
) {
    for name in names {
        let what = format!("{name} running at {workers:?}");
        eventually(ARRIVAL_LIMIT, &what, async || {
            let mut seen = Vec::new();
            for rest in rests {
                let answer = rest.get(&format!("/connectors/{name}/status")).await;
                if answer.status != 200 {
                    return Err(format!("{answer:?}"));
                }
                let status = answer.json();
                let states = status["tasks"].as_array().unwrap().iter();
                let running = states.filter(|it| it["state"] == "RUNNING").count();
                let (own, of_tasks) = places(&status);
                let are_there =
                    workers.contains(&own) && of_tasks.iter().all(|it| workers.contains(it));
                let expected = if name == names[0] { 1 } else { tasks };
                if status["connector"]["state"] != "RUNNING" || running != expected || !are_there {
                    return Err(status.to_string());
                }
                seen.push(status.to_string());
            }
            seen.dedup();
            (seen.len() == 1).then_some(()).ok_or(seen.join("\n"))
        })
        .await;
    }
}

async fn two_workers_share_connectors(scene: Scene) {
    let first = member(&scene, "first").start().await;
    let second = member(&scene, "second").start().await;
    let both = BTreeSet::from([id(&first), id(&second)]);
    let (source, sink) = (scene.source_name(), scene.sink_name());
    let mut config = scene.sink();
    config["tasks.max"] = "2".into();
    scene.append(&numbered(0..1000));

    // The second one follows, and passes requests on.
    let body = json!({"name": source, "config": scene.source()});
    let created = second
        .rest()
        .post("/connectors", &body)
        .await
        .expect_status(201);
    let location = created.headers[LOCATION].to_str().unwrap().to_owned();
    assert_eq!(location, format!("{}connectors/{source}", second.url()));
    let echoed = created.json();
    assert_eq!(
        (&echoed["name"], &echoed["tasks"]),
        (&json!(source), &json!([]))
    );
    second.rest().create(&sink, &config).await;

    let rests = [first.rest(), second.rest()];
    wait_running_at(&rests, [&source, &sink], 2, &both).await;
    let status = first
        .rest()
        .get(&format!("/connectors/{sink}/status"))
        .await
        .json();
    let (of_sink, sink_tasks) = places(&status);
    let status = first
        .rest()
        .get(&format!("/connectors/{source}/status"))
        .await
        .json();
    let (of_source, source_tasks) = places(&status);
    assert_ne!(of_sink, of_source, "a connector each");
    let tasks: Vec<&String> = sink_tasks.iter().chain(&source_tasks).collect();
    for worker in &both {
        let share = tasks.iter().filter(|it| **it == worker).count();
        assert!((1..=2).contains(&share), "{tasks:?}");
    }
    scene.wait_for_sink(&numbered(0..1000)).await;
    scene.append(&numbered(1000..1500));
    scene.wait_for_sink(&numbered(0..1500)).await;
    for worker in [first, second] {
        assert_eq!(worker.stop(Signal::Terminate).await, 143);
    }
}

async fn work_of_a_killed_worker_goes_on(scene: Scene) {
    let leader = member(&scene, "leader").start().await;
    let killed = member(&scene, "killed");
    let other = killed.start().await;
    let (source, sink) = (scene.source_name(), scene.sink_name());
    leader.rest().create(&source, &scene.source()).await;
    leader.rest().create(&sink, &scene.sink()).await;
    let both = BTreeSet::from([id(&leader), id(&other)]);
    wait_running_at(&[leader.rest(), other.rest()], [&source, &sink], 1, &both).await;
    scene.append(&numbered(0..500));
    scene.wait_for_sink(&numbered(0..500)).await;

    drop(other);

    let alone = BTreeSet::from([id(&leader)]);
    wait_running_at(&[leader.rest()], [&source, &sink], 1, &alone).await;
    scene.append(&numbered(500..1000));
    // What was not committed may come again, in front of what follows.
    eventually(ARRIVAL_LIMIT, "all lines behind the sink", async || {
        let found = std::fs::read_to_string(scene.sink_file()).unwrap();
        let expected = numbered(0..1000);
        let found: BTreeSet<&str> = found.lines().collect();
        let missing = expected.lines().find(|it| !found.contains(it));
        missing.map_or(Ok(()), |it| Err(it.to_owned()))
    })
    .await;

    // One that comes back gets its share.
    let back = killed.start().await;
    let both = BTreeSet::from([id(&leader), id(&back)]);
    wait_running_at(&[leader.rest(), back.rest()], [&source, &sink], 1, &both).await;
    eventually(
        ARRIVAL_LIMIT,
        "work for the worker that is back",
        async || {
            let listed = back.rest().get("/connectors?expand=status").await.json();
            listed
                .to_string()
                .contains(&id(&back))
                .then_some(())
                .ok_or(listed)
        },
    )
    .await;
}

async fn a_cluster_goes_on_where_it_was(scene: Scene) {
    let (first, second) = (member(&scene, "first"), member(&scene, "second"));
    let (source, sink) = (scene.source_name(), scene.sink_name());
    let workers = [first.start().await, second.start().await];
    let rest = workers[1].rest();
    rest.create(&source, &scene.source()).await;
    rest.create(&sink, &scene.sink()).await;
    let paused = format!("{sink}-paused");
    let mut config = scene.sink();
    config["file"] = crate::scene::text(&scene.path("paused.txt")).into();
    rest.create(&paused, &config).await;
    rest.wait_running(&paused, 1).await;
    let answer = rest
        .send(Method::PUT, &format!("/connectors/{paused}/pause"), None)
        .await;
    answer.assert_status(202);
    rest.wait_states(&paused, "PAUSED", &["PAUSED"]).await;
    scene.append(&numbered(0..300));
    scene.wait_for_sink(&numbered(0..300)).await;
    let configs = rest.get("/connectors?expand=info").await.json();
    for worker in workers {
        assert_eq!(worker.stop(Signal::Terminate).await, 143);
    }
    scene.append(&numbered(300..600));

    let worker = first.start().await;

    let rest = worker.rest();
    rest.wait_running(&source, 1).await;
    rest.wait_running(&sink, 1).await;
    rest.wait_states(&paused, "PAUSED", &["PAUSED"]).await;
    assert_eq!(rest.get("/connectors?expand=info").await.json(), configs);
    scene.wait_for_sink(&numbered(0..600)).await;
    let topics = rest
        .get(&format!("/connectors/{source}/topics"))
        .await
        .json();
    assert_eq!(topics[&source]["topics"], json!([scene.topic()]));
}

async fn every_request_works_on_every_worker(scene: Scene) {
    let first = member(&scene, "first").start().await;
    let second = member(&scene, "second").start().await;
    let name = scene.source_name();
    first.rest().create(&name, &scene.source()).await;
    scene.append(&numbered(0..10));
    for (number, worker) in [&first, &second].into_iter().enumerate() {
        let rest = worker.rest();
        let path = |rest_of_path: &str| format!("/connectors/{name}{rest_of_path}");
        let send = async |method: Method, end: &str, status: u16| {
            rest.send(method, &path(end), None)
                .await
                .expect_status(status)
        };
        rest.wait_running(&name, 1).await;
        send(Method::PUT, "/pause", 202).await;
        rest.wait_states(&name, "PAUSED", &["PAUSED"]).await;
        send(Method::PUT, "/resume", 202).await;
        rest.wait_running(&name, 1).await;
        send(Method::POST, "/restart", 204).await;
        send(Method::POST, "/tasks/0/restart", 204).await;
        let plan = send(Method::POST, "/restart?includeTasks=true", 202)
            .await
            .json();
        assert_eq!(plan["connector"]["state"], "RESTARTING", "{plan}");
        assert_eq!(plan["tasks"][0]["state"], "RESTARTING", "{plan}");
        rest.wait_running(&name, 1).await;
        let mut config = scene.source();
        let size = json!((100 + number).to_string());
        config["batch.size"] = size.clone();
        let put = rest
            .put(&path("/config"), &config)
            .await
            .expect_status(200)
            .json();
        assert_eq!(put["config"]["batch.size"], size);
        eventually(
            ARRIVAL_LIMIT,
            "tasks with the new configuration",
            async || {
                let tasks = rest.get(&path("/tasks")).await.json();
                (tasks[0]["config"]["batch.size"] == size)
                    .then_some(())
                    .ok_or(tasks)
            },
        )
        .await;
        rest.wait_running(&name, 1).await;
        let refused = send(Method::DELETE, "/offsets", 400).await;
        assert!(
            refused.error_message().contains("STOPPED state"),
            "{refused:?}"
        );
        send(Method::PUT, "/stop", 204).await;
        rest.wait_states(&name, "STOPPED", &[]).await;
        eventually(ARRIVAL_LIMIT, "offsets of the source", async || {
            let offsets = rest.get(&path("/offsets")).await.json();
            (offsets["offsets"][0]["offset"]["position"] == 1000)
                .then_some(())
                .ok_or(offsets)
        })
        .await;
        send(Method::DELETE, "/offsets", 200).await;
        assert_eq!(
            rest.get(&path("/offsets")).await.json(),
            json!({"offsets": []})
        );
        send(Method::PUT, "/resume", 202).await;
        rest.wait_running(&name, 1).await;
    }
    let unknown = second
        .rest()
        .send(Method::POST, "/connectors/none/restart", None)
        .await;
    assert_eq!(
        (unknown.status, unknown.error_message()),
        (404, "Unknown connector: none".to_owned())
    );
    let path = format!("/connectors/{name}/tasks/7/restart");
    let unknown = second.rest().send(Method::POST, &path, None).await;
    assert_eq!(
        (unknown.status, unknown.error_message()),
        (404, format!("Unknown task: {name}-7"))
    );
    let again = json!({"name": name, "config": scene.source()});
    let again = second.rest().post("/connectors", &again).await;
    assert_eq!(
        (again.status, again.error_message()),
        (409, format!("Connector {name} already exists"))
    );
    // From the beginning at first, and after each of the two resets.
    eventually(ARRIVAL_LIMIT, "the lines of three readings", async || {
        let values = scene.topic_values().await;
        (values.len() == 30).then_some(()).ok_or(values.len())
    })
    .await;

    second
        .rest()
        .delete(&format!("/connectors/{name}"))
        .await
        .assert_status(204);
    for worker in [&first, &second] {
        eventually(
            ARRIVAL_LIMIT,
            "no status of a deleted connector",
            async || {
                let status = worker
                    .rest()
                    .get(&format!("/connectors/{name}/status"))
                    .await;
                (status.status == 404).then_some(()).ok_or(status)
            },
        )
        .await;
    }
}

async fn requests_of_strangers_are_refused(scene: Scene) {
    let worker = member(&scene, "only").start().await;
    let rest = worker.rest();
    rest.create(&scene.source_name(), &scene.source()).await;
    rest.wait_running(&scene.source_name(), 1).await;
    let path = format!("/connectors/{}/tasks", scene.source_name());

    let unsigned = rest.post(&path, &json!([])).await;
    assert_eq!(unsigned.status, 400, "{unsigned:?}");
    assert_eq!(
        unsigned.error_message(),
        "Internal request missing required signature"
    );
    let signed = |signature, algorithm| {
        let header = |name, value| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        HeaderMap::from_iter([
            header("x-connect-authorization", signature),
            header("x-connect-request-signature-algorithm", algorithm),
        ])
    };
    for (headers, status, text) in [
        (
            signed("AAAA", "HmacSHA256"),
            403,
            "Internal request contained invalid signature.",
        ),
        (
            signed("!", "HmacSHA256"),
            400,
            "Illegal base64 character 21",
        ),
        (
            signed("AAAA", "Rot13"),
            400,
            "Algorithm Rot13 not available",
        ),
    ] {
        let answer = rest
            .try_send_with(Method::POST, &path, headers, Some("[]".to_owned()))
            .await
            .unwrap();
        assert_eq!(
            (answer.status, answer.error_message()),
            (status, text.to_owned())
        );
    }
    // None of that has changed anything.
    rest.wait_running(&scene.source_name(), 1).await;
}

async fn a_topic_that_loses_records_is_refused(scene: Scene) {
    for (key, content) in [
        ("config.storage.topic", "connector configurations"),
        ("offset.storage.topic", "source connector offsets"),
        ("status.storage.topic", "connector and task statuses"),
    ] {
        for policy in ["delete", "compact,delete"] {
            let topic = create_topic(&scene, key, 1, policy).await;
            let text = format!(
                "Topic '{topic}' supplied via the '{key}' property is required to have 'cleanup.policy=compact' to \
                 guarantee consistency and durability of {content}, but found the topic currently has \
                 'cleanup.policy={policy}'."
            );
            assert_refused(&scene, key, &topic, &text).await;
        }
    }
}

async fn a_config_topic_of_two_partitions_is_refused(scene: Scene) {
    let key = "config.storage.topic";
    let topic = create_topic(&scene, key, 2, "compact").await;
    let text = format!(
        "Topic '{topic}' supplied via the '{key}' property is required to have a single partition in order to \
         guarantee consistency of connector configurations, but found 2 partitions."
    );
    assert_refused(&scene, key, &topic, &text).await;
}

/// Creates a topic for this setting; returns its name.
async fn create_topic(scene: &Scene, key: &str, partitions: i32, policy: &str) -> String {
    let name = scene.topic_of(&format!("{key}-{}", policy.replace(',', "-")));
    let settings = ClientSettings::from_iter([("bootstrap.servers", scene.bootstrap())]);
    let wanted = NewTopic {
        name: name.clone(),
        partitions: Some(partitions),
        replication: Some(1),
        configs: BTreeMap::from([("cleanup.policy".to_owned(), policy.to_owned())]),
    };
    let admin = Admin::new(&settings).unwrap();
    let created = admin.create_topics(&[wanted], ARRIVAL_LIMIT).await.unwrap();
    created[0].1.as_ref().unwrap();
    name
}

/// A worker with this topic ends, and says why.
async fn assert_refused(scene: &Scene, key: &str, topic: &str, text: &str) {
    let mut worker = member(scene, "only").set(key, topic).launch();
    let code = worker.wait_exit(ARRIVAL_LIMIT).await;
    let log = worker.log();
    assert_eq!(code, 1, "{log}");
    assert!(log.contains(text), "{text} is not in {log}");
}
