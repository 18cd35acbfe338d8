//! Which path is whose, and what every answer goes through.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post, put};
use connect_core::error::panic_text;
use futures::FutureExt;
use tower::{Layer, ServiceExt};

use super::cors::{self, Cors};
use super::error::RestError;
use super::extensions::{self, Extensions};
use super::negotiation::{json_only, json_out};
use super::response_headers::{self, HeaderRules};
use super::server::SetupError;
use super::{Api, connectors, health, loggers, offsets, openapi, path, plugins, root, tasks};
use crate::config::worker::WorkerConfig;

/// Largest body of a request; configurations are much smaller.
pub(super) const MAX_BODY_BYTES: usize = 16 << 20;

/// What the worker's settings add to every answer.
#[derive(Clone, Debug)]
pub(super) struct Decoration {
    cors: Option<Arc<Cors>>,
    headers: Arc<HeaderRules>,
    /// Who sees requests before the paths below do.
    pub(super) extensions: Extensions,
}

impl Decoration {
    /// # Errors
    /// When a setting makes no sense.
    pub(super) fn of(config: &WorkerConfig) -> Result<Self, SetupError> {
        Ok(Self {
            cors: Cors::new(&config.cross_origin)?.map(Arc::new),
            headers: Arc::new(HeaderRules::new(&config.response_headers)?),
            extensions: Extensions::default(),
        })
    }
}

/// Paths whose handlers read and write JSON.
pub(super) fn json_routes() -> [(&'static str, MethodRouter<Arc<Api>>); 16] {
    [
        (
            "/connectors",
            get(connectors::list).post(connectors::create),
        ),
        (
            "/connectors/{name}",
            get(connectors::info).delete(connectors::delete),
        ),
        (
            "/connectors/{name}/config",
            get(connectors::config)
                .put(connectors::put_config)
                .patch(connectors::patch_config),
        ),
        (
            "/connectors/{name}/offsets",
            get(offsets::list)
                .patch(offsets::alter)
                .delete(offsets::reset),
        ),
        ("/connectors/{name}/topics", get(offsets::topics)),
        (
            "/connectors/{name}/topics/reset",
            put(offsets::reset_topics),
        ),
        ("/connectors/{name}/status", get(connectors::status)),
        ("/connectors/{name}/pause", put(connectors::pause)),
        ("/connectors/{name}/resume", put(connectors::resume)),
        ("/connectors/{name}/stop", put(connectors::stop)),
        ("/connectors/{name}/restart", post(connectors::restart)),
        ("/connectors/{name}/tasks/{task}/status", get(tasks::status)),
        (
            "/connectors/{name}/tasks/{task}/restart",
            post(tasks::restart),
        ),
        ("/connector-plugins", get(plugins::list)),
        ("/connector-plugins/{name}/config", get(plugins::config)),
        (
            "/connector-plugins/{name}/config/validate",
            put(plugins::validate),
        ),
    ]
}

/// Paths for administrators, which read and write JSON, too.
pub(super) fn admin_routes() -> [(&'static str, MethodRouter<Arc<Api>>); 2] {
    [
        ("/admin/loggers", get(loggers::list)),
        ("/admin/loggers/{name}", get(loggers::get).put(loggers::set)),
    ]
}

/// Paths that the reference does not have; none of them changes anything.
pub(super) fn extension_routes() -> [(&'static str, MethodRouter<Arc<Api>>); 3] {
    [
        ("/ext/v1/openapi.json", get(openapi::document)),
        ("/ext/v1/ready", get(health::ready)),
        ("/ext/v1/connectors/{name}/health", get(health::connector)),
    ]
}

/// Paths whose types differ from one method to the other, or do not count.
pub(super) fn other_routes() -> [(&'static str, MethodRouter<Arc<Api>>); 4] {
    [
        ("/", get(root::server_info).route_layer(from_fn(json_out))),
        ("/health", get(root::health).route_layer(from_fn(json_out))),
        ("/connectors/{name}/fence", put(tasks::fence)),
        // Among workers tasks are sent in any type; everybody else reads them as JSON.
        (
            "/connectors/{name}/tasks",
            get(tasks::list)
                .route_layer(from_fn(json_only))
                .post(tasks::submit_configs),
        ),
    ]
}

/// Whether the paths for administrators are among all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AdminPaths {
    Here,
    Elsewhere,
}

/// All paths.
pub(super) fn router(api: Arc<Api>, admin: AdminPaths, decoration: Decoration) -> Router {
    let plain = other_routes().into_iter().chain(extension_routes());
    let mut router = plain.fold(
        with_json_only(Router::new(), json_routes()),
        |router, (path, methods)| router.route(path, methods),
    );
    if admin == AdminPaths::Here {
        router = with_json_only(router, admin_routes());
    }
    answering(router.with_state(api))
        .layer(from_fn_with_state(decoration.extensions, extensions::ask))
        .layer(from_fn(catch_panics))
        .layer(from_fn_with_state(
            decoration.headers,
            response_headers::apply,
        ))
        .layer(from_fn_with_state(decoration.cors, cors::apply))
        .layer(from_fn(log))
}

/// The paths for administrators alone, without what the settings add to other answers.
pub(super) fn admin_router(api: Arc<Api>) -> Router {
    let router = with_json_only(Router::new(), admin_routes());
    answering(router.with_state(api)).layer(from_fn(log))
}

fn with_json_only(
    router: Router<Arc<Api>>,
    routes: impl IntoIterator<Item = (&'static str, MethodRouter<Arc<Api>>)>,
) -> Router<Arc<Api>> {
    routes.into_iter().fold(router, |router, (path, methods)| {
        router.route(path, methods.route_layer(from_fn(json_only)))
    })
}

/// Answers every request, also those for which there is no path.
///
/// Paths are rewritten before the router sees them, and it has to tell the methods of a path before
/// they can be passed on: both happen around it.
fn answering(router: Router) -> Router {
    let router = router
        .fallback(async || RestError::plain(StatusCode::NOT_FOUND))
        .method_not_allowed_fallback(async || RestError::plain(StatusCode::METHOD_NOT_ALLOWED));
    let answers = from_fn(tell_methods)
        .layer(router)
        .map_request(path::normalise);
    Router::new()
        .fallback_service(answers)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(catch_panics))
}

/// Answers `OPTIONS` with what the router says of a path when a method is not among its own. The
/// reference keeps the methods to itself unless it is asked for them.
async fn tell_methods(request: Request, next: Next) -> Response {
    let is_options = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let methods = response.headers_mut().remove(ALLOW);
    let methods = methods
        .as_ref()
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    if !is_options {
        return response;
    }
    let allowed = format!("{methods},OPTIONS");
    let body = allowed.replace(',', ", ");
    (
        [(CONTENT_TYPE, "text/plain".to_owned()), (ALLOW, allowed)],
        body,
    )
        .into_response()
}

/// A panic fails its request, nothing else.
async fn catch_panics(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            let text = panic_text(panic.as_ref());
            RestError::internal(format!("the request ended in a panic: {text}")).into_response()
        }
    }
}

/// One line a request: what changes something at INFO, the rest at DEBUG.
async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let start = Instant::now();

    let response = next.run(request).await;

    let status = response.status().as_u16();
    let elapsed = start.elapsed();
    if method.is_safe() {
        tracing::debug!(%method, path, status, ?elapsed, "request answered");
    } else {
        tracing::info!(%method, path, status, ?elapsed, "request answered");
    }
    response
}
