//! Levels of loggers.

use serde_json::json;

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(levels_are_set);

async fn levels_are_set(client: &mut Client<'_>) {
    let logger = client.name("log.ger");
    let path = format!("/admin/loggers/{logger}");
    client.call(&format!("GET {path}")).await;
    for class in [
        "Worker",
        "rest.RestServer",
        "standalone.StandaloneHerder",
        "Nothing",
    ] {
        let java = "org.apache.kafka.connect.runtime";
        let path = format!("GET /admin/loggers/{java}.{class}");
        // The tests start the workers with different levels.
        client.only_status(&path, &[], None).await;
    }
    for (query, body) in [
        ("", json!({"level": "debug"})),
        ("", json!({"level": "DEBUG"})),
        ("?scope=cluster", json!({"level": "info"})),
        ("?scope=WORKER", json!({"level": " trace"})),
        ("?scope=nobody", json!({"level": "ALL"})),
        ("", json!({"level": "FATAL"})),
        ("", json!({"level": "off"})),
        ("", json!({"level": "off"})),
        ("", json!({"level": "warn"})),
        ("", json!({"level": "loud"})),
        ("", json!({"level": 1})),
        ("", json!({"level": null})),
        ("", json!({"level": {}})),
        ("", json!({})),
        ("", json!([])),
    ] {
        client.call_with(&format!("PUT {path}{query}"), &body).await;
        client.call(&format!("GET {path}")).await;
    }
    let below = json!({"level": "error"});
    client.call_with(&format!("PUT {path}.below"), &below).await;
    client
        .call_with(&format!("PUT {path}"), &json!({"level": "info"}))
        .await;
    client.call(&format!("GET {path}.below")).await;
    client
        .deviation(
            &format!("PUT {path}"),
            Some(r#"{"level":""}"#),
            (500, "Illegal null or empty Level name."),
            (404, "invalid log level ''."),
        )
        .await;
}
