//! The life of connectors, told by a client of the REST API.

use connect_tests::eventually::eventually;
use connect_tests::rest::Rest;
use connect_tests::topic;
use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers, text};

on_both_brokers!(
    a_worker_says_who_it_is,
    a_connector_is_created_and_described,
    a_configuration_is_replaced,
    a_paused_connector_keeps_lines_until_it_is_resumed,
    a_restart_keeps_everything_in_place,
    a_deleted_connector_is_gone_but_not_its_offsets,
    a_configuration_is_validated,
    a_trailing_slash_changes_nothing,
    what_does_not_exist_is_not_found,
);

const SOURCE_CLASS: &str = "org.apache.kafka.connect.file.FileStreamSourceConnector";
const SINK_CLASS: &str = "org.apache.kafka.connect.file.FileStreamSinkConnector";

async fn a_worker_says_who_it_is(scene: Scene) {
    let worker = scene.worker().start().await;
    let rest = worker.rest();

    let info = rest.get("/").await.expect_status(200).json();
    let keys: Vec<_> = info.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["version", "commit", "kafka_cluster_id"]);
    assert!(info["kafka_cluster_id"].is_string(), "{info}");

    let health = rest.get("/health").await.expect_status(200).json();
    assert_eq!(health["status"], "healthy");

    assert_eq!(
        rest.get("/connectors").await.expect_status(200).json(),
        json!([])
    );

    let plugins = rest
        .get("/connector-plugins")
        .await
        .expect_status(200)
        .json();
    let listed = plugins.as_array().expect("a list").iter();
    let listed: Vec<_> = listed.map(|it| (&it["class"], &it["type"])).collect();
    assert!(
        listed.contains(&(&json!(SINK_CLASS), &json!("sink"))),
        "{plugins}"
    );
    assert!(
        listed.contains(&(&json!(SOURCE_CLASS), &json!("source"))),
        "{plugins}"
    );
    assert!(
        listed
            .iter()
            .all(|(_, kind)| *kind == "sink" || *kind == "source"),
        "{plugins}"
    );
}

async fn a_connector_is_created_and_described(scene: Scene) {
    let worker = scene.worker().start().await;
    let rest = worker.rest();
    let (name, config) = (scene.source_name(), scene.source());
    let mut full = config.clone();
    full["name"] = json!(name);
    let task = json!({"connector": name, "task": 0});

    let created = rest
        .post("/connectors", &json!({"name": name, "config": config}))
        .await;

    let info = json!({"name": name, "config": full, "tasks": [task], "type": "source"});
    assert_eq!(created.expect_status(201).json(), info);
    rest.wait_running(&name, 1).await;
    let path = format!("/connectors/{name}");
    let get = async |path: String| rest.get(&path).await.expect_status(200).json();
    assert_eq!(get("/connectors".to_owned()).await, json!([name]));
    assert_eq!(get(path.clone()).await, info);
    assert_eq!(get(format!("{path}/config")).await, full);

    let tasks = get(format!("{path}/tasks")).await;
    assert_eq!(tasks[0]["id"], task);
    assert_eq!(tasks[0]["config"]["topic"], scene.topic());

    let status = get(format!("{path}/status")).await;
    assert_eq!(
        (&status["name"], &status["type"]),
        (&json!(name), &json!("source"))
    );
    let worker_id = worker
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/');
    for part in [&status["connector"], &status["tasks"][0]] {
        assert_eq!(part["state"], "RUNNING");
        assert_eq!(part["worker_id"], worker_id);
        assert!(part["version"].is_string(), "{part}");
    }
    assert_eq!(
        get(format!("{path}/tasks/0/status")).await,
        status["tasks"][0]
    );

    let expanded = get("/connectors?expand=info&expand=status".to_owned()).await;
    assert_eq!(expanded, json!({&name: {"info": info, "status": status}}));

    let again = rest
        .post("/connectors", &json!({"name": name, "config": config}))
        .await;
    again.assert_status(409);
    assert_eq!(
        again.error_message(),
        format!("Connector {name} already exists")
    );
}

