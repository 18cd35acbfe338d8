//! Creating, configuring and deleting connectors.

use serde_json::json;

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(
    a_connector_is_created_shown_and_deleted,
    configurations_are_refused,
    a_configuration_is_put,
    a_configuration_is_patched,
    names_come_back,
    initial_states_count,
    rules_of_topics_are_read_at_the_start,
    task_configurations_are_what_the_user_wrote,
    null_is_taken_for_what_a_connector_needs,
);

async fn a_connector_is_created_shown_and_deleted(client: &mut Client<'_>) {
    let config = client.source("1\n2\n");
    let name = client.name("src");
    let padded = json!({"name": format!("  {name}\t"), "config": config});
    client.call_with("POST /connectors", &padded).await;
    client.wait(&name, "RUNNING", &["RUNNING"]).await;
    client.call_with("POST /connectors", &padded).await;
    let wrong = json!({"name": name, "config": {"connector.class": "FileStreamSource"}});
    client.call_with("POST /connectors", &wrong).await;

    for below in [
        "",
        "/config",
        "/status",
        "/tasks",
        "/tasks/0/status",
        "/tasks/00/status",
        "/tasks/1/status",
        "/tasks/-1/status",
    ] {
        client.call(&format!("GET /connectors/{name}{below}")).await;
        client
            .call(&format!("GET /connectors/{name}{below}/"))
            .await;
    }
    client
        .call_with(&format!("POST /connectors/{name}/tasks"), &json!([]))
        .await;
    client.call(&format!("PUT /connectors/{name}/fence")).await;
    client.call(&format!("DELETE /connectors/{name}")).await;
    client.call(&format!("DELETE /connectors/{name}")).await;
    client.call(&format!("GET /connectors/{name}/status")).await;
    client.call(&format!("GET /connectors/{name}/config")).await;
}

async fn configurations_are_refused(client: &mut Client<'_>) {
    let name = client.name("bad");
    let source = client.source("");
    let changed = |key: &str, value: serde_json::Value| {
        let mut config = source.clone();
        config[key] = value;
        config
    };
    for config in [
        json!({}),
        json!({"connector.class": null}),
        json!({"connector.class": "FileStreamSource"}),
        json!({"connector.class": "FileStreamSink"}),
        changed("name", json!("somebody-else")),
        changed("tasks.max", json!("abc")),
        changed("tasks.max", json!(0)),
        changed("tasks.max", json!(null)),
        changed("unknown", json!(null)),
        changed("connector.plugin.version", json!("[1.0")),
        changed("transforms", json!("a")),
        changed("producer.override.batch.size", json!("x")),
        changed("errors.tolerance", json!("some")),
    ] {
        let body = json!({"name": name, "config": config});
        client.call_with("POST /connectors", &body).await;
        client
            .call_with(&format!("PUT /connectors/{name}/config"), &config)
            .await;
    }
    for name in ["", "  ", "a\tb", "a\u{1}b\u{85}c"] {
        let body = json!({"name": name, "config": source});
        client.call_with("POST /connectors", &body).await;
    }
    // Asked a second time for a version or a class the reference answers from a memory of failures.
    let old = changed("connector.plugin.version", json!("1.1"));
    client
        .call_with("POST /connectors", &json!({"name": name, "config": old}))
        .await;
    let unknown = json!({"name": name, "config": {"connector.class": client.name("Nope")}});
    client.call_with("POST /connectors", &unknown).await;
    client.call(&format!("GET /connectors/{name}")).await;
}

async fn a_configuration_is_put(client: &mut Client<'_>) {
    let name = client.name("put");
    let path = format!("PUT /connectors/{name}/config");
    let mut config = client.source("1\n");
    client.call_with(&path, &config).await;
    client.wait(&name, "RUNNING", &["RUNNING"]).await;
    client.call_with(&path, &config).await;
    config["extra.number"] = json!(1.50);
    config["extra.switch"] = json!(true);
    config["name"] = json!(null);
    client.call_with(&path, &config).await;
    config["name"] = json!(client.name("other"));
    client.call_with(&path, &config).await;
    client.call(&format!("GET /connectors/{name}/config")).await;
    client.call(&format!("DELETE /connectors/{name}")).await;
}

async fn a_configuration_is_patched(client: &mut Client<'_>) {
    let config = client.source("1\n");
    client.create_running("patch", &config).await;
    let name = client.name("patch");
    let path = format!("PATCH /connectors/{name}/config");
    for patch in [
        json!({}),
        json!({"batch.size": "7", "extra": 1}),
        json!({"batch.size": null, "unknown": null}),
        json!({"batch.size": "x"}),
        json!({"name": null}),
        json!({"name": client.name("other")}),
        json!({"name": name}),
    ] {
        client.call_with(&path, &patch).await;
    }
    client.call(&format!("GET /connectors/{name}")).await;
    client.call(&format!("DELETE /connectors/{name}")).await;
    client.call_with(&path, &json!({})).await;
}

