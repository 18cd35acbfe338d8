//! Requests to a worker that neither leads nor runs what is asked for: they do there what they do anywhere.

use std::collections::BTreeSet;

use connect_tests::eventually::eventually;
use connect_tests::lines::{numbered, wait_for_text};
use connect_tests::rest::Rest;
use connect_tests::worker::Worker;
use reqwest::Method;
use reqwest::header::LOCATION;
use serde_json::{Value, json};

use super::{id, member, places};
use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers, text};

on_both_brokers!(
    failed_tasks_are_restarted_from_anywhere,
    a_connector_is_changed_from_anywhere,
    what_is_unknown_is_unknown_everywhere,
);

/// A folder that is missing until a test makes it, so that tasks fail until then.
const FOLDER: &str = "later";

/// Three workers, the first of which leads, and three sinks: a connector and a task for each worker.
struct Trio {
    workers: [Worker; 3],
    /// Statuses when everything had found its place.
    statuses: Vec<Value>,
}

impl Trio {
    /// Starts workers and sinks, whose tasks come into this state.
    async fn start(scene: &Scene, folder: &str, state: &str) -> Self {
        let workers = [
            member(scene, "leader").start().await,
            member(scene, "owner").start().await,
            member(scene, "asked").start().await,
        ];
        for number in 0..workers.len() {
            let mut config = scene.sink();
            config["file"] = text(&scene.path(folder).join(format!("{number}.txt"))).into();
            let name = format!("{}-{number}", scene.sink_name());
            workers[2].rest().create(&name, &config).await;
        }
        let statuses = balanced(scene, workers[2].rest(), state).await;
        Self { workers, statuses }
    }

    /// The worker that is asked; it does not lead.
    fn asked(&self) -> &Rest {
        self.workers[2].rest()
    }

    /// Name of the connector that runs at the second worker.
    fn connector(&self) -> &str {
        self.name_where(|status| places(status).0)
    }

    /// Name of the connector whose task runs there.
    fn connector_of_task(&self) -> &str {
        self.name_where(|status| places(status).1.remove(0))
    }

    fn name_where(&self, place: impl Fn(&Value) -> String) -> &str {
        let owner = id(&self.workers[1]);
        let found = self.statuses.iter().find(|it| place(it) == owner);
        found.unwrap()["name"].as_str().unwrap()
    }

    /// Waits until all workers say this of a connector.
    async fn wait_states(&self, name: &str, connector: &str, tasks: &[&str]) {
        for worker in &self.workers {
            worker.rest().wait_states(name, connector, tasks).await;
        }
    }
}

/// Waits until every worker has a connector and a task, which are in this state.
async fn balanced(scene: &Scene, rest: &Rest, state: &str) -> Vec<Value> {
    eventually(ARRIVAL_LIMIT, "a share for every worker", async || {
        let mut statuses = Vec::new();
        for number in 0..3 {
            let name = format!("{}-{number}", scene.sink_name());
            let answer = rest.get(&format!("/connectors/{name}/status")).await;
            let status = answer.clone().json();
            let is_there = status["connector"]["state"] == "RUNNING"
                && status["tasks"].as_array().is_some_and(|it| it.len() == 1)
                && status["tasks"][0]["state"] == state;
            if !is_there {
                return Err(format!("{answer:?}"));
            }
            statuses.push(status);
        }
        let parts = statuses.iter().map(places);
        let (connectors, tasks): (BTreeSet<_>, BTreeSet<_>) = parts.unzip();
        let is_shared = connectors.len() == 3 && tasks.len() == 3;
        is_shared
            .then_some(statuses)
            .ok_or(format!("{connectors:?}, {tasks:?}"))
    })
    .await
}