async fn a_configuration_is_replaced(scene: Scene) {
    scene.append("line\n");
    let worker = scene.worker().start().await;
    let rest = worker.rest();
    let path = format!("/connectors/{}/config", scene.source_name());

    let created = rest.put(&path, &scene.source()).await.expect_status(201);
    let location = created
        .headers
        .get("location")
        .expect("a new connector has a place");
    let place = format!("{}connectors/{}", worker.url(), scene.source_name());
    assert_eq!(location.to_str().expect("an address is text"), place);
    rest.create(&scene.sink_name(), &scene.sink()).await;
    scene.wait_for_sink("line\n").await;

    // Another topic: nothing of the old lines goes there, the offset belongs to the file.
    let second_topic = format!("{}-2", scene.topic());
    let mut config = scene.source();
    config["topic"] = json!(second_topic);
    let updated = rest.put(&path, &config).await.expect_status(200).json();
    assert_eq!(updated["config"]["topic"], second_topic);
    rest.wait_running(&scene.source_name(), 1).await;
    scene.append("another line\n");

    eventually(ARRIVAL_LIMIT, "the line in the second topic", async || {
        let values = topic::values(scene.bootstrap(), &second_topic).await;
        if values == ["another line"] {
            Ok(())
        } else {
            Err(values)
        }
    })
    .await;
    assert_eq!(scene.topic_values().await, ["line"]);

    config["name"] = json!("somebody-else");
    let refused = rest
        .put(&path, &config)
        .await
        .expect_status(400)
        .error_message();
    assert!(refused.contains("somebody-else"), "{refused}");
}

async fn a_paused_connector_keeps_lines_until_it_is_resumed(scene: Scene) {
    scene.append("before\n");
    let worker = scene.worker().start().await;
    scene.create_both(&worker).await;
    scene.wait_for_sink("before\n").await;
    let rest = worker.rest();
    let (source, sink) = (scene.source_name(), scene.sink_name());

    for name in [&source, &sink] {
        change(rest, Method::PUT, &format!("/connectors/{name}/pause"), 202).await;
        rest.wait_states(name, "PAUSED", &["PAUSED"]).await;
    }
    scene.append("meanwhile\n");
    change(
        rest,
        Method::PUT,
        &format!("/connectors/{source}/resume"),
        202,
    )
    .await;
    eventually(ARRIVAL_LIMIT, "the line in the topic", async || {
        let values = scene.topic_values().await;
        if values == ["before", "meanwhile"] {
            Ok(())
        } else {
            Err(values)
        }
    })
    .await;
    // The line is there for a sink that runs, so it is the pause that keeps it back.
    rest.create(&format!("{sink}-2"), &second_sink(&scene))
        .await;
    let second_file = scene.path("second.txt");
    connect_tests::lines::wait_for_text(ARRIVAL_LIMIT, &second_file, "before\nmeanwhile\n").await;
    assert_eq!(
        std::fs::read_to_string(scene.sink_file()).unwrap(),
        "before\n"
    );

    change(
        rest,
        Method::PUT,
        &format!("/connectors/{sink}/resume"),
        202,
    )
    .await;

    scene.wait_for_sink("before\nmeanwhile\n").await;
    rest.wait_running(&source, 1).await;
    rest.wait_running(&sink, 1).await;
}

fn second_sink(scene: &Scene) -> Value {
    let mut config = scene.sink();
    config["file"] = json!(text(&scene.path("second.txt")));
    config
}

async fn a_restart_keeps_everything_in_place(scene: Scene) {
    scene.append("1\n");
    let worker = scene.worker().start().await;
    scene.create_both(&worker).await;
    scene.wait_for_sink("1\n").await;
    let rest = worker.rest();

    let mut expected = "1\n".to_owned();
    for name in [scene.source_name(), scene.sink_name()] {
        for (restart, status) in [
            ("restart", 204),
            ("tasks/0/restart", 204),
            ("restart?includeTasks=true", 202),
        ] {
            let answer = change(
                rest,
                Method::POST,
                &format!("/connectors/{name}/{restart}"),
                status,
            )
            .await;
            if let Some(plan) = answer {
                assert_eq!(plan["connector"]["state"], "RESTARTING", "{plan}");
                assert_eq!(plan["tasks"][0]["state"], "RESTARTING", "{plan}");
            }
            rest.wait_running(&name, 1).await;
            expected.push_str("more\n");
            scene.append("more\n");
            scene.wait_for_sink(&expected).await;
        }
    }

    let only_failed = format!(
        "/connectors/{}/restart?includeTasks=True&onlyFailed=TRUE",
        scene.sink_name()
    );
    let plan = change(rest, Method::POST, &only_failed, 202)
        .await
        .expect("the plan");
    assert_eq!(plan["connector"]["state"], "RUNNING", "{plan}");
    assert_eq!(plan["tasks"][0]["state"], "RUNNING", "{plan}");
}

async fn a_deleted_connector_is_gone_but_not_its_offsets(scene: Scene) {
    scene.append("1\n");
    let worker = scene.worker().start().await;
    scene.create_both(&worker).await;
    scene.wait_for_sink("1\n").await;
    let rest = worker.rest();

    for name in [scene.source_name(), scene.sink_name()] {
        let path = format!("/connectors/{name}");
        change(rest, Method::DELETE, &path, 204).await;
        for (path, message) in [
            (path.clone(), format!("Connector {name} not found")),
            (
                format!("{path}/status"),
                format!("No status found for connector {name}"),
            ),
        ] {
            assert_eq!(
                rest.get(&path).await.expect_status(404).error_message(),
                message
            );
        }
        rest.delete(&path).await.assert_status(404);
    }
    assert_eq!(rest.get("/connectors").await.json(), json!([]));

    scene.append("2\n");
    scene.create_both(&worker).await;

    scene.wait_for_sink("1\n2\n").await;
    assert_eq!(scene.topic_values().await, ["1", "2"]);
}

