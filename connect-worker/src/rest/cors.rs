//! Pages of other origins: `access.control.allow.origin` and `access.control.allow.methods`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use regex::{Regex, RegexBuilder};

use super::server::SetupError;
use crate::config::worker::CrossOrigin;

const ORIGINS_KEY: &str = "access.control.allow.origin";
const METHODS_KEY: &str = "access.control.allow.methods";
const DEFAULT_METHODS: &str = "GET,POST,HEAD";
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static("Content-Type");
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("60");

/// Which pages may ask, and how.
#[derive(Debug)]
pub(super) struct Cors {
    origins: Vec<Origin>,
    methods: HeaderValue,
}

#[derive(Debug)]
enum Origin {
    Any,
    Matching(Regex),
}

impl Cors {
    /// What the worker's settings say; `None` when no page of another origin may ask.
    ///
    /// # Errors
    /// When an origin is said twice or is no regular expression, or methods are not plain text.
    pub(super) fn new(settings: &CrossOrigin) -> Result<Option<Self>, SetupError> {
        if settings.origins.trim().is_empty() {
            return Ok(None);
        }
        let mut seen = Vec::new();
        let mut origins = Vec::new();
        for element in settings.origins.split(',').map(str::trim) {
            let invalid = |problem| SetupError::Setting {
                key: ORIGINS_KEY.into(),
                problem,
            };
            if seen.contains(&element) {
                return Err(invalid(format!("origin `{element}` is there twice")));
            }
            seen.push(element);
            origins.push(Origin::parse(element).map_err(|error| {
                invalid(format!(
                    "origin `{element}` is no regular expression: {error}"
                ))
            })?);
        }
        let methods = match settings.methods.trim() {
            "" => DEFAULT_METHODS,
            methods => methods,
        };
        let methods = HeaderValue::from_str(methods).map_err(|_| SetupError::Setting {
            key: METHODS_KEY.into(),
            problem: format!("`{methods}` is not a list of methods"),
        })?;
        Ok(Some(Self { origins, methods }))
    }

    fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|it| it.allows(origin))
    }

    /// Headers for an answer to a page.
    fn decorate(&self, question: &Question, headers: &mut HeaderMap) {
        headers.append(VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = &question.origin else {
            return;
        };
        if !origin.to_str().is_ok_and(|it| self.allows(it)) {
            return;
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if question.is_preflight {
            headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, self.methods.clone());
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        }
    }
}

impl Origin {
    fn parse(element: &str) -> Result<Self, regex::Error> {
        if element == "*" {
            return Ok(Self::Any);
        }
        let whole = format!("^(?:{element})$");
        RegexBuilder::new(&whole)
            .case_insensitive(true)
            .build()
            .map(Self::Matching)
    }

    fn allows(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Matching(pattern) => pattern.is_match(origin),
        }
    }
}

/// What a page asks.
struct Question {
    origin: Option<HeaderValue>,
    is_preflight: bool,
}

impl Question {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        let names_method = headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        Self {
            origin: headers.get(ORIGIN).cloned(),
            is_preflight: request.method() == Method::OPTIONS && names_method,
        }
    }
}

/// Tells browsers which pages may see an answer. The request itself is carried out in any case.
pub(super) async fn apply(
    State(cors): State<Option<Arc<Cors>>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(cors) = cors else {
        return next.run(request).await;
    };
    let question = Question::of(&request);
    let mut response = next.run(request).await;
    cors.decorate(&question, response.headers_mut());
    response
}
