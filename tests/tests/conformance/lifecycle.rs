//! Pausing, stopping and restarting.

use serde_json::json;

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(
    targets_are_followed,
    restarts_are_planned,
    lists_are_expanded,
    changes_back_to_back_end_running,
    what_does_not_exist_cannot_be_changed,
    topics_are_remembered,
);

async fn targets_are_followed(client: &mut Client<'_>) {
    let config = client.source("1\n");
    client.create_running("src", &config).await;
    let name = client.name("src");
    for (verb, state, tasks) in [
        ("pause", "PAUSED", &["PAUSED"][..]),
        ("pause", "PAUSED", &["PAUSED"]),
        ("resume", "RUNNING", &["RUNNING"]),
        ("resume", "RUNNING", &["RUNNING"]),
        ("stop", "STOPPED", &[]),
        ("stop", "STOPPED", &[]),
        ("resume", "RUNNING", &["RUNNING"]),
    ] {
        client.call(&format!("PUT /connectors/{name}/{verb}")).await;
        client.wait(&name, state, tasks).await;
        client.call(&format!("GET /connectors/{name}/status")).await;
        client.call(&format!("GET /connectors/{name}/tasks")).await;
    }
    let with_body = json!({});
    client
        .call_with(&format!("PUT /connectors/{name}/pause"), &with_body)
        .await;
    client.call(&format!("DELETE /connectors/{name}")).await;
}

async fn restarts_are_planned(client: &mut Client<'_>) {
    let config = client.source("1\n");
    client.create_running("src", &config).await;
    let name = client.name("src");
    for restart in [
        "restart",
        "tasks/0/restart",
        "restart?includeTasks=true",
        "restart?includeTasks=True&onlyFailed=TRUE",
        "restart?onlyFailed=true",
        "restart?includeTasks=yes&onlyFailed=",
        "tasks/abc/restart",
    ] {
        client
            .call(&format!("POST /connectors/{name}/{restart}"))
            .await;
        client.wait(&name, "RUNNING", &["RUNNING"]).await;
    }
    client.call(&format!("PUT /connectors/{name}/stop")).await;
    client
        .call(&format!("POST /connectors/{name}/tasks/7/restart"))
        .await;
    client.call(&format!("DELETE /connectors/{name}")).await;
}

/// As watch-dogs do it: nobody waits for what was asked for before.
async fn changes_back_to_back_end_running(client: &mut Client<'_>) {
    let config = client.source("1\n");
    client.create_running("dog", &config).await;
    let name = client.name("dog");
    let path = format!("/connectors/{name}");
    for request in ["PUT {}/pause", "POST {}/tasks/0/restart", "PUT {}/resume"] {
        client.call(&request.replace("{}", &path)).await;
    }
    client.wait(&name, "RUNNING", &["RUNNING"]).await;
    client.call(&format!("PUT {path}/pause")).await;
    client.wait(&name, "PAUSED", &["PAUSED"]).await;
    for request in [
        "PUT {}/resume",
        "POST {}/restart",
        "POST {}/tasks/0/restart",
    ] {
        client.call(&request.replace("{}", &path)).await;
    }
    client.wait(&name, "RUNNING", &["RUNNING"]).await;
    client.call(&format!("GET {path}/status")).await;
    client.call(&format!("DELETE {path}")).await;
}

async fn lists_are_expanded(client: &mut Client<'_>) {
    let config = client.source("1\n");
    client.create_running("src", &config).await;
    let name = client.name("src");
    // Other tests have connectors, too: what is answered of this one is looked at.
    for query in ["expand=status", "expand=info", "expand=status&expand=info"] {
        client
            .wait_for(&format!("/connectors?{query}"), &name)
            .await;
    }
    client
        .wait_for("/connectors?expand", &format!("\"{name}\":{{}}"))
        .await;
    client
        .wait_for(
            "/connectors?expand=status,info",
            &format!("\"{name}\":{{}}"),
        )
        .await;
    client
        .wait_for("/connectors?EXPAND=status", &format!("\"{name}\""))
        .await;
    client.call(&format!("DELETE /connectors/{name}")).await;
}

async fn what_does_not_exist_cannot_be_changed(client: &mut Client<'_>) {
    for request in [
        "PUT /connectors/none/pause",
        "PUT /connectors/none/resume",
        "POST /connectors/none/restart?includeTasks=true",
        "POST /connectors/none/restart?onlyFailed=true",
        "DELETE /connectors/none",
        "DELETE /connectors/none/offsets",
        "PUT /connectors/none/topics/reset",
    ] {
        client.call(request).await;
    }
    for (request, reference, ours) in [
        (
            "PUT /connectors/none/stop",
            "No connector `none` configured",
            "Unknown connector none",
        ),
        (
            "POST /connectors/none/restart",
            "Cannot invoke",
            "Connector none not found",
        ),
        (
            "POST /connectors/none/tasks/0/restart",
            "not a recognizable type",
            "Connector none not found",
        ),
    ] {
        client
            .deviation(request, None, (500, reference), (404, ours))
            .await;
    }
}

async fn topics_are_remembered(client: &mut Client<'_>) {
    let (source, sink) = (client.source("1\n2\n"), client.sink());
    client.create_running("src", &source).await;
    client.create_running("dst", &sink).await;
    for name in ["src", "dst"] {
        let path = format!("/connectors/{}/topics", client.name(name));
        let topic = client.name("topic");
        client.wait_for(&path, &topic).await;
        client.call(&format!("GET {path}")).await;
        client.call(&format!("PUT {path}/reset")).await;
        client.call(&format!("GET {path}")).await;
    }
    for name in ["src", "dst"] {
        let name = client.name(name);
        client.call(&format!("DELETE /connectors/{name}")).await;
    }
}
