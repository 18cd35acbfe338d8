//! Whole numbers as Java's formats of numbers read them.

use super::digit_value;

/// Some texts stand for numbers that are none, and for such that are beyond all others.
const NOT_A_NUMBER: &str = "NaN";
const INFINITY: &str = "\u{221e}";

/// As many digits always fit 64 bits.
const SHORT_DIGITS: usize = 18;

/// Reads a whole number at the start of a text, and says what follows it: digits of any script with
/// an optional minus sign before and an exponent after them, `NaN` or `\u{221e}`. Parts of the whole
/// are dropped, and of what has 64 bits the low ones are kept.
#[must_use]
pub fn whole_number(text: &str) -> Option<(i32, &str)> {
    short(text).or_else(|| any(text))
}

/// A few digits of ASCII and nothing else.
fn short(text: &str) -> Option<(i32, &str)> {
    let (is_negative, unsigned) = split_minus(text);
    let is_digit = |it: &u8| it.is_ascii_digit();
    let length = unsigned.bytes().take_while(is_digit).count();
    let (digits, rest) = unsigned.split_at(length);
    let goes_on = rest
        .bytes()
        .next()
        .is_some_and(|it| it == b'E' || !it.is_ascii());
    if goes_on || !(1..=SHORT_DIGITS).contains(&length) {
        return None;
    }
    let push = |number, digit| number * 10 + i64::from(digit - b'0');
    let number = digits.bytes().fold(0, push);
    Some((low_bits(if is_negative { -number } else { number }), rest))
}

fn any(text: &str) -> Option<(i32, &str)> {
    if let Some(rest) = text.strip_prefix(NOT_A_NUMBER) {
        return Some((0, rest));
    }
    let (is_negative, unsigned) = split_minus(text);
    if let Some(rest) = unsigned.strip_prefix(INFINITY) {
        return Some((if is_negative { i32::MIN } else { i32::MAX }, rest));
    }
    let (digits, rest) = digits(unsigned)?;
    match exponent(rest) {
        None => Some((value(is_negative, &digits, 0), rest)),
        Some((exponent, rest)) => Some((value(is_negative, &digits, exponent), rest)),
    }
}

fn split_minus(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text),
    }
}

/// The digits that a text begins with, without zeros before them; `None` when there are none.
fn digits(text: &str) -> Option<(String, &str)> {
    let mut digits = String::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next()
        && let Some(digit) = digit_value(next)
    {
        if digit > 0 || !digits.is_empty() {
            digits.push(char::from(b'0' + digit));
        }
        rest = rest.get(next.len_utf8()..)?;
    }
    (rest.len() < text.len()).then_some((digits, rest))
}

/// `E` and a number that has at most 64 bits.
fn exponent(text: &str) -> Option<(i32, &str)> {
    let (is_negative, unsigned) = split_minus(text.strip_prefix('E')?);
    let (digits, rest) = digits(unsigned)?;
    let exponent: i64 = match digits.as_str() {
        "" => 0,
        digits => format!("{}{digits}", if is_negative { "-" } else { "" })
            .parse()
            .ok()?,
    };
    Some((low_bits(exponent), rest))
}

fn value(is_negative: bool, digits: &str, exponent: i32) -> i32 {
    const MOST_DIGITS: usize = 19;

    let Ok(length) = i32::try_from(digits.len()) else {
        return if is_negative { i32::MIN } else { i32::MAX };
    };
    let before_point = length.wrapping_add(exponent);
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return 0;
    }
    let sign = if is_negative { "-" } else { "" };
    let width = usize::try_from(before_point).unwrap_or(0);
    if (digits.len()..=MOST_DIGITS).contains(&width)
        && let Ok(whole) = format!("{sign}{digits:0<width$}").parse::<i64>()
    {
        return low_bits(whole);
    }
    let number: f64 = format!("{sign}0.{digits}e{before_point}")
        .parse()
        .expect("digits and an exponent are a number");
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is too large stops at the ends"
    )]
    let whole = number as i32;
    whole
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the reference keeps the low bits"
)]
const fn low_bits(number: i64) -> i32 {
    number as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, read: impl Into<Option<(i32, &'static str)>>) {
        assert_eq!(whole_number(text), read.into(), "{text}");
    }

    #[test]
    fn digits_end_where_others_follow() {
        check("0012x", (12, "x"));
        check("-7.5", (-7, ".5"));
        check("\u{661}\u{662}", (12, ""));
        check("+7", None);
        check("x", None);
        check("-", None);
    }

    #[test]
    fn exponents_move_the_point() {
        check("1E3 ", (1000, " "));
        check("15E-1", (1, ""));
        check("-1E-400", (0, ""));
        check("0E5", (0, ""));
        check("1E+3", (1, "E+3"));
        check("1e3", (1, "e3"));
        check("1E", (1, "E"));
        check("1E400", (i32::MAX, ""));
        check("1\u{662}E1", (120, ""));
    }

    #[test]
    fn numbers_of_64_bits_lose_the_high_ones_and_longer_ones_stop_at_the_ends() {
        check("9999999999", (1_410_065_407, ""));
        check("-9223372036854775808", (0, ""));
        check("9223372036854775808", (i32::MAX, ""));
        check("-99999999999999999999", (i32::MIN, ""));
        check("\u{221e}", (i32::MAX, ""));
        check("NaN", (0, ""));
        check("-NaN", None);
    }
}
