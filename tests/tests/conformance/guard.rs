//! A worker that wants passwords, and has much switched off.

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(
    Guarded:
    passwords_are_wanted,
    whoever_is_lost_is_told_so_at_first,
    what_is_switched_off_is_not_there,
);

/// Names with their passwords, and what is none.
const ME: &str = "Basic bWU6cGFzczp3b3Jk";
const YOU: &str = "basic eW91Og==";
const WRONG: [&str; 6] = [
    "Basic bWU6cGFzcw==",
    "Basic bWU=",
    "Basic OnBhc3M6d29yZA==",
    "Basic",
    "Bearer bWU6cGFzczp3b3Jk",
    "",
];

async fn passwords_are_wanted(client: &mut Client<'_>) {
    for path in [
        "/",
        "/health",
        "/connectors",
        "/connectors/none",
        "/connector-plugins/none/config",
    ] {
        let request = format!("GET {path}");
        // The version says which program answers.
        if path != "/" {
            client
                .request(&request, &[("authorization", ME)], None)
                .await;
            client
                .request(&request, &[("authorization", YOU)], None)
                .await;
        }
        for wrong in WRONG {
            client
                .request(&request, &[("authorization", wrong)], None)
                .await;
        }
        client.call(&request).await;
        client.call(&format!("HEAD {path}")).await;
    }
    client.raw("POST /connectors", "{").await;
    client.call("DELETE /connectors/none").await;
    client.call("PUT /connectors/none/pause").await;
}

async fn whoever_is_lost_is_told_so_at_first(client: &mut Client<'_>) {
    for request in [
        "GET /nothing",
        "DELETE /connectors",
        "GET /connectors/none/tasks",
        "POST /connectors/none/tasks/0/restart",
        "PUT /connectors/none/fence",
        "PUT /connectors/none/fence/",
        "GET /connectors/none/fence",
    ] {
        client.call(request).await;
        let page = [("origin", "http://a.b")];
        client.request(request, &page, None).await;
    }
    client.raw("POST /connectors/none/tasks", "[]").await;
    let plain = [("accept", "text/plain")];
    client.request("GET /connectors", &plain, None).await;
    let plain = [("content-type", "text/plain")];
    client
        .request("PUT /connectors/none/stop", &plain, None)
        .await;
}

async fn what_is_switched_off_is_not_there(client: &mut Client<'_>) {
    for request in [
        "GET /admin/loggers",
        "PUT /admin/loggers/root",
        "OPTIONS /admin/loggers",
        "GET /connectors/none/topics",
        "PUT /connectors/none/topics/reset",
    ] {
        client
            .request(request, &[("authorization", ME)], None)
            .await;
        client.call(request).await;
    }
    for origin in ["http://a.b", "null", "anything at all"] {
        let preflight = [
            ("origin", origin),
            ("access-control-request-method", "DELETE"),
        ];
        client.request("OPTIONS /nothing", &preflight, None).await;
        let page = [("origin", origin), ("authorization", ME)];
        client.request("GET /connectors", &page, None).await;
        client.request("GET /connectors", &page[..1], None).await;
    }
}
