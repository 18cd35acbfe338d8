//! Conversions of values to a type that is asked for.

use super::number::Number;
use super::parse::parse_string;
use crate::data::date::{MILLIS_PER_DAY, date_of, days_of};
use crate::data::{
    DataError, Decimal, Logical, Map, Schema, SchemaRef, Struct, Type, Value, logical,
};

type Result<T> = std::result::Result<T, DataError>;

/// The truth of a value: text `true` or `false`, or whether a number's integer part is not zero.
///
/// # Errors
///
/// When the value is neither.
pub fn convert_to_boolean(from: Option<&Schema>, value: &Value) -> Result<Option<bool>> {
    let known = match value {
        Value::Null => return Ok(None),
        Value::String(it) => parse_string(it).value.as_bool(),
        other => other.as_bool(),
    };
    known.map_or_else(|| Ok(Some(integer(from, value)? != 0)), |it| Ok(Some(it)))
}

macro_rules! to_integer {
    ($($name:ident => $target:ty),*) => {$(
        /// The integer part of a number or numeric text, cut to its low bits; days or milliseconds
        /// of an instant whose schema is known.
        ///
        /// # Errors
        ///
        /// When the value is none of these.
        pub fn $name(from: Option<&Schema>, value: &Value) -> Result<Option<$target>> {
            if value.is_null() {
                return Ok(None);
            }
            #[allow(
                clippy::cast_possible_truncation,
                reason = "narrowing keeps the low bits; the widest target loses none"
            )]
            Ok(Some(integer(from, value)? as $target))
        }
    )*};
}

to_integer!(convert_to_i8 => i8, convert_to_i16 => i16, convert_to_i32 => i32, convert_to_i64 => i64);

/// The number that a value or its text is; days or milliseconds of an instant whose schema is known.
///
/// # Errors
///
/// When the value is no number.
pub fn convert_to_f64(from: Option<&Schema>, value: &Value) -> Result<Option<f64>> {
    if value.is_null() {
        return Ok(None);
    }
    double(from, value).map(Some)
}

/// Like [`convert_to_f64`], rounded once more.
///
/// # Errors
///
/// When the value is no number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounds to the nearest float"
)]
pub fn convert_to_f32(from: Option<&Schema>, value: &Value) -> Result<Option<f32>> {
    Ok(convert_to_f64(from, value)?.map(|it| it as f32))
}

/// The list that a value or its literal is.
///
/// # Errors
///
/// When it is no list.
pub fn convert_to_list(value: &Value) -> Result<Vec<Value>> {
    match from_literal(value)? {
        Value::Array(it) => Ok(it),
        other => Err(not_convertible(&other, "Schema{ARRAY}")),
    }
}

/// The map that a value or its literal is.
///
/// # Errors
///
/// When it is no map.
pub fn convert_to_map(value: &Value) -> Result<Map> {
    match from_literal(value)? {
        Value::Map(it) => Ok(it),
        other => Err(not_convertible(&other, "Schema{MAP}")),
    }
}

/// The struct that a value is; text is none.
///
/// # Errors
///
/// When it is no struct.
pub fn convert_to_struct(value: &Value) -> Result<Struct> {
    match value {
        Value::Null => Err(null_for_required()),
        Value::Struct(it) => Ok(it.clone()),
        other => Err(not_convertible(other, "Schema{STRUCT}")),
    }
}

/// Milliseconds at the midnight of a Date: of an instant, its day; of a number, that many days.
/// Text works only without a source schema.
///
/// # Errors
///
/// When the value is null or none of these.
pub fn convert_to_date(from: Option<&Schema>, value: &Value) -> Result<i64> {
    to_date(&Schema::date(), from, value)
}

/// Milliseconds of a Time: of an instant, since its midnight; of a number, itself. Text works only
/// without a source schema.
///
/// # Errors
///
/// When the value is null, none of these, or longer than a day.
pub fn convert_to_time(from: Option<&Schema>, value: &Value) -> Result<i64> {
    to_time(&Schema::time(), from, value)
}

/// Milliseconds of a Timestamp: of an instant or a number, itself. Text works only without a
/// source schema.
///
/// # Errors
///
/// When the value is null or none of these.
pub fn convert_to_timestamp(from: Option<&Schema>, value: &Value) -> Result<i64> {
    to_timestamp(&Schema::timestamp(), from, value)
}

/// The decimal of bytes with this scale, of a number (through its double), or of numeric text.
/// The scale of decimals and texts is not adjusted.
///
/// # Errors
///
/// When the value is null or none of these.
pub fn convert_to_decimal(value: &Value, scale: i32) -> Result<Decimal> {
    to_decimal(&Schema::decimal(scale), value)
}