async fn failed_tasks_are_restarted_from_anywhere(scene: Scene) {
    let trio = Trio::start(&scene, FOLDER, "FAILED").await;
    let (asked, first) = (trio.asked(), trio.connector_of_task());
    let restart = async |end: String, status: u16| {
        let path = format!("/connectors/{end}");
        let answer = asked.send(Method::POST, &path, None).await;
        answer.expect_status(status)
    };

    // Nothing has failed but tasks, and those are not asked for.
    let plan = restart(format!("{first}/restart?onlyFailed=true"), 202).await;
    let plan = plan.json();
    assert_eq!(plan["connector"]["state"], "RUNNING", "{plan}");
    assert_eq!(plan["tasks"][0]["state"], "FAILED", "{plan}");
    // A connector without its tasks.
    restart(format!("{}/restart", trio.connector()), 204).await;
    trio.wait_states(trio.connector(), "RUNNING", &["FAILED"])
        .await;

    std::fs::create_dir(scene.path(FOLDER)).unwrap();
    restart(format!("{first}/tasks/0/restart"), 204).await;
    trio.wait_states(first, "RUNNING", &["RUNNING"]).await;

    let names = trio.statuses.iter().map(|it| it["name"].as_str().unwrap());
    for name in names.filter(|it| *it != first) {
        trio.wait_states(name, "RUNNING", &["FAILED"]).await;
        let flags = "includeTasks=true&onlyFailed=true";
        let plan = restart(format!("{name}/restart?{flags}"), 202).await.json();
        assert_eq!(plan["connector"]["state"], "RUNNING", "{plan}");
        assert_eq!(plan["tasks"][0]["state"], "RESTARTING", "{plan}");
        trio.wait_states(name, "RUNNING", &["RUNNING"]).await;
    }
}

async fn a_connector_is_changed_from_anywhere(scene: Scene) {
    let trio = Trio::start(&scene, "", "RUNNING").await;
    let (asked, name) = (trio.asked(), trio.connector());
    let put = async |end: &str, status: u16| {
        let path = format!("/connectors/{name}/{end}");
        let answer = asked.send(Method::PUT, &path, None).await;
        answer.assert_status(status);
    };
    put("pause", 202).await;
    trio.wait_states(name, "PAUSED", &["PAUSED"]).await;
    put("resume", 202).await;
    trio.wait_states(name, "RUNNING", &["RUNNING"]).await;

    let path = format!("/connectors/{name}/config");
    let patched = asked.patch(&path, &json!({"tasks.max": "2"})).await;
    assert_eq!(
        patched.expect_status(200).json()["config"]["tasks.max"],
        "2"
    );
    trio.wait_states(name, "RUNNING", &["RUNNING", "RUNNING"])
        .await;

    let source = scene.source_name();
    let created = asked
        .put(&format!("/connectors/{source}/config"), &scene.source())
        .await
        .expect_status(201);
    let location = created.headers[LOCATION].to_str().unwrap().to_owned();
    assert_eq!(
        location,
        format!("{}connectors/{source}", trio.workers[2].url())
    );
    let mut config = scene.source();
    config["name"] = source.clone().into();
    assert_eq!(created.json()["config"], config);
    trio.wait_states(&source, "RUNNING", &["RUNNING"]).await;

    scene.append(&numbered(0..10));
    let number = name.rsplit('-').next().unwrap();
    let file = scene.path(&format!("{number}.txt"));
    wait_for_text(ARRIVAL_LIMIT, &file, &numbered(0..10)).await;
    change_offsets(&scene, &trio, name).await;
    put("resume", 202).await;
    // Once all of them, and once those from the seventh on.
    let expected = format!("{}{}", numbered(0..10), numbered(7..10));
    wait_for_text(ARRIVAL_LIMIT, &file, &expected).await;

    asked
        .delete(&format!("/connectors/{name}"))
        .await
        .assert_status(204);
    for worker in &trio.workers {
        let what = format!("{name} gone at {}", worker.url());
        eventually(ARRIVAL_LIMIT, &what, async || {
            let status = worker
                .rest()
                .get(&format!("/connectors/{name}/status"))
                .await;
            (status.status == 404).then_some(()).ok_or(status)
        })
        .await;
        let answer = worker.rest().get(&format!("/connectors/{name}")).await;
        assert_eq!(
            answer.error_message(),
            format!("Connector {name} not found")
        );
    }
}

