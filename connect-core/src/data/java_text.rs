//! The text of values as Connect's clients know it: the JVM's `toString`.
//!
//! Numbers in the fewest digits that identify them (`1.0E10`), lists as `[1, 2]`, maps as
//! `{a=1, b=null}`, structs as `Struct{a=1,b=x}`, instants as `Thu Jan 01 00:00:00 UTC 1970`.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::ops::Range;

pub use self::few_decimals::{FewDecimals, few_decimals};
pub use self::whole::whole_number;
pub use super::decimal::digit_value;
use super::{Map, Struct, Value, date};

mod few_decimals;
mod whole;

/// Magnitudes that are written without an exponent, as Rust does.
const PLAIN: Range<f64> = 1e-3..1e7;

/// Shows a function the text of a double: `1.0`, `1.0E10`, `NaN`, `-Infinity`. It is used where it was
/// made: to hand it on takes as long as to make it.
pub fn with_f64_text<T>(value: f64, show: impl FnOnce(&str) -> T) -> T {
    with_float_text(value, f64::MIN_POSITIVE, show)
}

/// Shows a function the text of a float: `1.0`, `1.6777216E7`, `NaN`. Like [`with_f64_text`].
pub fn with_f32_text<T>(value: f32, show: impl FnOnce(&str) -> T) -> T {
    with_float_text(value, f32::MIN_POSITIVE.into(), show)
}

/// `normal` is the smallest magnitude that has all its digits; those below have fewer.
#[inline(always)]
fn with_float_text<F: zmij::Float + fmt::LowerExp + Into<f64>, T>(
    value: F,
    normal: f64,
    show: impl FnOnce(&str) -> T,
) -> T {
    let magnitude = value.into().abs();
    let (mut buffer, exponential);
    let text = if !magnitude.is_finite() {
        special_text(value.into())
    } else {
        buffer = zmij::Buffer::new();
        let shortest = buffer.format_finite(value);
        if PLAIN.contains(&magnitude) || magnitude == 0.0 {
            shortest
        } else if magnitude < normal && !shortest.contains('.') {
            // Of several one-digit texts, two digits find the nearest: 4.9E-324.
            exponential = with_exponent(&format!("{value:.1e}"));
            &exponential
        } else {
            exponential = with_exponent(shortest);
            &exponential
        }
    };
    show(text)
}

const fn special_text(value: f64) -> &'static str {
    if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// A number other than zero as `d.dddE-n`, from any of the notations that Rust has.
fn with_exponent(text: &str) -> String {
    let (sign, number) = text.split_at(usize::from(text.starts_with('-')));
    let (mantissa, exponent) = number.split_once('e').unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let without_zeros = digits.trim_start_matches('0');
    let zeros = digits.len() - without_zeros.len();
    let (first, others) = without_zeros.trim_end_matches('0').split_at(1);
    let others = if others.is_empty() { "0" } else { others };
    let places = |count: usize| i32::try_from(count).expect("few digits");
    let exponent: i32 = exponent.parse().expect("Rust writes an exponent");
    let exponent = exponent + places(whole.len()) - 1 - places(zeros);
    format!("{sign}{first}.{others}E{exponent}")
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
        Value::Int8(it) => write_integer(out, *it),
        Value::Int16(it) => write_integer(out, *it),
        Value::Int32(it) => write_integer(out, *it),
        Value::Int64(it) => write_integer(out, *it),
        Value::Float32(it) => with_f32_text(*it, |text| out.write_str(text)),
        Value::Float64(it) => with_f64_text(*it, |text| out.write_str(text)),
        Value::String(it) => out.write_str(it.as_str()),
        Value::Bytes(it) => write!(out, "byte[{}]", it.len()),
        Value::Decimal(it) => write!(out, "{it}"),
        Value::Instant(it) => write_instant(out, *it),
        Value::Array(it) => write_array(out, it),
        Value::Map(it) => write_map(out, it),
        Value::Struct(it) => write_struct(out, it),
    }
}

fn write_integer(out: &mut impl Write, integer: impl itoa::Integer) -> fmt::Result {
    out.write_str(itoa::Buffer::new().format(integer))
}

/// Writes a number that is not negative with zeros before it, so that it has so many digits.
///
/// # Errors
///
/// Only what the writer reports.
pub fn write_padded(out: &mut impl Write, number: u64, digits: usize) -> fmt::Result {
    // Most parts of dates and times.
    match (digits, number) {
        (2, 0..100) => return out.write_str(pair(number)),
        (3, 0..1000) => {
            let (_, last) = pair(number / 100).split_at(1);
            out.write_str(last)?;
            return out.write_str(pair(number % 100));
        }
        (4, 0..10_000) => {
            out.write_str(pair(number / 100))?;
            return out.write_str(pair(number % 100));
        }
        _ => {}
    }
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(number);
    for _ in text.len()..digits {
        out.write_char('0')?;
    }
    out.write_str(text)
}

/// The two digits of a number below a hundred.
fn pair(number: u64) -> &'static str {
    const PAIRS: &str = "0001020304050607080910111213141516171819\
                         2021222324252627282930313233343536373839\
                         4041424344454647484950515253545556575859\
                         6061626364656667686970717273747576777879\
                         8081828384858687888990919293949596979899";
    let place = usize::try_from(number * 2).ok();
    let pair = place.and_then(|it| PAIRS.get(it..it + 2));
    pair.expect("it is below a hundred")
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

/// The text with the digits of all scripts in ASCII: so Java reads whole numbers.
#[must_use]
pub fn ascii_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let ascii = |it| digit_value(it).map_or(it, |digit| char::from(b'0' + digit));
    text.chars().map(ascii).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_zeros_in_front() {
        for digits in 0..6 {
            for number in [
                0,
                7,
                10,
                99,
                100,
                105,
                999,
                1000,
                1050,
                9999,
                10_000,
                u64::MAX,
            ] {
                let mut text = String::new();
                write_padded(&mut text, number, digits).unwrap();

                assert_eq!(text, format!("{number:0digits$}"));
            }
        }
    }

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
            (-f64::from_bits(1), "-4.9E-324"),
            (-1.5e-5, "-1.5E-5"),
            (-0.0, "-0.0"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::NAN, "NaN"),
            (-f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            with_f64_text(value, |found| assert_eq!(found, text));
        }
    }

    #[test]
    fn floats_have_the_fewest_digits() {
        for (value, text) in [
            (16_777_216.0, "1.6777216E7"),
            (0.1, "0.1"),
            // Of two texts that are as near, the one whose last digit is even.
            (71_529.0 / 32.0, "2235.2812"),
            (f32::from_bits(1), "1.4E-45"),
            (f32::MAX, "3.4028235E38"),
            (1e7, "1.0E7"),
            (f32::INFINITY, "Infinity"),
        ] {
            with_f32_text(value, |found| assert_eq!(found, text));
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

            assert!(with_f64_text(double, str::parse) == Ok(double) || double.is_nan());
            assert!(with_f32_text(float, str::parse) == Ok(float) || float.is_nan());
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
