//! Requests in forms that few clients send: types, paths, parameters and bodies.

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(
    accepted_types_are_weighed,
    sent_types_are_read,
    paths_have_many_forms,
    parameters_are_read_leniently,
    bodies_of_tasks_are_read,
    every_path_knows_its_methods,
    bodies_may_be_large,
);

async fn accepted_types_are_weighed(client: &mut Client<'_>) {
    for accepted in [
        "*",
        "*/json",
        "application",
        "application/json,",
        "application/json;charset=utf-8",
        "application/json; charset=UTF-8",
        "application/json;charset=\"Utf-8\"",
        "application/json;Charset=ISO-8859-1",
        "application/json;charset=US-ASCII",
        "application/json;V=1;charset=UTF-8;v=2",
        "application/json; version=1; q=0.5",
        "text/html, application/json;a=1;q=0.2, application/json;b=2;q=0.9",
        "APPLICATION/JSON",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/vnd.kafka+json",
        "application/*+json",
        "*/*;q=0",
        "text/*",
    ] {
        let headers = [("accept", accepted)];
        for request in [
            "GET /health",
            "GET /connectors/none",
            "GET /nothing",
            "PUT /connectors",
            "PUT /connectors/none/pause",
            "PUT /connectors/none/fence",
            "GET /connector-plugins/none/config",
        ] {
            client.request(request, &headers, None).await;
        }
    }
    for accepted in [
        "*/*",
        "text/html",
        "application/json",
        "application/xml, */*;q=0.1",
        "text/*;q=0.5, image/png;q=0.4",
        "text/html;level=1",
        "garbage",
        "",
    ] {
        let headers = [("accept", accepted)];
        for path in ["/health", "/connectors", "/connectors/none/status"] {
            client
                .request(&format!("OPTIONS {path}"), &headers, None)
                .await;
        }
    }
    let unlike = [("accept", "text/plain"), ("content-type", "text/plain")];
    client.request("GET /connectors/none", &unlike, None).await;
}

async fn sent_types_are_read(client: &mut Client<'_>) {
    for sent in [
        "*/*",
        "application/*",
        "application/*+json",
        "text/json",
        "application/json;",
        "application/json;charset=UTF-16",
        "application/json ; q=1",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let headers = [("content-type", sent)];
        for (request, body) in [
            ("GET /connectors/none", None),
            ("GET /health", None),
            ("GET /nothing", None),
            ("PUT /connectors", None),
            ("PUT /connectors/none/pause", None),
            ("PUT /connectors/none/pause", Some("x")),
            ("DELETE /connectors/none", None),
            ("POST /connectors", Some("{\"config\":{}}")),
            ("PUT /connectors/none/config", Some("{}")),
            ("POST /connectors/none/tasks", Some("[]")),
            ("PUT /connectors/none/fence", None),
            ("OPTIONS /connectors", None),
        ] {
            client.request(request, &headers, body).await;
        }
    }
    for sent in [
        "",
        "json",
        "/json",
        "application/",
        "application/json, text/plain",
        "application/json; x",
    ] {
        // A page of its web server, where ours answers as always.
        let headers = [("content-type", sent)];
        for request in ["GET /nothing", "PUT /connectors", "GET /connectors"] {
            client.only_status(request, &headers, None).await;
        }
    }
}

async fn paths_have_many_forms(client: &mut Client<'_>) {
    for path in [
        "/connectors/...",
        "/connectors/none;a=b",
        "/connectors;x=1/none;y/status;z",
        "/;x",
        "/connectors/none/;x",
        "/connectors/a'b",
        "/connectors/a!b",
        "/connectors/a$b",
        "/connectors/(a)",
        "/connectors/a%2Bb",
        "/connectors/%7Ba%7D",
        "/connectors/%20",
        "/connectors/%20/status",
        "/connectors/none/Status",
        "/connectors/none/tasks/0",
        "/connectors/none/tasks/+1/status",
        "/connectors/none/tasks/-0/status",
        "/connectors/none/tasks/%30/status",
        "/connectors/none/tasks/2147483647/status",
        "/connectors/none/tasks/2147483648/status",
        "/connectors/none/tasks/0x1/status",
        "/connectors/none/tasks/1.0/status",
        "/connectors/none/tasks/%201/status",
        "/connector-plugins/x/",
        "/connector-plugins/x/config/",
        "/connector-plugins/%20/config",
        "/admin/",
        "/admin/loggers/%20",
        "/health/x",
        "/index.html",
    ] {
        for method in ["DELETE", "OPTIONS", "GET"] {
            // Who answers differs, and so does what it is made of.
            if (method, path) != ("GET", "/;x") {
                client.call(&format!("{method} {path}")).await;
            }
        }
    }
}

