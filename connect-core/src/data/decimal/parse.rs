//! Reads decimal numbers with the grammar and the error texts that Connect's clients know.

use num_bigint::BigInt;

use super::Decimal;
use crate::data::DataError;

/// Code points of the digit zero in the scripts that have decimal digits, within the basic plane.
const ZEROS: [u32; 37] = [
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
    0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80,
    0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0,
    0xFF10,
];

/// Longest exponent that is read, leading zeros aside: a 32-bit number has ten digits.
const EXPONENT_DIGITS: usize = 10;

/// The value of a decimal digit of any script.
#[must_use]
pub fn digit_value(digit: char) -> Option<u8> {
    if digit.is_ascii() {
        return digit.is_ascii_digit().then(|| digit as u8 - b'0');
    }
    let code = u32::from(digit);
    let zero = ZEROS
        .partition_point(|zero| *zero <= code)
        .checked_sub(1)
        .map(|it| ZEROS[it])?;
    u8::try_from(code - zero).ok().filter(|it| *it < 10)
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

pub(super) fn parse(text: &str) -> Result<Decimal, DataError> {
    let (negative, number) = split_sign(text);
    let mut digits = Vec::with_capacity(number.len() + 1);
    let mut places: i64 = 0;
    let mut after_point = false;
    let mut exponent = 0;
    let mut chars = number.chars();
    while let Some(next) = chars.next() {
        if let Some(digit) = digit_value(next) {
            digits.push(b'0' + digit);
            places += i64::from(after_point);
        } else if next == '.' {
            if after_point {
                return Err(DataError::data(
                    "Character array contains more than one decimal point.",
                ));
            }
            after_point = true;
        } else if next == 'e' || next == 'E' {
            exponent = parse_exponent(chars.as_str())?;
            break;
        } else {
            return Err(DataError::data(format!(
                "Character {next} is neither a decimal digit number, decimal point, nor \"e\" \
                 notation exponential mark."
            )));
        }
    }
    if digits.is_empty() {
        return Err(DataError::data("No digits found."));
    }
    let magnitude = BigInt::parse_bytes(&digits, 10).expect("only digits were collected");
    let unscaled = if negative { -magnitude } else { magnitude };
    let scale =
        i32::try_from(places - exponent).map_err(|_| DataError::data("Scale out of range."))?;
    Ok(Decimal { unscaled, scale })
}

fn parse_exponent(text: &str) -> Result<i64, DataError> {
    let (negative, digits) = split_sign(text);
    if digits.is_empty() {
        return Err(DataError::data("No exponent digits."));
    }
    let mut exponent: i64 = 0;
    let mut significant = 0;
    for digit in digits.chars() {
        let digit = digit_value(digit).ok_or_else(|| DataError::data("Not a digit."))?;
        significant += usize::from(significant > 0 || digit > 0);
        if significant > EXPONENT_DIGITS {
            return Err(DataError::data("Too many nonzero exponent digits."));
        }
        exponent = exponent * 10 + i64::from(digit);
    }
    Ok(if negative { -exponent } else { exponent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_other_scripts_count() {
        assert_eq!(parse("١٢.٥").unwrap(), parse("12.5").unwrap());
        assert_eq!(digit_value('９'), Some(9));
        assert_eq!(digit_value('é'), None);
    }

    #[test]
    fn only_decimal_notation_is_read() {
        for text in [
            "",
            "+",
            ".",
            "e5",
            "1e",
            "1e+",
            "0x1F",
            "1_000",
            "1f",
            "1.2.3",
            "1e99999999999",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        for text in ["1.", ".5", "+1", "1e+5", "1E-05", "00012"] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_offending_character_is_named() {
        assert_eq!(
            parse("x").unwrap_err().to_string(),
            "Character x is neither a decimal digit number, decimal point, nor \"e\" notation \
             exponential mark."
        );
    }
}
