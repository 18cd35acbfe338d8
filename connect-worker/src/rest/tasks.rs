//! `/connectors/{name}/tasks` and what is below.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request as HttpRequest, State};
use axum::http::StatusCode;

use super::Api;
use super::body::JsonBody;
use super::dto::{ConfigMap, ErrorMessage, TaskInfo, TaskState};
use super::error::RestError;
use super::path::{NamePath, TaskPath};
use crate::herder::Request;
use crate::identity::ConnectorName;

/// Tasks of a connector with their configurations.
#[utoipa::path(
    get,
    path = "/connectors/{name}/tasks",
    params(NamePath<ConnectorName>),
    responses(
        (status = OK, description = "The tasks", body = Vec<TaskInfo>),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Result<Json<Vec<TaskInfo>>, RestError> {
    let tasks = api.herder().ask(|it| Request::Tasks(name, it)).await?;
    Ok(Json(tasks.into_iter().map(TaskInfo::from).collect()))
}

/// State of a task.
#[utoipa::path(
    get,
    path = "/connectors/{name}/tasks/{task}/status",
    params(TaskPath),
    responses(
        (status = OK, description = "The state", body = TaskState),
        (status = NOT_FOUND, description = "There is no such task", body = ErrorMessage),
    )
)]
pub(super) async fn status(
    State(api): State<Arc<Api>>,
    path: TaskPath,
) -> Result<Json<TaskState>, RestError> {
    let id = match path {
        TaskPath::Task(id) => id,
        TaskPath::Never(name, number) => {
            return Err(RestError::not_found(format!(
                "No status found for task {name}-{number}"
            )));
        }
    };
    let number = id.task;
    let status = api.herder().ask(|it| Request::TaskStatus(id, it)).await?;
    Ok(Json(TaskState::new(number, status)))
}

/// Restarts a task.
#[utoipa::path(
    post,
    path = "/connectors/{name}/tasks/{task}/restart",
    params(TaskPath),
    responses(
        (status = NO_CONTENT, description = "The task was restarted"),
        (status = NOT_FOUND, description = "There is no such task", body = ErrorMessage),
    )
)]
pub(super) async fn restart(
    State(api): State<Arc<Api>>,
    path: TaskPath,
) -> Result<StatusCode, RestError> {
    match path {
        TaskPath::Task(id) => {
            api.herder().ask(|it| Request::RestartTask(id, it)).await?;
            Ok(StatusCode::NO_CONTENT)
        }
        TaskPath::Never(name, number) => Err(RestError::not_found(format!(
            "Task {name}-{number} not found"
        ))),
    }
}

/// Takes configurations of tasks, by which workers of a cluster talk to each other.
#[utoipa::path(
    post,
    path = "/connectors/{name}/tasks",
    params(NamePath<ConnectorName>),
    request_body = Vec<ConfigMap>,
    responses(
        (status = INTERNAL_SERVER_ERROR, description = "This worker is no part of a cluster", body = ErrorMessage),
    )
)]
pub(super) async fn submit_configs(request: HttpRequest) -> RestError {
    // What a worker of a cluster could read is refused for what it is.
    let read = async || JsonBody::of_any_type(request).await?.task_configs();
    match read().await {
        Ok(_) => RestError::internal(
            "Kafka Connect in standalone mode does not support externally setting task \
             configurations.",
        ),
        Err(error) => error,
    }
}

/// Fences older tasks, by which workers of a cluster talk to each other.
#[utoipa::path(
    put,
    path = "/connectors/{name}/fence",
    params(NamePath<ConnectorName>),
    responses(
        (status = INTERNAL_SERVER_ERROR, description = "This worker is no part of a cluster", body = ErrorMessage),
    )
)]
pub(super) async fn fence() -> RestError {
    RestError::internal(
        "Kafka Connect in standalone mode does not support exactly-once source connectors.",
    )
}
