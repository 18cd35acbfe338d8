//! `/` and `/health`: who answers, and how it is.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Api;
use super::dto::{ServerInfo, WorkerStatus};
use super::error::RestError;
use crate::herder::{HerderError, Request};
use crate::identity::{API_VERSION, COMMIT};

/// Longest wait for a sign of life.
const HEALTH_LIMIT: Duration = Duration::from_secs(10);

/// Who answers.
#[utoipa::path(
    get,
    path = "/",
    responses(
        (status = OK, description = "The versions of the API and of the worker", body = ServerInfo),
    )
)]
pub(super) async fn server_info(State(api): State<Arc<Api>>) -> Json<ServerInfo> {
    let cluster_id = api.admission.worker().cluster_id();
    Json(ServerInfo {
        version: API_VERSION,
        commit: COMMIT,
        kafka_cluster_id: cluster_id.map(str::to_owned),
    })
}

/// How the worker is.
#[utoipa::path(
    get,
    path = "/health",
    responses(
        (status = OK, description = "It has started and does its work", body = WorkerStatus),
        (status = INTERNAL_SERVER_ERROR, description = "It does not answer", body = WorkerStatus),
        (status = SERVICE_UNAVAILABLE, description = "It is starting", body = WorkerStatus),
    )
)]
pub(super) async fn health(
    State(api): State<Arc<Api>>,
) -> Result<(StatusCode, Json<WorkerStatus>), RestError> {
    let mut ready = api.ready.clone();
    let is_ready = async {
        // The sender is gone when the worker goes down, and then the herder says so.
        let _ = ready.wait_for(|it| *it).await;
    };
    if tokio::time::timeout(HEALTH_LIMIT, is_ready).await.is_err() {
        return Ok(status(
            StatusCode::SERVICE_UNAVAILABLE,
            "starting",
            "Worker is still starting up.",
        ));
    }
    match api.herder().ask_within(HEALTH_LIMIT, Request::Ping).await {
        Ok(()) => Ok(status(
            StatusCode::OK,
            "healthy",
            "Worker has completed startup and is ready to handle requests.",
        )),
        Err(HerderError::TimedOut) => Ok(status(
            StatusCode::INTERNAL_SERVER_ERROR,
            "unhealthy",
            "Worker was unable to handle this request and may be unable to handle other requests.",
        )),
        Err(error) => Err(error.into()),
    }
}

fn status(
    code: StatusCode,
    status: &'static str,
    message: &'static str,
) -> (StatusCode, Json<WorkerStatus>) {
    (code, Json(WorkerStatus { status, message }))
}
