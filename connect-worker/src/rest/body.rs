//! Bodies of requests.
//!
//! Malformed bodies are answered with status 500, as clients of the reference expect it.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use connect_core::config::Props;
use indexmap::IndexMap;
use serde_json::value::RawValue;

use super::error::RestError;
use crate::config::connector_file;
use crate::config::json_object::{ScalarObject, mismatch, scalar_text};
use crate::herder::TargetState;

const CREATE_REQUEST: &str =
    "org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest";
const STRING_MAP: &str = "java.util.LinkedHashMap<java.lang.String,java.lang.String>";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The bytes of a body that has to be JSON.
pub(super) struct JsonBody(Bytes);

/// The body of `POST /connectors`.
#[derive(Debug)]
pub(super) struct CreateRequest {
    pub(super) name: String,
    pub(super) config: Props,
    pub(super) target: TargetState,
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = RestError;

    async fn from_request(request: Request, state: &S) -> Result<Self, RestError> {
        let is_declared = request.headers().contains_key(CONTENT_TYPE);
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|it| RestError::new(it.status(), it.body_text()))?;
        if bytes.is_empty() {
            return Err(missing());
        }
        match is_declared {
            true => Ok(Self(bytes)),
            false => Err(RestError::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
        }
    }
}

impl JsonBody {
    /// The body as a flat configuration.
    pub(super) fn config(&self) -> Result<Props, RestError> {
        config(self.document()?)
    }

    /// The body as a request for a new connector.
    pub(super) fn create_request(&self) -> Result<CreateRequest, RestError> {
        let document = self.document()?;
        let fields: IndexMap<String, &RawValue> = match document.get().as_bytes().first() {
            Some(b'{') => {
                serde_json::from_str(document.get()).map_err(|error| malformed(&error))?
            }
            Some(b'n') => return Err(missing()),
            _ => {
                return Err(RestError::internal(mismatch(
                    CREATE_REQUEST,
                    document.get(),
                )));
            }
        };
        let (mut name, mut configuration, mut target) = (None, None, TargetState::Started);
        for (field, value) in fields {
            match field.as_str() {
                "name" => name = text(value)?,
                "config" => configuration = Some(value),
                "initial_state" => target = initial_state(value)?,
                other => return Err(unrecognised(other)),
            }
        }
        let no_config = || RestError::bad_request("request body has no object `config`");
        let value = configuration
            .filter(|it| it.get() != "null")
            .ok_or_else(no_config)?;
        Ok(CreateRequest {
            name: name.unwrap_or_default(),
            config: config(value)?,
            target,
        })
    }

    fn document(&self) -> Result<&RawValue, RestError> {
        let bytes = self.0.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.0);
        serde_json::from_slice(bytes).map_err(|error| malformed(&error))
    }
}

fn config(value: &RawValue) -> Result<Props, RestError> {
    match value.get().as_bytes().first() {
        Some(b'{') => {
            let ScalarObject(props) =
                serde_json::from_str(value.get()).map_err(|error| malformed(&error))?;
            Ok(props)
        }
        Some(b'n') => Err(missing()),
        _ => Err(RestError::internal(mismatch(STRING_MAP, value.get()))),
    }
}

fn text(value: &RawValue) -> Result<Option<String>, RestError> {
    scalar_text(value.get()).map_err(|error| malformed(&error))
}

fn initial_state(value: &RawValue) -> Result<TargetState, RestError> {
    let Some(state) = text(value)? else {
        return Ok(TargetState::Started);
    };
    connector_file::target(&state).ok_or_else(|| {
        let entity = CREATE_REQUEST;
        let state = state.to_uppercase();
        RestError::internal(format!(
            "Cannot construct instance of `{entity}$InitialState`, problem: \
             No enum constant {entity}.InitialState.{state}"
        ))
    })
}

fn missing() -> RestError {
    RestError::bad_request("request body is missing; a JSON object is expected")
}

fn malformed(error: &serde_json::Error) -> RestError {
    match error.is_data() {
        true => RestError::internal(error.to_string()),
        false => RestError::internal(format!("request body is not JSON: {error}")),
    }
}

fn unrecognised(field: &str) -> RestError {
    RestError::internal(format!(
        "Unrecognized field \"{field}\" (class {CREATE_REQUEST}), not marked as ignorable \
         (3 known properties: \"name\", \"config\", \"initial_state\")"
    ))
}
