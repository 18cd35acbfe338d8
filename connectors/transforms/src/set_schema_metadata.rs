//! Gives a schema another name or version.

use connect_core::data::{DataError, Field, Refit, SchemaAndValue, SchemaRef, Value};
use connect_core::record::Record;
use connect_core::{ConnectError, ConnectorConfig, DataTransform, Result, transform};

use crate::cache::SchemaCache;
use crate::nulls::NullHandling;
use crate::shape::{fields_of, into_struct, like, with_null};

const PURPOSE: &str = "updating schema metadata";

/// The name and version that [`SetSchemaMetadata`] sets.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct SetSchemaMetadataConfig {
    /// New name of the schema.
    #[config(importance = high)]
    pub schema_name: Option<String>,

    /// New version of the schema.
    #[config(importance = high)]
    pub schema_version: Option<i32>,

    /// What null fields stand for.
    #[config(flatten)]
    pub nulls: NullHandling,
}

/// Sets the name, the version or both of the key's or the value's schema, which must be that of a
/// struct.
#[transform(
    name = "org.apache.kafka.connect.transforms.SetSchemaMetadata",
    version = "4.3.1",
    targets(key, value)
)]
#[derive(Debug)]
pub struct SetSchemaMetadata {
    config: SetSchemaMetadataConfig,
    schemas: SchemaCache<Refit>,
}

impl DataTransform for SetSchemaMetadata {
    type Config = SetSchemaMetadataConfig;

    fn new(config: SetSchemaMetadataConfig) -> Result<Self> {
        if config.schema_name.is_none() && config.schema_version.is_none() {
            return Err(ConnectError::config(
                "Neither schema name nor version configured",
            ));
        }
        Ok(Self {
            config,
            schemas: SchemaCache::default(),
        })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        let Some(schema) = &data.schema else {
            return match data.value {
                Value::Null => Ok(data),
                _ => Err(ConnectError::data(format_args!(
                    "Schema required for [{PURPOSE}]"
                ))),
            };
        };
        let config = &self.config;
        let updated = self
            .schemas
            .get_or_build(schema, |schema| update(config, schema))?;
        let value = match data.value {
            value @ Value::Struct(_) => {
                let record = into_struct(schema, value, PURPOSE)?;
                let fill = |field: &Field, value: &mut Value| {
                    config.nulls.fill(field, value);
                    Ok::<_, DataError>(())
                };
                updated.apply(record, fill)?.into()
            }
            other => other,
        };
        Ok(SchemaAndValue::new(updated.schema().clone(), value))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

fn update(config: &SetSchemaMetadataConfig, schema: &SchemaRef) -> Result<Refit> {
    // Only structs are updated, as the reference has it.
    fields_of(schema, PURPOSE)?;
    let parameters = schema.parameters().into_iter().flatten();
    let builder = like(schema)?
        .name(config.schema_name.as_deref().or(schema.name()))
        .version(config.schema_version.or(schema.version()))
        .doc(schema.doc())
        .parameters(parameters);
    let updated = with_null(builder, schema.is_optional(), schema.default_value())
        .build()?
        .kept();
    Ok(Refit::new(schema, updated, |_| false)?)
}
