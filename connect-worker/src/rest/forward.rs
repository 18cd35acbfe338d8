//! Requests that another worker of the cluster has to answer are passed on to it.
//!
//! A worker that is not the right one knows the leader, and the leader knows who has what: a request
//! makes at most two hops. The parameter `forward` counts them.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;

use super::Api;
use super::base_url::BaseUrl;
use super::error::{Elsewhere, RestError};
use super::routes::MAX_BODY_BYTES;
use crate::peers::{PeerAnswer, PeerRequest};

const FORWARD: &str = "forward";
const NO_LEADER: &str = "Cannot complete request momentarily due to no known leader URL, likely \
                         because a rebalance was underway.";
const TOO_MANY_HOPS: &str =
    "Cannot complete request because of a conflicting operation (e.g. worker rebalance)";
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What is kept of a request, for another worker.
struct Original {
    method: Method,
    uri: Uri,
    authorization: Option<HeaderValue>,
    base: String,
    body: Bytes,
}

/// Passes a request on if this worker says that it is not the one to answer.
pub(super) async fn elsewhere(
    State(api): State<Arc<Api>>,
    request: Request,
    next: Next,
) -> Response {
    if request.method().is_safe() || api.admission.worker().cluster().is_none() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = match to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => body,
        Err(error) => return RestError::internal(error.to_string()).into_response(),
    };
    let original = Original {
        method: parts.method.clone(),
        uri: parts.uri.clone(),
        authorization: parts.headers.get(AUTHORIZATION).cloned(),
        base: BaseUrl::of(&parts, &api).0,
        body: body.clone(),
    };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    match response.extensions().get::<Elsewhere>() {
        None => response,
        Some(Elsewhere(None)) => conflict(NO_LEADER),
        Some(Elsewhere(Some(url))) => {
            let url = url.clone();
            original.pass_on(&api, &url).await
        }
    }
}

fn conflict(text: &str) -> Response {
    RestError::new(StatusCode::CONFLICT, text).into_response()
}

impl Original {
    async fn pass_on(self, api: &Api, url: &str) -> Response {
        let Some(path) = next_hop(&self.uri) else {
            return conflict(TOO_MANY_HOPS);
        };
        tracing::debug!(url, path, "request is passed on to another worker");
        let asked = api.peers.ask(PeerRequest {
            method: self.method,
            base: url,
            path: &path,
            body: (!self.body.is_empty()).then_some(self.body),
            authorization: self.authorization,
            headers: Vec::new(),
        });
        match asked.await {
            Ok(answer) => passed_back(answer, url, &self.base),
            Err(error) => forwarding_failed(&error),
        }
    }
}

fn forwarding_failed(problem: &dyn std::fmt::Display) -> Response {
    let text = format!("IO Error trying to forward REST request: {problem}");
    RestError::internal(text).into_response()
}

/// Path and query for the next worker; `None` when there have been hops enough.
fn next_hop(uri: &Uri) -> Option<String> {
    let pairs = uri.query().unwrap_or_default().split('&');
    let mut others = Vec::new();
    let mut received = None;
    for pair in pairs.filter(|it| !it.is_empty()) {
        match pair.split_once('=').unwrap_or((pair, "")) {
            (FORWARD, value) => received = Some(value.eq_ignore_ascii_case("true")),
            _ => others.push(pair.to_owned()),
        }
    }
    let forward = match received {
        None => true,
        Some(true) => false,
        Some(false) => return None,
    };
    others.push(format!("{FORWARD}={forward}"));
    let path = uri.path().trim_start_matches('/');
    Some(format!("{path}?{}", others.join("&")))
}

/// The error body of workers.
#[derive(Deserialize)]
struct ErrorBody {
    error_code: u16,
    message: Option<String>,
}

/// The answer of another worker as one of this one.
fn passed_back(answer: PeerAnswer, url: &str, base: &str) -> Response {
    let PeerAnswer {
        status,
        location,
        body,
    } = answer;
    if status.is_client_error() || status.is_server_error() {
        return match serde_json::from_slice::<ErrorBody>(&body) {
            Ok(ErrorBody {
                error_code,
                message,
            }) => RestError::passed_on(status, error_code, message.unwrap_or_default())
                .into_response(),
            Err(error) => forwarding_failed(&error),
        };
    }
    if !status.is_success() {
        let code = status.as_u16();
        let text = format!("Unexpected status code when handling forwarded request: {code}");
        return RestError::internal(text).into_response();
    }
    if status == StatusCode::NO_CONTENT || body.is_empty() {
        return status.into_response();
    }
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, JSON);
    let location = location.as_ref().and_then(|it| it.to_str().ok());
    if let Some(own) = location.map(|it| it.replacen(url, base, 1))
        && let Ok(own) = HeaderValue::from_str(&own)
    {
        headers.insert(LOCATION, own);
    }
    (status, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(uri: &str, expected: Option<&str>) {
        assert_eq!(next_hop(&uri.parse().unwrap()).as_deref(), expected);
    }

    #[test]
    fn a_request_makes_two_hops() {
        check("/connectors", Some("connectors?forward=true"));
        check("/connectors?forward=true", Some("connectors?forward=false"));
        check("/connectors?forward=false", None);
        check("/connectors?forward=x", None);
        check(
            "/connectors/a%2Fb/restart?includeTasks=true&forward=true&onlyFailed=false",
            Some("connectors/a%2Fb/restart?includeTasks=true&onlyFailed=false&forward=false"),
        );
    }

    #[test]
    fn errors_keep_the_status_code_and_text_of_their_worker() {
        let answer = |status, body: &'static str| PeerAnswer {
            status,
            location: None,
            body: Bytes::from_static(body.as_bytes()),
        };
        let not_found = answer(
            StatusCode::NOT_FOUND,
            r#"{"error_code":404,"message":"Connector x not found"}"#,
        );
        let status = |answer| passed_back(answer, "http://b:1/", "http://a:1/").status();
        assert_eq!(status(not_found), StatusCode::NOT_FOUND);
        let page = answer(StatusCode::NOT_FOUND, "<html>");
        assert_eq!(status(page), StatusCode::INTERNAL_SERVER_ERROR);
        let moved = answer(StatusCode::FOUND, "");
        assert_eq!(status(moved), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn what_was_created_is_found_where_the_client_asked() {
        let created = PeerAnswer {
            status: StatusCode::CREATED,
            location: Some(HeaderValue::from_static("http://b:1/connectors/x")),
            body: Bytes::from_static(b"{}"),
        };

        let response = passed_back(created, "http://b:1/", "http://a:1/");

        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(response.headers()[LOCATION], "http://a:1/connectors/x");
    }
}
