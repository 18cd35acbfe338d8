//! What a request is answered with when it fails.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::dto::ErrorMessage;
use crate::herder::HerderError;
use crate::herder::validation::{AdmissionError, Refusal, ValidationError};

/// A request failed: its status and what the client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RestError {
    status: StatusCode,
    /// What the body says; it differs from the status only where another worker said so.
    code: u16,
    message: String,
    elsewhere: Option<Elsewhere>,
}

/// Marks an answer in whose place that of another worker is to be given, at this address; `None` is
/// not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Elsewhere(pub(super) Option<String>);

impl RestError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self::passed_on(status, status.as_u16(), message)
    }

    /// The error of another worker.
    pub(super) fn passed_on(status: StatusCode, code: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            elsewhere: None,
        }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// An error that HTTP itself knows; the message is `HTTP 404 Not Found` and the like.
    pub(super) fn plain(status: StatusCode) -> Self {
        Self::new(status, format!("HTTP {status}"))
    }
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        let Self {
            status,
            code: error_code,
            message,
            elsewhere,
        } = self;
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), message, "request failed");
        }
        let body = Json(ErrorMessage {
            error_code,
            message,
        });
        let mut response = (status, body).into_response();
        if let Some(elsewhere) = elsewhere {
            response.extensions_mut().insert(elsewhere);
        }
        response
    }
}

impl From<HerderError> for RestError {
    fn from(error: HerderError) -> Self {
        let status = match &error {
            HerderError::Elsewhere(url) => {
                return Self {
                    elsewhere: Some(Elsewhere(url.clone())),
                    ..Self::new(StatusCode::CONFLICT, error.to_string())
                };
            }
            HerderError::Forbidden(_) => StatusCode::FORBIDDEN,
            HerderError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            HerderError::NotFound(_) => StatusCode::NOT_FOUND,
            HerderError::AlreadyExists(_) | HerderError::Conflict(_) => StatusCode::CONFLICT,
            HerderError::BadRequest(_) => StatusCode::BAD_REQUEST,
            HerderError::Failed(_) | HerderError::TimedOut | HerderError::ShuttingDown => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Self::new(status, error.to_string())
    }
}

impl From<AdmissionError> for RestError {
    fn from(error: AdmissionError) -> Self {
        match error {
            AdmissionError::Refused(Refusal::Invalid(ValidationError::Config(message))) => {
                Self::internal(message)
            }
            AdmissionError::Refused(refusal) => Self::bad_request(refusal.to_string()),
            AdmissionError::Herder(error) => error.into(),
        }
    }
}
