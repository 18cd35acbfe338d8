//! `/metrics` and `/ext/v1/metrics`: what is measured, as text for Prometheus and as JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use indexmap::IndexMap;
use serde::Serialize;
use utoipa::ToSchema;

use super::Api;
use super::error::RestError;
use crate::metrics::{Reading, Value, prometheus};

/// The figures of one object.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MetricSet {
    domain: &'static str,
    group: &'static str,
    #[schema(value_type = HashMap<String, String>)]
    tags: IndexMap<String, String>,
    #[schema(value_type = HashMap<String, MetricValue>)]
    values: IndexMap<String, MetricValue>,
}

/// A figure. JSON has no numbers that are none or without end: those are null, as are words that
/// nobody knows.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
enum MetricValue {
    Number(f64),
    Text(String),
    Unknown,
}

/// Everything that is measured, as text for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    responses((status = OK, description = "The text", body = String, content_type = "text/plain"))
)]
pub(super) async fn text(State(api): State<Arc<Api>>) -> Result<impl IntoResponse, RestError> {
    let text = made(&api, |readings| prometheus::render(&readings)).await?;
    Ok(([(CONTENT_TYPE, prometheus::CONTENT_TYPE)], text))
}

/// Everything that is measured.
#[utoipa::path(
    get,
    path = "/ext/v1/metrics",
    responses((status = OK, description = "The figures of each object", body = [MetricSet]))
)]
pub(super) async fn list(State(api): State<Arc<Api>>) -> Result<Json<Vec<MetricSet>>, RestError> {
    let sets = made(&api, |readings| {
        readings.into_iter().map(MetricSet::from).collect()
    });
    Ok(Json(sets.await?))
}

/// Makes something of all readings, apart from other requests: a worker with thousands of tasks has
/// much to tell.
async fn made<T: Send + 'static>(
    api: &Api,
    make: impl FnOnce(Vec<Reading>) -> T + Send + 'static,
) -> Result<T, RestError> {
    let metrics = Arc::clone(&api.metrics);
    let made = tokio::task::spawn_blocking(move || make(metrics.read())).await;
    made.map_err(|panic| RestError::internal(panic.to_string()))
}

impl From<Reading> for MetricSet {
    fn from(reading: Reading) -> Self {
        let tags = reading.tags.into_iter();
        let figures = reading.figures.into_iter();
        Self {
            domain: reading.group.domain,
            group: reading.group.name,
            tags: tags.map(|(name, it)| (name.into_owned(), it)).collect(),
            values: figures
                .map(|it| (it.name.into_owned(), it.value.into()))
                .collect(),
        }
    }
}

impl From<Value> for MetricValue {
    fn from(value: Value) -> Self {
        match value {
            Value::Number(number) if number.is_finite() => Self::Number(number),
            Value::Number(_) | Value::Unknown => Self::Unknown,
            Value::Text(text) => Self::Text(text.into_owned()),
        }
    }
}
