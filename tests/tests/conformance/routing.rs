//! Paths, methods and types, before any connector is looked at.

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(
    paths_are_found,
    methods_are_told,
    types_are_negotiated,
    names_are_segments,
    names_that_the_reference_cannot_address,
    bodies_that_the_reference_trips_over,
    bodies_have_to_fit,
);

async fn paths_are_found(client: &mut Client<'_>) {
    for path in [
        "/health",
        "/health/",
        "/nothing",
        "/Connectors",
        "/connectors/none",
        "/connectors/none/",
        "/connectors/none;x=1",
        "/connectors/none/config",
        "/connectors/none/status",
        "/connectors/none/tasks",
        "/connectors/none/tasks/0/status",
        "/connectors/none/tasks/-1/status",
        "/connectors/none/tasks/abc/status",
        "/connectors/none/tasks/99999999999/status",
        "/connectors/none/tasks-config",
        "/connectors/none/topics",
        "/connectors/none/offsets",
        "/admin",
        "/admin/loggers/none",
    ] {
        client.call(&format!("GET {path}")).await;
    }
    client
        .deviation("GET /", None, (200, "4.3.1"), (200, "4.3.1"))
        .await;
}

async fn methods_are_told(client: &mut Client<'_>) {
    for request in [
        "DELETE /connectors",
        "PATCH /connectors",
        "POST /",
        "POST /health",
        "POST /connectors/none/pause",
        "PUT /connectors/none/restart",
        "DELETE /connectors/none/config",
        "GET /connectors/none/restart",
        "DELETE /admin/loggers/none",
        "HEAD /health",
        "HEAD /nothing",
        "HEAD /connectors/none",
        "HEAD /connectors/none/pause",
        "OPTIONS /",
        "OPTIONS /health",
        "OPTIONS /nothing",
        "OPTIONS /connectors",
        "OPTIONS /connectors/none",
        "OPTIONS /connectors/none/config",
        "OPTIONS /connectors/none/status",
        "OPTIONS /connectors/none/offsets",
        "OPTIONS /connectors/none/topics",
        "OPTIONS /connectors/none/topics/reset",
        "OPTIONS /connectors/none/tasks",
        "OPTIONS /connectors/none/tasks/0/restart",
        "OPTIONS /connector-plugins/none/config/validate",
        "OPTIONS /admin/loggers/none",
    ] {
        client.call(request).await;
    }
}

async fn types_are_negotiated(client: &mut Client<'_>) {
    for accepted in [
        "application/json",
        "application/*",
        "*/*",
        "text/html, application/json;q=0.5",
        "application/json;q=0",
        "text/plain",
        "garbage",
    ] {
        for path in ["/health", "/connectors/none"] {
            let headers = [("accept", accepted)];
            client.request(&format!("GET {path}"), &headers, None).await;
        }
    }
    for sent in [
        "text/plain",
        "application/vnd.x+json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
    ] {
        let headers = [("content-type", sent)];
        for (request, body) in [
            ("GET /connectors/none", None),
            ("GET /health", None),
            ("PUT /connectors/none/pause", None),
            ("POST /connectors", Some("{\"config\":{}}")),
            ("POST /connectors/none/tasks", Some("[]")),
            ("PUT /connectors/none/fence", Some("x")),
        ] {
            client.request(request, &headers, body).await;
        }
    }
    client
        .request("POST /connectors", &[], Some("{\"config\":{}}"))
        .await;
    let token = [("authorization", "Basic eDp5")];
    client.request("GET /connectors/none", &token, None).await;
}

async fn names_are_segments(client: &mut Client<'_>) {
    for name in [
        "a%20b",
        "%20a",
        "a+b",
        "a%3Bb",
        "%C3%A4",
        "%E2%98%83",
        "a;x=1",
        "a:b",
        "a@b",
        "a,b",
        "a&b",
        "a=b",
        "~a",
        "*",
        "a%3Fb",
        "a%23b",
    ] {
        client.call(&format!("GET /connectors/{name}")).await;
        client.call(&format!("GET /connectors/{name}/status")).await;
        client.call(&format!("PUT /connectors/{name}/pause")).await;
    }
}

