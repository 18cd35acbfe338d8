//! A key or value becomes one of its fields.

use connect_core::data::{SchemaAndValue, Value};
use connect_core::record::Record;
use connect_core::{ConnectError, ConnectorConfig, DataTransform, Result, transform};

use crate::nulls::NullHandling;
use crate::path::{FieldPath, FieldSyntaxVersion};
use crate::shape::{into_map, into_struct};

const PURPOSE: &str = "field extraction";

/// Which field [`ExtractField`] takes.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct ExtractFieldConfig {
    /// The field to take.
    #[config(example = "id")]
    pub field: String,

    /// What null fields stand for.
    #[config(flatten)]
    pub nulls: NullHandling,

    /// How the field is written: `V1` is a plain name, `V2` a path with dots.
    #[config(importance = high, default = "V1")]
    pub field_syntax_version: FieldSyntaxVersion,
}

/// Replaces the key or the value by one of its fields, with the schema of that field.
#[transform(
    name = "org.apache.kafka.connect.transforms.ExtractField",
    version = "4.3.1",
    targets(key, value)
)]
#[derive(Debug)]
pub struct ExtractField {
    /// The path as it is written.
    field: String,
    path: FieldPath,
    nulls: NullHandling,
}

impl DataTransform for ExtractField {
    type Config = ExtractFieldConfig;

    fn new(config: ExtractFieldConfig) -> Result<Self> {
        let path = FieldPath::parse(&config.field, config.field_syntax_version)?;
        Ok(Self {
            field: config.field,
            path,
            nulls: config.nulls,
        })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        let Some(schema) = data.schema else {
            return match data.value {
                Value::Null => Ok(SchemaAndValue::NULL),
                value => {
                    let found = self.path.take_from_map(into_map(value, PURPOSE)?)?;
                    Ok(SchemaAndValue::schemaless(found))
                }
            };
        };
        let record = match data.value {
            Value::Null => None,
            value => Some(into_struct(&schema, value, PURPOSE)?),
        };
        let Some(field) = self.path.field_in(&schema)? else {
            return Err(ConnectError::data(format_args!(
                "Unknown field: {}",
                self.field
            )));
        };
        let found = match record {
            None => Value::Null,
            Some(record) => self.path.take_from_struct(record, self.nulls)?,
        };
        Ok(SchemaAndValue::new(field.schema().clone(), found))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}
