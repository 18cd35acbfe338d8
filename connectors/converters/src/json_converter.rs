//! The JSON converter: its configuration, and the trait over the codec.

use connect_core::data::{Blob, SchemaAndValue, SchemaRef, Value};
use connect_core::{ConnectorConfig, Converter, Result, Role, converter};

use crate::RoleConfig;
use crate::json::{Codec, DecimalFormat, Settings};

/// How a [`JsonConverter`] writes and reads messages.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(
    group(id = "Schemas", label = "Schemas"),
    group(id = "Serialization", label = "Serialization")
)]
pub struct JsonConverterConfig {
    /// What it is used for.
    #[config(flatten)]
    pub role: RoleConfig,

    /// Whether every message carries its schema, when it is written and when it is read.
    #[config(
        importance = high, group = "Schemas",
        label = "Enable Schemas", width = medium, default = true,
    )]
    pub schemas_enable: bool,

    /// How many schemas are remembered in each direction, so that they are not read every time.
    #[config(
        importance = high, group = "Schemas",
        label = "Schema Cache Size", width = medium, default = 1000,
    )]
    pub schemas_cache_size: i32,

    /// A schema, in the JSON form, that holds for every message that is read.
    #[config(importance = high, group = "Schemas", label = "Schema Content", width = medium)]
    pub schema_content: Option<String>,

    /// How decimal numbers are written: as base64 text of their bytes, or as JSON numbers.
    #[config(
        importance = low, group = "Serialization",
        label = "Decimal Format", width = medium, default = "BASE64",
    )]
    pub decimal_format: DecimalFormat,

    /// Whether null becomes the default of a field that has one.
    #[config(
        importance = low, group = "Serialization",
        label = "Replace null with default", width = medium, default = true,
    )]
    pub replace_null_with_default: bool,
}

/// Writes values as JSON and reads them back, with the schema in every message or without.
#[converter(
    name = "org.apache.kafka.connect.json.JsonConverter",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct JsonConverter {
    codec: Codec,
}

impl JsonConverter {
    /// A converter that writes and reads bare values, as workers do in their internal topics.
    #[must_use]
    pub fn schemaless() -> Self {
        let codec = Codec::new(Settings {
            schemas_enable: false,
            schemas_cache_size: 0,
            decimal_format: DecimalFormat::Base64,
            replace_null_with_default: true,
        });
        Self { codec }
    }
}

impl Converter for JsonConverter {
    type Config = JsonConverterConfig;

    fn new(config: JsonConverterConfig, _: Role) -> Result<Self> {
        let codec = Codec::new(Settings {
            schemas_enable: config.schemas_enable,
            // A cache of a negative size holds nothing.
            schemas_cache_size: usize::try_from(config.schemas_cache_size).unwrap_or(0),
            decimal_format: config.decimal_format,
            replace_null_with_default: config.replace_null_with_default,
        });
        let codec =
            codec.with_fixed_schema(config.schema_content.as_deref().unwrap_or_default())?;
        Ok(Self { codec })
    }

    fn from_connect(
        &self,
        _: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        Ok(self.codec.encode(schema, value, out)?)
    }

    fn is_verbatim(&self, schema: Option<&SchemaRef>, value: &Value) -> bool {
        schema.is_none() && matches!(value, Value::Null)
    }

    fn to_connect(&self, _: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
        Ok(self.codec.decode(data)?)
    }

    fn to_connect_in_place(
        &self,
        _: &str,
        data: Option<&Blob>,
        place: (&mut Option<SchemaRef>, &mut Value),
    ) -> Result<()> {
        Ok(self.codec.decode_in_place(data, place)?)
    }
}