/// Whether a value is one of this schema, as it is.
pub(super) fn is_plain(schema: &Schema, value: &Value) -> bool {
    value.kind() == Some(schema.kind()) && schema.logical().is_none()
}

/// Brings an element of a literal to the schema of all elements.
pub(super) fn convert_to(target: &SchemaRef, value: Value) -> Result<Value> {
    if value.is_null() {
        return match target.is_optional() {
            true => Ok(Value::Null),
            false => Err(null_for_required()),
        };
    }
    if is_plain(target, &value) {
        return Ok(value);
    }
    Ok(match (target.logical(), target.kind()) {
        (Some(Logical::Decimal), _) => to_decimal(target, &value)?.into(),
        (Some(Logical::Date), _) => Value::Instant(to_date(target, None, &value)?),
        (Some(Logical::Time), _) => Value::Instant(to_time(target, None, &value)?),
        (Some(Logical::Timestamp), _) => Value::Instant(to_timestamp(target, None, &value)?),
        (None, Type::Int8) => convert_to_i8(None, &value)?.into(),
        (None, Type::Int16) => convert_to_i16(None, &value)?.into(),
        (None, Type::Int32) => convert_to_i32(None, &value)?.into(),
        (None, Type::Int64) => convert_to_i64(None, &value)?.into(),
        (None, Type::Float32) => convert_to_f32(None, &value)?.into(),
        (None, Type::Float64) => convert_to_f64(None, &value)?.into(),
        (None, Type::Boolean) => convert_to_boolean(None, &value)?.into(),
        (None, Type::String) => super::format::convert_to_string(&value).into(),
        (None, Type::Array) => convert_to_list(&value)?.into(),
        (None, Type::Map) => convert_to_map(&value)?.into(),
        (None, Type::Bytes | Type::Struct) => {
            return Err(not_convertible(&value, &target.to_string()));
        }
    })
}

fn to_date(target: &Schema, from: Option<&Schema>, value: &Value) -> Result<i64> {
    let value = from_literal(value)?;
    match (instant(&value)?, from.map(Schema::logical)) {
        (Some(millis), None | Some(Some(Logical::Date))) => Ok(millis),
        // Truncates toward zero: a moment before 1970 belongs to the day after it.
        (Some(millis), Some(Some(Logical::Timestamp))) => {
            logical::decode_date(target, low_bits(millis / MILLIS_PER_DAY))
        }
        _ => logical::decode_date(target, low_bits(integer(from, &value)?)),
    }
}

fn to_time(target: &Schema, from: Option<&Schema>, value: &Value) -> Result<i64> {
    let value = from_literal(value)?;
    match (instant(&value)?, from.map(Schema::logical)) {
        (Some(millis), None | Some(Some(Logical::Time))) => Ok(millis),
        (Some(millis), Some(Some(Logical::Timestamp))) => {
            logical::decode_time(target, low_bits(on_new_year_of_1970(millis)))
        }
        _ => logical::decode_time(target, low_bits(integer(from, &value)?)),
    }
}

/// The same time of the first day of 1970, or of 1970 BC where the moment is before Christ: the
/// reference does not change the era, and finds out that this is no time of day.
fn on_new_year_of_1970(millis: i64) -> i64 {
    const START: i64 = days_of(1 - 1970, 1, 1) * MILLIS_PER_DAY;

    let (year, _, _) = date_of(millis.div_euclid(MILLIS_PER_DAY));
    let time = millis.rem_euclid(MILLIS_PER_DAY);
    if year > 0 { time } else { START + time }
}

fn to_timestamp(target: &Schema, from: Option<&Schema>, value: &Value) -> Result<i64> {
    let value = from_literal(value)?;
    match (instant(&value)?, from) {
        (Some(millis), None) => Ok(millis),
        (Some(millis), Some(schema)) => match schema.logical() {
            Some(Logical::Date) => {
                Ok(i64::from(logical::encode_date(schema, millis)?) * MILLIS_PER_DAY)
            }
            Some(Logical::Time) => Ok(logical::encode_time(schema, millis)?.into()),
            Some(Logical::Timestamp) => Ok(millis),
            Some(Logical::Decimal) | None => integer(from, &value),
        },
        (None, _) => logical::timestamp(target, integer(from, &value)?),
    }
}