/// Its web server refuses them, with a page instead of a body.
async fn names_that_the_reference_cannot_address(client: &mut Client<'_>) {
    for (name, decoded) in [("a%2Fb", "a/b"), ("a%25b", "a%b"), ("a%5Cb", r"a\\b")] {
        let found = format!("Connector {decoded} not found");
        client
            .deviation(
                &format!("GET /connectors/{name}"),
                None,
                (400, "<html>"),
                (404, &found),
            )
            .await;
    }
    client.call("GET /health").await;
}

/// It answers with what its runtime says of a missing object.
async fn bodies_that_the_reference_trips_over(client: &mut Client<'_>) {
    for (request, body) in [
        ("POST /connectors", Some("null")),
        ("POST /connectors", Some("")),
        ("POST /connectors", Some("  ")),
        ("POST /connectors", None),
        ("PUT /connectors/none/config", Some("null")),
        ("PATCH /connectors/none/config", Some("null")),
        ("PATCH /connectors/none/offsets", Some("null")),
        ("PUT /admin/loggers/none", Some("null")),
        (
            "PUT /connector-plugins/FileStreamSource/config/validate",
            Some("null"),
        ),
    ] {
        match body {
            Some(body) => client.raw(request, body).await,
            None => client.call(request).await,
        };
    }
    for body in [
        "{}",
        r#"{"name":"a"}"#,
        r#"{"name":"a","config":null}"#,
        r#"{"name":"#,
        "{} x",
        "{'a':1}",
    ] {
        client.raw("POST /connectors", body).await;
    }
    let offsets = r#"{"offsets":[null]}"#;
    client.raw("PATCH /connectors/none/offsets", offsets).await;
    let tasks = "POST /connectors/none/tasks";
    client.raw(tasks, "").await;
}

async fn bodies_have_to_fit(client: &mut Client<'_>) {
    for body in [
        "[]",
        "1",
        "1.5",
        "true",
        "\"\"",
        "\"a\"",
        r#"{"nam":"a"}"#,
        r#"{"name":{}}"#,
        r#"{"name":"a","config":[]}"#,
        r#"{"name":"a","config":1}"#,
        r#"{"name":"a","config":""}"#,
        r#"{"name":"a","config":"a"}"#,
        r#"{"name":"a","config":" a b\t"}"#,
        "\" a \"",
        r#"{"name":"a","config":{"a":{}}}"#,
        r#"{"name":"a","config":{"a":[1]}}"#,
        r#"{"name":"a","config":{},"initial_state":"asleep"}"#,
        r#"{"name":"a","config":{},"initial_state":3}"#,
        r#"{"name":"a","config":{},"initial_state":{}}"#,
        "\u{feff}{\"name\":\"a\",\"config\":{}}",
        r#"{"name":"a","name":"b","config":{}}"#,
        r#"{"name":1,"config":{}}"#,
        r#"{"name":"a","config":{"name":"b"}}"#,
    ] {
        client.raw("POST /connectors", body).await;
    }
    for body in ["[]", "1", "\"a\"", "\"\"", "{}"] {
        client.raw("PUT /connectors/none/config", body).await;
        client.raw("PATCH /connectors/none/config", body).await;
    }
    for body in [
        "{}",
        "[]",
        r#"{"offsets":null}"#,
        r#"{"offsets":[]}"#,
        r#"{"offsets":{}}"#,
        r#"{"offsets":"a"}"#,
        r#"{"offsets":[1]}"#,
        r#"{"offsets":[[]]}"#,
        r#"{"offsets":["a"]}"#,
        r#"{"a":1}"#,
        r#"{"offsets":[{"a":1}]}"#,
        r#"{"offsets":[{"partition":1}]}"#,
        r#"{"offsets":[{"partition":"a"}]}"#,
        r#"{"offsets":[{"offset":[]}]}"#,
        r#"{"offsets":[{"partition":{}}]}"#,
    ] {
        client.raw("PATCH /connectors/none/offsets", body).await;
    }
}
