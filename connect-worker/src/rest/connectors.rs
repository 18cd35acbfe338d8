//! `/connectors` and what is below one connector, its tasks left out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use connect_core::config::Props;
use indexmap::IndexMap;

use super::Api;
use super::body::{CreateRequest, JsonBody};
use super::dto::{ConfigMap, ConnectorInfo, ConnectorStateInfo, Expanded};
use super::error::RestError;
use super::path::{NamePath, location};
use super::query::QueryParams;
use crate::config::connector::NAME;
use crate::config::connector_file::NewConnector;
use crate::herder::{self, ConnectorOverview, PutOutcome, Request, RestartScope, TargetState};
use crate::identity::ConnectorName;

type Answer<T> = Result<T, RestError>;

/// `GET /connectors`
pub(super) async fn list(State(api): State<Arc<Api>>, query: QueryParams) -> Answer<Response> {
    if query.first("expand").is_none() {
        let names = api.herder().ask(Request::Connectors).await?;
        let names: Vec<_> = names.iter().map(ConnectorName::as_str).collect();
        return Ok(Json(names).into_response());
    }
    let wants = |what| query.all("expand").any(|it| it == what);
    let (wants_status, wants_info) = (wants("status"), wants("info"));
    let mut connectors = IndexMap::new();
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
    Ok(Json(connectors).into_response())
}

/// `POST /connectors`
pub(super) async fn create(State(api): State<Arc<Api>>, body: JsonBody) -> Answer<Response> {
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
    Ok(created(&api, info))
}

/// `GET /connectors/{name}`
pub(super) async fn info(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<Json<ConnectorInfo>> {
    let info = api.herder().ask(|it| Request::Connector(name, it)).await?;
    Ok(Json(info.into()))
}

/// `DELETE /connectors/{name}`
pub(super) async fn delete(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<StatusCode> {
    api.herder().ask(|it| Request::Delete(name, it)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /connectors/{name}/config`
pub(super) async fn config(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<Json<ConfigMap>> {
    let info = api.herder().ask(|it| Request::Connector(name, it)).await?;
    Ok(Json(ConfigMap(info.config)))
}

/// `PUT /connectors/{name}/config`
pub(super) async fn put_config(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
    body: JsonBody,
) -> Answer<Response> {
    let mut config = body.config()?;
    claim_name(&mut config, &name)?;
    Ok(match api.admission.put(name, config).await? {
        PutOutcome::Created(info) => created(&api, info),
        PutOutcome::Updated(info) => Json(ConnectorInfo::from(info)).into_response(),
    })
}

/// `PATCH /connectors/{name}/config`
pub(super) async fn patch_config(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
    body: JsonBody,
) -> Answer<Json<ConnectorInfo>> {
    let info = api.admission.patch(name, &body.config()?).await?;
    Ok(Json(info.into()))
}

/// `GET /connectors/{name}/status`
pub(super) async fn status(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<Json<ConnectorStateInfo>> {
    let status = api.herder().ask(|it| Request::Status(name, it)).await?;
    Ok(Json(status.into()))
}

/// `PUT /connectors/{name}/pause`
pub(super) async fn pause(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<StatusCode> {
    set_target(&api, name, TargetState::Paused).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `PUT /connectors/{name}/resume`
pub(super) async fn resume(
    State(api): State<Arc<Api>>,
    NamePath(name): NamePath<ConnectorName>,
) -> Answer<StatusCode> {
    set_target(&api, name, TargetState::Started).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `PUT /connectors/{name}/stop`
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

/// `POST /connectors/{name}/restart`
///
/// Without any flag the connector alone is restarted before the answer; else the plan is answered.
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

fn created(api: &Api, info: herder::ConnectorInfo) -> Response {
    let location = location(&api.base_url, &info.name);
    (
        StatusCode::CREATED,
        [(LOCATION, location)],
        Json(ConnectorInfo::from(info)),
    )
        .into_response()
}
