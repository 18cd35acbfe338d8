//! Extensions of the API: plugins that see the requests of clients first.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use connect_core::config::Props;
use connect_core::plugin::PluginEntry;
use connect_core::registry::PluginRegistry;
use connect_core::rest_extension::{
    ClusterState, ClusterView, ConnectorHealth, ErasedRestExtension, Health, RestRequest,
    RestResponse,
};
use connect_core::source::BoxFuture;
use connect_core::{ConnectError, Result};

use super::body::in_time;
use super::dto::type_name;
use super::error::RestError;
use super::routes::MAX_BODY_BYTES;
use super::server::{REST_EXTENSIONS, SetupError};
use crate::config::worker::WorkerConfig;
use crate::herder::{Herder, HerderError, Request as Question};
use crate::storage::status::Status;

/// The extensions of a worker, in the order in which they are asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Extensions(Arc<[Box<dyn ErasedRestExtension>]>);

impl Extensions {
    /// Makes the extensions that a worker names.
    ///
    /// # Errors
    /// When there is none of that name, or it refuses the worker's settings.
    pub(super) fn new(
        config: &WorkerConfig,
        plugins: &PluginRegistry,
        herder: &Herder,
    ) -> std::result::Result<Self, SetupError> {
        let cluster = ClusterState::new(Arc::new(View(herder.clone())));
        let extensions = config.rest_extensions.iter().map(|class| {
            let unknown = || SetupError::Extension(class.clone());
            let plugin = plugins.rest_extension(class).map_err(|_| unknown())?;
            let PluginEntry::RestExtension { new } = plugin.entry else {
                return Err(unknown());
            };
            let made = new(config.originals(), cluster.clone());
            made.map_err(|error| SetupError::Setting {
                key: REST_EXTENSIONS.into(),
                problem: error.to_string(),
            })
        });
        let extensions = extensions.collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(Self(extensions.into()))
    }
}

/// Whether the worker has an answer of its own to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Yes,
    No,
}

/// Asks the extensions before the worker answers a request.
pub(super) async fn ask(
    State(extensions): State<Extensions>,
    request: Request,
    next: Next,
) -> Response {
    match extensions.answer(request, Known::Yes).await {
        Ok(request) => next.run(request).await,
        Err(response) => response,
    }
}

impl Extensions {
    /// Returns the request, unless an extension answers it.
    pub(super) async fn answer(
        &self,
        request: Request,
        known: Known,
    ) -> std::result::Result<Request, Response> {
        if self.0.is_empty() {
            return Ok(request);
        }
        let (parts, body) = request.into_parts();
        let body = in_time(to_bytes(body, MAX_BODY_BYTES)).await;
        let body = body.map_err(IntoResponse::into_response)?;
        let too_large = |_| RestError::plain(StatusCode::PAYLOAD_TOO_LARGE).into_response();
        let body = body.map_err(too_large)?;
        let headers = parts.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let seen = RestRequest {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: headers.collect(),
            body: body.clone(),
            is_known: known == Known::Yes,
        };
        for extension in self.0.iter() {
            match extension.handle(&seen).await {
                Ok(Some(response)) => return Err(answer(response)),
                Ok(None) => {}
                Err(error) => return Err(RestError::internal(error.to_string()).into_response()),
            }
        }
        Ok(Request::from_parts(parts, Body::from(body)))
    }
}

fn answer(extension: RestResponse) -> Response {
    let Ok(status) = StatusCode::from_u16(extension.status) else {
        let problem = format!("an extension answered with status {}", extension.status);
        return RestError::internal(problem).into_response();
    };
    let mut response = (status, extension.body).into_response();
    response.headers_mut().clear();
    for (name, value) in extension.headers {
        let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>())
        else {
            let problem = format!("an extension answered with a malformed header `{name}`");
            return RestError::internal(problem).into_response();
        };
        response.headers_mut().append(name, value);
    }
    response
}

/// What the herder knows, in the words of the SDK.
struct View(Herder);

impl ClusterView for View {
    fn connectors(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(async {
            let names = self.0.ask(Question::Connectors).await;
            let names = names.map_err(|error| ConnectError::retriable(error.to_string()))?;
            Ok(names.iter().map(ToString::to_string).collect())
        })
    }

    fn health<'a>(&'a self, connector: &'a str) -> BoxFuture<'a, Result<Option<ConnectorHealth>>> {
        Box::pin(async move {
            let name = connector.to_owned().into();
            let status = known(self.0.ask(|reply| Question::Status(name, reply)).await)?;
            Ok(status.map(|status| ConnectorHealth {
                kind: type_name(status.kind).to_owned(),
                connector: health(&status.connector),
                tasks: status
                    .tasks
                    .iter()
                    .map(|(number, status)| (*number, health(status)))
                    .collect::<BTreeMap<_, _>>(),
            }))
        })
    }

    fn config<'a>(&'a self, connector: &'a str) -> BoxFuture<'a, Result<Option<Props>>> {
        Box::pin(async move {
            let name = connector.to_owned().into();
            let info = known(self.0.ask(|reply| Question::Connector(name, reply)).await)?;
            Ok(info.map(|it| it.config))
        })
    }
}

fn health(status: &Status) -> Health {
    Health {
        state: status.state.to_string(),
        worker: status.worker_id.clone(),
        trace: status.trace.clone(),
    }
}

/// What the herder answers; `None` when there is nothing of that name.
fn known<T>(answer: std::result::Result<T, HerderError>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(HerderError::NotFound(_)) => Ok(None),
        Err(error) => Err(ConnectError::retriable(error.to_string())),
    }
}