fn to_decimal(target: &Schema, value: &Value) -> Result<Decimal> {
    match value {
        Value::Null => Err(null_for_required()),
        Value::Decimal(it) => Ok((**it).clone()),
        Value::Bytes(it) => logical::decode_decimal(target, it),
        Value::String(it) => it.as_str().parse(),
        other => match Number::of(other) {
            Some(number) => Decimal::try_from(number.to_f64()),
            None => Err(not_convertible(other, &target.to_string())),
        },
    }
}

/// The instant that a value is; none for other kinds.
fn instant(value: &Value) -> Result<Option<i64>> {
    match value {
        Value::Null => Err(null_for_required()),
        other => Ok(other.as_instant()),
    }
}

/// What a text stands for as a literal; other values are themselves.
fn from_literal(value: &Value) -> Result<Value> {
    match value {
        Value::Null => Err(null_for_required()),
        Value::String(it) => Ok(parse_string(it).value),
        other => Ok(other.clone()),
    }
}

fn integer(from: Option<&Schema>, value: &Value) -> Result<i64> {
    integer_or(from, value, None)
}

fn integer_or(from: Option<&Schema>, value: &Value, cause: Option<DataError>) -> Result<i64> {
    if let Some(number) = Number::of(value) {
        return Ok(number.to_i64());
    }
    let mut cause = cause;
    if let Value::String(text) = value {
        match text.as_str().parse::<Decimal>() {
            Ok(decimal) => return Ok(decimal.to_wrapped_i64()),
            Err(error) => cause = Some(error),
        }
    }
    if let (Value::Instant(millis), Some(schema)) = (value, from) {
        match schema.logical() {
            Some(Logical::Date) => return logical::encode_date(schema, *millis).map(Into::into),
            Some(Logical::Time) => return logical::encode_time(schema, *millis).map(Into::into),
            Some(Logical::Timestamp) => return Ok(*millis),
            Some(Logical::Decimal) | None => {}
        }
    }
    let target = from.map_or_else(|| "a number".to_owned(), ToString::to_string);
    let error = not_convertible(value, &target);
    Err(match cause {
        Some(cause) => error.caused_by(cause),
        None => error,
    })
}

fn double(from: Option<&Schema>, value: &Value) -> Result<f64> {
    if let Some(number) = Number::of(value) {
        return Ok(number.to_f64());
    }
    let cause = match value {
        Value::String(text) => match text.as_str().parse::<Decimal>() {
            Ok(decimal) => return Ok(decimal.to_f64()),
            Err(error) => Some(error),
        },
        _ => None,
    };
    #[expect(clippy::cast_precision_loss, reason = "rounds to the nearest double")]
    integer_or(from, value, cause).map(|it| it as f64)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the reference keeps the low bits"
)]
const fn low_bits(value: i64) -> i32 {
    value as i32
}

fn null_for_required() -> DataError {
    DataError::data("Unable to convert a null value to a schema that requires a value")
}

fn not_convertible(value: &Value, target: &str) -> DataError {
    DataError::data(format!(
        "Unable to convert {value} ({}) to {target}",
        value.kind_name()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_a_date_only_without_a_source_schema() {
        let text = Value::from("2019-08-23");

        assert_eq!(convert_to_date(None, &text).unwrap(), 1_566_518_400_000);
        assert!(convert_to_date(Some(&Schema::string()), &text).is_err());
    }

    #[test]
    fn moments_before_1970_keep_their_time_of_day() {
        let before = Value::Instant(-1);
        let schema = Schema::timestamp();

        assert_eq!(convert_to_time(Some(&schema), &before).unwrap(), 86_399_999);
        assert_eq!(convert_to_date(Some(&schema), &before).unwrap(), 0);
    }

    #[test]
    fn moments_before_christ_have_no_time_of_day() {
        let schema = Schema::timestamp();
        let convert = |millis| convert_to_time(Some(&schema), &Value::Instant(millis));
        let new_year_of_1 = days_of(1, 1, 1) * MILLIS_PER_DAY;

        assert_eq!(convert(new_year_of_1 + 7).unwrap(), 7);
        assert_eq!(
            convert(new_year_of_1 - 1).unwrap_err().to_string(),
            "Time values must use number of milliseconds greater than 0 and less than 86400000"
        );
    }

    #[test]
    fn numbers_wrap_when_narrowed() {
        assert_eq!(convert_to_i8(None, &Value::from("300")).unwrap(), Some(44));
        assert_eq!(
            convert_to_i64(None, &Value::from(f64::NAN)).unwrap(),
            Some(0)
        );
        assert_eq!(
            convert_to_i64(None, &Value::Instant(1))
                .unwrap_err()
                .to_string(),
            "Unable to convert Thu Jan 01 00:00:00 UTC 1970 (class java.util.Date) to a number"
        );
    }
}
