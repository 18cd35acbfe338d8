//! `/connectors/{name}/offsets` and `/connectors/{name}/topics`: what a connector has come across.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::Api;
use super::body::JsonBody;
use super::dto::{ActiveTopics, ConnectorOffsets, ErrorMessage, Message};
use super::error::RestError;
use super::path::NamePath;
use crate::herder::{OffsetChange, OffsetsChanged, Request};
use crate::identity::ConnectorName;

/// How far a connector has come.
#[utoipa::path(
    get,
    path = "/connectors/{name}/offsets",
    params(NamePath<ConnectorName>),
    responses(
        (status = OK, description = "The offsets", body = ConnectorOffsets),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Result<Json<ConnectorOffsets>, RestError> {
    let offsets = api.herder().ask(|it| Request::Offsets(name, it)).await?;
    Ok(Json(offsets.into()))
}

/// Sets offsets of a connector that is stopped; null resets one.
#[utoipa::path(
    patch,
    path = "/connectors/{name}/offsets",
    params(NamePath<ConnectorName>),
    request_body = ConnectorOffsets,
    responses(
        (status = OK, description = "The offsets are set", body = Message),
        (status = BAD_REQUEST, description = "The offsets are not good, or the connector is not stopped", body = ErrorMessage),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn alter(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
    body: JsonBody,
) -> Result<Json<Message>, RestError> {
    change(&api, name, body.offsets()?, "altered").await
}

/// Resets all offsets of a connector that is stopped.
#[utoipa::path(
    delete,
    path = "/connectors/{name}/offsets",
    params(NamePath<ConnectorName>),
    responses(
        (status = OK, description = "The offsets are reset", body = Message),
        (status = BAD_REQUEST, description = "The connector is not stopped", body = ErrorMessage),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn reset(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Result<Json<Message>, RestError> {
    change(&api, name, OffsetChange::Reset, "reset").await
}

async fn change(
    api: &Api,
    name: ConnectorName,
    change: OffsetChange,
    verb: &str,
) -> Result<Json<Message>, RestError> {
    let request = |it| Request::ChangeOffsets(name, change, it);
    let message = match api.herder().ask(request).await? {
        OffsetsChanged::Confirmed => {
            format!("The offsets for this connector have been {verb} successfully")
        }
        OffsetsChanged::Unconfirmed => format!(
            "The Connect framework-managed offsets for this connector have been {verb} \
             successfully. However, if this connector manages offsets externally, they will need \
             to be manually {verb} in the system that the connector uses."
        ),
    };
    Ok(Json(Message { message }))
}

/// Topics that a connector has used.
#[utoipa::path(
    get,
    path = "/connectors/{name}/topics",
    params(NamePath<ConnectorName>),
    responses(
        (status = OK, description = "The topics", body = ActiveTopics),
        (status = FORBIDDEN, description = "Topics are not remembered", body = ErrorMessage),
    )
)]
pub(super) async fn topics(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Result<Json<ActiveTopics>, RestError> {
    check_tracking(&api)?;
    let topics = api.herder().ask(|it| Request::Topics(name.clone(), it));
    Ok(Json(ActiveTopics::new(&name, topics.await?)))
}

/// Forgets the topics that a connector has used.
#[utoipa::path(
    put,
    path = "/connectors/{name}/topics/reset",
    params(NamePath<ConnectorName>),
    responses(
        (status = ACCEPTED, description = "The topics are forgotten"),
        (status = FORBIDDEN, description = "They may not be forgotten", body = ErrorMessage),
    )
)]
pub(super) async fn reset_topics(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Result<StatusCode, RestError> {
    check_tracking(&api)?;
    if !api.admission.worker().topic_tracking_reset {
        return Err(forbidden("Topic tracking reset is disabled."));
    }
    api.herder()
        .ask(|it| Request::ResetTopics(name, it))
        .await?;
    Ok(StatusCode::ACCEPTED)
}

fn check_tracking(api: &Api) -> Result<(), RestError> {
    match api.admission.worker().topic_tracking {
        true => Ok(()),
        false => Err(forbidden("Topic tracking is disabled.")),
    }
}

fn forbidden(message: &str) -> RestError {
    RestError::new(StatusCode::FORBIDDEN, message)
}
