//! The forms of a moment, and the way from one to another.

use connect_core::config::{ConfigValue, Unit};
use connect_core::data::{Logical, Schema, SchemaRef, Type, Value};
use connect_core::{ConnectError, Result};

use super::{Precision, TargetType};
use crate::date_format::DateFormat;
use crate::shape::{of_all, of_field};

const MILLIS_PER_DAY: i64 = 86_400_000;

/// The form that a moment is given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Text.
    Text,
    /// A number of some unit.
    Unix,
    /// A Date, Time or Timestamp.
    Instant(Logical),
}

impl Form {
    /// The form of values with this schema.
    pub(super) fn of_schema(schema: &Schema) -> Result<Self> {
        match (schema.logical(), schema.kind()) {
            (Some(it @ (Logical::Date | Logical::Time | Logical::Timestamp)), _) => {
                Ok(Self::Instant(it))
            }
            (_, Type::String) => Ok(Self::Text),
            (_, Type::Int64) => Ok(Self::Unix),
            _ => Err(ConnectError::fatal(format_args!(
                "Schema {schema} does not correspond to a known timestamp type format"
            ))),
        }
    }

    fn of_value(value: &Value) -> Result<Self> {
        match value {
            Value::Instant(_) => Ok(Self::Instant(Logical::Timestamp)),
            Value::Int64(_) => Ok(Self::Unix),
            Value::String(_) => Ok(Self::Text),
            other => Err(not_supported(other)),
        }
    }
}

impl Form {
    /// Says that a value has not the form of its schema.
    fn mismatch(self, found: &Value) -> ConnectError {
        let expected = match self {
            Self::Text => "string timestamp to be a String",
            Self::Unix => "Unix timestamp to be a Long",
            Self::Instant(Logical::Date) => "Date to be a java.util.Date",
            Self::Instant(Logical::Time) => "Time to be a java.util.Date",
            Self::Instant(_) => "Timestamp to be a java.util.Date",
        };
        let found = found.kind_name();
        ConnectError::data(format_args!("Expected {expected}, but found {found}"))
    }
}

fn not_supported(value: &Value) -> ConnectError {
    ConnectError::data(format_args!(
        "TimestampConverter does not support {} objects as timestamps",
        value.kind_name()
    ))
}

/// The form that is asked for, and how texts and numbers are meant.
#[derive(Debug)]
pub(super) struct Forms {
    pub(super) target: TargetType,
    pub(super) precision: Precision,
    /// The form of texts, if there is one.
    pub(super) text: Option<DateFormat>,
    /// The same as it was written.
    pub(super) pattern: String,
}

impl Forms {
    /// Adds to an error, in its trace, which field could not be converted to what.
    pub(super) fn of_field(&self, error: ConnectError, name: &str) -> ConnectError {
        of_field(error, name, self.wanted())
    }

    /// Adds to an error, in its trace, what was wanted of the whole key or value.
    pub(super) fn of_all(&self, error: ConnectError) -> ConnectError {
        of_all(error, self.wanted())
    }

    fn wanted(&self) -> String {
        let target = self.target.to_text(Unit::None).unwrap_or_default();
        format!("a moment to convert to {target}")
    }

    /// The schema of what is asked for.
    pub(super) fn schema(&self, is_optional: bool) -> SchemaRef {
        match (self.target, is_optional) {
            (TargetType::String, false) => Schema::string(),
            (TargetType::String, true) => Schema::optional_string(),
            (TargetType::Unix, false) => Schema::int64(),
            (TargetType::Unix, true) => Schema::optional_int64(),
            (TargetType::Date, false) => Schema::date(),
            (TargetType::Date, true) => Schema::optional_date(),
            (TargetType::Time, false) => Schema::time(),
            (TargetType::Time, true) => Schema::optional_time(),
            (TargetType::Timestamp, false) => Schema::timestamp(),
            (TargetType::Timestamp, true) => Schema::optional_timestamp(),
        }
    }

    /// A moment in the form that is asked for. Without a form of its own the value tells it.
    pub(super) fn convert(&self, value: Value, form: Option<Form>) -> Result<Value> {
        if value.is_null() {
            return Ok(value);
        }
        let form = match form {
            Some(form) => form,
            None => Form::of_value(&value)?,
        };
        self.write(self.read(&value, form)?)
    }

    /// Milliseconds since 1970-01-01.
    fn read(&self, value: &Value, form: Form) -> Result<i64> {
        match (form, value) {
            (Form::Instant(_), Value::Instant(millis)) => Ok(*millis),
            (Form::Unix, Value::Int64(number)) => Ok(self.precision.to_millis(*number)),
            (Form::Text, Value::String(text)) => {
                let Some(format) = &self.text else {
                    return Err(ConnectError::data(
                        "TimestampConverter requires format option to be specified when reading \
                         string timestamps",
                    ));
                };
                format.parse(text.as_str()).ok_or_else(|| {
                    ConnectError::data(format_args!(
                        "Could not parse timestamp: value ({text}) does not match pattern ({})",
                        self.pattern
                    ))
                })
            }
            (form, other) => Err(form.mismatch(other)),
        }
    }

    fn write(&self, millis: i64) -> Result<Value> {
        Ok(match self.target {
            TargetType::Timestamp => Value::Instant(millis),
            TargetType::Date => {
                Value::Instant(millis.wrapping_sub(millis.rem_euclid(MILLIS_PER_DAY)))
            }
            TargetType::Time => Value::Instant(millis.rem_euclid(MILLIS_PER_DAY)),
            TargetType::Unix => self.precision.of_millis(millis).into(),
            TargetType::String => match &self.text {
                Some(format) => format.format(millis).into(),
                None => return Err(ConnectError::config("there is no form for text")),
            },
        })
    }
}

impl Precision {
    /// Parts of a unit are dropped, and what does not fit stops at the ends.
    const fn to_millis(self, number: i64) -> i64 {
        match self {
            Self::Nanoseconds => number / 1_000_000,
            Self::Microseconds => number / 1000,
            Self::Milliseconds => number,
            Self::Seconds => number.saturating_mul(1000),
        }
    }

    const fn of_millis(self, millis: i64) -> i64 {
        match self {
            Self::Nanoseconds => millis.saturating_mul(1_000_000),
            Self::Microseconds => millis.saturating_mul(1000),
            Self::Milliseconds => millis,
            Self::Seconds => millis / 1000,
        }
    }
}
