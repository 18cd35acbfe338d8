//! `/admin/loggers`: how much is logged.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;

use super::Api;
use super::body::JsonBody;
use super::dto::{ErrorMessage, LoggerLevel};
use super::error::RestError;
use super::path::NamePath;
use super::query::QueryParams;
use crate::herder::Request;
use crate::log_levels::Level;

/// The level that a logger is to have.
#[derive(Debug, ToSchema)]
#[expect(
    dead_code,
    reason = "the body is read field by field, and described by this"
)]
struct LevelRequest {
    level: String,
}

/// Levels of all loggers.
#[utoipa::path(
    get,
    path = "/admin/loggers",
    responses(
        (status = OK, description = "The levels", body = BTreeMap<String, LoggerLevel>),
    )
)]
pub(super) async fn list(State(api): State<Arc<Api>>) -> Json<BTreeMap<String, LoggerLevel>> {
    let loggers = api.log_levels.all().into_iter();
    Json(loggers.map(|(name, level)| (name, level.into())).collect())
}

/// Level of a logger.
#[utoipa::path(
    get,
    path = "/admin/loggers/{name}",
    params(NamePath<String>),
    responses(
        (status = OK, description = "The level", body = LoggerLevel),
        (status = NOT_FOUND, description = "There is no such logger", body = ErrorMessage),
    )
)]
pub(super) async fn get(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<String>,
) -> Result<Json<LoggerLevel>, RestError> {
    match api.log_levels.get(&name) {
        Some(level) => Ok(Json(level.into())),
        None => Err(RestError::not_found(format!("Logger {name} not found."))),
    }
}

/// Sets the level of a logger.
///
/// A worker alone is changed as a cluster is; only the answer differs.
#[utoipa::path(
    put,
    path = "/admin/loggers/{name}",
    params(NamePath<String>, ("scope" = Option<String>, Query, description = "`worker` or `cluster`")),
    request_body = LevelRequest,
    responses(
        (status = OK, description = "Loggers whose level is another one now", body = Vec<String>),
        (status = NO_CONTENT, description = "Set in the cluster"),
        (status = BAD_REQUEST, description = "No level is said", body = ErrorMessage),
        (status = NOT_FOUND, description = "There is no such level", body = ErrorMessage),
    )
)]
pub(super) async fn set(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<String>,
    query: QueryParams,
    body: JsonBody,
) -> Result<Response, RestError> {
    let body = body.config("levelMap")?;
    let level = body.get("level").ok_or_else(|| {
        RestError::bad_request("Desired 'level' parameter was not specified in request.")
    })?;
    let parsed: Level = level
        .parse()
        .map_err(|_| RestError::not_found(format!("invalid log level '{level}'.")))?;
    let is_cluster = query
        .first("scope")
        .is_some_and(|it| it.eq_ignore_ascii_case("cluster"));
    if is_cluster && api.admission.worker().cluster().is_some() {
        let request = |reply| Request::SetClusterLogLevel {
            logger: name,
            level: level.to_owned(),
            reply,
        };
        api.herder().ask(request).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let changed = api.log_levels.set(&name, parsed);
    tracing::info!(logger = name, level = %parsed, "log level set");
    Ok(match is_cluster {
        true => StatusCode::NO_CONTENT.into_response(),
        false => Json(changed).into_response(),
    })
}
