//! `/connectors/{name}/tasks` and what is below.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Api;
use super::dto::{TaskInfo, TaskState};
use super::error::RestError;
use super::path::{NamePath, TaskPath};
use crate::herder::Request;
use crate::identity::ConnectorName;

/// `GET /connectors/{name}/tasks`
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Result<Json<Vec<TaskInfo>>, RestError> {
    let tasks = api.herder().ask(|it| Request::Tasks(name, it)).await?;
    Ok(Json(tasks.into_iter().map(TaskInfo::from).collect()))
}

/// `GET /connectors/{name}/tasks/{task}/status`
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

/// `POST /connectors/{name}/tasks/{task}/restart`
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

/// `POST /connectors/{name}/tasks`, by which workers of a cluster talk to each other
pub(super) async fn submit_configs() -> RestError {
    RestError::internal(
        "Kafka Connect in standalone mode does not support externally setting task configurations.",
    )
}

/// `PUT /connectors/{name}/fence`, by which workers of a cluster talk to each other
pub(super) async fn fence() -> RestError {
    RestError::internal(
        "Kafka Connect in standalone mode does not support exactly-once source connectors.",
    )
}
