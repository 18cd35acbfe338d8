//! Converts fields, or a whole key or value, to other types.

use connect_core::data::{Refit, Schema, SchemaAndValue, SchemaBuilder, SchemaRef, Type, Value};
use connect_core::record::Record;
use connect_core::{ConnectError, ConnectorConfig, DataTransform, Result, transform};

use self::convert::cast;
use crate::cache::SchemaCache;
use crate::nulls::NullHandling;
use crate::shape::{fields_of, into_map, into_struct, of_all, of_field, with_metadata_of};

mod convert;
mod java_float;
mod spec;

pub use self::spec::{CastSpec, FieldCast};

const PURPOSE: &str = "cast types";

/// Which fields [`Cast`] converts, and to which types.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct CastConfig {
    /// Fields and their types, such as `price:float64`; or one type for the whole key or value.
    #[config(importance = high, example = "price:float64")]
    pub spec: CastSpec,

    /// What null fields stand for.
    #[config(flatten)]
    pub nulls: NullHandling,
}

/// Converts fields of the key or the value, or all of it, to `int8` to `int64`, `float32`,
/// `float64`, `boolean` or `string`.
#[transform(
    name = "org.apache.kafka.connect.transforms.Cast",
    version = "4.3.1",
    targets(key, value)
)]
#[derive(Debug)]
pub struct Cast {
    spec: CastSpec,
    nulls: NullHandling,
    schemas: SchemaCache<Plan>,
}

/// What becomes of data of a schema.
#[derive(Debug)]
enum Plan {
    Whole {
        schema: SchemaRef,
        target: Type,
    },
    Fields {
        refit: Refit,
        /// The type that each field gets, if it is another one.
        targets: Vec<Option<Type>>,
    },
}

impl DataTransform for Cast {
    type Config = CastConfig;

    fn new(config: CastConfig) -> Result<Self> {
        Ok(Self {
            spec: config.spec,
            nulls: config.nulls,
            schemas: SchemaCache::default(),
        })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        if data.value.is_null() {
            return Ok(data);
        }
        let Some(schema) = data.schema else {
            return self
                .cast_schemaless(data.value)
                .map(SchemaAndValue::schemaless);
        };
        let spec = &self.spec;
        let plan = self
            .schemas
            .get_or_build(&schema, |schema| Plan::new(spec, schema))?;
        Ok(match plan {
            Plan::Whole { schema: to, target } => {
                let mut value = data.value;
                cast(Some(&schema), &mut value, *target).map_err(|error| of_all(error, *target))?;
                SchemaAndValue::new(to.clone(), value)
            }
            Plan::Fields { refit, targets } => {
                let record = into_struct(&schema, data.value, PURPOSE)?;
                let made = refit.apply(record, |field, value| {
                    self.nulls.fill(field, value);
                    if let Some(target) = targets[field.index()] {
                        cast(Some(field.schema()), value, target)
                            .map_err(|error| of_field(error, field.name(), target))?;
                    }
                    Ok::<_, ConnectError>(())
                })?;
                SchemaAndValue::new(refit.schema().clone(), made)
            }
        })
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

impl Cast {
    fn cast_schemaless(&self, mut value: Value) -> Result<Value> {
        let fields = match &self.spec {
            CastSpec::Whole(target) => {
                cast(None, &mut value, *target).map_err(|error| of_all(error, *target))?;
                return Ok(value);
            }
            CastSpec::Fields(fields) => fields,
        };
        let mut map = into_map(value, PURPOSE)?;
        for field in fields {
            match map.get_mut(&field.key) {
                Some(value) => {
                    let (name, target) = (&field.key, field.target);
                    cast(None, value, target)
                        .map_err(|error| of_field(error, &name.to_string(), target))?;
                }
                None => {
                    map.insert(field.key.clone(), Value::Null);
                }
            }
        }
        Ok(map.into())
    }
}

impl Plan {
    fn new(spec: &CastSpec, schema: &SchemaRef) -> Result<Self> {
        match spec {
            CastSpec::Whole(target) => {
                let builder = with_metadata_of(schema, SchemaBuilder::new(*target));
                let (schema, target) = (cast_schema(schema, builder)?, *target);
                Ok(Self::Whole { schema, target })
            }
            CastSpec::Fields(_) => Self::of_fields(spec, schema),
        }
    }

    fn of_fields(spec: &CastSpec, schema: &SchemaRef) -> Result<Self> {
        let mut builder = SchemaBuilder::structure();
        let mut targets = Vec::new();
        for field in fields_of(schema, PURPOSE)? {
            let target = spec.target_of(field.name());
            let field_schema = match target {
                Some(target) => cast_schema(field.schema(), SchemaBuilder::new(target))
                    .map_err(|error| of_field(error, field.name(), target))?,
                None => field.schema().clone(),
            };
            builder = builder.field(field.name(), field_schema);
            targets.push(target);
        }
        let to = cast_schema(schema, with_metadata_of(schema, builder))?;
        let refit = Refit::new(schema, to, |field| targets[field.index()].is_some())?;
        Ok(Self::Fields { refit, targets })
    }
}

/// Completes a schema of a new type: it allows null if the old one does, and its default is that of
/// the old one, cast.
fn cast_schema(schema: &Schema, mut builder: SchemaBuilder) -> Result<SchemaRef> {
    if schema.is_optional() {
        builder = builder.optional();
    }
    if let Some(default) = schema.default_value() {
        let target = builder.draft().kind();
        let mut default = default.clone();
        cast(Some(schema), &mut default, target)?;
        builder = builder.default_value(default);
    }
    Ok(builder.build()?.kept())
}
