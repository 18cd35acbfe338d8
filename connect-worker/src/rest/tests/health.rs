//! Readiness and the health of a connector.

use super::super::health::judge;
use super::*;
use crate::herder::ConnectorStatus;
use crate::storage::status::{State, Status};

#[tokio::test]
async fn readiness_may_depend_on_failed_tasks() {
    let rest = Rest::start();

    let ready = r#"{"ready":true,"reason":"","tasks":2,"failed_tasks":1}"#;
    rest.check("GET /ext/v1/ready", "", 200, ready).await;
    rest.check("GET /ext/v1/ready?maxFailedTasks=0.5", "", 200, ready)
        .await;
    let failed = concat!(
        r#"{"ready":false,"reason":"1 of 2 tasks have failed","#,
        r#""tasks":2,"failed_tasks":1}"#
    );
    rest.check("GET /ext/v1/ready?maxFailedTasks=0.4", "", 503, failed)
        .await;
    let message = "maxFailedTasks is a number from 0 to 1, and not `50%`";
    rest.check_error("GET /ext/v1/ready?maxFailedTasks=50%25", "", 400, message)
        .await;

    rest.ready.send_replace(false);
    let answer = rest.call("GET /ext/v1/ready", "").await;
    assert_eq!(answer.status, 503);
    assert!(answer.text.contains("still starting"), "{}", answer.text);
}

#[tokio::test]
async fn a_connector_tells_why_it_is_not_healthy() {
    let rest = Rest::start();

    let health = concat!(
        r#"{"status":"failed","#,
        r#""reason":"1 of 2 tasks have failed, first task 1: boom."}"#
    );
    rest.check("GET /ext/v1/connectors/src/health", "", 200, health)
        .await;
    let message = "No status found for connector no";
    rest.check_error("GET /ext/v1/connectors/no/health", "", 404, message)
        .await;
}

#[test]
fn tasks_that_stand_still_count_only_while_everything_runs() {
    let status = |state| Status {
        state,
        trace: None,
        worker_id: "worker:8083".to_owned(),
        version: None,
    };
    let connector = |state| ConnectorStatus {
        name: "c".into(),
        connector: status(State::Running),
        tasks: vec![(0, status(State::Running)), (1, status(state))],
        kind: None,
    };
    let stalled = ["Task 0 waits.".to_owned(), "Task 1 waits.".to_owned()];

    let judged = judge(&connector(State::Running), &stalled);
    assert_eq!(
        judged,
        ("stalled", "Task 0 waits. Task 1 waits.".to_owned())
    );
    assert_eq!(judge(&connector(State::Running), &[]).0, "healthy");
    assert_eq!(judge(&connector(State::Failed), &stalled).0, "failed");
    assert_eq!(judge(&connector(State::Unassigned), &stalled).0, "starting");
}
