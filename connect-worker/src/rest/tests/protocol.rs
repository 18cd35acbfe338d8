//! Methods, types and bodies that are not as they should be, and the worker itself.

use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE};

use super::*;

const CREATE: &str = "org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest";

#[tokio::test]
async fn the_worker_tells_who_it_is() {
    let rest = Rest::start();

    let version = env!("CARGO_PKG_VERSION");
    let info = format!(
        r#"{{"version":"4.3.1","commit":"connect-worker-{version}","kafka_cluster_id":"kafka-1"}}"#
    );
    rest.check("GET /", "", 200, &info).await;
}

#[tokio::test(start_paused = true)]
async fn health_follows_the_start() {
    let rest = Rest::start();
    let healthy = concat!(
        r#"{"status":"healthy","#,
        r#""message":"Worker has completed startup and is ready to handle requests."}"#
    );
    let starting = r#"{"status":"starting","message":"Worker is still starting up."}"#;

    rest.check("GET /health/", "", 200, healthy).await;
    rest.ready.send_replace(false);
    rest.check("GET /health", "", 503, starting).await;
}

#[tokio::test]
async fn health_fails_when_the_herder_has_ended() {
    let mut rest = Rest::start();
    rest._herder.shutdown().await;

    rest.check_error("GET /health", "", 500, "Worker is shutting down")
        .await;
    rest.check_error("GET /connectors", "", 500, "Worker is shutting down")
        .await;
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let rest = Rest::start();

    for line in ["GET /nope", "GET /connectors/src/", "GET /Connectors"] {
        let answer = rest.call(line, "").await;
        let is_known = line == "GET /connectors/src/";
        assert_eq!(answer.status, if is_known { 200 } else { 404 }, "{line}");
    }
    rest.check_error("GET /nope", "", 404, "HTTP 404 Not Found")
        .await;
    assert_eq!(rest.call("GET /connectors/%ff", "").await.status, 400);
    let message = "HTTP 405 Method Not Allowed";
    rest.check_error("DELETE /connectors", "", 405, message)
        .await;
    rest.check_error("POST /", "", 405, message).await;
    assert!(
        !rest
            .call("DELETE /connectors", "")
            .await
            .headers
            .contains_key(ALLOW)
    );
}

#[tokio::test]
async fn head_and_options_work_everywhere() {
    let rest = Rest::start();

    let head = rest.call("HEAD /connectors", "").await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    let options = rest.call("OPTIONS /connectors/nobody/config", "").await;
    assert_eq!(options.status, 200);
    assert_eq!(options.headers[ALLOW], "GET,HEAD,PUT,PATCH,OPTIONS");
    assert_eq!(options.headers[CONTENT_TYPE], "text/plain");
    assert_eq!(options.text, "GET, HEAD, PUT, PATCH, OPTIONS");
    rest.check_error("OPTIONS /nope", "", 404, "HTTP 404 Not Found")
        .await;
}

#[tokio::test]
async fn only_json_is_spoken() {
    let rest = Rest::start();
    let unsupported = r#"{"error_code":415,"message":"HTTP 415 Unsupported Media Type"}"#;

    let mut text = request("GET", "/connectors");
    text.headers_mut()
        .insert(CONTENT_TYPE, "text/plain".parse().unwrap());
    assert_eq!(rest.send(text).await.text, unsupported);

    let mut undeclared = request("POST", "/connectors");
    *undeclared.body_mut() = Body::from("{}");
    assert_eq!(rest.send(undeclared).await.text, unsupported);

    let mut elsewhere = request("DELETE", "/connectors");
    elsewhere
        .headers_mut()
        .insert(CONTENT_TYPE, "text/plain".parse().unwrap());
    assert_eq!(rest.send(elsewhere).await.status, 405);

    let mut page = request("GET", "/");
    page.headers_mut()
        .insert(ACCEPT, "text/html".parse().unwrap());
    let refused = r#"{"error_code":406,"message":"HTTP 406 Not Acceptable"}"#;
    assert_eq!(rest.send(page).await.text, refused);
}

#[tokio::test]
async fn malformed_bodies_are_told() {
    let rest = Rest::start();
    let post = "POST /connectors";

    let null = |call: &str, variable: &str| {
        format!("Cannot invoke \"{call}\" because \"{variable}\" is null")
    };
    let no_request = null(&format!("{CREATE}.name()"), "createRequest");
    rest.check_error(post, "", 500, &no_request).await;
    rest.check_error(post, "null", 500, &no_request).await;
    let no_config = null("java.util.Map.get(Object)", "connectorConfig");
    rest.check_error("PUT /connectors/a/config", "null", 500, &no_config)
        .await;
    rest.check_error(post, r#"{"name":"a","config":null}"#, 500, &no_config)
        .await;
    let message = "Unexpected end-of-input within/between Object entries";
    rest.check_refused(post, r#"{"a":"#, message, 6, "").await;
    let message = format!(
        "Unrecognized field \"nam\" (class {CREATE}), not marked as ignorable \
         (3 known properties: \"config\", \"name\", \"initial_state\")"
    );
    rest.check_refused(
        post,
        r#"{"nam":"a"}"#,
        &message,
        12,
        &format!("{CREATE}[\"nam\"]"),
    )
    .await;
    let message = format!(
        "Cannot construct instance of `{CREATE}$InitialState`, problem: \
         No enum constant {CREATE}.InitialState.ASLEEP"
    );
    let body = r#"{"config":{},"initial_state":"asleep"}"#;
    rest.check_refused(
        post,
        body,
        &message,
        30,
        &format!("{CREATE}[\"initial_state\"]"),
    )
    .await;
    let message = format!(
        "Cannot deserialize value of type `{CREATE}` from Array value (token `JsonToken.START_ARRAY`)"
    );
    rest.check_refused(post, "[]", &message, 1, "").await;
    let message = "Cannot construct instance of `java.util.LinkedHashMap` (although at least one \
         Creator exists): no String-argument constructor/factory method to deserialize from String \
         value ('x')";
    let put = "PUT /connectors/a/config";
    rest.check_refused(put, r#""x""#, message, 1, "").await;
    let message = "Cannot deserialize value of type `java.lang.String` from Object value \
         (token `JsonToken.START_OBJECT`)";
    rest.check_refused(
        put,
        r#"{"a":{}}"#,
        message,
        6,
        "java.util.LinkedHashMap[\"a\"]",
    )
    .await;
}
