//! A key or value becomes the field of a new struct or map.

use connect_core::data::{Keys, Map, SchemaAndValue, SchemaBuilder, SchemaRef, Struct, Value};
use connect_core::record::Record;
use connect_core::{ConnectorConfig, DataTransform, Result, transform};

use crate::cache::SchemaCache;

/// The field that [`HoistField`] makes.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct HoistFieldConfig {
    /// Name of the field.
    #[config(example = "line")]
    pub field: String,
}

/// Wraps the key or the value in a struct with one field, or in a map when there is no schema.
#[transform(
    name = "org.apache.kafka.connect.transforms.HoistField",
    version = "4.3.1",
    targets(key, value)
)]
#[derive(Debug)]
pub struct HoistField {
    field: String,
    /// Of the maps that are made.
    keys: Keys,
    schemas: SchemaCache<SchemaRef>,
}

impl DataTransform for HoistField {
    type Config = HoistFieldConfig;

    fn new(config: HoistFieldConfig) -> Result<Self> {
        Ok(Self {
            keys: Keys::from_distinct(vec![Value::from(&config.field)]),
            field: config.field,
            schemas: SchemaCache::default(),
        })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        let Some(schema) = data.schema else {
            let map = Map::from_parts(self.keys.clone(), vec![data.value]).hashed();
            return Ok(SchemaAndValue::schemaless(map));
        };
        let hoisted = self.schemas.get_or_build(&schema, |schema| {
            let builder = SchemaBuilder::structure().field(&self.field, schema.clone());
            Ok(builder.build()?.kept())
        })?;
        let mut record = Struct::new(hoisted)?;
        record.set_index(0, data.value)?;
        Ok(SchemaAndValue::new(hoisted.clone(), record))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}
