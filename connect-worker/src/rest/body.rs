//! Bodies of requests.
//!
//! Malformed bodies are answered with status 500, as clients of the reference expect it. Where it
//! trips over a body that is null, they are told so in its words.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use connect_core::config::Props;
use connect_core::data::Value;
use tokio::time::timeout;
use utoipa::ToSchema;

use super::connection::IDLE_LIMIT;
use super::dto::ConfigMap;
use super::error::RestError;
use super::json::{self, Entity, Flaw, Scanner, Token};
use super::negotiation::declares_json;
use crate::config::connector_file;
use crate::herder::{OffsetChange, TargetState};

const CREATE_REQUEST: Entity = Entity {
    class: "org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest",
    fields: &["config", "name", "initial_state"],
};
const INITIAL_STATE: &str =
    "org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest$InitialState";
const INITIAL_STATE_CREATOR: &str = "org.apache.kafka.connect.runtime.rest.entities.\
                                     CreateConnectorRequest$InitialState#forValue(java.lang.String)";
const OFFSETS: Entity = Entity {
    class: "org.apache.kafka.connect.runtime.rest.entities.ConnectorOffsets",
    fields: &["offsets"],
};
const OFFSET: Entity = Entity {
    class: "org.apache.kafka.connect.runtime.rest.entities.ConnectorOffset",
    fields: &["partition", "offset"],
};
const STRING: &str = "java.lang.String";
const OBJECT: &str = "java.lang.Object";
const MAP: &str = "java.util.Map";
const CONFIG_MAP: &str = "java.util.Map<java.lang.String,java.lang.String>";
/// What the reference asks of most bodies first.
const GET: &str = "java.util.Map.get(Object)";

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
            (true, _) => Ok(Self(bytes)),
            (false, true) if is_undeclared => Ok(Self(bytes)),
            (false, _) => Err(RestError::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
        }
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, RestError> {
    let bytes = in_time(Bytes::from_request(request, state)).await?;
    bytes.map_err(|it| match it.status() {
        StatusCode::PAYLOAD_TOO_LARGE => RestError::new(it.status(), it.body_text()),
        _ => RestError::internal("Early EOF"),
    })
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
        read(request, &()).await.map(Self)
    }

    /// The body as a flat configuration; `variable` is what the reference calls it.
    pub(super) fn config(&self, variable: &str) -> Result<Props, RestError> {
        self.patch()?.ok_or_else(|| null(GET, variable))
    }

    /// The body as changes of a configuration; `None` for null.
    pub(super) fn patch(&self) -> Result<Option<Props>, RestError> {
        Ok(json::document(&self.0, MAP, config)?)
    }

    /// The body as a request for a new connector.
    pub(super) fn create_request(&self) -> Result<CreateRequest, RestError> {
        let class = CREATE_REQUEST.class;
        let request = json::document(&self.0, class, |scanner, token| {
            let (mut name, mut configuration, mut target) = (None, None, None);
            json::entity(scanner, token, CREATE_REQUEST, |scanner, field, token| {
                match field {
                    "name" => name = json::text(scanner, token)?,
                    "initial_state" => target = initial_state(scanner, token)?,
                    _ => configuration = json::nullable(scanner, token, config)?,
                }
                Ok(())
            })?;
            Ok((name, configuration, target))
        });
        let request = request?.ok_or_else(|| null(&format!("{class}.name()"), "createRequest"))?;
        let (name, configuration, target) = request;
        Ok(CreateRequest {
            name: name.unwrap_or_default(),
            config: configuration.ok_or_else(|| null(GET, "connectorConfig"))?,
            target: target.unwrap_or(TargetState::Started),
        })
    }

    /// The body as it was sent.
    pub(super) fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The body as configurations of tasks.
    pub(super) fn task_configs(&self) -> Result<Vec<Option<Props>>, RestError> {
        let configs = json::leading_document(&self.0, |scanner, token| {
            json::list(scanner, token, CONFIG_MAP, config)
        });
        Ok(configs?.unwrap_or_default())
    }

    /// The body as new offsets of a connector.
    pub(super) fn offsets(&self) -> Result<OffsetChange, RestError> {
        let class = OFFSETS.class;
        let offsets = json::document(&self.0, class, |scanner, token| {
            let mut listed = None;
            json::entity(scanner, token, OFFSETS, |scanner, _, token| {
                listed = json::nullable(scanner, token, |scanner, token| {
                    json::list(scanner, token, OFFSET.class, offset)
                })?;
                Ok(())
            })?;
            Ok(listed)
        });
        let offsets = offsets?.ok_or_else(|| null(&format!("{class}.offsets()"), "offsets"))?;
        let listed = offsets.unwrap_or_default();
        if listed.is_empty() {
            return Err(RestError::bad_request(
                "Partitions / offsets need to be provided for an alter offsets request",
            ));
        }
        let entries: Option<_> = listed.into_iter().collect();
        let no_entry = || null(&format!("{}.partition()", OFFSET.class), "offset");
        entries.map(OffsetChange::Alter).ok_or_else(no_entry)
    }
}

fn config(scanner: &mut Scanner<'_>, token: Token) -> Result<Props, Flaw> {
    let mut props = Props::default();
    for (key, text) in json::map(scanner, token, STRING, json::text)? {
        props.insert(key, text);
    }
    Ok(props)
}

fn initial_state(scanner: &mut Scanner<'_>, token: Token) -> Result<Option<TargetState>, Flaw> {
    let class = INITIAL_STATE;
    json::enumeration(scanner, token, class, INITIAL_STATE_CREATOR, |state| {
        connector_file::target(state).ok_or_else(|| {
            let state = state.to_uppercase();
            format!(
                "No enum constant {}.InitialState.{state}",
                CREATE_REQUEST.class
            )
        })
    })
}

/// One partition and its offset, of any form.
fn offset(scanner: &mut Scanner<'_>, token: Token) -> Result<(Value, Value), Flaw> {
    let (mut partition, mut offset) = (Value::Null, Value::Null);
    json::entity(scanner, token, OFFSET, |scanner, field, token| {
        let value = match json::nullable(scanner, token, |scanner, token| {
            json::map(scanner, token, OBJECT, json::value)
        })? {
            Some(entries) => Value::Map(entries.into_iter().collect()),
            None => Value::Null,
        };
        match field {
            "partition" => partition = value,
            _ => offset = value,
        }
        Ok(())
    })?;
    Ok((partition, offset))
}

/// What the reference says where it has nothing to ask.
pub(super) fn null(call: &str, variable: &str) -> RestError {
    RestError::internal(format!(
        "Cannot invoke \"{call}\" because \"{variable}\" is null"
    ))
}

impl From<Flaw> for RestError {
    fn from(flaw: Flaw) -> Self {
        Self::internal(flaw.to_string())
    }
}