/// Has the sink stopped and read again from the seventh line on.
async fn change_offsets(scene: &Scene, trio: &Trio, name: &str) {
    let asked = trio.asked();
    let path = format!("/connectors/{name}/offsets");
    let entry = json!({
        "partition": {"kafka_topic": scene.topic(), "kafka_partition": 0},
        "offset": {"kafka_offset": 7},
    });
    let change = json!({"offsets": [entry]});
    let early = asked.patch(&path, &change).await.expect_status(400);
    let text = format!(
        "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the \
         specified connector by issuing a 'PUT' request to the '/connectors/{name}/stop' endpoint"
    );
    assert_eq!(early.error_message(), text);
    let nothing = asked.patch(&path, &json!({"offsets": []})).await;
    assert_eq!(
        (nothing.status, nothing.error_message().as_str()),
        (
            400,
            "Partitions / offsets need to be provided for an alter offsets request"
        )
    );

    let stop = format!("/connectors/{name}/stop");
    let answer = asked.send(Method::PUT, &stop, None).await;
    answer.assert_status(204);
    trio.wait_states(name, "STOPPED", &[]).await;
    let tasks = asked.get(&format!("/connectors/{name}/tasks")).await;
    assert_eq!(tasks.expect_status(200).json(), json!([]));
    let answer = asked.patch(&path, &change).await.expect_status(200);
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(message.contains("altered successfully"), "{message}");
    let offsets = trio.workers[1].rest().get(&path).await.json();
    assert_eq!(
        offsets["offsets"][0]["offset"]["kafka_offset"], 7,
        "{offsets}"
    );
}

async fn what_is_unknown_is_unknown_everywhere(scene: Scene) {
    let leader = member(&scene, "leader").start().await;
    let follower = member(&scene, "follower").start().await;
    const NOT_FOUND: &str = "Connector none not found";
    const UNKNOWN: &str = "Unknown connector: none";
    let offsets = json!({"offsets": [{"partition": {}, "offset": null}]});
    let bodies = [json!({}), offsets];
    let [empty, offsets] = &bodies;
    let cases = [
        ("GET ", None, NOT_FOUND),
        ("GET /config", None, NOT_FOUND),
        ("GET /tasks", None, NOT_FOUND),
        ("GET /offsets", None, NOT_FOUND),
        ("GET /status", None, "No status found for connector none"),
        (
            "GET /tasks/0/status",
            None,
            "No status found for task none-0",
        ),
        ("POST /restart", None, UNKNOWN),
        ("POST /restart?includeTasks=true", None, UNKNOWN),
        ("POST /restart?onlyFailed=true", None, UNKNOWN),
        ("POST /tasks/0/restart", None, UNKNOWN),
        ("PUT /pause", None, "Unknown connector none"),
        ("PUT /resume", None, "Unknown connector none"),
        ("PUT /stop", None, "Unknown connector none"),
        ("PATCH /config", Some(empty), NOT_FOUND),
        ("PATCH /offsets", Some(offsets), NOT_FOUND),
        ("DELETE /offsets", None, NOT_FOUND),
        ("DELETE ", None, NOT_FOUND),
    ];
    for worker in [&leader, &follower] {
        for (request, body, text) in &cases {
            let (method, end) = request.split_once(' ').unwrap();
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let path = format!("/connectors/none{end}");
            let body = body.map(Value::to_string);
            let answer = worker.rest().send(method, &path, body).await;
            assert_eq!(answer.status, 404, "{request}: {answer:?}");
            assert_eq!(answer.error_message(), *text, "{request}");
        }
        let topics = worker.rest().get("/connectors/none/topics").await;
        assert_eq!(
            topics.expect_status(200).json(),
            json!({"none": {"topics": []}})
        );
    }
}
