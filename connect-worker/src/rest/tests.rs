//! The API against a herder that answers from a script: bodies to the letter, statuses, headers.

mod connectors;
mod decoration;
mod extensions;
mod fake;
mod health;
mod loggers;
mod metrics;
mod offsets;
mod openapi;
mod plugins;
mod protocol;
mod server;
mod timeouts;
mod tls;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use connect_core::config::Props;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use super::routes::{self, AdminPaths, Decoration};
use super::*;
use crate::config::fixtures::{JSON, plugins};
use crate::config::worker::{Brokers, WorkerConfig};
use crate::herder::Herder;
use crate::peers::Peers;

/// The API of a worker whose herder is a [`fake`].
struct Rest {
    admission: Admission,
    decoration: Decoration,
    log_levels: LogLevels,
    metrics: Arc<Metrics>,
    ready: watch::Sender<bool>,
    /// Holds the herder; dropping it ends the herder.
    _herder: JoinSet<()>,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Rest {
    fn start() -> Self {
        Self::with(&[])
    }

    /// With a herder that takes requests and answers none.
    fn silent() -> Self {
        Self::made(&[], |tasks| {
            let (herder, requests) = Herder::channel();
            tasks.spawn(async move {
                let _held = requests;
                std::future::pending::<()>().await;
            });
            herder
        })
    }

    /// With more worker settings.
    fn with(settings: &[(&str, &str)]) -> Self {
        Self::made(settings, fake::start)
    }

    fn made(settings: &[(&str, &str)], start: fn(&mut JoinSet<()>) -> Herder) -> Self {
        let worker = worker(settings);
        let mut herder = JoinSet::new();
        let handle = start(&mut herder);
        let decoration = Decoration::of(&worker).unwrap();
        Self {
            admission: Admission::new(
                handle,
                Arc::new(plugins()),
                Arc::new(worker),
                Arc::default(),
            ),
            decoration,
            log_levels: LogLevels::new(&"info,a::b=off".parse().unwrap()),
            metrics: crate::metrics::tests::metrics("60000"),
            ready: watch::channel(true).0,
            _herder: herder,
        }
    }

    /// Answers over sockets.
    fn serve(&self, bound: BoundServer) -> RestServer {
        let (log_levels, metrics) = (self.log_levels.clone(), Arc::clone(&self.metrics));
        bound
            .serve(self.admission.clone(), log_levels, metrics)
            .unwrap()
    }

    async fn send(&self, request: Request) -> Answer {
        let api = Api {
            peers: Peers::default(),
            admission: self.admission.clone(),
            log_levels: self.log_levels.clone(),
            metrics: Arc::clone(&self.metrics),
            base_url: "http://worker:8083/".to_owned(),
            ready: self.ready.subscribe(),
        };
        let router = routes::router(Arc::new(api), AdminPaths::Here, self.decoration.clone());
        let response = router.oneshot(request).await;
        Answer::of(response.unwrap()).await
    }

    /// Sends a request such as `GET /connectors`; a body is declared as JSON.
    async fn call(&self, request_line: &str, body: &str) -> Answer {
        let (method, path) = request_line.split_once(' ').unwrap();
        let mut request = request(method, path);
        if !body.is_empty() {
            request
                .headers_mut()
                .insert(CONTENT_TYPE, "application/json".parse().unwrap());
            *request.body_mut() = Body::from(body.to_owned());
        }
        self.send(request).await
    }

    #[track_caller]
    fn check(
        &self,
        request_line: &'static str,
        body: &'static str,
        status: u16,
        expected: &str,
    ) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let answer = self.call(request_line, body).await;

            assert_eq!(answer.text, expected, "{request_line}, at {caller}");
            assert_eq!(answer.status, status, "{request_line}, at {caller}");
        }
    }

    #[track_caller]
    fn check_error(
        &self,
        request_line: &'static str,
        body: &'static str,
        status: u16,
        message: &str,
    ) -> impl Future<Output = ()> {
        let message = serde_json::to_string(message).unwrap();
        let expected = format!(r#"{{"error_code":{status},"message":{message}}}"#);
        let caller = std::panic::Location::caller();
        async move {
            let answer = self.call(request_line, body).await;

            assert_eq!(answer.text, expected, "{request_line}, at {caller}");
            assert_eq!(answer.status, status, "{request_line}, at {caller}");
            assert_eq!(
                answer.headers[CONTENT_TYPE], "application/json",
                "at {caller}"
            );
        }
    }

    /// A body that is refused with a message, at a column of its only line, on a path of fields.
    async fn check_refused(
        &self,
        request_line: &'static str,
        body: &'static str,
        message: &str,
        column: usize,
        path: &str,
    ) {
        let path = match path {
            "" => String::new(),
            path => format!(" (through reference chain: {path})"),
        };
        let message = format!(
            "{message}\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` \
             disabled); line: 1, column: {column}]{path}"
        );
        self.check_error(request_line, body, 500, &message).await;
    }
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }
}

fn worker(settings: &[(&str, &str)]) -> WorkerConfig {
    let required = [
        ("bootstrap.servers", "a:1"),
        ("key.converter", JSON),
        ("value.converter", JSON),
        ("offset.storage.file.filename", "f"),
        ("listeners", "http://127.0.0.1:0"),
    ];
    let props = Props::from_iter(required.iter().chain(settings).copied());
    WorkerConfig::parse(props, Brokers::Configured, &plugins())
        .unwrap()
        .with_cluster_id("kafka-1")
}

fn request(method: &str, path: &str) -> Request {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "worker")
        .body(Body::empty())
        .unwrap()
}
