//! Numbers in their big-endian bytes.

use connect_core::data::{Blob, DataError, Schema, SchemaAndValue, SchemaRef, Value};
use connect_core::{ConnectError, Converter, Result, Role, converter};

use crate::RoleConfig;

/// One converter for each width: the number's variant of [`Value`] and nothing else is written,
/// whatever the schema is.
macro_rules! number_converter {
    (
        $(#[doc = $doc:literal])*
        $class:literal $converter:ident: $number:ty = $variant:ident, $schema:ident, $word:literal,
        $deserializer:literal
    ) => {
        $(#[doc = $doc])*
        #[converter(name = $class, version = "4.3.1")]
        #[derive(Debug)]
        pub struct $converter;

        impl Converter for $converter {
            type Config = RoleConfig;

            fn new(_: RoleConfig, _: Role) -> Result<Self> {
                Ok(Self)
            }

            fn from_connect(
                &self,
                _: &str,
                _: Option<&SchemaRef>,
                value: &Value,
                out: &mut Vec<u8>,
            ) -> Result<bool> {
                match value {
                    Value::Null => Ok(false),
                    Value::$variant(number) => {
                        out.extend_from_slice(&number.to_be_bytes());
                        Ok(true)
                    }
                    other => Err(ConnectError::data(format!(
                        concat!("Failed to serialize to ", $word, " (was {}): "),
                        other.kind_name()
                    ))),
                }
            }

            fn to_connect(&self, _: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
                let number = match data {
                    None => None,
                    Some(data) => {
                        let bytes = data.as_slice().try_into().map_err(|_| {
                            let size = size_of::<$number>();
                            let cause = DataError::data(format!(
                                concat!("Size of data received by ", $deserializer, " is not {}"),
                                size
                            ));
                            ConnectError::data(concat!("Failed to deserialize ", $word, ": "))
                                .caused_by(cause)
                        })?;
                        Some(<$number>::from_be_bytes(bytes))
                    }
                };
                Ok(SchemaAndValue::new(Schema::$schema(), number))
            }
        }
    };
}

number_converter! {
    /// Writes INT16 values in two bytes.
    "org.apache.kafka.connect.converters.ShortConverter"
    ShortConverter: i16 = Int16, optional_int16, "short", "ShortDeserializer"
}

number_converter! {
    /// Writes INT32 values in four bytes.
    "org.apache.kafka.connect.converters.IntegerConverter"
    IntegerConverter: i32 = Int32, optional_int32, "integer", "IntegerDeserializer"
}

number_converter! {
    /// Writes INT64 values in eight bytes.
    "org.apache.kafka.connect.converters.LongConverter"
    LongConverter: i64 = Int64, optional_int64, "long", "LongDeserializer"
}

number_converter! {
    /// Writes FLOAT32 values in the four bytes of IEEE 754.
    "org.apache.kafka.connect.converters.FloatConverter"
    FloatConverter: f32 = Float32, optional_float32, "float", "Deserializer"
}

number_converter! {
    /// Writes FLOAT64 values in the eight bytes of IEEE 754.
    "org.apache.kafka.connect.converters.DoubleConverter"
    DoubleConverter: f64 = Float64, optional_float64, "double", "Deserializer"
}
