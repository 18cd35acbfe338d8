//! One value to another type.

use connect_core::data::java_text::ascii_digits;
use connect_core::data::{Logical, Schema, Type, Value, logical, values};
use connect_core::{ConnectError, Result};

use super::java_float;

/// Types that data can be cast from.
const SOURCES: [Type; 9] = [
    Type::Int8,
    Type::Int16,
    Type::Int32,
    Type::Int64,
    Type::Float32,
    Type::Float64,
    Type::Boolean,
    Type::String,
    Type::Bytes,
];

/// Makes a value one of another type. Decimals and instants are numbers, but only a schema says which;
/// null stays null.
pub(super) fn cast(schema: Option<&Schema>, value: &mut Value, target: Type) -> Result<()> {
    if value.is_null() {
        return Ok(());
    }
    let Some(source) = schema.map(Schema::kind).or_else(|| value.kind()) else {
        return Err(ConnectError::data(format_args!(
            "Cast transformation was passed a value of type {} which is not supported by Connect's \
             data API",
            value.kind_name()
        )));
    };
    if matches!(source, Type::Array | Type::Map | Type::Struct) {
        return Err(ConnectError::data(format_args!(
            "Cast transformation does not support casting from {source}; supported types are [{}]",
            SOURCES.map(Type::name).join(", ")
        )));
    }
    if target == Type::String {
        value.assign(match &*value {
            // Whatever its schema says, this is no text and no number.
            it @ (Value::Array(_) | Value::Map(_) | Value::Struct(_)) => it.to_string().into(),
            plain => values::convert_to_string(plain).into(),
        });
        return Ok(());
    }
    let stored = match schema {
        Some(schema) => stored(schema, value)?,
        None => None,
    };
    let from = stored.as_ref().unwrap_or(value);
    match target {
        Type::Int8 => value.assign(to_integer(from, |it| it.parse::<i8>().ok())?.into()),
        Type::Int16 => value.assign(to_integer(from, |it| it.parse::<i16>().ok())?.into()),
        Type::Int32 => value.assign(to_integer(from, |it| it.parse::<i32>().ok())?.into()),
        Type::Int64 => value.assign(to_integer(from, |it| it.parse::<i64>().ok())?.into()),
        Type::Float32 => value.assign(to_f32(from)?.into()),
        Type::Float64 => value.assign(to_f64(from)?.into()),
        Type::Boolean => value.assign(to_boolean(from)?.into()),
        _ => return Err(unexpected(from)),
    }
    Ok(())
}

/// The number that is stored for an instant; none for other values.
fn stored(schema: &Schema, value: &Value) -> Result<Option<Value>> {
    match schema.logical() {
        Some(Logical::Date | Logical::Time | Logical::Timestamp) => {
            Ok(Some(logical::encode(schema, value)?))
        }
        Some(Logical::Decimal) | None => Ok(None),
    }
}

/// An integer type that numbers are narrowed to.
trait Narrow: Sized {
    /// The low bits.
    fn from_i64(value: i64) -> Self;

    /// The integer part, as near as the type of 32 or 64 bits allows, and then the low bits.
    fn from_f64(value: f64) -> Self;
}

macro_rules! narrow {
    ($($type:ty: $through:ty),*) => {$(
        #[allow(
            clippy::cast_possible_truncation,
            reason = "casting keeps the low bits of integers and stops floats at the ends"
        )]
        impl Narrow for $type {
            fn from_i64(value: i64) -> Self {
                value as Self
            }

            fn from_f64(value: f64) -> Self {
                value as $through as Self
            }
        }
    )*};
}

narrow!(i8: i32, i16: i32, i32: i32, i64: i64);

fn to_integer<T: Narrow>(value: &Value, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    match value {
        Value::Boolean(it) => Ok(T::from_i64((*it).into())),
        Value::Float32(it) => Ok(T::from_f64((*it).into())),
        Value::Float64(it) => Ok(T::from_f64(*it)),
        Value::Decimal(it) => Ok(T::from_i64(it.to_wrapped_i64())),
        Value::String(it) => {
            parse(&ascii_digits(it.as_str())).ok_or_else(|| out_of_range(it.as_str()))
        }
        other => match other.as_i64() {
            Some(it) => Ok(T::from_i64(it)),
            None => Err(unexpected(other)),
        },
    }
}

fn to_f32(value: &Value) -> Result<f32> {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "rounds to the nearest float"
    )]
    match value {
        Value::Boolean(it) => Ok((*it).into()),
        Value::Float32(it) => Ok(*it),
        Value::Float64(it) => Ok(*it as f32),
        Value::Decimal(it) => Ok(it.to_f32()),
        Value::String(it) => {
            java_float::parse_f32(it.as_str()).ok_or_else(|| out_of_range(it.as_str()))
        }
        other => match other.as_i64() {
            Some(it) => Ok(it as f32),
            None => Err(unexpected(other)),
        },
    }
}

fn to_f64(value: &Value) -> Result<f64> {
    #[expect(clippy::cast_precision_loss, reason = "rounds to the nearest double")]
    match value {
        Value::Boolean(it) => Ok((*it).into()),
        Value::Float32(it) => Ok((*it).into()),
        Value::Float64(it) => Ok(*it),
        Value::Decimal(it) => Ok(it.to_f64()),
        Value::String(it) => {
            java_float::parse_f64(it.as_str()).ok_or_else(|| out_of_range(it.as_str()))
        }
        other => match other.as_i64() {
            Some(it) => Ok(it as f64),
            None => Err(unexpected(other)),
        },
    }
}

fn to_boolean(value: &Value) -> Result<bool> {
    match value {
        Value::Boolean(it) => Ok(*it),
        Value::String(it) => Ok(it.as_str().eq_ignore_ascii_case("true")),
        number => to_integer::<i64>(number, |_| None).map(|it| it != 0),
    }
}

fn out_of_range(text: &str) -> ConnectError {
    ConnectError::data(format_args!(
        "Value ({text}) was out of range for requested data type"
    ))
}

fn unexpected(value: &Value) -> ConnectError {
    ConnectError::data(format_args!(
        "Unexpected type in Cast transformation: {}",
        value.kind_name()
    ))
}
