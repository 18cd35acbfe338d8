//! The text of values as Connect's clients know it: the JVM's `toString`.
//!
//! Numbers in the fewest digits that identify them (`1.0E10`), lists as `[1, 2]`, maps as
//! `{a=1, b=null}`, structs as `Struct{a=1,b=x}`, instants as `Thu Jan 01 00:00:00 UTC 1970`.

use std::fmt::{self, Write};

use super::{Map, Struct, Value, date};

/// The text of a floating-point number, without an allocation.
#[derive(Clone, Copy, Debug)]
pub struct FloatText {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl FloatText {
    /// The longest text is `-2.2250738585072014E-308`, 24 characters.
    const CAPACITY: usize = 28;

    const fn empty() -> Self {
        Self {
            bytes: [0; Self::CAPACITY],
            len: 0,
        }
    }

    /// The text, which is ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_else(|_| unreachable!("numbers are ASCII"))
    }

    /// The text as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl FloatText {
    fn push(&mut self, text: &[u8]) {
        let end = self.len + text.len();
        self.bytes[self.len..end].copy_from_slice(text);
        self.len = end;
    }

    /// Appends the point and what follows it, at least one digit.
    fn push_fraction(&mut self, digits: &[u8]) {
        self.push(b".");
        self.push(if digits.is_empty() { b"0" } else { digits });
    }
}

impl Write for FloatText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

/// The text of a double: `1.0`, `1.0E10`, `NaN`, `-Infinity`.
#[must_use]
pub fn f64_text(value: f64) -> FloatText {
    if !value.is_finite() {
        return special_text(value);
    }
    let mut shortest = FloatText::empty();
    write!(shortest, "{value:e}").expect("a float fits its buffer");
    // Of several one-digit texts of a subnormal, two digits find the nearest: 4.9E-324.
    if value.abs() < f64::MIN_POSITIVE && value != 0.0 && !shortest.as_bytes().contains(&b'.') {
        shortest = FloatText::empty();
        write!(shortest, "{value:.1e}").expect("a float fits its buffer");
    }
    from_scientific(&shortest)
}

/// The text of a float: `1.0`, `1.6777216E7`, `NaN`, `-Infinity`.
#[must_use]
pub fn f32_text(value: f32) -> FloatText {
    if !value.is_finite() {
        return special_text(value.into());
    }
    let mut shortest = FloatText::empty();
    write!(shortest, "{value:e}").expect("a float fits its buffer");
    // Of several one-digit texts of a subnormal, two digits find the nearest: 1.4E-45.
    if value.abs() < f32::MIN_POSITIVE && value != 0.0 && !shortest.as_bytes().contains(&b'.') {
        shortest = FloatText::empty();
        write!(shortest, "{value:.1e}").expect("a float fits its buffer");
    }
    from_scientific(&shortest)
}

fn special_text(value: f64) -> FloatText {
    let mut text = FloatText::empty();
    text.push(if value.is_nan() {
        b"NaN"
    } else if value > 0.0 {
        b"Infinity"
    } else {
        b"-Infinity"
    });
    text
}

/// Turns Rust's `-d.ddde-n` into plain notation from 10^-3 up to 10^7 and `d.dddE-n` beyond.
///
/// Works on bytes, because every number of every record passes here.
fn from_scientific(scientific: &FloatText) -> FloatText {
    let text = scientific.as_bytes();
    let (sign, text) = text.split_at(usize::from(text.starts_with(b"-")));
    let e = text
        .iter()
        .position(|byte| *byte == b'e')
        .expect("Rust writes an exponent");
    let (mantissa, exponent_text) = (&text[..e], &text[e + 1..]);
    let (first, rest) = (&mantissa[..1], mantissa.get(2..).unwrap_or_default());
    let (negative, digits) = match exponent_text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, exponent_text),
    };
    let exponent = digits
        .iter()
        .fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));

    let mut out = FloatText::empty();
    out.push(sign);
    match (negative, exponent) {
        (false, 0..7) => {
            let (whole, fraction) = rest.split_at(rest.len().min(exponent));
            out.push(first);
            out.push(whole);
            out.push(&b"000000"[..exponent - whole.len()]);
            out.push_fraction(fraction);
        }
        (true, 1..=3) => {
            out.push(&b"0.00"[..=exponent]);
            out.push(first);
            out.push(rest);
        }
        _ => {
            out.push(first);
            out.push_fraction(rest);
            out.push(b"E");
            out.push(exponent_text);
        }
    }
    out
}

