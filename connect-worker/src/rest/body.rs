//! Bodies of requests.
//!
//! Malformed bodies are answered with status 500, as clients of the reference expect it.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use connect_core::config::Props;
use connect_core::data::Value;
use indexmap::IndexMap;
use serde_json::value::RawValue;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::connection::IDLE_LIMIT;
use super::dto::ConfigMap;
use super::error::RestError;
use super::negotiation::declares_json;
use crate::config::connector_file;
use crate::config::json_object::{ScalarObject, Wanted, mismatch, scalar_text};
use crate::herder::{OffsetChange, TargetState};

const CREATE_REQUEST: &str =
    "org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest";
const INITIAL_STATE: &str =
    "org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest$InitialState";
const OFFSETS: &str = "org.apache.kafka.connect.runtime.rest.entities.ConnectorOffsets";
const OFFSET: &str = "org.apache.kafka.connect.runtime.rest.entities.ConnectorOffset";
const CONFIG_MAP: &str = "java.util.Map<java.lang.String,java.lang.String>";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The bytes of a body that has to be JSON.
pub(super) struct JsonBody(Bytes);

/// A connector to create.
#[derive(Debug, ToSchema)]
#[schema(as = CreateConnectorRequest)]
pub(super) struct CreateRequest {
    /// Blanks around it do not count; absent, it is the one in the configuration.
    #[schema(required = false)]
    pub(super) name: String,
    #[schema(value_type = ConfigMap)]
    pub(super) config: Props,
    /// `RUNNING`, `PAUSED` or `STOPPED`.
    #[schema(rename = "initial_state", value_type = Option<String>)]
    pub(super) target: TargetState,
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = RestError;

