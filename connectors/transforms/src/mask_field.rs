//! Hides what fields hold.

use std::mem;

use connect_core::data::{
    Decimal, Map, Refit, SchemaAndValue, SchemaRef, Struct, Text, Value, values,
};
use connect_core::record::Record;
use connect_core::{ConnectError, ConnectorConfig, DataTransform, Result, transform};

use crate::cache::SchemaCache;
use crate::java_hash::sort_as_hashed;
use crate::names::GivenNames;
use crate::nulls::NullHandling;
use crate::shape::{into_map, into_struct, of_field};

const PURPOSE: &str = "mask fields";

/// Which fields [`MaskField`] hides.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct MaskFieldConfig {
    /// Fields to hide.
    #[config(importance = high, example = "card.number")]
    pub fields: GivenNames,

    /// What stands in place of text, and, read as a number, of numbers.
    #[config(importance = low, non_empty)]
    pub replacement: Option<String>,

    /// What null fields stand for.
    #[config(flatten)]
    pub nulls: NullHandling,
}

/// Replaces what fields of the key or the value hold: by zero, false or nothing, or by a
/// replacement.
#[transform(
    name = "org.apache.kafka.connect.transforms.MaskField",
    version = "4.3.1",
    targets(key, value)
)]
#[derive(Debug)]
pub struct MaskField {
    fields: GivenNames,
    keys: Vec<Value>,
    mask: Mask,
    nulls: NullHandling,
    schemas: SchemaCache<Masking>,
}

/// What becomes of structs of a schema.
#[derive(Debug)]
struct Masking {
    refit: Refit,
    /// Of each field.
    treatments: Vec<Treatment>,
}

#[derive(Debug)]
enum Treatment {
    Shown,
    /// Hidden, by what the first of its values was hidden by: all of them are of one kind.
    Hidden(Option<Value>),
}

impl DataTransform for MaskField {
    type Config = MaskFieldConfig;

    fn new(config: MaskFieldConfig) -> Result<Self> {
        let mut names: Vec<&str> = config.fields.iter().collect();
        sort_as_hashed(&mut names, |it| it);
        Ok(Self {
            keys: names.into_iter().map(Value::from).collect(),
            fields: config.fields,
            mask: Mask {
                replacement: config.replacement.map(Value::from),
            },
            nulls: config.nulls,
            schemas: SchemaCache::default(),
        })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        let SchemaAndValue { schema, value } = data;
        let value = match &schema {
            None => self.mask_map(into_map(value, PURPOSE)?)?.into(),
            Some(schema) => {
                let mut record = into_struct(schema, value, PURPOSE)?;
                self.mask_struct(&mut record)?;
                record.into()
            }
        };
        Ok(SchemaAndValue { schema, value })
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

impl MaskField {
    fn mask_map(&self, mut map: Map) -> Result<Map> {
        for key in &self.keys {
            match map.get_mut(key) {
                Some(value) => {
                    let masked = self.mask.apply(&mem::take(value));
                    *value = masked.map_err(|error| self.mask.of_field(error, &key.to_string()))?;
                }
                None => {
                    map.insert(key.clone(), Value::Null);
                }
            }
        }
        Ok(map)
    }

    fn mask_struct(&mut self, record: &mut Struct) -> Result<()> {
        let names = &self.fields;
        let Masking { refit, treatments } = self
            .schemas
            .get_or_build(record.schema(), |schema| Masking::new(names, schema))?;
        refit.change(record, |field, value| {
            self.nulls.fill(field, value);
            if let Treatment::Hidden(known) = &mut treatments[field.index()]
                && !value.is_null()
            {
                let masked = match known {
                    Some(masked) => masked,
                    None => known.insert(
                        (self.mask.apply(value))
                            .map_err(|error| self.mask.of_field(error, field.name()))?,
                    ),
                };
                value.clone_from(masked);
            }
            Ok(())
        })
    }
}

impl Masking {
    fn new(names: &GivenNames, schema: &SchemaRef) -> Result<Self> {
        let fields = schema.fields()?.iter();
        let treatments = fields.map(|it| match names.contains(it.name()) {
            true => Treatment::Hidden(None),
            false => Treatment::Shown,
        });
        Ok(Self {
            refit: Refit::new(schema, schema.clone(), |it| names.contains(it.name()))?,
            treatments: treatments.collect(),
        })
    }
}

/// What stands in place of what is hidden.
#[derive(Debug)]
struct Mask {
    /// Text; nothing without it.
    replacement: Option<Value>,
}

impl Mask {
    fn of_field(&self, error: ConnectError, name: &str) -> ConnectError {
        match &self.replacement {
            None => of_field(error, name, "something that can be emptied"),
            Some(_) => of_field(error, name, "something that takes the replacement"),
        }
    }

    fn apply(&self, value: &Value) -> Result<Value> {
        match &self.replacement {
            _ if value.is_null() => Ok(Value::Null),
            None => nothing_like(value),
            Some(replacement) => replace(value, replacement),
        }
    }
}

/// The value of the same kind that says nothing.
fn nothing_like(value: &Value) -> Result<Value> {
    Ok(match value {
        Value::Null => Value::Null,
        Value::Boolean(_) => false.into(),
        Value::Int8(_) => 0_i8.into(),
        Value::Int16(_) => 0_i16.into(),
        Value::Int32(_) => 0_i32.into(),
        Value::Int64(_) => 0_i64.into(),
        Value::Float32(_) => 0_f32.into(),
        Value::Float64(_) => 0_f64.into(),
        Value::String(_) => Text::new().into(),
        Value::Decimal(_) => Decimal::from(0).into(),
        Value::Instant(_) => Value::Instant(0),
        Value::Array(_) => Value::Array(Vec::new()),
        Value::Map(_) => Map::new().hashed().into(),
        Value::Bytes(_) | Value::Struct(_) => {
            return Err(ConnectError::data(format_args!(
                "Cannot mask value of type: {}",
                value.kind_name()
            )));
        }
    })
}

/// The replacement as a value of the same kind.
fn replace(value: &Value, replacement: &Value) -> Result<Value> {
    Ok(match value {
        Value::String(_) => replacement.clone(),
        Value::Int8(_) => values::convert_to_i8(None, replacement)?.into(),
        Value::Int16(_) => values::convert_to_i16(None, replacement)?.into(),
        Value::Int32(_) => values::convert_to_i32(None, replacement)?.into(),
        Value::Int64(_) => values::convert_to_i64(None, replacement)?.into(),
        Value::Float32(_) => values::convert_to_f32(None, replacement)?.into(),
        Value::Float64(_) => values::convert_to_f64(None, replacement)?.into(),
        Value::Decimal(_) => {
            let decimal = values::convert_to_decimal(replacement, 0).map_err(|error| {
                ConnectError::data(format_args!(
                    "Unable to convert {replacement} ({}) to number",
                    replacement.kind_name()
                ))
                .caused_by(error)
            })?;
            decimal.into()
        }
        _ => {
            return Err(ConnectError::data(format_args!(
                "Cannot mask value of type {} with custom replacement.",
                value.kind_name()
            )));
        }
    })
}
