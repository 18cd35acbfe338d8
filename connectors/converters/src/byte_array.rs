//! Bytes as they are.

use connect_core::data::{Blob, Schema, SchemaAndValue, SchemaRef, Type, Value};
use connect_core::{ConnectError, Converter, Result, Role, converter};

use crate::RoleConfig;

/// Passes bytes through without looking at them.
#[converter(
    name = "org.apache.kafka.connect.converters.ByteArrayConverter",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct ByteArrayConverter;

impl Converter for ByteArrayConverter {
    type Config = RoleConfig;

    fn new(_: RoleConfig, _: Role) -> Result<Self> {
        Ok(Self)
    }

    fn from_connect(
        &self,
        _: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        if let Some(schema) = schema.filter(|it| it.kind() != Type::Bytes) {
            return Err(ConnectError::data(format!(
                "Invalid schema type for ByteArrayConverter: {}",
                schema.kind()
            )));
        }
        match value {
            Value::Null => Ok(false),
            Value::Bytes(bytes) => {
                out.extend_from_slice(bytes);
                Ok(true)
            }
            other => Err(ConnectError::data(format!(
                "ByteArrayConverter is not compatible with objects of type {}",
                other.kind_name()
            ))),
        }
    }

    fn is_verbatim(&self, schema: Option<&SchemaRef>, value: &Value) -> bool {
        schema.is_none_or(|it| it.kind() == Type::Bytes)
            && matches!(value, Value::Null | Value::Bytes(_))
    }

    fn to_connect(&self, _: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
        Ok(SchemaAndValue::new(Schema::optional_bytes(), data.cloned()))
    }
}
