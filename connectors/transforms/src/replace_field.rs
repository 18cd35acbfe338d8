//! Leaves fields out and renames them.

use connect_core::config::ConfigErrors;
use connect_core::data::{Map, Schema, SchemaAndValue, SchemaBuilder, Value};
use connect_core::record::Record;
use connect_core::{ConnectorConfig, DataTransform, Result, transform};

use crate::cache::SchemaCache;
use crate::names::Names;
use crate::nulls::NullHandling;
use crate::pairs::Renames;
use crate::shape::{Selection, field_name, into_map, into_struct, with_metadata_of};

const PURPOSE: &str = "field replacement";

/// Which fields [`ReplaceField`] keeps, and their names.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(check = ReplaceFieldConfig::check)]
pub struct ReplaceFieldConfig {
    /// Fields to leave out, whatever else is said of them.
    #[config(default = Names::default())]
    pub exclude: Names,

    /// Fields to keep; all if there are none.
    #[config(default = Names::default())]
    pub include: Names,

    /// New names of fields.
    #[config(default = Renames::default())]
    pub renames: Renames,

    /// What null fields stand for.
    #[config(flatten)]
    pub nulls: NullHandling,
}

impl ReplaceFieldConfig {
    fn check(&self, errors: &mut ConfigErrors) {
        self.exclude.check("exclude", errors);
        self.include.check("include", errors);
    }

    fn keeps(&self, field: &str) -> bool {
        !self.exclude.contains(field) && (self.include.is_empty() || self.include.contains(field))
    }
}

/// Removes fields of the key or the value, and gives others new names.
#[transform(
    name = "org.apache.kafka.connect.transforms.ReplaceField",
    version = "4.3.1",
    targets(key, value)
)]
#[derive(Debug)]
pub struct ReplaceField {
    config: ReplaceFieldConfig,
    selections: SchemaCache<Selection>,
}

impl DataTransform for ReplaceField {
    type Config = ReplaceFieldConfig;

    fn new(config: ReplaceFieldConfig) -> Result<Self> {
        Ok(Self {
            config,
            selections: SchemaCache::default(),
        })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        if data.value.is_null() {
            return Ok(data);
        }
        let config = &self.config;
        let Some(schema) = data.schema else {
            let map = replace_in_map(config, into_map(data.value, PURPOSE)?)?;
            return Ok(SchemaAndValue::schemaless(map));
        };
        let record = into_struct(&schema, data.value, PURPOSE)?;
        let selection = self
            .selections
            .get_or_build(&schema, |schema| select(config, schema))?;
        let made = selection.take(&schema, &mut record.into_values(), config.nulls)?;
        Ok(SchemaAndValue::new(selection.schema.clone(), made))
    }
}

fn replace_in_map(config: &ReplaceFieldConfig, map: Map) -> Result<Map> {
    let mut made = Map::with_capacity(map.len());
    for (key, value) in map {
        let name = field_name(&key)?;
        if !config.keeps(name) {
            continue;
        }
        let renamed = config.renames.new_name(name);
        let key = match renamed == name {
            true => key,
            false => Value::from(renamed),
        };
        made.insert(key, value);
    }
    Ok(made)
}

fn select(config: &ReplaceFieldConfig, schema: &Schema) -> Result<Selection> {
    let mut builder = with_metadata_of(schema, SchemaBuilder::structure());
    let mut places = Vec::new();
    let fields = schema.fields()?.iter();
    for field in fields.filter(|it| config.keeps(it.name())) {
        let name = config.renames.new_name(field.name());
        builder = builder.field(name, field.schema().clone());
        places.push(field.index());
    }
    Ok(Selection {
        schema: builder.build()?,
        places,
    })
}
