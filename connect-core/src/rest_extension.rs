//! Extensions of the worker's REST API: paths of their own, and a say in every request.
//!
//! Requests and responses are plain values, so that an extension depends on no HTTP server.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use crate::config::{ConnectorConfig, Props};
use crate::error::Result;
use crate::source::BoxFuture;

/// Sees the requests of clients before the worker does.
///
/// The worker has one instance for each class in `rest.extension.classes` and asks them in that
/// order, from many places at once. Requests that the worker refuses for their method or type are
/// not shown to them. Implement it under `#[rest_extension]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a REST extension",
    label = "does not implement `RestExtension`",
    note = "implement `RestExtension` for `{Self}`"
)]
pub trait RestExtension: Sized + Send + Sync + 'static {
    /// The configuration: keys of the worker.
    type Config: ConnectorConfig;

    /// Makes the extension. `cluster` answers as soon as the worker serves requests.
    ///
    /// # Errors
    /// When the configuration, though well-formed, cannot be used.
    fn new(config: Self::Config, cluster: ClusterState) -> Result<Self>;

    /// Answers a request, or leaves it to the next extension and then to the worker.
    ///
    /// # Errors
    /// When it cannot be told; the client gets a response of status 500.
    fn handle(
        &self,
        request: &RestRequest,
    ) -> impl Future<Output = Result<Option<RestResponse>>> + Send;
}

/// A request of a client. `Debug` shows neither headers nor body, which may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct RestRequest {
    /// `GET`, `PUT` and so on.
    pub method: String,
    /// The path, which begins with a slash.
    pub path: String,
    /// What follows the question mark.
    pub query: Option<String>,
    /// Names in lower case, and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// Whether the worker itself answers such requests; else the client is told that there is
    /// nothing of that path.
    pub is_known: bool,
}

impl RestRequest {
    /// The first header of that name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(it, _)| it.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

impl fmt::Debug for RestRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// The response to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestResponse {
    /// The status code.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl RestResponse {
    /// A response in plain text.
    #[must_use]
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self::of_type(status, "text/plain", text.into())
    }

    /// A response in JSON.
    #[must_use]
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::of_type(status, "application/json", body.to_string())
    }

    fn of_type(status: u16, kind: &str, body: String) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.into(),
        }
    }
}

/// How connectors are. Cheap to clone.
#[derive(Clone)]
pub struct ClusterState(Arc<dyn ClusterView>);

impl ClusterState {
    /// What the worker makes.
    #[must_use]
    pub fn new(view: Arc<dyn ClusterView>) -> Self {
        Self(view)
    }

    /// Names of all connectors, sorted.
    ///
    /// # Errors
    /// When the worker does not answer.
    pub async fn connectors(&self) -> Result<Vec<String>> {
        self.0.connectors().await
    }

    /// How a connector is; `None` when there is none of that name.
    ///
    /// # Errors
    /// When the worker does not answer.
    pub async fn health(&self, connector: &str) -> Result<Option<ConnectorHealth>> {
        self.0.health(connector).await
    }

    /// The configuration of a connector as it was written; `None` when there is none of that name.
    ///
    /// # Errors
    /// When the worker does not answer.
    pub async fn config(&self, connector: &str) -> Result<Option<Props>> {
        self.0.config(connector).await
    }
}

impl fmt::Debug for ClusterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClusterState")
    }
}

/// What a worker, or a test, answers for a [`ClusterState`].
pub trait ClusterView: Send + Sync {
    /// See [`ClusterState::connectors`].
    fn connectors(&self) -> BoxFuture<'_, Result<Vec<String>>>;

    /// See [`ClusterState::health`].
    fn health<'a>(&'a self, connector: &'a str) -> BoxFuture<'a, Result<Option<ConnectorHealth>>>;

    /// See [`ClusterState::config`].
    fn config<'a>(&'a self, connector: &'a str) -> BoxFuture<'a, Result<Option<Props>>>;
}

/// How a connector is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorHealth {
    /// `source`, `sink` or `unknown`.
    pub kind: String,
    /// How the connector itself is.
    pub connector: Health,
    /// How its tasks are, by number.
    pub tasks: BTreeMap<u32, Health>,
}

/// How a connector or task is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// `RUNNING`, `FAILED` and so on.
    pub state: String,
    /// The worker that runs it.
    pub worker: String,
    /// Why it failed.
    pub trace: Option<String>,
}

/// What the worker calls. Not for authors: implemented for every [`RestExtension`].
pub trait ErasedRestExtension: Send + Sync {
    /// See [`RestExtension::handle`].
    fn handle<'a>(
        &'a self,
        request: &'a RestRequest,
    ) -> BoxFuture<'a, Result<Option<RestResponse>>>;
}

impl<T: RestExtension> ErasedRestExtension for T {
    fn handle<'a>(
        &'a self,
        request: &'a RestRequest,
    ) -> BoxFuture<'a, Result<Option<RestResponse>>> {
        Box::pin(RestExtension::handle(self, request))
    }
}

impl fmt::Debug for dyn ErasedRestExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RestExtension")
    }
}

pub(crate) fn new_rest_extension<T: RestExtension>(
    props: &Props,
    cluster: ClusterState,
) -> Result<Box<dyn ErasedRestExtension>> {
    Ok(Box::new(T::new(T::Config::parse(props)?, cluster)?))
}
