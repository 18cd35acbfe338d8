//! Logical types: decimals, dates and times, known by the name of their schema.

use super::date::MILLIS_PER_DAY;
use super::{DataError, Decimal, Schema, Type, Value};

/// The parameter of a Decimal schema that holds its scale.
pub const SCALE: &str = "scale";

/// A type that is known by the name of its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Logical {
    /// A decimal number, stored as bytes.
    Decimal,
    /// A day, stored as days since 1970-01-01.
    Date,
    /// A time of day, stored as milliseconds since midnight.
    Time,
    /// A moment, stored as milliseconds since 1970-01-01 UTC.
    Timestamp,
}

impl Logical {
    /// The name of such schemas.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decimal => "org.apache.kafka.connect.data.Decimal",
            Self::Date => "org.apache.kafka.connect.data.Date",
            Self::Time => "org.apache.kafka.connect.data.Time",
            Self::Timestamp => "org.apache.kafka.connect.data.Timestamp",
        }
    }

    /// The logical type of schemas with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let last = name.strip_prefix("org.apache.kafka.connect.data.")?;
        match last {
            "Decimal" => Some(Self::Decimal),
            "Date" => Some(Self::Date),
            "Time" => Some(Self::Time),
            "Timestamp" => Some(Self::Timestamp),
            _ => None,
        }
    }

    /// The type of the stored values.
    #[must_use]
    pub const fn base(self) -> Type {
        match self {
            Self::Decimal => Type::Bytes,
            Self::Date | Self::Time => Type::Int32,
            Self::Timestamp => Type::Int64,
        }
    }
}

/// The scale of a Decimal schema.
///
/// # Errors
///
/// When the schema has no scale, or one that is not a number.
pub fn decimal_scale(schema: &Schema) -> Result<i32, DataError> {
    if let Some(scale) = schema.scale() {
        return Ok(scale);
    }
    let scale = schema
        .parameters()
        .and_then(|parameters| parameters.get(SCALE))
        .ok_or_else(|| DataError::data("Invalid Decimal schema: scale parameter not found."))?;
    scale.parse().map_err(|error: std::num::ParseIntError| {
        DataError::data("Invalid scale parameter found in Decimal schema: ").caused_by(error)
    })
}

/// The bytes of a decimal: its unscaled integer in two's complement, big-endian.
///
/// # Errors
///
/// When the scale is not that of the schema.
pub fn encode_decimal(schema: &Schema, decimal: &Decimal) -> Result<Vec<u8>, DataError> {
    expect_scale(schema, decimal)?;
    Ok(decimal.to_be_bytes())
}

/// Checks that a decimal has the scale of its schema, without which its bytes mean another number.
///
/// # Errors
///
/// When the scale is not that of the schema.
pub fn expect_scale(schema: &Schema, decimal: &Decimal) -> Result<(), DataError> {
    let (wanted, scale) = (decimal_scale(schema)?, decimal.scale());
    if scale != wanted {
        return Err(DataError::data(format!(
            "Decimal value has mismatching scale for given Decimal schema. Schema has scale \
             {wanted}, value has scale {scale}."
        )));
    }
    Ok(())
}

/// The decimal with these bytes and the scale of the schema.
///
/// # Errors
///
/// When the schema has no scale or there are no bytes.
pub fn decode_decimal(schema: &Schema, bytes: &[u8]) -> Result<Decimal, DataError> {
    let scale = decimal_scale(schema)?;
    Decimal::from_be_bytes(bytes, scale)
}

/// The number of days since 1970-01-01.
///
/// # Errors
///
/// When the schema is not a Date, or the instant not a midnight or out of range.
pub fn encode_date(schema: &Schema, millis: i64) -> Result<i32, DataError> {
    expect_name(schema, Logical::Date, "Date")?;
    if millis.rem_euclid(MILLIS_PER_DAY) != 0 {
        return Err(DataError::data(
            "Kafka Connect Date type should not have any time fields set to non-zero values.",
        ));
    }
    // Keeps the low 32 bits of days beyond them, as every client does.
    #[expect(clippy::cast_possible_truncation, reason = "the reference cuts here")]
    let days = millis.div_euclid(MILLIS_PER_DAY) as i32;
    Ok(days)
}