async fn a_configuration_is_validated(scene: Scene) {
    let worker = scene.worker().start().await;
    let validate = async |config: &Value| {
        let path = "/connector-plugins/FileStreamSource/config/validate";
        worker
            .rest()
            .put(path, config)
            .await
            .expect_status(200)
            .json()
    };
    let mut good = scene.source();
    good["name"] = json!(scene.source_name());

    let answer = validate(&good).await;
    assert_eq!(
        (&answer["name"], &answer["error_count"]),
        (&json!("FileStreamSource"), &json!(0))
    );
    assert_eq!(value_of(&answer, "batch.size")["value"], "2000");

    let mut bad = good.clone();
    bad.as_object_mut().expect("an object").remove("topic");
    bad["batch.size"] = json!("many");
    let answer = validate(&bad).await;
    assert_eq!(answer["error_count"], 2, "{answer}");
    for (key, message) in [
        (
            "topic",
            "Missing required configuration \"topic\" which has no default value.",
        ),
        (
            "batch.size",
            "Invalid value many for configuration batch.size: Not a number of type INT",
        ),
    ] {
        assert_eq!(value_of(&answer, key)["errors"], json!([message]));
    }
    assert_eq!(worker.rest().get("/connectors").await.json(), json!([]));
}

fn value_of<'a>(answer: &'a Value, key: &str) -> &'a Value {
    let mut values = answer["configs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["value"]);
    values
        .find(|value| value["name"] == key)
        .expect("every key is answered")
}

async fn a_trailing_slash_changes_nothing(scene: Scene) {
    let worker = scene.worker().start().await;
    let rest = worker.rest();
    let name = scene.source_name();
    let body = json!({"name": name, "config": scene.source()}).to_string();
    rest.send(Method::POST, "/connectors/", Some(body))
        .await
        .assert_status(201);
    rest.wait_running(&name, 1).await;

    for path in [
        "/health".to_owned(),
        "/connectors".to_owned(),
        format!("/connectors/{name}"),
        format!("/connectors/{name}/config"),
        format!("/connectors/{name}/status"),
        format!("/connectors/{name}/tasks"),
        format!("/connectors/{name}/tasks/0/status"),
        "/connector-plugins".to_owned(),
    ] {
        let plain = rest.get(&path).await.expect_status(200);
        let slashed = rest.get(&format!("{path}/")).await.expect_status(200);
        assert_eq!(plain.json(), slashed.json(), "{path}");
    }
    for (method, path, status) in [
        (Method::PUT, "pause/", 202),
        (Method::PUT, "resume/", 202),
        (Method::POST, "restart/", 204),
        (Method::POST, "tasks/0/restart/", 204),
        (Method::DELETE, "", 204),
    ] {
        change(rest, method, &format!("/connectors/{name}/{path}"), status).await;
    }
}

async fn what_does_not_exist_is_not_found(scene: Scene) {
    let worker = scene.worker().start().await;
    let rest = worker.rest();

    for (method, path) in [
        (Method::GET, "/nothing"),
        (Method::GET, "/connectors/none"),
        (Method::GET, "/connectors/none/config"),
        (Method::GET, "/connectors/none/status"),
        (Method::GET, "/connectors/none/tasks"),
        (Method::GET, "/connectors/none/tasks/0/status"),
        (Method::GET, "/connectors/none/tasks/x/status"),
        (Method::PUT, "/connectors/none/pause"),
        (Method::PUT, "/connectors/none/resume"),
        (Method::POST, "/connectors/none/restart"),
        (Method::POST, "/connectors/none/restart?includeTasks=true"),
        (Method::POST, "/connectors/none/tasks/0/restart"),
        (Method::DELETE, "/connectors/none"),
    ] {
        let answer = rest.send(method.clone(), path, None).await;
        assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
        assert!(
            !answer.error_message().is_empty(),
            "{method} {path}: {answer:?}"
        );
    }
    let wrong_method = rest
        .send(Method::DELETE, "/connectors", None)
        .await
        .expect_status(405);
    assert_eq!(wrong_method.error_message(), "HTTP 405 Method Not Allowed");
}

/// Sends a request without a body; returns the answer's, if there is one.
async fn change(rest: &Rest, method: Method, path: &str, status: u16) -> Option<Value> {
    let answer = rest.send(method, path, None).await.expect_status(status);
    (!answer.text.is_empty()).then(|| answer.json())
}
