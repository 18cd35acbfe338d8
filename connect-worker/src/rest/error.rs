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
    message: String,
}

impl RestError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, message }
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
        let Self { status, message } = self;
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), message, "request failed");
        }
        let error_code = status.as_u16();
        (
            status,
            Json(ErrorMessage {
                error_code,
                message,
            }),
        )
            .into_response()
    }
}

impl From<HerderError> for RestError {
    fn from(error: HerderError) -> Self {
        let status = match &error {
            HerderError::NotFound(_) => StatusCode::NOT_FOUND,
            HerderError::AlreadyExists(_) => StatusCode::CONFLICT,
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
