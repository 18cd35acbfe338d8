//! `/connectors` and what is below one connector, its tasks left out.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use connect_core::config::Props;

use super::Api;
use super::base_url::BaseUrl;
use super::body::{self, CreateRequest, JsonBody};
use super::dto::{
    ConfigMap, ConnectorInfo, ConnectorList, ConnectorStateInfo, ErrorMessage, Expanded,
};
use super::error::RestError;
use super::path::{NamePath, location};
use super::query::QueryParams;
use crate::config::connector::NAME;
use crate::config::connector_file::NewConnector;
use crate::herder::{self, ConnectorOverview, PutOutcome, Request, RestartScope, TargetState};
use crate::identity::ConnectorName;

/// What the reference asks of a patch first.
const FOR_EACH: &str = "java.util.Map.forEach(java.util.function.BiConsumer)";

type Answer<T> = Result<T, RestError>;

/// Names of all connectors, or with `expand` an object with what is known of each.
#[utoipa::path(
    get,
    path = "/connectors",
    params(("expand" = Option<Vec<String>>, Query, description = "`status`, `info` or, repeated, both", explode)),
    responses(
        (status = OK, description = "Names, or an object by name", body = ConnectorList),
    )
)]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    query: QueryParams,
) -> Answer<Json<ConnectorList>> {
    if query.first("expand").is_none() {
        let names = api.herder().ask(Request::Connectors).await?;
        let names = names.iter().map(ToString::to_string).collect();
        return Ok(Json(ConnectorList::Names(names)));
    }
    let wants = |what| query.all("expand").any(|it| it == what);
    let (wants_status, wants_info) = (wants("status"), wants("info"));
    let mut connectors = BTreeMap::new();
    for ConnectorOverview { info, status } in api.herder().ask(Request::Overview).await? {
        // One that has only just come is listed when it has a status to show.
        if wants_status && status.is_none() {
            continue;
        }
        let name = info.name.to_string();
        let expanded = Expanded {
            status: status.filter(|_| wants_status).map(Into::into),
            info: wants_info.then(|| info.into()),
        };
        connectors.insert(name, expanded);
    }
    Ok(Json(ConnectorList::Expanded(connectors)))
}

/// Creates a connector.
#[utoipa::path(
    post,
    path = "/connectors",
    request_body = CreateRequest,
    responses(
        (status = CREATED, description = "Created; `Location` tells where", body = ConnectorInfo),
        (status = BAD_REQUEST, description = "The configuration is not good", body = ErrorMessage),
        (status = CONFLICT, description = "There is a connector of that name", body = ErrorMessage),
    )
)]
pub(super) async fn create(
    State(api): State<Arc<Api>>,
    base: BaseUrl,
    body: JsonBody,
) -> Answer<Response> {
    let CreateRequest {
        name,
        mut config,
        target,
    } = body.create_request()?;
    let name = ConnectorName::from(name.trim_matches(|it| it <= ' '));
    claim_name(&mut config, &name)?;
    let info = api
        .admission
        .create(NewConnector {
            name,
            config,
            target,
        })
        .await?;
    Ok(created(&base, info))
}