/// The midnight of a day.
///
/// # Errors
///
/// When the schema is not a Date.
pub fn decode_date(schema: &Schema, days: i32) -> Result<i64, DataError> {
    expect_name(schema, Logical::Date, "Date")?;
    Ok(i64::from(days) * MILLIS_PER_DAY)
}

/// The milliseconds since midnight.
///
/// # Errors
///
/// When the schema is not a Time, or the instant not within the first day.
pub fn encode_time(schema: &Schema, millis: i64) -> Result<i32, DataError> {
    expect_name(schema, Logical::Time, "Time")?;
    i32::try_from(millis)
        .ok()
        .filter(|_| (0..=MILLIS_PER_DAY).contains(&millis))
        .ok_or_else(|| {
            DataError::data(
                "Kafka Connect Time type should not have any date fields set to non-zero values.",
            )
        })
}

/// The instant of a time of day.
///
/// # Errors
///
/// When the schema is not a Time, or the time longer than a day.
pub fn decode_time(schema: &Schema, millis: i32) -> Result<i64, DataError> {
    // The word Date is what clients see here.
    expect_name(schema, Logical::Time, "Date")?;
    let millis = i64::from(millis);
    if !(0..=MILLIS_PER_DAY).contains(&millis) {
        return Err(DataError::data(
            "Time values must use number of milliseconds greater than 0 and less than 86400000",
        ));
    }
    Ok(millis)
}

/// The milliseconds of a moment; encoding and decoding are the same.
///
/// # Errors
///
/// When the schema is not a Timestamp.
pub fn timestamp(schema: &Schema, millis: i64) -> Result<i64, DataError> {
    expect_name(schema, Logical::Timestamp, "Timestamp")?;
    Ok(millis)
}

fn expect_name(schema: &Schema, logical: Logical, word: &str) -> Result<(), DataError> {
    if schema.logical() == Some(logical) {
        return Ok(());
    }
    Err(DataError::data(format!(
        "Requested conversion of {word} object but the schema does not match."
    )))
}

/// The stored form of a decimal or an instant under a logical schema.
///
/// # Errors
///
/// When the schema is not a logical one, or the value does not fit it.
pub fn encode(schema: &Schema, value: &Value) -> Result<Value, DataError> {
    Ok(match (schema.logical(), value) {
        (Some(Logical::Decimal), Value::Decimal(it)) => encode_decimal(schema, it)?.into(),
        (Some(Logical::Date), Value::Instant(it)) => encode_date(schema, *it)?.into(),
        (Some(Logical::Time), Value::Instant(it)) => encode_time(schema, *it)?.into(),
        (Some(Logical::Timestamp), Value::Instant(it)) => timestamp(schema, *it)?.into(),
        _ => return Err(mismatch(schema, value)),
    })
}

/// The decimal or instant that a stored value stands for.
///
/// # Errors
///
/// When the schema is not a logical one, or the value does not fit it.
pub fn decode(schema: &Schema, value: &Value) -> Result<Value, DataError> {
    Ok(match (schema.logical(), value) {
        (Some(Logical::Decimal), Value::Bytes(it)) => decode_decimal(schema, it)?.into(),
        (Some(Logical::Date), Value::Int32(it)) => Value::Instant(decode_date(schema, *it)?),
        (Some(Logical::Time), Value::Int32(it)) => Value::Instant(decode_time(schema, *it)?),
        (Some(Logical::Timestamp), Value::Int64(it)) => Value::Instant(timestamp(schema, *it)?),
        _ => return Err(mismatch(schema, value)),
    })
}

fn mismatch(schema: &Schema, value: &Value) -> DataError {
    DataError::data(format!("{} is no value of {schema}", value.kind_name()))
}
