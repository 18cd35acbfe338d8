//! Moments in other forms: text, numbers, and logical types.

use std::mem;

use connect_core::data::{
    Field, Map, Refit, SchemaAndValue, SchemaBuilder, SchemaRef, Struct, Value,
};
use connect_core::record::Record;
use connect_core::{ConfigEnum, ConnectError, ConnectorConfig, DataTransform, Result, transform};

use self::form::{Form, Forms};
use crate::cache::SchemaCache;
use crate::date_format::DateFormat;
use crate::nulls::NullHandling;
use crate::shape::{fields_of, into_map, into_struct, with_metadata_of};

mod form;

const PURPOSE: &str = "converting timestamp formats";

/// Which field [`TimestampConverter`] converts, and to what.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct TimestampConverterConfig {
    /// The field; if it is empty, the whole key or value.
    #[config(importance = high, default = "", example = "created")]
    pub field: String,

    /// The form of the result.
    #[config(importance = high)]
    pub target_type: TargetType,

    /// Form of texts, whether written or read: a pattern of Java's `SimpleDateFormat`, in UTC.
    #[config(default = "", example = "yyyy-MM-dd")]
    pub format: String,

    /// What numbers count since 1970-01-01, whether written or read.
    #[config(importance = low, default = "milliseconds")]
    pub unix_precision: Precision,

    /// What null fields stand for.
    #[config(flatten)]
    pub nulls: NullHandling,
}

/// Forms of a moment that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ConfigEnum)]
pub enum TargetType {
    /// Text.
    String,
    /// A number of 64 bits.
    Unix,
    /// Only the day.
    #[config(name = "Date")]
    Date,
    /// Only the time of day.
    #[config(name = "Time")]
    Time,
    /// The moment.
    #[config(name = "Timestamp")]
    Timestamp,
}

/// Units of numbers that are moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ConfigEnum)]
pub enum Precision {
    /// 10⁻⁹ seconds.
    Nanoseconds,
    /// 10⁻⁶ seconds.
    Microseconds,
    /// 10⁻³ seconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

/// Converts a moment between text, numbers, and the logical types Date, Time and Timestamp.
#[transform(
    name = "org.apache.kafka.connect.transforms.TimestampConverter",
    version = "4.3.1",
    targets(key, value)
)]
#[derive(Debug)]
pub struct TimestampConverter {
    /// None converts all.
    field: Option<FieldName>,
    forms: Forms,
    nulls: NullHandling,
    schemas: SchemaCache<Converted>,
}

/// What structs of a schema become.
#[derive(Debug)]
struct Converted {
    refit: Refit,
    /// The place of the field, if there is one.
    place: Option<usize>,
}

#[derive(Debug)]
struct FieldName {
    name: String,
    key: Value,
}

impl DataTransform for TimestampConverter {
    type Config = TimestampConverterConfig;