    async fn from_request(request: Request, state: &S) -> Result<Self, RestError> {
        let is_declared = declares_json(request.headers());
        let is_undeclared = !request.headers().contains_key(CONTENT_TYPE);
        let bytes = read(request, state).await?;
        match (is_declared, bytes.is_empty()) {
            (true, false) => Ok(Self(bytes)),
            (true, true) => Err(missing()),
            (false, true) if is_undeclared => Err(missing()),
            (false, _) => Err(RestError::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
        }
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, RestError> {
    let bytes = in_time(Bytes::from_request(request, state)).await?;
    bytes.map_err(|it| RestError::new(it.status(), it.body_text()))
}

/// What is read of a body, if it arrives before the client is given up.
pub(super) async fn in_time<T>(reading: impl Future<Output = T>) -> Result<T, RestError> {
    timeout(IDLE_LIMIT, reading)
        .await
        .map_err(|_| RestError::plain(StatusCode::REQUEST_TIMEOUT))
}

impl JsonBody {
    /// The body of a request that need not say that it is JSON.
    pub(super) async fn of_any_type(request: Request) -> Result<Self, RestError> {
        match read(request, &()).await? {
            empty if empty.is_empty() => {
                Err(RestError::internal("No content to map due to end-of-input"))
            }
            bytes => Ok(Self(bytes)),
        }
    }

    /// The body as a flat configuration.
    pub(super) fn config(&self) -> Result<Props, RestError> {
        config(self.document()?)
    }

    /// The body as a request for a new connector.
    pub(super) fn create_request(&self) -> Result<CreateRequest, RestError> {
        let fields = entity(CREATE_REQUEST, self.document()?)?.ok_or_else(missing)?;
        let (mut name, mut configuration, mut target) = (None, None, TargetState::Started);
        for (field, value) in fields {
            match field.as_str() {
                "name" => name = text(value)?,
                "config" => configuration = Some(value),
                "initial_state" => target = initial_state(value)?,
                other => {
                    let known = &["config", "name", "initial_state"];
                    return Err(unrecognised(CREATE_REQUEST, other, known));
                }
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

    /// The body as configurations of tasks.
    pub(super) fn task_configs(&self) -> Result<Vec<Option<Props>>, RestError> {
        let document = self.document()?;
        let elements: Vec<&RawValue> = match document.get().as_bytes().first() {
            Some(b'[') => parsed(document)?,
            Some(b'n') => Vec::new(),
            _ => return Err(refused(Wanted::List(CONFIG_MAP), document)),
        };
        let configs = elements.into_iter().map(|it| match it.get() {
            "null" => Ok(None),
            _ => config(it).map(Some),
        });
        configs.collect()
    }

    /// The body as new offsets of a connector.
    pub(super) fn offsets(&self) -> Result<OffsetChange, RestError> {
        let fields = entity(OFFSETS, self.document()?)?.ok_or_else(missing)?;
        let mut listed = Vec::new();
        for (field, value) in fields {
            if field != "offsets" {
                return Err(unrecognised(OFFSETS, &field, &["offsets"]));
            }
            listed = match value.get().as_bytes().first() {
                Some(b'[') => parsed(value)?,
                Some(b'n') => Vec::new(),
                _ => return Err(refused(Wanted::List(OFFSET), value)),
            };
        }
        if listed.is_empty() {
            return Err(RestError::bad_request(
                "Partitions / offsets need to be provided for an alter offsets request",
            ));
        }
        let offsets: Result<_, RestError> = listed.into_iter().map(offset).collect();
        offsets.map(OffsetChange::Alter)
    }

    fn document(&self) -> Result<&RawValue, RestError> {
        let bytes = self.0.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&self.0);
        serde_json::from_slice(bytes).map_err(|error| malformed(&error))
    }
}

/// The fields of an object; `None` for null.
fn entity<'a>(
    class: &'static str,
    value: &'a RawValue,
) -> Result<Option<IndexMap<String, &'a RawValue>>, RestError> {
    match value.get().as_bytes().first() {
        Some(b'{') => parsed(value).map(Some),
        Some(b'n') => Ok(None),
        _ => Err(refused(Wanted::Entity(class), value)),
    }
}

fn parsed<'a, T: serde::Deserialize<'a>>(value: &'a RawValue) -> Result<T, RestError> {
    serde_json::from_str(value.get()).map_err(|error| malformed(&error))
}

/// One partition and its offset, of any form.
fn offset(value: &RawValue) -> Result<(Value, Value), RestError> {
    let null = || RestError::bad_request("an element of `offsets` is null");
    let (mut partition, mut offset) = (Value::Null, Value::Null);
    for (field, value) in entity(OFFSET, value)?.ok_or_else(null)? {
        match field.as_str() {
            "partition" => partition = map(value)?,
            "offset" => offset = map(value)?,
            other => return Err(unrecognised(OFFSET, other, &["partition", "offset"])),
        }
    }
    Ok((partition, offset))
}

/// An object, or null.
fn map(value: &RawValue) -> Result<Value, RestError> {
    match value.get().as_bytes().first() {
        Some(b'{' | b'n') => data(value),
        _ => Err(refused(Wanted::Map("java.lang.Object"), value)),
    }
}

/// Any JSON as data; whole numbers of any size stay what they are.
fn data(value: &RawValue) -> Result<Value, RestError> {
    let raw = value.get();
    Ok(match raw.as_bytes().first() {
        Some(b'{') => {
            let fields: IndexMap<String, &RawValue> = parsed(value)?;
            let entries = fields
                .iter()
                .map(|(name, value)| Ok((Value::from(name.as_str()), data(value)?)));
            Value::Map(entries.collect::<Result<_, RestError>>()?)
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = parsed(value)?;
            let elements = elements.into_iter().map(data);
            Value::Array(elements.collect::<Result<_, _>>()?)
        }
        Some(b'"') => Value::from(parsed::<String>(value)?),
        Some(b't' | b'f') => Value::Boolean(raw == "true"),
        Some(b'n') | None => Value::Null,
        Some(_) if raw.contains(['.', 'e', 'E']) => Value::Float64(parsed(value)?),
        Some(_) => match (raw.parse(), raw.parse()) {
            (Ok(number), _) => Value::Int64(number),
            (Err(_), Ok(number)) => Value::Decimal(Box::new(number)),
            (Err(_), Err(_)) => Value::Float64(parsed(value)?),
        },
    })
}

fn refused(wanted: Wanted, value: &RawValue) -> RestError {
    RestError::internal(mismatch(wanted, value.get()))
}

fn config(value: &RawValue) -> Result<Props, RestError> {
    match value.get().as_bytes().first() {
        Some(b'{') => {
            let ScalarObject(props) = parsed(value)?;
            Ok(props)
        }
        Some(b'n') => Err(missing()),
        _ => Err(refused(Wanted::Map("java.lang.String"), value)),
    }
}

fn text(value: &RawValue) -> Result<Option<String>, RestError> {
    scalar_text(value.get()).map_err(|error| malformed(&error))
}

fn initial_state(value: &RawValue) -> Result<TargetState, RestError> {
    if matches!(value.get().as_bytes().first(), Some(b'{' | b'[')) {
        return Err(refused(Wanted::Entity(INITIAL_STATE), value));
    }
    let Some(state) = text(value)? else {
        return Ok(TargetState::Started);
    };
    connector_file::target(&state).ok_or_else(|| {
        let state = state.to_uppercase();
        RestError::internal(format!(
            "Cannot construct instance of `{INITIAL_STATE}`, problem: \
             No enum constant {CREATE_REQUEST}.InitialState.{state}"
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

fn unrecognised(class: &str, field: &str, known: &[&str]) -> RestError {
    let count = match known.len() {
        1 => "one known property".to_owned(),
        count => format!("{count} known properties"),
    };
    let known: Vec<_> = known.iter().map(|it| format!("\"{it}\"")).collect();
    let known = known.join(", ");
    RestError::internal(format!(
        "Unrecognized field \"{field}\" (class {class}), not marked as ignorable \
         ({count}: {known})"
    ))
}
