//! The conversions of the reference's `Values`, by their names there.

use connect_core::data::{DataError, Schema, Value, values};

/// What a function makes of a value. The scale is that of decimals.
///
/// # Errors
///
/// When the value cannot be converted.
///
/// # Panics
///
/// When there is no such function.
pub fn convert(
    operation: &str,
    from: Option<&Schema>,
    value: &Value,
    scale: i32,
) -> Result<Value, DataError> {
    Ok(match operation {
        "convertToString" => values::convert_to_string(value).into(),
        "convertToBoolean" => values::convert_to_boolean(from, value)?.into(),
        "convertToByte" => values::convert_to_i8(from, value)?.into(),
        "convertToShort" => values::convert_to_i16(from, value)?.into(),
        "convertToInteger" => values::convert_to_i32(from, value)?.into(),
        "convertToLong" => values::convert_to_i64(from, value)?.into(),
        "convertToFloat" => values::convert_to_f32(from, value)?.into(),
        "convertToDouble" => values::convert_to_f64(from, value)?.into(),
        "convertToList" => values::convert_to_list(value)?.into(),
        "convertToMap" => values::convert_to_map(value)?.into(),
        "convertToStruct" => values::convert_to_struct(value)?.into(),
        "convertToDate" => Value::Instant(values::convert_to_date(from, value)?),
        "convertToTime" => Value::Instant(values::convert_to_time(from, value)?),
        "convertToTimestamp" => Value::Instant(values::convert_to_timestamp(from, value)?),
        "convertToDecimal" => values::convert_to_decimal(value, scale)?.into(),
        other => panic!("unknown operation {other}"),
    })
}
