//! Paths: the forms that mean the same, and the names within them.

use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{Object, Type};

use super::error::RestError;
use crate::identity::{ConnectorName, TaskId};

/// What a segment of a path may hold as it is: all that the reference leaves alone but `;`, behind
/// which nothing counts as part of a name.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// The address of a connector; its name is one segment, whatever is in it.
pub(super) fn location(base_url: &str, name: &ConnectorName) -> HeaderValue {
    let segment = utf8_percent_encode(name.as_str(), SEGMENT);
    HeaderValue::from_str(&format!("{base_url}connectors/{segment}"))
        .expect("percent-encoded text is plain ASCII")
}

/// Rewrites a path to the form that routes know: without parameters and slash at the end.
pub(super) fn normalise(mut request: Request) -> Request {
    if let Some(uri) = normalised(request.uri()) {
        *request.uri_mut() = uri;
    }
    request
}

/// `None` when the path has that form already.
fn normalised(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let has_slash = path.len() > 1 && path.ends_with('/');
    if !has_slash && !path.contains(';') {
        return None;
    }
    let segments = path
        .split('/')
        .map(|it| it.split(';').next().unwrap_or_default());
    let mut text = segments.collect::<Vec<_>>().join("/");
    if text.len() > 1 && text.ends_with('/') {
        text.pop();
    }
    if let Some(query) = uri.query() {
        text.push('?');
        text.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

/// The connector or plugin that a path names; any text.
pub(super) struct NamePath<T>(pub(super) T);

impl<S: Send + Sync, T: From<String>> FromRequestParts<S> for NamePath<T> {
    type Rejection = RestError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, RestError> {
        let name = Path::<String>::from_request_parts(parts, state).await;
        let Path(name) = name.map_err(|_| RestError::plain(StatusCode::NOT_FOUND))?;
        Ok(Self(name.into()))
    }
}

impl<T> IntoParams for NamePath<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameter(
            "name",
            "Any text, percent-encoded as one segment",
            Type::String,
        )]
    }
}

/// The task that a path names.
pub(super) enum TaskPath {
    /// One that may exist.
    Task(TaskId),
    /// A negative number, under which there is no task.
    Never(ConnectorName, i32),
}

impl<S: Send + Sync> FromRequestParts<S> for TaskPath {
    type Rejection = RestError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, RestError> {
        let path = Path::<(String, i32)>::from_request_parts(parts, state).await;
        let Path((name, number)) = path.map_err(|_| RestError::plain(StatusCode::NOT_FOUND))?;
        let connector = ConnectorName::from(name);
        Ok(match u32::try_from(number) {
            Ok(task) => Self::Task(TaskId { connector, task }),
            Err(_) => Self::Never(connector, number),
        })
    }
}

impl IntoParams for TaskPath {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = NamePath::<ConnectorName>::into_params(place);
        parameters.push(parameter("task", "Number of the task", Type::Integer));
        parameters
    }
}

fn parameter(name: &str, description: &str, kind: Type) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .description(Some(description))
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(Object::with_type(kind)))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        let uri: Uri = path.parse().unwrap();

        assert_eq!(normalised(&uri).unwrap_or(uri).to_string(), expected);
    }

    #[test]
    fn a_slash_at_the_end_and_parameters_mean_nothing() {
        check("/", "/");
        check("/connectors", "/connectors");
        check("/connectors/", "/connectors");
        check("/connectors/?expand=info", "/connectors?expand=info");
        check("/connectors/src;x=1/status;y", "/connectors/src/status");
        check("/;x", "/");
        check("/connectors/;x", "/connectors");
        check("http://host:1/health/", "http://host:1/health");
        check("/connectors/a%2Fb%3B/", "/connectors/a%2Fb%3B");
        check("//", "/");
    }

    #[test]
    fn a_name_is_one_segment_of_its_address() {
        let url = |name: &str| {
            let value = location("http://h:1/", &name.into());
            value.to_str().unwrap().to_owned()
        };

        assert_eq!(url("a-b.c_d~1"), "http://h:1/connectors/a-b.c_d~1");
        assert_eq!(url("a+b@c:1,(2)"), "http://h:1/connectors/a+b@c:1,(2)");
        assert_eq!(url("a;b"), "http://h:1/connectors/a%3Bb");
        assert_eq!(
            url("a b/c%{x}ä"),
            "http://h:1/connectors/a%20b%2Fc%25%7Bx%7D%C3%A4"
        );
    }
}
