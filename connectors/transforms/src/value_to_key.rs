//! Fields of the value become the key.

use connect_core::data::{Map, Schema, SchemaBuilder, Struct, Value};
use connect_core::record::Record;
use connect_core::{ConnectError, ConnectorConfig, Result, Transform, transform};

use crate::cache::SchemaCache;
use crate::names::GivenNames;
use crate::nulls::NullHandling;
use crate::shape::{Selection, no_map, no_struct};

const PURPOSE: &str = "copying fields from value to key";

/// Which fields [`ValueToKey`] copies.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct ValueToKeyConfig {
    /// Fields of the value that make the key, in this order.
    #[config(importance = high, example = "id")]
    pub fields: GivenNames,

    /// What null fields stand for.
    #[config(flatten)]
    pub nulls: NullHandling,
}

/// Replaces the key by a struct or map of some fields of the value, which stays as it is.
#[transform(
    name = "org.apache.kafka.connect.transforms.ValueToKey",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct ValueToKey {
    keys: Vec<Value>,
    config: ValueToKeyConfig,
    selections: SchemaCache<Selection>,
}

impl Transform for ValueToKey {
    type Config = ValueToKeyConfig;

    fn new(config: ValueToKeyConfig) -> Result<Self> {
        Ok(Self {
            keys: config.fields.iter().map(Value::from).collect(),
            config,
            selections: SchemaCache::default(),
        })
    }

    fn apply(&mut self, mut record: Record) -> Result<Option<Record>> {
        match (&record.value_schema, &record.value) {
            (None, Value::Map(map)) => {
                record.key = self.map_key(map).into();
                record.key_schema = None;
            }
            (Some(_), Value::Struct(value)) => {
                let key = self.struct_key(value)?;
                record.key_schema = Some(key.schema().clone());
                record.key = key.into();
            }
            (None, other) => return Err(no_map(other, PURPOSE)),
            (Some(_), other) => return Err(no_struct(other, PURPOSE)),
        }
        Ok(Some(record))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

impl ValueToKey {
    fn map_key(&self, map: &Map) -> Map {
        let mut made = Map::with_capacity(self.keys.len()).hashed();
        for key in &self.keys {
            made.insert(key.clone(), map.get(key).cloned().unwrap_or_default());
        }
        made
    }

    fn struct_key(&mut self, value: &Struct) -> Result<Struct> {
        let schema = value.schema();
        let names = &self.config.fields;
        let selection = self
            .selections
            .get_or_build(schema, |schema| select(names, schema))?;
        let fields = schema.fields()?;
        let mut made = Struct::new(&selection.schema)?;
        for (place, from) in selection.places.iter().enumerate() {
            let value = self.config.nulls.peek(value, &fields[*from]);
            made.set_index(place, value.clone())?;
        }
        Ok(made)
    }
}

fn select(names: &GivenNames, schema: &Schema) -> Result<Selection> {
    let mut builder = SchemaBuilder::structure();
    let mut places = Vec::with_capacity(names.iter().len());
    for name in names.iter() {
        let Some(field) = schema.field(name)? else {
            return Err(ConnectError::data(format_args!(
                "Field does not exist: {name}"
            )));
        };
        builder = builder.field(name, field.schema().clone());
        places.push(field.index());
    }
    Ok(Selection {
        schema: builder.build()?.kept(),
        places,
    })
}
