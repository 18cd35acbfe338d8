//! Connectors and tasks.

use axum::http::header::LOCATION;

use super::*;

const SRC_STATUS: &str = concat!(
    r#"{"name":"src","connector":{"state":"RUNNING","worker_id":"worker:8083","version":"4.3.1"},"#,
    r#""tasks":[{"id":0,"state":"RUNNING","worker_id":"worker:8083","version":"4.3.1"},"#,
    r#"{"id":1,"state":"FAILED","worker_id":"worker:8083","version":null,"trace":"boom"}],"#,
    r#""type":"source"}"#
);
const SRC_INFO: &str = concat!(
    r#"{"name":"src","config":{"connector.class":"FileStreamSource","name":"src"},"#,
    r#""tasks":[{"connector":"src","task":0},{"connector":"src","task":1}],"type":"source"}"#
);

#[tokio::test]
async fn connectors_are_listed_with_what_is_asked_for() {
    let rest = Rest::start();

    rest.check("GET /connectors", "", 200, r#"["src"]"#).await;
    rest.check("GET /connectors?expand", "", 200, r#"{"src":{}}"#)
        .await;
    rest.check(
        "GET /connectors?expand=info,status",
        "",
        200,
        r#"{"src":{}}"#,
    )
    .await;
    let status = format!(r#"{{"src":{{"status":{SRC_STATUS}}}}}"#);
    rest.check("GET /connectors?expand=status", "", 200, &status)
        .await;
    let both = format!(r#"{{"src":{{"status":{SRC_STATUS},"info":{SRC_INFO}}}}}"#);
    rest.check("GET /connectors/?expand=info&expand=status", "", 200, &both)
        .await;
}

#[tokio::test]
async fn a_connector_is_shown() {
    let rest = Rest::start();

    rest.check("GET /connectors/src", "", 200, SRC_INFO).await;
    rest.check("GET /connectors/src/status/", "", 200, SRC_STATUS)
        .await;
    let config = r#"{"connector.class":"FileStreamSource","name":"src"}"#;
    rest.check("GET /connectors/src/config", "", 200, config)
        .await;
    let tasks = r#"[{"id":{"connector":"src","task":0},"config":{"task.class":"X"}}]"#;
    rest.check("GET /connectors/src/tasks", "", 200, tasks)
        .await;
    let task =
        r#"{"id":1,"state":"FAILED","worker_id":"worker:8083","version":null,"trace":"boom"}"#;
    rest.check("GET /connectors/src/tasks/1/status", "", 200, task)
        .await;
}

#[tokio::test]
async fn what_does_not_exist_is_said() {
    let rest = Rest::start();

    rest.check_error("GET /connectors/no", "", 404, "Connector no not found")
        .await;
    rest.check_error(
        "GET /connectors/no/status",
        "",
        404,
        "No status found for connector no",
    )
    .await;
    rest.check_error(
        "GET /connectors/a%20b%2Fc%25ä",
        "",
        404,
        "Connector a b/c%ä not found",
    )
    .await;
    let message = "No status found for task src-7";
    rest.check_error("GET /connectors/src/tasks/7/status", "", 404, message)
        .await;
    let message = "No status found for task src--1";
    rest.check_error("GET /connectors/src/tasks/-1/status", "", 404, message)
        .await;
    let message = "Task src--1 not found";
    rest.check_error("POST /connectors/src/tasks/-1/restart", "", 404, message)
        .await;
    let plain = "HTTP 404 Not Found";
    rest.check_error("GET /connectors/src/tasks/x/status", "", 404, plain)
        .await;
    rest.check_error(
        "GET /connectors/src/tasks/99999999999/status",
        "",
        404,
        plain,
    )
    .await;
}

#[tokio::test]
async fn a_connector_is_created() {
    let rest = Rest::start();
    let body = r#"{"name":" a b/ü\t","config":{"connector.class":"FileStreamSource","topic":"t",
        "tasks.max":1}}"#;

    let answer = rest.call("POST /connectors/", body).await;

    assert_eq!(answer.status, 201);
    // Nothing says how the request came, so the worker's own address is told.
    let location = "http://worker:8083/connectors/a%20b%2F%C3%BC";
    assert_eq!(answer.headers[LOCATION], location);
    assert_eq!(
        answer.text,
        concat!(
            r#"{"name":"a b/ü","config":{"connector.class":"FileStreamSource","topic":"t","#,
            r#""tasks.max":"1","name":"a b/ü"},"#,
            r#""tasks":[{"connector":"a b/ü","task":0},{"connector":"a b/ü","task":1}],"#,
            r#""type":"source"}"#
        )
    );
    let again = "Connector a b/ü already exists";
    rest.check_error("POST /connectors", body, 409, again).await;
}

#[tokio::test]
async fn a_connector_may_begin_in_another_state() {
    let rest = Rest::start();
    let body = r#"{"name":"a","initial_state":"stopped",
        "config":{"connector.class":"FileStreamSource","topic":"t","name":null}}"#;

    rest.check(
        "POST /connectors",
        body,
        201,
        concat!(
            r#"{"name":"a","config":{"connector.class":"FileStreamSource","topic":"t","#,
            r#""name":"a"},"tasks":[],"type":"source"}"#
        ),
    )
    .await;
}

#[tokio::test]
async fn a_configuration_is_put() {
    let rest = Rest::start();
    let config = r#"{"connector.class":"FileStreamSource","topic":"t"}"#;

    let created = rest.call("PUT /connectors/new/config", config).await;
    let updated = rest.call("PUT /connectors/new/config", config).await;

    assert_eq!(created.status, 201);
    assert_eq!(
        created.headers[LOCATION],
        "http://worker:8083/connectors/new"
    );
    assert_eq!(updated.status, 200);
    assert!(!updated.headers.contains_key(LOCATION));
    assert_eq!(updated.text, created.text);
}

#[tokio::test]
async fn names_must_agree() {
    let rest = Rest::start();
    let message = "Connector name configuration (b) doesn't match connector name in the URL (a)";

    let body = r#"{"name":"a","config":{"name":"b"}}"#;
    rest.check_error("POST /connectors", body, 400, message)
        .await;
    rest.check_error("PUT /connectors/a/config", r#"{"name":"b"}"#, 400, message)
        .await;
}

#[tokio::test]
async fn mistakes_are_told_before_anything_is_created() {
    let rest = Rest::start();

    rest.check_error(
        "POST /connectors",
        r#"{"name":"src","config":{"connector.class":"FileStreamSource"}}"#,
        400,
        "Connector configuration is invalid and contains the following 1 error(s):\n\
         Missing required configuration \"topic\" which has no default value.\n\
         You can also find the above list of errors at the endpoint \
         `/connector-plugins/{connectorType}/config/validate`",
    )
    .await;
    let message = "Connector config {name=a} contains no connector type";
    rest.check_error(
        "POST /connectors",
        r#"{"name":"a","config":{}}"#,
        400,
        message,
    )
    .await;
    let body = r#"{"connector.class":"FileStreamSource","topic":"t",
        "producer.override.linger.ms":"abc"}"#;
    let message = "Invalid value abc for configuration linger.ms: Not a number of type LONG";
    rest.check_error("PUT /connectors/a/config", body, 500, message)
        .await;
}

#[tokio::test]
async fn target_states_are_changed() {
    let rest = Rest::start();

    rest.check("PUT /connectors/src/pause", "", 202, "").await;
    rest.check("PUT /connectors/src/resume", "", 202, "").await;
    rest.check("PUT /connectors/src/stop", "", 204, "").await;
    rest.check("DELETE /connectors/src", "", 204, "").await;
    rest.check_error("PUT /connectors/no/pause", "", 404, "Unknown connector no")
        .await;
    rest.check_error("DELETE /connectors/no", "", 404, "Connector no not found")
        .await;
}

#[tokio::test]
async fn restarts_depend_on_flags() {
    let rest = Rest::start();
    let restarting = SRC_STATUS.replacen("RUNNING", "RESTARTING", 1);

    let message = "Failed to start connector: src";
    rest.check_error("POST /connectors/src/restart", "", 500, message)
        .await;
    let line = "POST /connectors/src/restart?includeTasks=False&onlyFailed=yes";
    rest.check_error(line, "", 500, message).await;
    let line = "POST /connectors/src/restart?includeTasks=TRUE";
    rest.check(line, "", 202, &restarting).await;
    let line = "POST /connectors/src/restart?onlyFailed=true";
    rest.check(line, "", 202, SRC_STATUS).await;
    rest.check("POST /connectors/src/tasks/0/restart", "", 204, "")
        .await;
}

#[tokio::test]
async fn what_only_clusters_do_is_refused() {
    let rest = Rest::start();

    let message =
        "Kafka Connect in standalone mode does not support externally setting task configurations.";
    rest.check_error("POST /connectors/src/tasks", "[]", 500, message)
        .await;
    let message =
        "Kafka Connect in standalone mode does not support exactly-once source connectors.";
    rest.check_error("PUT /connectors/src/fence", "", 500, message)
        .await;
    rest.check_error(
        "GET /connectors/src/tasks-config",
        "",
        404,
        "HTTP 404 Not Found",
    )
    .await;
}
