//! Sets keys or values to null.

use connect_core::data::{Schema, SchemaAndValue, SchemaRef, Value};
use connect_core::record::Record;
use connect_core::{ConfigEnum, ConnectError, ConnectorConfig, DataTransform, Result, transform};

use crate::cache::SchemaCache;
use crate::shape::{like, with_metadata_of, with_null};

/// What [`Drop`] makes of the schema.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct DropConfig {
    /// What becomes of the schema of the dropped key or value.
    #[config(default = "nullify")]
    pub schema_behavior: SchemaBehavior,
}

/// What becomes of the schema of a null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ConfigEnum)]
pub enum SchemaBehavior {
    /// It is dropped too.
    Nullify,
    /// It stays, even if it does not allow null.
    Retain,
    /// It stays, and must allow null.
    Validate,
    /// It is made to allow null.
    ForceOptional,
}

/// Sets the key or the value to null; the record itself goes on.
#[transform(
    name = "org.apache.kafka.connect.transforms.Drop",
    alias = "io.confluent.connect.transforms.Drop",
    targets(key, value)
)]
#[derive(Debug)]
pub struct Drop {
    behavior: SchemaBehavior,
    schemas: SchemaCache<SchemaRef>,
}

impl DataTransform for Drop {
    type Config = DropConfig;

    fn new(config: DropConfig) -> Result<Self> {
        Ok(Self {
            behavior: config.schema_behavior,
            schemas: SchemaCache::default(),
        })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        let Some(schema) = data.schema else {
            return Ok(SchemaAndValue::NULL);
        };
        let schema = match self.behavior {
            SchemaBehavior::Nullify => None,
            SchemaBehavior::Retain => Some(schema),
            _ if schema.is_optional() => Some(schema),
            SchemaBehavior::Validate => {
                return Err(ConnectError::data(format_args!(
                    "cannot drop data whose schema does not allow null: {schema}"
                )));
            }
            SchemaBehavior::ForceOptional => {
                let optional = self
                    .schemas
                    .get_or_build(&schema, |schema| to_optional(schema))?;
                Some(optional.clone())
            }
        };
        let value = Value::Null;
        Ok(SchemaAndValue { schema, value })
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

/// The same schema, but null is allowed.
fn to_optional(schema: &Schema) -> Result<SchemaRef> {
    let builder = with_metadata_of(schema, like(schema)?);
    Ok(with_null(builder, true, schema.default_value())
        .build()?
        .kept())
}