/// Writes the text of an instant: `Thu Jan 01 00:00:00 UTC 1970`.
///
/// # Errors
///
/// Only what the writer reports.
pub fn write_instant(out: &mut impl Write, millis: i64) -> fmt::Result {
    const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let date::Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
        ..
    } = date::Civil::from_millis(millis);
    let weekday = WEEKDAYS[date::weekday(millis)];
    let month = MONTHS[usize::from(month) - 1];
    write!(
        out,
        "{weekday} {month} {day:02} {hour:02}:{minute:02}:{second:02} UTC {year}"
    )
}

/// Writes the text of any value. Bytes have no portable text; their length is told instead.
///
/// # Errors
///
/// Only what the writer reports.
pub fn write_value(out: &mut impl Write, value: &Value) -> fmt::Result {
    match value {
        Value::Null => out.write_str("null"),
        Value::Boolean(it) => write!(out, "{it}"),
        Value::Int8(it) => write!(out, "{it}"),
        Value::Int16(it) => write!(out, "{it}"),
        Value::Int32(it) => write!(out, "{it}"),
        Value::Int64(it) => write!(out, "{it}"),
        Value::Float32(it) => out.write_str(f32_text(*it).as_str()),
        Value::Float64(it) => out.write_str(f64_text(*it).as_str()),
        Value::String(it) => out.write_str(it.as_str()),
        Value::Bytes(it) => write!(out, "byte[{}]", it.len()),
        Value::Decimal(it) => write!(out, "{it}"),
        Value::Instant(it) => write_instant(out, *it),
        Value::Array(it) => write_array(out, it),
        Value::Map(it) => write_map(out, it),
        Value::Struct(it) => write_struct(out, it),
    }
}

fn write_array(out: &mut impl Write, values: &[Value]) -> fmt::Result {
    out.write_char('[')?;
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        write_value(out, value)?;
    }
    out.write_char(']')
}

fn write_map(out: &mut impl Write, map: &Map) -> fmt::Result {
    out.write_char('{')?;
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            out.write_str(", ")?;
        }
        write_value(out, key)?;
        out.write_char('=')?;
        write_value(out, value)?;
    }
    out.write_char('}')
}

/// Writes the fields that are set, without defaults.
pub(super) fn write_struct(out: &mut impl Write, record: &Struct) -> fmt::Result {
    out.write_str("Struct{")?;
    let set_fields = record.iter().filter(|(_, value)| !value.is_null());
    for (index, (field, value)) in set_fields.enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        out.write_str(field.name())?;
        out.write_char('=')?;
        write_value(out, value)?;
    }
    out.write_char('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_have_the_fewest_digits() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (100.0, "100.0"),
            (123.456, "123.456"),
            (0.001, "0.001"),
            (0.0123, "0.0123"),
            (9.99e-4, "9.99E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1.25e10, "1.25E10"),
            (2e23, "2.0E23"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (-f64::MIN_POSITIVE, "-2.2250738585072014E-308"),
            (f64::from_bits(1), "4.9E-324"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(f64_text(value).as_str(), text);
        }
    }

    #[test]
    fn floats_have_the_fewest_digits() {
        for (value, text) in [
            (16_777_216.0, "1.6777216E7"),
            (0.1, "0.1"),
            (f32::from_bits(1), "1.4E-45"),
            (f32::MAX, "3.4028235E38"),
            (f32::INFINITY, "Infinity"),
        ] {
            assert_eq!(f32_text(value).as_str(), text);
        }
    }

    #[test]
    fn every_float_is_read_back_from_its_text() {
        let mut bits = 1_u64;
        for _ in 0..20_000 {
            // Multiplying by an odd constant walks through bit patterns of all magnitudes.
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let double = f64::from_bits(bits);
            let float = f32::from_bits((bits >> 32) as u32);

            assert!(f64_text(double).as_str().parse() == Ok(double) || double.is_nan());
            assert!(f32_text(float).as_str().parse() == Ok(float) || float.is_nan());
        }
    }

    #[test]
    fn instants_are_dates_of_the_civil_calendar() {
        let text = |millis| Value::Instant(millis).to_string();

        assert_eq!(text(0), "Thu Jan 01 00:00:00 UTC 1970");
        assert_eq!(text(1_566_570_894_346), "Fri Aug 23 14:34:54 UTC 2019");
        assert_eq!(text(-1), "Wed Dec 31 23:59:59 UTC 1969");
    }

    #[test]
    fn containers_show_their_values() {
        let map = Map::from([("a", Value::Int32(1)), ("n", Value::Null)]);

        assert_eq!(Value::from([1_i32, 2]).to_string(), "[1, 2]");
        assert_eq!(Value::from(map).to_string(), "{a=1, n=null}");
    }
}
