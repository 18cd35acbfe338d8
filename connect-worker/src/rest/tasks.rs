//! `/connectors/{name}/tasks` and what is below.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;

use super::Api;
use super::body::JsonBody;
use super::dto::{ConfigMap, ErrorMessage, TaskInfo, TaskState};
use super::error::RestError;
use super::path::{NamePath, TaskPath};
use crate::herder::{Request, Signature, Submission};
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
        (status = NO_CONTENT, description = "The tasks are configured"),
        (status = BAD_REQUEST, description = "The signature is missing or of no use", body = ErrorMessage),
        (status = FORBIDDEN, description = "The signature is wrong", body = ErrorMessage),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
        (status = INTERNAL_SERVER_ERROR, description = "This worker is no part of a cluster", body = ErrorMessage),
    )
)]
pub(super) async fn submit_configs(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
    request: HttpRequest,
) -> Result<StatusCode, RestError> {
    let mut signature = signature(request.headers());
    // What no worker could read is refused for what it is.
    let body = JsonBody::of_any_type(request).await?;
    let configs = body.task_configs()?;
    signature.body = body.into_bytes();
    let submission = Submission {
        signature,
        configs: configs.into_iter().map(Option::unwrap_or_default).collect(),
    };
    api.herder()
        .ask(|it| Request::SubmitTasks(name, submission, it))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fences older tasks, by which workers of a cluster talk to each other.
#[utoipa::path(
    put,
    path = "/connectors/{name}/fence",
    params(NamePath<ConnectorName>),
    responses(
        (status = INTERNAL_SERVER_ERROR, description = "This worker writes no source records in transactions", body = ErrorMessage),
    )
)]
pub(super) async fn fence(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
    headers: HeaderMap,
) -> Result<StatusCode, RestError> {
    let signature = signature(&headers);
    api.herder()
        .ask(|it| Request::Fence(name, signature, it))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a request says of who has sent it.
fn signature(headers: &HeaderMap) -> Signature {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
    Signature {
        signature: text("X-Connect-Authorization"),
        algorithm: text("X-Connect-Request-Signature-Algorithm"),
        body: Bytes::new(),
    }
}
