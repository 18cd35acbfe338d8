//! Booleans as one byte.

use connect_core::data::{Blob, DataError, Schema, SchemaAndValue, SchemaRef, Type, Value};
use connect_core::{ConnectError, Converter, Result, Role, converter};

use crate::RoleConfig;

/// Writes true as 1 and false as 0.
#[converter(
    name = "org.apache.kafka.connect.converters.BooleanConverter",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct BooleanConverter;

impl Converter for BooleanConverter {
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
        if let Some(schema) = schema.filter(|it| it.kind() != Type::Boolean) {
            return Err(ConnectError::data(format!(
                "Invalid schema type for BooleanConverter: {}",
                schema.kind()
            )));
        }
        match value {
            Value::Null => Ok(false),
            Value::Boolean(value) => {
                out.push(u8::from(*value));
                Ok(true)
            }
            other => Err(ConnectError::data(format!(
                "BooleanConverter is not compatible with objects of type {}",
                other.kind_name()
            ))),
        }
    }

    fn to_connect(&self, _: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
        let value = match data.map(Blob::as_slice) {
            None => None,
            Some([0]) => Some(false),
            Some([1]) => Some(true),
            Some([other]) => {
                let byte = other.cast_signed();
                return Err(not_boolean(format!(
                    "Unexpected byte received by BooleanDeserializer: {byte}"
                )));
            }
            Some(_) => {
                let cause = "Size of data received by BooleanDeserializer is not 1";
                return Err(not_boolean(cause.to_owned()));
            }
        };
        Ok(SchemaAndValue::new(Schema::optional_boolean(), value))
    }
}

fn not_boolean(cause: String) -> ConnectError {
    ConnectError::data("Failed to deserialize boolean: ").caused_by(DataError::data(cause))
}
