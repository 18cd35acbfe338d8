//! `/metrics` and `/ext/v1/metrics`: what is measured, as text for Prometheus and as JSON.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::Api;
use super::error::RestError;
use super::negotiation::JSON;
use crate::metrics::{Metrics, Reading, Value, prometheus};

/// The figures of one object.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MetricSet {
    domain: &'static str,
    group: &'static str,
    #[schema(value_type = HashMap<String, String>)]
    #[serde(serialize_with = "as_object")]
    tags: Vec<(Cow<'static, str>, String)>,
    #[schema(value_type = HashMap<String, MetricValue>)]
    #[serde(serialize_with = "as_object")]
    values: Vec<(Cow<'static, str>, MetricValue)>,
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
    let text = made(&api, |metrics| {
        let mut page = prometheus::Page::default();
        metrics.read(|reading| page.add(&reading));
        Ok(page.render())
    });
    Ok(([(CONTENT_TYPE, prometheus::CONTENT_TYPE)], text.await?))
}

/// Everything that is measured.
#[utoipa::path(
    get,
    path = "/ext/v1/metrics",
    responses((status = OK, description = "The figures of each object", body = [MetricSet]))
)]
pub(super) async fn list(State(api): State<Arc<Api>>) -> Result<impl IntoResponse, RestError> {
    Ok(([(CONTENT_TYPE, JSON)], made(&api, json).await?))
}

fn json(metrics: &Metrics) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut text);
    let mut sets = serializer.serialize_seq(None)?;
    let mut written = Ok(());
    metrics.read(|reading| {
        if written.is_ok() {
            written = sets.serialize_element(&MetricSet::from(reading));
        }
    });
    written?;
    sets.end()?;
    Ok(text)
}

/// Makes an answer apart from other requests: a worker with thousands of tasks has much to tell.
async fn made<T: Send + 'static>(
    api: &Api,
    make: impl FnOnce(&Metrics) -> serde_json::Result<T> + Send + 'static,
) -> Result<T, RestError> {
    let metrics = Arc::clone(&api.metrics);
    let made = tokio::task::spawn_blocking(move || make(&metrics)).await;
    made.map_err(|panic| RestError::internal(panic.to_string()))?
        .map_err(|error| RestError::internal(error.to_string()))
}

/// Writes names and values as an object, in their order.
fn as_object<T: Serialize, S: Serializer>(
    entries: &[(Cow<'static, str>, T)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(name, value)| (name, value)))
}

impl From<Reading> for MetricSet {
    fn from(reading: Reading) -> Self {
        let figures = reading.figures.into_iter();
        Self {
            domain: reading.group.domain,
            group: reading.group.name,
            tags: reading.tags,
            values: figures.map(|it| (it.name, it.value.into())).collect(),
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
