//! Values as text.

use std::fmt;

use connect_core::data::{Blob, Schema, SchemaAndValue, SchemaRef, Text, Value, java_text};
use connect_core::{ConnectError, ConnectorConfig, Converter, Result, Role, converter};

use crate::RoleConfig;
use crate::charset::Charset;

/// Which text a [`StringConverter`] writes.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct StringConverterConfig {
    /// What it is used for.
    #[config(flatten)]
    pub role: RoleConfig,

    /// Character set of the text, by one of its usual names such as `ISO-8859-1`.
    #[config(
        key = "converter.encoding", importance = high, label = "Encoding", width = medium,
        default = "UTF-8",
    )]
    pub encoding: String,
}

/// Writes any value as its text and reads text.
///
/// The schema is not looked at. Bytes are written as they are, because they have no text.
#[converter(
    name = "org.apache.kafka.connect.storage.StringConverter",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct StringConverter {
    charset: Charset,
}

impl Converter for StringConverter {
    type Config = StringConverterConfig;

    fn new(config: StringConverterConfig, _: Role) -> Result<Self> {
        let charset = Charset::from_name(&config.encoding).ok_or_else(|| {
            ConnectError::config(format!("Unsupported encoding {}", config.encoding))
        })?;
        Ok(Self { charset })
    }

    fn from_connect(
        &self,
        _: &str,
        _: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        match value {
            Value::Null => return Ok(false),
            Value::Bytes(bytes) => out.extend_from_slice(bytes),
            Value::String(text) if self.charset == Charset::Utf8 => {
                out.extend_from_slice(text.as_bytes());
            }
            Value::String(text) => self.charset.encode(text.as_str(), out),
            other if self.charset == Charset::Utf8 => {
                java_text::write_value(&mut Utf8Writer(out), other)
                    .expect("a vector takes any text");
            }
            other => self.charset.encode(&other.to_string(), out),
        }
        Ok(true)
    }

    fn is_verbatim(&self, _: Option<&SchemaRef>, value: &Value) -> bool {
        match value {
            Value::String(_) => self.charset == Charset::Utf8,
            other => matches!(other, Value::Null | Value::Bytes(_)),
        }
    }

    fn to_connect(&self, _: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
        let text = data.map(|data| match self.charset {
            Charset::Utf8 => Text::from_blob_lossy(data.clone()),
            other => other.decode(data),
        });
        Ok(SchemaAndValue::new(Schema::optional_string(), text))
    }

    fn to_connect_in_place(
        &self,
        _: &str,
        data: Option<&Blob>,
        (schema, value): (&mut Option<SchemaRef>, &mut Value),
    ) -> Result<()> {
        *schema = Some(Schema::optional_string());
        match (data, self.charset) {
            (Some(data), Charset::Utf8) => value.assign_text_lossy(data),
            (Some(data), other) => *value = other.decode(data).into(),
            (None, _) => value.assign(Value::Null),
        }
        Ok(())
    }
}

/// Appends text to bytes.
pub(crate) struct Utf8Writer<'a>(pub(crate) &'a mut Vec<u8>);

impl fmt::Write for Utf8Writer<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