/// A connector with its configuration and tasks.
#[utoipa::path(
    get,
    path = "/connectors/{name}",
    params(NamePath<ConnectorName>),
    responses(
        (status = OK, description = "The connector", body = ConnectorInfo),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn info(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<Json<ConnectorInfo>> {
    let info = api.herder().ask(|it| Request::Connector(name, it)).await?;
    Ok(Json(info.into()))
}

/// Stops a connector and forgets it; its offsets are kept.
#[utoipa::path(
    delete,
    path = "/connectors/{name}",
    params(NamePath<ConnectorName>),
    responses(
        (status = NO_CONTENT, description = "Done"),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<StatusCode> {
    api.herder().ask(|it| Request::Delete(name, it)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The configuration of a connector as it was written.
#[utoipa::path(
    get,
    path = "/connectors/{name}/config",
    params(NamePath<ConnectorName>),
    responses(
        (status = OK, description = "The configuration", body = ConfigMap),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn config(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<Json<ConfigMap>> {
    let info = api.herder().ask(|it| Request::Connector(name, it)).await?;
    Ok(Json(ConfigMap(info.config)))
}

/// Configures a connector, which is created if there is none.
#[utoipa::path(
    put,
    path = "/connectors/{name}/config",
    params(NamePath<ConnectorName>),
    request_body = ConfigMap,
    responses(
        (status = OK, description = "Configured", body = ConnectorInfo),
        (status = CREATED, description = "Created; `Location` tells where", body = ConnectorInfo),
        (status = BAD_REQUEST, description = "The configuration is not good", body = ErrorMessage),
    )
)]
pub(super) async fn put_config(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
    base: BaseUrl,
    body: JsonBody,
) -> Answer<Response> {
    let mut config = body.config("connectorConfig")?;
    claim_name(&mut config, &name)?;
    Ok(match api.admission.put(name, config).await? {
        PutOutcome::Created(info) => created(&base, info),
        PutOutcome::Updated(info) => Json(ConnectorInfo::from(info)).into_response(),
    })
}

/// Changes some keys of a configuration; null takes one out.
#[utoipa::path(
    patch,
    path = "/connectors/{name}/config",
    params(NamePath<ConnectorName>),
    request_body = ConfigMap,
    responses(
        (status = OK, description = "Configured", body = ConnectorInfo),
        (status = BAD_REQUEST, description = "The configuration is not good", body = ErrorMessage),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn patch_config(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
    body: JsonBody,
) -> Answer<Json<ConnectorInfo>> {
    let Some(patch) = body.patch()? else {
        // Whether there is such a connector is asked first.
        api.herder().ask(|it| Request::Connector(name, it)).await?;
        return Err(body::null(FOR_EACH, "patch"));
    };
    let info = api.admission.patch(name, &patch).await?;
    Ok(Json(info.into()))
}

/// States of a connector and its tasks.
#[utoipa::path(
    get,
    path = "/connectors/{name}/status",
    params(NamePath<ConnectorName>),
    responses(
        (status = OK, description = "The states", body = ConnectorStateInfo),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn status(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<Json<ConnectorStateInfo>> {
    let status = api.herder().ask(|it| Request::Status(name, it)).await?;
    Ok(Json(status.into()))
}

/// Pauses a connector and its tasks.
#[utoipa::path(
    put,
    path = "/connectors/{name}/pause",
    params(NamePath<ConnectorName>),
    responses(
        (status = ACCEPTED, description = "They will pause"),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn pause(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<StatusCode> {
    set_target(&api, name, TargetState::Paused).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Lets a connector that was paused or stopped go on.
#[utoipa::path(
    put,
    path = "/connectors/{name}/resume",
    params(NamePath<ConnectorName>),
    responses(
        (status = ACCEPTED, description = "It will go on"),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn resume(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<StatusCode> {
    set_target(&api, name, TargetState::Started).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Stops a connector; its tasks are given up, its configuration is kept.
#[utoipa::path(
    put,
    path = "/connectors/{name}/stop",
    params(NamePath<ConnectorName>),
    responses(
        (status = NO_CONTENT, description = "Done"),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn stop(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<StatusCode> {
    set_target(&api, name, TargetState::Stopped).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_target(api: &Api, name: ConnectorName, target: TargetState) -> Answer<()> {
    Ok(api
        .herder()
        .ask(|it| Request::SetTarget(name, target, it))
        .await?)
}

/// Restarts a connector.
///
/// Without any flag the connector alone is restarted before the answer; else the plan is answered.
#[utoipa::path(
    post,
    path = "/connectors/{name}/restart",
    params(NamePath<ConnectorName>, ("includeTasks" = Option<bool>, Query, description = "Restart the tasks, too"), ("onlyFailed" = Option<bool>, Query, description = "Restart only what has failed")),
    responses(
        (status = NO_CONTENT, description = "The connector was restarted"),
        (status = ACCEPTED, description = "What will be restarted", body = ConnectorStateInfo),
        (status = NOT_FOUND, description = "There is no such connector", body = ErrorMessage),
    )
)]
pub(super) async fn restart(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
    query: QueryParams,
) -> Answer<Response> {
    let flag = |name| query.flag(name).unwrap_or(false);
    let scope = RestartScope {
        include_tasks: flag("includeTasks"),
        only_failed: flag("onlyFailed"),
    };
    if !scope.include_tasks && !scope.only_failed {
        api.herder()
            .ask(|it| Request::RestartConnector(name, it))
            .await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let plan = api
        .herder()
        .ask(|it| Request::Restart(name, scope, it))
        .await?;
    Ok((StatusCode::ACCEPTED, Json(ConnectorStateInfo::from(plan))).into_response())
}

/// Puts the name into the configuration, which must not hold another one.
fn claim_name(config: &mut Props, name: &ConnectorName) -> Answer<()> {
    match config.get(NAME) {
        Some(own) if own != name.as_str() => Err(RestError::bad_request(format!(
            "Connector name configuration ({own}) doesn't match connector name in the URL ({name})"
        ))),
        Some(_) => Ok(()),
        None => {
            config.insert(NAME, Some(name.to_string()));
            Ok(())
        }
    }
}

fn created(base: &BaseUrl, info: herder::ConnectorInfo) -> Response {
    let location = location(&base.0, &info.name);
    (
        StatusCode::CREATED,
        [(LOCATION, location)],
        Json(ConnectorInfo::from(info)),
    )
        .into_response()
}
