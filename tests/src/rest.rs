//! A client for the REST API of a worker.
//!
//! Requests answer with whatever the worker said; only the helpers that name a state (`create`, `wait_…`) insist.
#![expect(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a harness reports by failing the test"
)]

pub mod wire;

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::eventually::eventually;

/// Above the 90 s after which a worker itself gives up.
const REQUEST_LIMIT: Duration = Duration::from_secs(100);
const STATE_LIMIT: Duration = Duration::from_secs(30);

/// What a worker answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// Headers of the response.
    pub headers: HeaderMap,
    /// Body as text.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.text) {
            Ok(json) => json,
            Err(error) => panic!("the body is no JSON ({error}): {self:?}"),
        }
    }

    /// The message of an error body, after checking that body and status agree.
    #[must_use]
    #[track_caller]
    pub fn error_message(&self) -> String {
        let body = self.json();
        assert_eq!(body["error_code"], self.status, "{self:?}");
        let message = body["message"].as_str();
        message
            .unwrap_or_else(|| panic!("an error without a message: {self:?}"))
            .to_owned()
    }

    /// Fails unless the status is `expected`; for chaining.
    #[must_use = "an answer that only has to succeed is checked with `assert_status`"]
    #[track_caller]
    pub fn expect_status(self, expected: u16) -> Self {
        self.assert_status(expected);
        self
    }

    /// Fails unless the status is `expected`.
    #[track_caller]
    pub fn assert_status(&self, expected: u16) {
        assert_eq!(self.status, expected, "{self:?}");
    }
}

/// The REST API of one worker.
#[derive(Clone, Debug)]
pub struct Rest {
    http: reqwest::Client,
    base: String,
}

impl Rest {
    /// A client for `http://host:port/`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let http = reqwest::Client::builder()
            .timeout(REQUEST_LIMIT)
            // A pooled connection to a worker that was killed would fail the next request.
            .pool_max_idle_per_host(0)
            .build()
            .expect("a plain client can be built");
        Self {
            http,
            base: url.trim_end_matches('/').to_owned(),
        }
    }

    /// Sends a request; a body is declared as JSON, whatever it is.
    ///
    /// # Errors
    ///
    /// If no complete response arrives.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<Answer, reqwest::Error> {
        let mut headers = HeaderMap::new();
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        self.try_send_with(method, path, headers, body).await
    }

    /// Sends a request with these headers and no others of ours.
    ///
    /// # Errors
    ///
    /// If no complete response arrives.
    pub async fn try_send_with(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Option<String>,
    ) -> Result<Answer, reqwest::Error> {
        let request = self.http.request(method, format!("{}{path}", self.base));
        let request = request.headers(headers);
        let request = match body {
            Some(body) => request.body(body),
            None => request,
        };
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer {
            status,
            headers,
            text: response.text().await?,
        })
    }

    /// Sends a request that has to be answered.
    pub async fn send(&self, method: Method, path: &str, body: Option<String>) -> Answer {
        let answer = self.try_send(method.clone(), path, body).await;
        answer.unwrap_or_else(|error| panic!("{method} {path}: no answer: {error:?}"))
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// `POST path` with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body.to_string())).await
    }

    /// `PUT path` with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body.to_string())).await
    }

    /// `PATCH path` with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some(body.to_string())).await
    }

    /// `DELETE path`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    /// Creates a connector, which has to succeed, and returns the body.
    pub async fn create(&self, name: &str, config: &Value) -> Value {
        let answer = self
            .post("/connectors", &json!({"name": name, "config": config}))
            .await;
        answer.expect_status(201).json()
    }

    /// Waits until the connector and exactly `tasks` tasks are `RUNNING`.
    pub async fn wait_running(&self, name: &str, tasks: usize) {
        self.wait_states(name, "RUNNING", &vec!["RUNNING"; tasks])
            .await;
    }

    /// Waits until connector and tasks, in order, are in these states; returns the status body.
    pub async fn wait_states(&self, name: &str, connector: &str, tasks: &[&str]) -> Value {
        let what = format!("connector {name} {connector} with tasks {tasks:?}");
        let path = format!("/connectors/{name}/status");
        eventually(STATE_LIMIT, &what, async || {
            let answer = match self.try_send(Method::GET, &path, None).await {
                Ok(answer) => answer,
                Err(error) => return Err(format!("{error:?}")),
            };
            if answer.status != 200 {
                return Err(format!("{answer:?}"));
            }
            let status = answer.json();
            let listed = status["tasks"].as_array().into_iter().flatten();
            let states: Vec<_> = listed.map(|task| task["state"].clone()).collect();
            let is_reached = status["connector"]["state"] == connector && states == tasks;
            if is_reached {
                Ok(status)
            } else {
                Err(status.to_string())
            }
        })
        .await
    }
}