    fn new(config: TimestampConverterConfig) -> Result<Self> {
        let pattern = config.format;
        if config.target_type == TargetType::String && pattern.is_empty() {
            return Err(ConnectError::config(
                "TimestampConverter requires format option to be specified when using string \
                 timestamps",
            ));
        }
        let text = match pattern.is_empty() {
            true => None,
            false => Some(DateFormat::new(&pattern).map_err(|problem| {
                ConnectError::config(format_args!(
                    "TimestampConverter requires a SimpleDateFormat-compatible pattern for string \
                     timestamps: {pattern}: {problem}"
                ))
            })?),
        };
        let name = Some(config.field).filter(|it| !it.is_empty());
        Ok(Self {
            field: name.map(|name| FieldName {
                key: Value::from(&name),
                name,
            }),
            forms: Forms {
                target: config.target_type,
                precision: config.unix_precision,
                text,
                pattern,
            },
            nulls: config.nulls,
            schemas: SchemaCache::default(),
        })
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        match data.schema {
            None => self
                .convert_schemaless(data.value)
                .map(SchemaAndValue::schemaless),
            Some(schema) if self.field.is_some() => self.convert_field(&schema, data.value),
            Some(schema) => {
                let form = Form::of_schema(&schema).map_err(|error| self.forms.of_all(error))?;
                let converted = self.forms.convert(data.value, Some(form));
                let converted = converted.map_err(|error| self.forms.of_all(error))?;
                let schema = self.forms.schema(schema.is_optional());
                Ok(SchemaAndValue::new(schema, converted))
            }
        }
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

impl TimestampConverter {
    fn convert_schemaless(&self, value: Value) -> Result<Value> {
        match &self.field {
            _ if value.is_null() => Ok(value),
            None => {
                let converted = self.forms.convert(value, None);
                converted.map_err(|error| self.forms.of_all(error))
            }
            Some(field) => self.convert_entry(into_map(value, PURPOSE)?, field),
        }
    }

    fn convert_entry(&self, mut map: Map, field: &FieldName) -> Result<Value> {
        match map.get_mut(&field.key) {
            Some(value) => {
                let converted = self.forms.convert(mem::take(value), None);
                *value = converted.map_err(|error| self.forms.of_field(error, &field.name))?;
            }
            None => {
                map.insert(field.key.clone(), Value::Null);
            }
        }
        Ok(map.into())
    }

    fn convert_field(&mut self, schema: &SchemaRef, value: Value) -> Result<SchemaAndValue> {
        let record = match value {
            Value::Null => None,
            value => Some(into_struct(schema, value, PURPOSE)?),
        };
        let name = self.field.as_ref().map_or("", |it| &it.name);
        let conversion = FieldConversion {
            name,
            forms: &self.forms,
            nulls: self.nulls,
        };
        let converted = self
            .schemas
            .get_or_build(schema, |schema| conversion.converted(schema))?;
        let value = match record {
            None => Value::Null,
            Some(record) => conversion.apply(converted, record)?.into(),
        };
        Ok(SchemaAndValue::new(converted.refit.schema().clone(), value))
    }
}

/// The conversion of one field of structs.
struct FieldConversion<'a> {
    name: &'a str,
    forms: &'a Forms,
    nulls: NullHandling,
}

impl FieldConversion<'_> {
    fn apply(&self, converted: &mut Converted, record: Struct) -> Result<Struct> {
        let place = converted.place;
        converted.refit.apply(record, |field, value| {
            self.nulls.fill(field, value);
            if place == Some(field.index()) {
                let form = Form::of_schema(field.schema());
                let converted = form.and_then(|it| self.forms.convert(mem::take(value), Some(it)));
                *value = converted.map_err(|error| self.forms.of_field(error, self.name))?;
            }
            Ok(())
        })
    }

    fn converted(&self, schema: &SchemaRef) -> Result<Converted> {
        let fields = fields_of(schema, PURPOSE)?;
        let place = fields.iter().position(|it| it.name() == self.name);
        let mut builder = with_metadata_of(schema, SchemaBuilder::structure());
        for field in fields {
            let field_schema = match field.name() == self.name {
                true => self.forms.schema(field.schema().is_optional()),
                false => field.schema().clone(),
            };
            builder = builder.field(field.name(), field_schema);
        }
        if schema.is_optional() {
            builder = builder.optional();
        }
        if let Some(Value::Struct(default)) = schema.default_value() {
            let mut draft = Converted::new(schema, builder.clone(), place)?;
            builder = builder.default_value(self.apply(&mut draft, default.clone())?);
        }
        Converted::new(schema, builder, place)
    }
}

impl Converted {
    fn new(from: &SchemaRef, to: SchemaBuilder, place: Option<usize>) -> Result<Self> {
        let is_converted = |field: &Field| place == Some(field.index());
        let refit = Refit::new(from, to.build()?.kept(), is_converted)?;
        Ok(Self { refit, place })
    }
}
