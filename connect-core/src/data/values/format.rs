//! Values as literals.

use std::fmt::{self, Write};

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use smol_str::SmolStrBuilder;

use crate::data::date::{Civil, MILLIS_PER_DAY};
use crate::data::java_text::{self, write_padded};
use crate::data::{Map, Struct, Text, Value};

/// The literal of a value; null has none. Text is not quoted at the top level, only inside lists,
/// maps and structs.
///
/// ```
/// use connect_core::data::{Value, values};
///
/// let list = Value::from(["a", "b"]);
///
/// assert_eq!(values::convert_to_string(&list).as_deref(), Some(r#"["a","b"]"#));
/// ```
#[must_use]
pub fn convert_to_string(value: &Value) -> Option<Text> {
    match value {
        Value::Null => None,
        Value::String(it) => Some(it.clone()),
        Value::Int8(it) => Some(integer(*it)),
        Value::Int16(it) => Some(integer(*it)),
        Value::Int32(it) => Some(integer(*it)),
        Value::Int64(it) => Some(integer(*it)),
        other => {
            let mut out = SmolStrBuilder::new();
            write_string(&mut out, other)
                .unwrap_or_else(|_| unreachable!("a string takes any text"));
            Some(Text::own(out.finish()))
        }
    }
}

fn integer(integer: impl itoa::Integer) -> Text {
    itoa::Buffer::new().format(integer).into()
}

/// Writes the literal of a value; null is written as `null`.
///
/// # Errors
///
/// Only what the writer reports.
pub fn write_string(out: &mut impl Write, value: &Value) -> fmt::Result {
    match value {
        Value::String(it) => out.write_str(it.as_str()),
        Value::Bytes(it) => write!(out, "{}", Base64Display::new(it, &STANDARD)),
        other => write_embedded(out, other),
    }
}

fn write_embedded(out: &mut impl Write, value: &Value) -> fmt::Result {
    match value {
        Value::String(it) => write_quoted(out, it.as_str()),
        Value::Bytes(it) => write!(out, "\"{}\"", Base64Display::new(it, &STANDARD)),
        Value::Instant(it) => write_instant(out, *it),
        Value::Array(it) => write_list(out, it),
        Value::Map(it) => write_map(out, it),
        Value::Struct(it) => write_struct(out, it),
        Value::Null
        | Value::Boolean(_)
        | Value::Int8(_)
        | Value::Int16(_)
        | Value::Int32(_)
        | Value::Int64(_)
        | Value::Float32(_)
        | Value::Float64(_)
        | Value::Decimal(_) => java_text::write_value(out, value),
    }
}

fn write_quoted(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for part in text.split_inclusive(['\\', '"']) {
        match part.strip_suffix(['\\', '"']) {
            Some(before) => {
                let escaped = if part.ends_with('"') { '"' } else { '\\' };
                write!(out, "{before}\\{escaped}")?;
            }
            None => out.write_str(part)?,
        }
    }
    out.write_char('"')
}

/// Tells time, date and timestamp apart by their magnitude, because the schema is not known here.
fn write_instant(out: &mut impl Write, millis: i64) -> fmt::Result {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
        milli,
    } = Civil::from_millis(millis);
    let is_time = millis < MILLIS_PER_DAY;
    if !is_time {
        write_padded(out, year.unsigned_abs(), 4)?;
        write_after(out, '-', month, 2)?;
        write_after(out, '-', day, 2)?;
        if millis % MILLIS_PER_DAY == 0 {
            return Ok(());
        }
        out.write_char('T')?;
    }
    write_padded(out, hour.into(), 2)?;
    write_after(out, ':', minute, 2)?;
    write_after(out, ':', second, 2)?;
    write_after(out, '.', milli, 3)?;
    out.write_char('Z')
}

fn write_after(
    out: &mut impl Write,
    separator: char,
    number: impl Into<u64>,
    digits: usize,
) -> fmt::Result {
    out.write_char(separator)?;
    write_padded(out, number.into(), digits)
}

fn write_list(out: &mut impl Write, values: &[Value]) -> fmt::Result {
    out.write_char('[')?;
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        write_embedded(out, value)?;
    }
    out.write_char(']')
}

fn write_map(out: &mut impl Write, map: &Map) -> fmt::Result {
    out.write_char('{')?;
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        write_embedded(out, key)?;
        out.write_char(':')?;
        write_embedded(out, value)?;
    }
    out.write_char('}')
}

fn write_struct(out: &mut impl Write, record: &Struct) -> fmt::Result {
    out.write_char('{')?;
    for (field, _) in record.iter() {
        if field.index() > 0 {
            out.write_char(',')?;
        }
        write_quoted(out, field.name())?;
        out.write_char(':')?;
        write_embedded(out, record.value_of(field))?;
    }
    out.write_char('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_are_escaped_inside_containers_only() {
        let text = Value::from(r#"a"b\c"#);

        assert_eq!(convert_to_string(&text).unwrap(), r#"a"b\c"#);
        assert_eq!(
            convert_to_string(&Value::from([text])).unwrap(),
            r#"["a\"b\\c"]"#
        );
    }

    #[test]
    fn instants_are_told_apart_by_magnitude() {
        let text = |millis| convert_to_string(&Value::Instant(millis)).unwrap();

        assert_eq!(text(0), "00:00:00.000Z");
        assert_eq!(text(-86_400_000), "00:00:00.000Z");
        assert_eq!(text(432_000_000), "1970-01-06");
        assert_eq!(text(432_000_001), "1970-01-06T00:00:00.001Z");
    }
}