async fn parameters_are_read_leniently(client: &mut Client<'_>) {
    for query in [
        "",
        "forward=",
        "forward=x",
        "forward=false",
        "forward=true",
        "x",
        "=",
        "%",
        "a=%ff",
    ] {
        for request in [
            "GET /connectors/none",
            "DELETE /connectors/none",
            "PUT /connectors/none/pause",
            "PUT /connectors/none/topics/reset",
        ] {
            client.call(&format!("{request}?{query}")).await;
        }
    }
    for query in [
        "includeTasks=abc&onlyFailed=true",
        "includeTasks=TRUE",
        "onlyFailed=True&x=y",
    ] {
        client
            .call(&format!("POST /connectors/none/restart?{query}"))
            .await;
    }
    for scope in [
        "",
        "=",
        "=worker",
        "=CLUSTER",
        "=x",
        "=cluster&scope=worker",
        "=worker&scope=cluster",
    ] {
        let logger = client.name("scope");
        for body in [r#"{"level":"OFF"}"#, r#"{"level":"nope"}"#, "{}"] {
            client
                .raw(&format!("PUT /admin/loggers/{logger}?scope{scope}"), body)
                .await;
        }
    }
}

async fn bodies_of_tasks_are_read(client: &mut Client<'_>) {
    for body in [
        "[]",
        "{}",
        "[{}]",
        "[1]",
        "[null]",
        "[[]]",
        "[\"a\"]",
        "[\"\"]",
        "1",
        "1.5",
        "\"a\"",
        "\"\"",
        "true",
        "null",
        "[{\"a\":{}}]",
        "[{\"a\":1,\"b\":null}]",
    ] {
        let plain = [("content-type", "text/plain")];
        client
            .request("POST /connectors/none/tasks", &plain, Some(body))
            .await;
    }
    for body in ["\" \"", "true", "1.5", "[{}]"] {
        client.raw("PUT /connectors/none/config", body).await;
        client.raw("PUT /admin/loggers/none", body).await;
    }
}

async fn every_path_knows_its_methods(client: &mut Client<'_>) {
    for path in [
        "/health",
        "/connectors/none",
        "/connectors/none/config",
        "/connectors/none/status",
        "/connectors/none/pause",
        "/connectors/none/resume",
        "/connectors/none/offsets",
        "/connectors/none/topics",
        "/connectors/none/topics/reset",
        "/connectors/none/tasks/0/status",
        "/connectors/none/fence",
        "/connector-plugins/FileStreamSink/config/validate",
        "/admin/loggers/none",
        "/nothing",
    ] {
        for method in [
            "GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "FOO", "get", "LINK",
        ] {
            client.call(&format!("{method} {path}")).await;
        }
    }
}

async fn bodies_may_be_large(client: &mut Client<'_>) {
    for length in [70_000, 1_000_000] {
        let value = "v".repeat(length);
        client
            .raw(
                "POST /connectors",
                &format!(r#"{{"config":{{"a":"{value}"}}}}"#),
            )
            .await;
        client
            .raw("PUT /connectors/none/config", &format!("{{\"{value}\":1"))
            .await;
    }
    let keys: Vec<_> = (0..5_000)
        .map(|it| format!("\"key.{it}\":\"{it}\""))
        .collect();
    let config = keys.join(",");
    client
        .raw("PATCH /connectors/none/config", &format!("{{{config}}}"))
        .await;
    client
        .raw("PUT /admin/loggers/none", &format!("{{{config}}}"))
        .await;
}
