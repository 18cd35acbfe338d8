//! Floating-point numbers as Java writes and reads them.

/// The double that a text is; blanks around it do not count.
pub(super) fn parse_f64(text: &str) -> Option<f64> {
    let Text { negative, body } = Text::of(text);
    let magnitude = match body {
        Body::NotANumber => f64::NAN,
        Body::Infinity => f64::INFINITY,
        Body::Decimal(digits) => digits.parse().ok()?,
        Body::Hex(number) => f64::from_bits(number.to_bits(52, 11)),
        Body::Malformed => return None,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// The float that a text is; blanks around it do not count.
pub(super) fn parse_f32(text: &str) -> Option<f32> {
    let Text { negative, body } = Text::of(text);
    let magnitude = match body {
        Body::NotANumber => f32::NAN,
        Body::Infinity => f32::INFINITY,
        Body::Decimal(digits) => digits.parse().ok()?,
        Body::Hex(number) => {
            let bits = number.to_bits(23, 8);
            f32::from_bits(u32::try_from(bits).expect("a float has 32 bits"))
        }
        Body::Malformed => return None,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// A number, taken apart.
struct Text<'a> {
    negative: bool,
    body: Body<'a>,
}

enum Body<'a> {
    NotANumber,
    Infinity,
    /// What Rust reads in the same way.
    Decimal(&'a str),
    Hex(HexNumber),
    Malformed,
}

impl<'a> Text<'a> {
    fn of(text: &'a str) -> Self {
        let text = text.trim_matches(|it| it <= ' ');
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let body = match text {
            "NaN" => Body::NotANumber,
            "Infinity" => Body::Infinity,
            _ => {
                let number = text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text);
                match number.strip_prefix("0x").or(number.strip_prefix("0X")) {
                    Some(hex) => HexNumber::parse(hex).map_or(Body::Malformed, Body::Hex),
                    None if is_decimal(number) => Body::Decimal(number),
                    None => Body::Malformed,
                }
            }
        };
        Self { negative, body }
    }
}

/// Digits with a point among them and an exponent; no sign and none of Rust's names.
fn is_decimal(text: &str) -> bool {
    let starts_well = text.starts_with(|it: char| it.is_ascii_digit() || it == '.');
    starts_well
        && text
            .bytes()
            .all(|it| it.is_ascii_digit() || b".eE+-".contains(&it))
}

/// The number `significand × 2^exponent`.
struct HexNumber {
    significand: u64,
    exponent: i64,
}

impl HexNumber {
    /// Reads hexadecimal digits with a point among them, `p` and a decimal exponent.
    fn parse(text: &str) -> Option<Self> {
        let (digits, exponent) = text.split_once(['p', 'P'])?;
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut number = Self {
            significand: 0,
            exponent: parse_exponent(exponent)?,
        };
        for digit in whole.chars() {
            number.push(digit.to_digit(16)?, 0);
        }
        for digit in fraction.chars() {
            number.push(digit.to_digit(16)?, -4);
        }
        Some(number)
    }

    /// Appends a digit. When there is no room for it, the last bit remembers that it was not zero:
    /// more than enough bits are left for rounding.
    fn push(&mut self, digit: u32, shift: i64) {
        if self.significand >> 60 == 0 {
            self.significand = self.significand << 4 | u64::from(digit);
            self.exponent += shift;
        } else {
            self.significand |= u64::from(digit != 0);
            self.exponent += 4 + shift;
        }
    }

    /// The bits of the nearest number of a format; ties go to the even one.
    fn to_bits(&self, fraction_bits: u32, exponent_bits: u32) -> u64 {
        if self.significand == 0 {
            return 0;
        }
        let bias = (1_i64 << (exponent_bits - 1)) - 1;
        let infinity = ((1_u64 << exponent_bits) - 1) << fraction_bits;
        let fraction_bits = i64::from(fraction_bits);
        let top = 63 - i64::from(self.significand.leading_zeros());
        // The exponent of the last bit that is kept: small numbers keep fewer bits.
        let smallest = 1 - bias - fraction_bits;
        let last = (self.exponent + top - fraction_bits).max(smallest);
        if self.exponent + top > bias {
            return infinity;
        }
        let kept = shift_and_round(self.significand, self.exponent - last);
        // A carry out of the fraction runs into the exponent, which is then right as well.
        let steps = u64::try_from(last - smallest).expect("not below the smallest");
        kept + (steps << fraction_bits)
    }
}

/// Multiplies by a power of two; ties go to the even number.
fn shift_and_round(value: u64, shift: i64) -> u64 {
    match shift {
        0.. => value << shift,
        -64..0 => {
            let wide = u128::from(value) << 64 >> -shift;
            let (whole, rest) = (wide >> 64, wide & u128::from(u64::MAX));
            let half = 1_u128 << 63;
            let up = rest > half || (rest == half && whole & 1 == 1);
            u64::try_from(whole).expect("it was shifted down") + u64::from(up)
        }
        _ => 0,
    }
}

/// An exponent so large that it does not fit is as good as one of twenty digits.
fn parse_exponent(text: &str) -> Option<i64> {
    const BEYOND_ALL: i64 = 1 << 40;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse().unwrap_or(BEYOND_ALL).min(BEYOND_ALL);
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: impl Into<Option<f64>>) {
        assert_eq!(
            parse_f64(text).map(f64::to_bits),
            expected.into().map(f64::to_bits),
            "{text}"
        );
    }

    #[test]
    fn decimal_numbers_are_read() {
        check("1e3", 1000.0);
        check(" -1.5f ", -1.5);
        check("+.5D", 0.5);
        check("1.", 1.0);
        check("Infinity", f64::INFINITY);
        check("1e400", f64::INFINITY);
        for malformed in [
            "", "inf", "nan", "infinity", "--1", "1 2", "e1", ".", "f", "1_0",
        ] {
            check(malformed, None);
        }
        assert!(parse_f64("NaN").is_some_and(f64::is_nan));
    }

    #[test]
    fn hexadecimal_numbers_are_rounded_once() {
        check("0x1p0", 1.0);
        check("0x1.8p1", 3.0);
        check("-0xAp-1", -5.0);
        check("0x.8p0d", 0.5);
        check("0x1p-1074", f64::from_bits(1));
        check("0x1p-1075", 0.0);
        check("0x1.8p-1075", f64::from_bits(1));
        check("0x1.fffffffffffff8p1023", f64::INFINITY);
        check("0x1.fffffffffffffp1023", f64::MAX);
        check("0x1.00000000000008p0", 1.0);
        check("0x1.000000000000080000000000001p0", 1.0 + f64::EPSILON);
        check("0x0p99999999999999999999", 0.0);
        check("0x1p99999999999999999999", f64::INFINITY);
        check("0x1p-99999999999999999999", 0.0);
        check("0x1", None);
        check("0xp1", None);
        assert_eq!(parse_f32("0x1.fffffep127"), Some(f32::MAX));
        assert_eq!(parse_f32("0x1p128"), Some(f32::INFINITY));
    }
}
