//! Log levels.

use super::*;

#[tokio::test]
async fn loggers_are_shown() {
    let rest = Rest::start();
    let info = r#"{"level":"INFO","last_modified":null}"#;

    rest.check(
        "GET /admin/loggers/",
        "",
        200,
        &format!(r#"{{"root":{info}}}"#),
    )
    .await;
    rest.check("GET /admin/loggers/ROOT", "", 200, info).await;
    let off = r#"{"level":"OFF","last_modified":null}"#;
    rest.check("GET /admin/loggers/a.b", "", 200, off).await;
    rest.check_error("GET /admin/loggers/a", "", 404, "Logger a not found.")
        .await;
}

#[tokio::test]
async fn a_level_is_set() {
    let rest = Rest::start();
    let put = "PUT /admin/loggers/a";

    rest.check(put, r#"{"level":" debug"}"#, 200, r#"["a","a.b"]"#)
        .await;
    rest.check(put, r#"{"level":"DEBUG"}"#, 200, "[]").await;
    rest.check(
        "PUT /admin/loggers/a?scope=Cluster",
        r#"{"level":"warn"}"#,
        204,
        "",
    )
    .await;
    let shown = rest.call("GET /admin/loggers/a.b", "").await.text;
    assert!(
        shown.starts_with(r#"{"level":"WARN","last_modified":1"#),
        "{shown}"
    );
}

#[tokio::test]
async fn levels_that_do_not_exist_are_refused() {
    let rest = Rest::start();
    let put = "PUT /admin/loggers/a";

    let message = "Desired 'level' parameter was not specified in request.";
    rest.check_error(put, r#"{"scope":"worker"}"#, 400, message)
        .await;
    rest.check_error(put, r#"{"level":"loud"}"#, 404, "invalid log level 'loud'.")
        .await;
    rest.check_error(put, r#"{"level":""}"#, 404, "invalid log level ''.")
        .await;
}
