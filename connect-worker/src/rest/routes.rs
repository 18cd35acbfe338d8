//! Which path is whose, and what every answer goes through.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, SERVER};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use connect_core::error::panic_text;
use futures::FutureExt;
use hyper::ext::ReasonPhrase;
use tower::{Layer, ServiceExt};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use super::cors::{self, Cors};
use super::error::RestError;
use super::extensions::{self, Extensions, Known};
use super::negotiation::{json_only, json_out, type_of_methods, well_typed};
use super::response_headers::{self, HeaderRules};
use super::server::SetupError;
use super::{
    Api, connectors, forward, health, loggers, metrics, offsets, openapi, path, plugins, refusal,
    root, tasks, unread,
};
use crate::config::worker::WorkerConfig;

/// Largest body of a request; configurations are much smaller.
pub(super) const MAX_BODY_BYTES: usize = 16 << 20;

const SERVER_NAME: HeaderValue =
    HeaderValue::from_static(concat!("connect-worker/", env!("CARGO_PKG_VERSION")));

const SERVER_ERROR: ReasonPhrase = ReasonPhrase::from_static(b"Server Error");

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

/// Paths, and what the OpenAPI document says of them.
pub(super) type Routes = OpenApiRouter<Arc<Api>>;

/// All paths of a worker.
pub(super) fn all(extensions: &Extensions) -> Routes {
    plain(extensions).merge(admin(extensions))
}

/// What is there for everybody.
fn plain(extensions: &Extensions) -> Routes {
    let json = |routes| guarded(routes, extensions, Types::Json);
    // Some of these take any type, and some are met by clients that say nothing of types.
    let any = |routes| guarded(routes, extensions, Types::JsonOut);
    OpenApiRouter::new()
        .routes(any(routes!(root::server_info)))
        .routes(any(routes!(root::health)))
        .routes(json(routes!(connectors::list, connectors::create)))
        .routes(json(routes!(connectors::info, connectors::delete)))
        .routes(json(routes!(
            connectors::config,
            connectors::put_config,
            connectors::patch_config
        )))
        .routes(json(routes!(connectors::status)))
        .routes(json(routes!(connectors::pause)))
        .routes(json(routes!(connectors::resume)))
        .routes(json(routes!(connectors::stop)))
        .routes(json(routes!(connectors::restart)))
        .routes(json(routes!(offsets::list, offsets::alter, offsets::reset)))
        .routes(json(routes!(offsets::topics)))
        .routes(json(routes!(offsets::reset_topics)))
        .routes(json(routes!(tasks::list)))
        .routes(json(routes!(tasks::status)))
        .routes(json(routes!(tasks::restart)))
        .routes(any(routes!(tasks::submit_configs)))
        .routes(any(routes!(tasks::fence)))
        .routes(json(routes!(plugins::list)))
        .routes(json(routes!(plugins::config)))
        .routes(json(routes!(plugins::validate)))
        .routes(any(routes!(openapi::document)))
        .routes(any(routes!(metrics::text)))
        .routes(any(routes!(metrics::list)))
        .routes(any(routes!(health::ready)))
        .routes(any(routes!(health::connector)))
}

/// What is there for administrators.
fn admin(extensions: &Extensions) -> Routes {
    let json = |routes| guarded(routes, extensions, Types::Json);
    OpenApiRouter::new()
        .routes(json(routes!(loggers::list)))
        .routes(json(routes!(loggers::get, loggers::set)))
}

/// What clients of a path send and accept.
#[derive(Clone, Copy, Debug)]
enum Types {
    /// JSON, both ways.
    Json,
    /// They accept JSON, and send what they like.
    JsonOut,
}

/// Lets a path be reached by requests of the right types that no extension has answered.
fn guarded(
    (schemas, paths, methods): UtoipaMethodRouter<Arc<Api>>,
    extensions: &Extensions,
    types: Types,
) -> UtoipaMethodRouter<Arc<Api>> {
    let methods = methods.route_layer(from_fn_with_state(extensions.clone(), extensions::ask));
    let methods = match types {
        Types::Json => methods.route_layer(from_fn(json_only)),
        Types::JsonOut => methods.route_layer(from_fn(json_out)),
    };
    (schemas, paths, methods)
}

/// Whether the paths for administrators are among all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AdminPaths {
    Here,
    Elsewhere,
}

/// Answers for all paths.
pub(super) fn router(api: Arc<Api>, place: AdminPaths, decoration: Decoration) -> Router {
    let Decoration {
        cors,
        headers,
        extensions,
    } = decoration;
    let routes = match place {
        AdminPaths::Here => all(&extensions),
        AdminPaths::Elsewhere => plain(&extensions),
    };
    let (router, _) = routes.split_for_parts();
    let router = router.layer(from_fn_with_state(Arc::clone(&api), forward::elsewhere));
    let router = answering(router.with_state(api), extensions)
        .layer(from_fn_with_state(headers, response_headers::apply))
        .layer(from_fn_with_state(cors, cors::apply));
    outermost(router)
}

/// The paths for administrators alone, without what the settings add to other answers.
pub(super) fn admin_router(api: Arc<Api>) -> Router {
    let extensions = Extensions::default();
    let (router, _) = admin(&extensions).split_for_parts();
    outermost(answering(router.with_state(api), extensions))
}

/// Answers every request, also those for which there is no path.
///
/// Paths are rewritten before the router sees them, and it has to tell the methods of a path before
/// they can be passed on: both happen around it.
fn answering(router: Router, extensions: Extensions) -> Router {
    let unknown = extensions.clone();
    let unknown = async move |request: Request| match unknown.answer(request, Known::No).await {
        Ok(_) => RestError::plain(StatusCode::NOT_FOUND).into_response(),
        Err(response) => response,
    };
    let router = router
        .fallback(unknown)
        .method_not_allowed_fallback(async || RestError::plain(StatusCode::METHOD_NOT_ALLOWED));
    let answers = from_fn_with_state(extensions, tell_methods)
        .layer(router)
        .map_request(path::normalise);
    Router::new()
        .fallback_service(answers)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn(well_typed))
        .layer(from_fn(catch_panics))
}

/// What is around everything else: some requests never reach what is within.
fn outermost(router: Router) -> Router {
    router
        .layer(from_fn(unread::take))
        .layer(from_fn(refusal::refuse))
        .layer(map_response(introduce))
        .layer(from_fn(log))
}

/// Says which program answers, and calls failures what clients of the reference print.
async fn introduce(mut response: Response) -> Response {
    response.headers_mut().entry(SERVER).or_insert(SERVER_NAME);
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        response.extensions_mut().insert(SERVER_ERROR);
    }
    response
}

/// Answers `OPTIONS` with what the router says of a path when a method is not among its own. The
/// reference keeps the methods to itself unless it is asked for them.
async fn tell_methods(
    State(extensions): State<Extensions>,
    request: Request,
    next: Next,
) -> Response {
    let question = (request.method() == Method::OPTIONS).then(|| {
        let mut question = Request::default();
        *question.method_mut() = request.method().clone();
        *question.uri_mut() = request.uri().clone();
        question.headers_mut().clone_from(request.headers());
        question
    });
    let mut response = next.run(request).await;
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let methods = response.headers_mut().remove(ALLOW);
    let methods = methods
        .as_ref()
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let Some(question) = question else {
        return response;
    };
    let content_type = type_of_methods(question.headers());
    if let Err(answered) = extensions.answer(question, Known::Yes).await {
        return answered;
    }
    let allowed = format!("{methods},OPTIONS");
    let body = allowed.replace(',', ", ");
    let mut response = ([(ALLOW, allowed)], body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
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