async fn names_come_back(client: &mut Client<'_>) {
    let config = client.source("");
    for (name, address) in [
        ("a b", "a%20b"),
        ("a+b@c", "a+b@c"),
        ("ä☃", "%C3%A4%E2%98%83"),
        ("a?b#c", "a%3Fb%23c"),
    ] {
        let body = json!({"name": client.name(name), "config": config});
        client.call_with("POST /connectors", &body).await;
        let address = client.name(address);
        client
            .call(&format!("GET /connectors/{address}/config"))
            .await;
        client.call(&format!("DELETE /connectors/{address}")).await;
    }
}

async fn initial_states_count(client: &mut Client<'_>) {
    let config = client.source("");
    for state in ["RUNNING", "paused", "Stopped"] {
        let name = client.name(state);
        let body = json!({"name": name, "config": config, "initial_state": state});
        client.call_with("POST /connectors", &body).await;
        let (connector, tasks): (_, &[&str]) = match state {
            "RUNNING" => ("RUNNING", &["RUNNING"]),
            "paused" => ("PAUSED", &[]),
            _ => ("STOPPED", &[]),
        };
        client.wait(&name, connector, tasks).await;
        client.call(&format!("GET /connectors/{name}/status")).await;
        client.call(&format!("GET /connectors/{name}/tasks")).await;
        client.call(&format!("PUT /connectors/{name}/resume")).await;
        client.wait(&name, "RUNNING", &["RUNNING"]).await;
        client.call(&format!("DELETE /connectors/{name}")).await;
    }
}

/// They are no part of what is validated: the connector is there, and has failed.
async fn rules_of_topics_are_read_at_the_start(client: &mut Client<'_>) {
    let name = client.name("rules");
    for (replication, partitions) in [("0", "1"), ("1", "-5"), ("1", "x")] {
        let mut config = client.source("");
        config["topic.creation.default.replication.factor"] = json!(replication);
        config["topic.creation.default.partitions"] = json!(partitions);
        let body = json!({"name": name, "config": config});
        client.call_with("POST /connectors", &body).await;
        client.call(&format!("GET /connectors/{name}/status")).await;
        client.call(&format!("GET /connectors/{name}/tasks")).await;
        client.call(&format!("DELETE /connectors/{name}")).await;
    }
}

/// Both show a connector that has failed; ours is created with the status that a distributed worker
/// of the reference answers, without an error.
async fn null_is_taken_for_what_a_connector_needs(client: &mut Client<'_>) {
    let name = client.name("null");
    let mut config = client.source("");
    config["topic"] = json!(null);
    client
        .call_with(
            "PUT /connector-plugins/FileStreamSource/config/validate",
            &config,
        )
        .await;
    let body = json!({"name": name, "config": config}).to_string();
    for (request, body, status) in [
        ("POST /connectors".to_owned(), body, 201),
        (
            format!("PUT /connectors/{name}/config"),
            config.to_string(),
            200,
        ),
    ] {
        client
            .deviation(
                &request,
                Some(&body),
                (
                    500,
                    "Non-string value found in original settings for key topic: null",
                ),
                (status, r#""topic":null"#),
            )
            .await;
        client.wait(&name, "FAILED", &[]).await;
        client.call(&format!("GET /connectors/{name}")).await;
        client
            .only_status(&format!("POST /connectors/{name}/restart"), &[], None)
            .await;
    }
    client.call(&format!("DELETE /connectors/{name}")).await;
}

/// A task is given what the user wrote: to the letter, with keys that nobody knows and without
/// those that were left out.
async fn task_configurations_are_what_the_user_wrote(client: &mut Client<'_>) {
    let source = (
        client.source(""),
        json!({"batch.size": " 100 ", "TOPIC": "x"}),
        &["RUNNING"][..],
    );
    let sink = (client.sink(), json!({"Topics": "x"}), &["RUNNING"; 2][..]);
    for (mut config, changes, tasks) in [source, sink] {
        for (key, value) in changes.as_object().into_iter().flatten() {
            config[key] = value.clone();
        }
        config["unknown.key"] = json!(" as it is ");
        config["tasks.max"] = json!(" 2 ");
        let name = client.name(if tasks.len() == 1 { "source" } else { "sink" });
        client
            .call_with(&format!("PUT /connectors/{name}/config"), &config)
            .await;
        client.wait(&name, "RUNNING", tasks).await;
        client.call(&format!("GET /connectors/{name}/config")).await;
        client.call(&format!("GET /connectors/{name}/tasks")).await;
        client.call(&format!("DELETE /connectors/{name}")).await;
    }
}
