//! Nested fields become fields of the top level.

use connect_core::data::{
    DataError, Filling, Map, Schema, SchemaAndValue, SchemaBuilder, SchemaRef, Struct, Type, Value,
};
use connect_core::record::Record;
use connect_core::{ConnectError, ConnectorConfig, DataTransform, Result, transform};

use crate::cache::SchemaCache;
use crate::nulls::NullHandling;
use crate::shape::{field_name, into_map, into_struct, like, with_metadata_of, with_null};

const PURPOSE: &str = "flattening";

/// How [`Flatten`] names fields.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct FlattenConfig {
    /// What stands between the names of the levels; may be empty.
    #[config(default = ".")]
    pub delimiter: String,
}

/// Replaces nested structs or maps of the key or the value by their fields, whose names are those of
/// all levels.
#[transform(
    name = "org.apache.kafka.connect.transforms.Flatten",
    version = "4.3.1",
    targets(key, value)
)]
#[derive(Debug)]
pub struct Flatten {
    delimiter: String,
    schemas: SchemaCache<SchemaRef>,
}

impl DataTransform for Flatten {
    type Config = FlattenConfig;

    fn new(config: FlattenConfig) -> Result<Self> {
        Ok(Self {
            delimiter: config.delimiter,
            schemas: SchemaCache::default(),
        })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        if data.value.is_null() {
            return Ok(data);
        }
        let delimiter = &self.delimiter;
        let Some(schema) = data.schema else {
            let map = into_map(data.value, PURPOSE)?;
            let mut flat = Map::with_capacity(map.len());
            flatten_map(&mut flat, map, None, delimiter)?;
            return Ok(SchemaAndValue::schemaless(flat));
        };
        let record = into_struct(&schema, data.value, PURPOSE)?;
        let schema = self
            .schemas
            .get_or_build(&schema, |schema| flat_schema(schema, delimiter))?;
        let mut leaves = Struct::filling(schema)?;
        fill(&mut leaves, record)?;
        let flat = leaves.finish();
        Ok(SchemaAndValue::new(schema.clone(), flat))
    }
}

fn flatten_map(flat: &mut Map, map: Map, prefix: Option<&str>, delimiter: &str) -> Result<()> {
    for (key, value) in map {
        let name = field_name(&key)?;
        let key = match prefix {
            None => key,
            Some(prefix) => format!("{prefix}{delimiter}{name}").into(),
        };
        match value {
            Value::Map(nested) => {
                flatten_map(flat, nested, Some(field_name(&key)?), delimiter)?;
            }
            Value::Decimal(_) | Value::Instant(_) => {
                return Err(ConnectError::data(format_args!(
                    "Flatten transformation was passed a value of type {} which is not supported \
                     by Connect's data API",
                    value.kind_name()
                )));
            }
            Value::Struct(_) => {
                return Err(ConnectError::data(format_args!(
                    "Flatten transformation does not support {} for record without schemas (for \
                     field {}).",
                    value.kind_name(),
                    field_name(&key)?
                )));
            }
            leaf => {
                flat.insert(key, leaf);
            }
        }
    }
    Ok(())
}

fn flat_schema(schema: &Schema, delimiter: &str) -> Result<SchemaRef> {
    let builder = with_metadata_of(schema, SchemaBuilder::structure());
    let level = Level {
        schema,
        prefix: None,
        is_optional: schema.is_optional(),
        default: schema.default_value(),
    };
    Ok(level.add_fields(builder, delimiter)?.build()?)
}

/// A struct whose fields are moved to the top.
struct Level<'a> {
    schema: &'a Schema,
    /// Names of the levels above, with delimiters between them.
    prefix: Option<&'a str>,
    /// Whether it may be null, or one of those above.
    is_optional: bool,
    /// The value that defaults give it.
    default: Option<&'a Value>,
}

impl Level<'_> {
    fn add_fields(
        &self,
        mut builder: SchemaBuilder,
        delimiter: &str,
    ) -> Result<SchemaBuilder, DataError> {
        for field in self.schema.fields()? {
            let name = match self.prefix {
                None => field.name().to_owned(),
                Some(prefix) => format!("{prefix}{delimiter}{}", field.name()),
            };
            let schema = field.schema();
            let is_optional = self.is_optional || schema.is_optional();
            let default = match (schema.default_value(), self.default) {
                (Some(own), _) => Some(own),
                (None, Some(Value::Struct(outer))) => {
                    Some(outer.get(field.name())?).filter(|it| !it.is_null())
                }
                (None, _) => None,
            };
            builder = match schema.kind() {
                Type::Struct => {
                    let level = Level {
                        schema,
                        prefix: Some(&name),
                        is_optional,
                        default,
                    };
                    level.add_fields(builder, delimiter)?
                }
                Type::Map => {
                    return Err(DataError::data(format!(
                        "Flatten transformation does not support {} for record with schemas (for \
                         field {name}).",
                        schema.kind()
                    )));
                }
                _ => builder
                    .field(&name, leaf_schema(schema, is_optional, default)?)
                    .checked()?,
            };
        }
        Ok(builder)
    }
}

fn leaf_schema(
    schema: &SchemaRef,
    is_optional: bool,
    default: Option<&Value>,
) -> Result<SchemaRef, DataError> {
    if is_optional == schema.is_optional() && default == schema.default_value() {
        return Ok(schema.clone());
    }
    let builder = with_metadata_of(schema, like(schema)?);
    with_null(builder, is_optional, default).build()
}

/// Moves the values of a struct and of those in it to the flat one, from left to right.
fn fill(leaves: &mut Filling<'_>, record: Struct) -> Result<(), DataError> {
    let (schema, values) = record.into_parts();
    for (field, value) in schema.fields()?.iter().zip(values) {
        match (value, field.schema().kind()) {
            (Value::Struct(nested), _) => fill(leaves, nested)?,
            (_, Type::Struct) => leaves.skip(leaf_count(field.schema())?),
            (Value::Null, _) => {
                leaves.push(field, NullHandling::DEFAULTS.read(field, Value::Null))?;
            }
            (value, _) => leaves.push(field, value)?,
        }
    }
    Ok(())
}

fn leaf_count(schema: &Schema) -> Result<usize, DataError> {
    let fields = schema.fields()?.iter();
    fields
        .map(|field| match field.schema().kind() {
            Type::Struct => leaf_count(field.schema()),
            _ => Ok(1),
        })
        .sum()
}
