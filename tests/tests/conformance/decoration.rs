//! What settings add to answers: pages of other origins, more headers, listeners of administrators.

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(
    Decorated:
    pages_of_other_origins_are_told,
    headers_are_added_to_every_answer,
    administrators_have_listeners_of_their_own,
);

const ASKING: &str = "access-control-request-method";

async fn pages_of_other_origins_are_told(client: &mut Client<'_>) {
    for origin in [
        "http://a.b",
        "HTTP://A.B",
        "http://a.b.evil",
        "http://aXb",
        "http://c",
        "https://c.d:8443",
        "null",
        "",
    ] {
        let page = [("origin", origin)];
        for request in [
            "GET /health",
            "GET /connectors",
            "HEAD /connectors",
            "GET /connectors/none",
            "GET /nothing",
            "PUT /connectors",
            "OPTIONS /connectors",
            "POST /connectors/none/restart?includeTasks=true",
        ] {
            client.request(request, &page, None).await;
        }
        for path in ["/connectors", "/nothing", "/connectors/none/config"] {
            for method in ["PUT", "GET", "NONE"] {
                let preflight = [
                    ("origin", origin),
                    (ASKING, method),
                    ("access-control-request-headers", "content-type,x-mine"),
                ];
                client
                    .request(&format!("OPTIONS {path}"), &preflight, None)
                    .await;
            }
        }
    }
    client
        .request("OPTIONS /connectors", &[(ASKING, "PUT")], None)
        .await;
    let unlike = [("origin", "http://a.b"), ("accept", "text/plain")];
    client.request("GET /connectors", &unlike, None).await;
    let unlike = [("origin", "http://a.b"), ("content-type", "text/plain")];
    client.request("GET /connectors", &unlike, None).await;
}

async fn headers_are_added_to_every_answer(client: &mut Client<'_>) {
    for request in [
        "GET /health",
        "HEAD /health",
        "GET /connectors/none",
        "GET /nothing",
        "PATCH /connectors",
        "OPTIONS /connectors/none",
        "DELETE /connectors/none",
    ] {
        client.call(request).await;
    }
}

async fn administrators_have_listeners_of_their_own(client: &mut Client<'_>) {
    for path in [
        "/admin/loggers",
        "/admin/loggers/",
        "/admin/loggers/root",
        "/connectors",
        "/health",
        "/",
        "/nothing",
    ] {
        for method in ["GET", "PUT", "OPTIONS", "DELETE"] {
            // Every program has loggers of its own, and a body is expected of whoever sets one.
            let is_of_program =
                path.starts_with("/admin/loggers") && ["GET", "PUT"].contains(&method);
            if !is_of_program {
                client.admin(&format!("{method} {path}"), None).await;
            }
            if path.starts_with("/admin") {
                client.call(&format!("{method} {path}")).await;
            }
        }
    }
    let logger = client.name("log.ger");
    let level = r#"{"level":"debug"}"#;
    client
        .admin(&format!("PUT /admin/loggers/{logger}"), Some(level))
        .await;
    client
        .admin(&format!("GET /admin/loggers/{logger}"), None)
        .await;
    client
        .raw(&format!("PUT /admin/loggers/{logger}"), level)
        .await;
}
