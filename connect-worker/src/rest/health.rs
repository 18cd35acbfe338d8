//! `/ext/v1/ready` and `/ext/v1/connectors/{name}/health`: whether work is being done, and why not.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::dto::ErrorMessage;
use super::error::RestError;
use super::path::NamePath;
use super::query::QueryParams;
use crate::herder::{ConnectorStatus, HerderError, Request};
use crate::identity::ConnectorName;
use crate::storage::status::State as RunState;

const FAILED_SHARE: &str = "maxFailedTasks";

/// Whether the worker does what it is there for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    ready: bool,
    reason: String,
    tasks: usize,
    failed_tasks: usize,
}

/// How a connector is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectorHealth {
    status: &'static str,
    reason: String,
}

/// Whether the worker does what it is there for.
///
/// It does not until all connectors of the command line were created, nor while a larger share of
/// the tasks has failed than `maxFailedTasks` (0 to 1) admits.
#[utoipa::path(
    get,
    path = "/ext/v1/ready",
    params(
        ("maxFailedTasks" = Option<f64>, Query, description = "Largest share of tasks that may have failed"),
    ),
    responses(
        (status = OK, description = "It does", body = Readiness),
        (status = BAD_REQUEST, description = "The share is none", body = ErrorMessage),
        (status = SERVICE_UNAVAILABLE, description = "It does not", body = Readiness),
    )
)]
pub(super) async fn ready(
    State(api): State<Arc<Api>>,
    query: QueryParams,
) -> Result<(StatusCode, Json<Readiness>), RestError> {
    let admitted = match query.first(FAILED_SHARE) {
        Some(text) => Some(share(text)?),
        None => None,
    };
    let (mut tasks, mut failed_tasks) = (0, 0);
    for name in api.herder().ask(Request::Connectors).await? {
        let status = api.herder().ask(|it| Request::Status(name, it)).await;
        let status = match status {
            Ok(status) => status,
            // Somebody deleted the connector after it was listed.
            Err(HerderError::NotFound(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        tasks += status.tasks.len();
        failed_tasks += failed(&status).count();
    }
    let reason = match admitted {
        _ if !*api.ready.borrow() => "the worker is still starting".to_owned(),
        Some(share) if exceeds(failed_tasks, tasks, share) => {
            format!("{failed_tasks} of {tasks} tasks have failed")
        }
        _ => String::new(),
    };
    let ready = reason.is_empty();
    let code = match ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    let readiness = Readiness {
        ready,
        reason,
        tasks,
        failed_tasks,
    };
    Ok((code, Json(readiness)))
}

fn share(text: &str) -> Result<f64, RestError> {
    let share = text.parse().ok().filter(|it| (0.0..=1.0).contains(it));
    share.ok_or_else(|| {
        RestError::bad_request(format!(
            "{FAILED_SHARE} is a number from 0 to 1, and not `{text}`"
        ))
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a worker runs fewer tasks than such a number can tell apart"
)]
fn exceeds(failed: usize, all: usize, share: f64) -> bool {
    failed as f64 > share * all as f64
}

/// How a connector is, in a word and a sentence.
#[utoipa::path(
    get,
    path = "/ext/v1/connectors/{name}/health",
    params(NamePath<ConnectorName>),
    responses(
        (status = OK, description = "How it is", body = ConnectorHealth),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn connector(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Result<Json<ConnectorHealth>, RestError> {
    let stalled = api.metrics.stalled(&name);
    let status = api.herder().ask(|it| Request::Status(name, it)).await?;
    let (status, reason) = judge(&status, &stalled);
    Ok(Json(ConnectorHealth { status, reason }))
}

/// One word for programs and one sentence for people, `stalled` being sentences about tasks.
pub(super) fn judge(status: &ConnectorStatus, stalled: &[String]) -> (&'static str, String) {
    let first_line = |trace: Option<&str>| {
        let line = trace.and_then(|it| it.lines().next());
        line.unwrap_or("no reason was given").to_owned()
    };
    let connector = &status.connector;
    if connector.state == RunState::Failed {
        let why = first_line(connector.trace.as_deref());
        return ("failed", format!("The connector has failed: {why}."));
    }
    if let Some((task, why)) = failed(status).next() {
        let count = failed(status).count();
        let why = first_line(why);
        let all = status.tasks.len();
        return (
            "failed",
            format!("{count} of {all} tasks have failed, first task {task}: {why}."),
        );
    }
    match connector.state {
        RunState::Running if status.tasks.is_empty() => (
            "idle",
            "The connector runs and has planned no tasks.".to_owned(),
        ),
        RunState::Running => {
            let waiting = |state| state != RunState::Running;
            let late = status.tasks.iter().find(|(_, it)| waiting(it.state));
            match late {
                None if !stalled.is_empty() => ("stalled", stalled.join(" ")),
                None => ("healthy", "The connector and all its tasks run.".to_owned()),
                Some((task, it)) => (
                    "starting",
                    format!("Task {task} is {}, the connector runs.", it.state),
                ),
            }
        }
        RunState::Paused => ("paused", "The connector is paused on request.".to_owned()),
        RunState::Stopped => ("stopped", "The connector is stopped on request.".to_owned()),
        state => ("starting", format!("The connector is {state}.")),
    }
}

fn failed(status: &ConnectorStatus) -> impl Iterator<Item = (u32, Option<&str>)> {
    let failed = status
        .tasks
        .iter()
        .filter(|(_, it)| it.state == RunState::Failed);
    failed.map(|(task, it)| (*task, it.trace.as_deref()))
}
