//! Nested fields become fields of the top level.

use std::mem;

use connect_core::data::{
    DataError, Field, Filling, Map, Schema, SchemaAndValue, SchemaBuilder, SchemaRef, Struct, Type,
    Value,
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
    schemas: SchemaCache<Plan>,
}

/// What becomes of structs of a schema.
#[derive(Debug)]
struct Plan {
    schema: SchemaRef,
    shape: Shape,
}

/// Where structs are in a struct.
#[derive(Debug)]
struct Shape {
    /// Places of fields that are structs, in order.
    nested: Vec<(usize, Shape)>,
    /// Number of fields on all levels that are none.
    leaves: usize,
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
        let Plan { schema, shape } = self
            .schemas
            .get_or_build(&schema, |schema| Plan::new(schema, delimiter))?;
        let mut leaves = Struct::filling(schema)?;
        shape.fill(&mut leaves, record)?;
        let flat = leaves.finish();
        Ok(SchemaAndValue::new(schema.clone(), flat))
    }

    fn uses_timestamp(&self) -> bool {
        false
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

impl Plan {
    fn new(schema: &Schema, delimiter: &str) -> Result<Self> {
        let builder = with_metadata_of(schema, SchemaBuilder::structure());
        let level = Level {
            schema,
            prefix: None,
            is_optional: schema.is_optional(),
            default: schema.default_value(),
        };
        Ok(Self {
            schema: level.add_fields(builder, delimiter)?.build()?.kept(),
            shape: Shape::of(schema)?,
        })
    }
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

impl Shape {
    fn of(schema: &Schema) -> Result<Self, DataError> {
        let fields = schema.fields()?.iter();
        let mut nested = Vec::new();
        for field in fields.filter(|it| it.schema().kind() == Type::Struct) {
            nested.push((field.index(), Self::of(field.schema())?));
        }
        let leaves_below: usize = nested.iter().map(|(_, it)| it.leaves).sum();
        Ok(Self {
            leaves: schema.fields()?.len() - nested.len() + leaves_below,
            nested,
        })
    }

    /// Moves the values of a struct and of those in it to the flat one, from left to right.
    fn fill(&self, leaves: &mut Filling<'_>, record: Struct) -> Result<(), DataError> {
        if self.nested.is_empty() {
            let default = |field: &Field| NullHandling::DEFAULTS.read(field, Value::Null);
            return leaves.append(record, default);
        }
        let (schema, mut values) = record.into_parts();
        let mut nested = self.nested.iter().peekable();
        for (field, value) in schema.fields()?.iter().zip(&mut values) {
            let Some((_, shape)) = nested.next_if(|it| it.0 == field.index()) else {
                NullHandling::DEFAULTS.fill(field, value);
                leaves.push(field, mem::take(value))?;
                continue;
            };
            match mem::take(value) {
                Value::Struct(inner) => shape.fill(leaves, inner)?,
                _ => leaves.skip(shape.leaves),
            }
        }
        Ok(())
    }
}
