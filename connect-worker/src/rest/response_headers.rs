//! Headers that the worker's settings add to every answer: `response.http.headers.config`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

use super::server::SetupError;
use crate::config::worker::{HeaderAction, HeaderRule};

const KEY: &str = "response.http.headers.config";

/// All rules, in order.
#[derive(Debug)]
pub(super) struct HeaderRules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    name: HeaderName,
    value: Value,
    /// It stands beside others of that name.
    is_added: bool,
}

#[derive(Debug)]
enum Value {
    Text(HeaderValue),
    /// The date so far from now.
    Date(SignedDuration),
}

impl HeaderRules {
    /// Reads the rules of the worker's settings.
    ///
    /// # Errors
    /// When a name or value cannot stand in a header, or a date is not a number of milliseconds.
    pub(super) fn new(rules: &[HeaderRule]) -> Result<Self, SetupError> {
        rules
            .iter()
            .map(Rule::new)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Rule {
    fn new(rule: &HeaderRule) -> Result<Self, SetupError> {
        let invalid = |problem: String| SetupError::Setting {
            key: KEY.into(),
            problem,
        };
        let HeaderRule {
            action,
            name,
            value,
        } = rule;
        let header = HeaderName::try_from(name)
            .map_err(|_| invalid(format!("`{name}` is not the name of a header")))?;
        let is_date = matches!(action, HeaderAction::SetDate | HeaderAction::AddDate);
        let value = match is_date {
            true => Value::Date(SignedDuration::from_millis(value.parse().map_err(
                |_| {
                    invalid(format!(
                        "date `{value}` of header {name} is not a number of milliseconds"
                    ))
                },
            )?)),
            false => Value::Text(HeaderValue::try_from(value).map_err(|_| {
                invalid(format!(
                    "`{value}` is not a value that header {name} can have"
                ))
            })?),
        };
        let is_added = matches!(action, HeaderAction::Add | HeaderAction::AddDate);
        Ok(Self {
            name: header,
            value,
            is_added,
        })
    }
}

impl Value {
    fn at(&self, now: Timestamp) -> Option<HeaderValue> {
        match self {
            Self::Text(value) => Some(value.clone()),
            Self::Date(distance) => {
                let date = now.saturating_add(*distance).ok()?;
                let text = DateTimePrinter::new()
                    .timestamp_to_rfc9110_string(&date)
                    .ok()?;
                HeaderValue::try_from(text).ok()
            }
        }
    }
}

/// Adds the headers to an answer.
pub(super) async fn apply(
    State(rules): State<Arc<HeaderRules>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    for rule in &rules.0 {
        let Some(value) = rule.value.at(Timestamp::now()) else {
            continue;
        };
        if rule.is_added {
            response.headers_mut().append(&rule.name, value);
        } else {
            response.headers_mut().insert(&rule.name, value);
        }
    }
    response
}
