//! Decimal numbers of any size: an unscaled integer and the place of its point.

use std::fmt;
use std::str::FromStr;

use num_bigint::{BigInt, Sign};
use num_traits::{Signed, ToPrimitive, Zero};

use super::DataError;

mod parse;

pub use parse::digit_value;

/// The number `unscaled × 10^-scale`.
///
/// The scale counts when comparing: `1.50` and `1.5` are different values.
///
/// ```
/// use connect_core::data::Decimal;
///
/// let price: Decimal = "1.50".parse()?;
///
/// assert_eq!(price.scale(), 2);
/// assert_eq!(price.to_string(), "1.50");
/// assert_ne!(price, "1.5".parse()?);
/// # Ok::<(), connect_core::data::DataError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    unscaled: BigInt,
    scale: i32,
}

impl Decimal {
    /// The number `unscaled × 10^-scale`.
    pub fn new(unscaled: impl Into<BigInt>, scale: i32) -> Self {
        Self {
            unscaled: unscaled.into(),
            scale,
        }
    }

    /// Reads the bytes of a two's-complement big-endian integer.
    ///
    /// # Errors
    ///
    /// When there are no bytes.
    pub fn from_be_bytes(bytes: &[u8], scale: i32) -> Result<Self, DataError> {
        if bytes.is_empty() {
            return Err(DataError::data("Zero length BigInteger"));
        }
        let unscaled = match bytes {
            [first, rest @ ..] if rest.len() < size_of::<i64>() => {
                let first = i64::from(first.cast_signed());
                let small = rest.iter().fold(first, |sum, it| sum << 8 | i64::from(*it));
                small.into()
            }
            large => BigInt::from_signed_bytes_be(large),
        };
        Ok(Self { unscaled, scale })
    }

    /// The unscaled integer in two's complement, big-endian, in the fewest bytes.
    #[must_use]
    pub fn to_be_bytes(&self) -> Vec<u8> {
        self.with_be_bytes(<[u8]>::to_vec)
    }

    /// Shows the unscaled integer in two's complement, big-endian, in the fewest bytes. Nothing is
    /// allocated for those of 64 bits.
    pub fn with_be_bytes<T>(&self, read: impl FnOnce(&[u8]) -> T) -> T {
        let Some(small) = self.unscaled.to_i64() else {
            return read(&self.unscaled.to_signed_bytes_be());
        };
        // Bits in front that only repeat the sign say nothing; one of them stays.
        let repeated = small.leading_zeros().max(small.leading_ones()) - 1;
        read(&small.to_be_bytes()[repeated as usize / 8..])
    }

    /// The digits without the point.
    #[must_use]
    pub fn unscaled(&self) -> &BigInt {
        &self.unscaled
    }

    /// The digits without point and sign.
    fn digits(&self) -> String {
        let magnitude = self.unscaled.magnitude();
        magnitude
            .to_u64()
            .map_or_else(|| magnitude.to_string(), |small| small.to_string())
    }

    /// How many digits stand after the point; negative when zeros are left out before it.
    #[must_use]
    pub const fn scale(&self) -> i32 {
        self.scale
    }

    /// The value as an integer when it is whole and fits.
    #[must_use]
    pub fn to_whole_i64(&self) -> Option<i64> {
        if self.unscaled.is_zero() {
            return Some(0);
        }
        if self.scale <= 0 {
            // An i64 has 19 digits: more zeros than that cannot fit.
            let zeros = self.scale.unsigned_abs();
            return (zeros < 19)
                .then(|| &self.unscaled * BigInt::from(10).pow(zeros))
                .and_then(|it| it.to_i64());
        }
        let digits = self.digits();
        let fraction = usize::try_from(self.scale).ok()?;
        let whole_digits = digits.len().checked_sub(fraction)?;
        let (whole, fraction) = digits.as_bytes().split_at(whole_digits);
        if fraction.iter().any(|digit| *digit != b'0') {
            return None;
        }
        BigInt::parse_bytes(whole, 10)
            .map(|it| if self.unscaled.is_negative() { -it } else { it })
            .and_then(|it| it.to_i64())
    }

    /// The integer part cut to its low 64 bits.
    #[must_use]
    pub fn to_wrapped_i64(&self) -> i64 {
        if self.scale == 0 {
            return wrapped_i64(&self.unscaled);
        }
        if self.scale < 0 {
            // 10^64 is a multiple of 2^64, so nothing is left of the low bits.
            let zeros = self.scale.unsigned_abs();
            return if zeros >= 64 {
                0
            } else {
                wrapped_i64(&(&self.unscaled * BigInt::from(10).pow(zeros)))
            };
        }
        let places = self.scale.unsigned_abs();
        // A decimal digit takes more than three bits.
        if u64::from(places) > self.unscaled.bits() / 3 + 1 {
            return 0;
        }
        wrapped_i64(&(&self.unscaled / BigInt::from(10).pow(places)))
    }

    /// The nearest double; infinite when the number is too large.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        format!("{}e{}", self.unscaled, -i64::from(self.scale))
            .parse()
            .unwrap_or_else(|_| unreachable!("digits and an exponent are a number"))
    }

    /// The nearest float, rounded once; infinite when the number is too large.
    #[must_use]
    pub fn to_f32(&self) -> f32 {
        format!("{}e{}", self.unscaled, -i64::from(self.scale))
            .parse()
            .unwrap_or_else(|_| unreachable!("digits and an exponent are a number"))
    }

    /// All digits without an exponent. Its length grows with the scale: a scale of -1000 means a
    /// thousand zeros.
    #[must_use]
    pub fn to_plain_string(&self) -> String {
        let digits = self.digits();
        let mut text = String::with_capacity(digits.len() + 2);
        if self.unscaled.is_negative() {
            text.push('-');
        }
        if self.scale > 0 {
            push_with_point(&mut text, &digits, self.scale.unsigned_abs() as usize);
        } else {
            text.push_str(&digits);
            if !self.unscaled.is_zero() {
                text.extend(std::iter::repeat_n('0', self.scale.unsigned_abs() as usize));
            }
        }
        text
    }
}

/// Appends digits with a point before the last `places` of them.
fn push_with_point(text: &mut String, digits: &str, places: usize) {
    match digits.len().checked_sub(places) {
        Some(whole) if whole > 0 => {
            let (whole, fraction) = digits.split_at(whole);
            text.push_str(whole);
            text.push('.');
            text.push_str(fraction);
        }
        _ => {
            text.push_str("0.");
            text.extend(std::iter::repeat_n('0', places - digits.len()));
            text.push_str(digits);
        }
    }
}

fn wrapped_i64(integer: &BigInt) -> i64 {
    let low = integer
        .magnitude()
        .iter_u64_digits()
        .next()
        .unwrap_or(0)
        .cast_signed();
    if integer.sign() == Sign::Minus {
        low.wrapping_neg()
    } else {
        low
    }
}

impl FromStr for Decimal {
    type Err = DataError;

    /// Reads an optional sign, digits with an optional point, and an optional exponent.
    fn from_str(text: &str) -> Result<Self, DataError> {
        parse::parse(text)
    }
}

impl TryFrom<f64> for Decimal {
    type Error = DataError;

    /// The shortest decimal that identifies the double, always with a fraction digit: `5` is `5.0`.
    fn try_from(value: f64) -> Result<Self, DataError> {
        super::java_text::with_f64_text(value, str::parse)
    }
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Self::new(value, 0)
    }
}

impl fmt::Display for Decimal {
    /// Plain digits for numbers of ordinary size, else with an exponent: `0.01`, `1E+3`, `1.2E-7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        let mut text = String::with_capacity(digits.len() + 8);
        if self.unscaled.is_negative() {
            text.push('-');
        }
        let last_digit = i64::try_from(digits.len()).expect("digits fit in memory") - 1;
        let exponent = last_digit - i64::from(self.scale);
        if self.scale == 0 {
            text.push_str(&digits);
        } else if self.scale > 0 && exponent >= -6 {
            push_with_point(&mut text, &digits, self.scale.unsigned_abs() as usize);
        } else {
            let (first, rest) = digits.split_at(1);
            text.push_str(first);
            if !rest.is_empty() {
                text.push('.');
                text.push_str(rest);
            }
            if exponent != 0 {
                text.push_str(&format!("E{exponent:+}"));
            }
        }
        f.pad(&text)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decimal({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn text_form_keeps_the_scale() {
        for text in [
            "0",
            "0.00",
            "1.50",
            "-0.01",
            "1E+3",
            "-1.28E+10",
            "1E-7",
            "0E-10",
            "0.000001",
            "123456789012345678901234567890.5",
            "0E+3",
        ] {
            assert_eq!(decimal(text).to_string(), text);
        }
    }

    #[test]
    fn plain_text_has_no_exponent() {
        assert_eq!(decimal("1E+3").to_plain_string(), "1000");
        assert_eq!(decimal("-1.5E-9").to_plain_string(), "-0.0000000015");
        assert_eq!(decimal("0E+3").to_plain_string(), "0");
        assert_eq!(decimal("12.30").to_plain_string(), "12.30");
    }

    #[test]
    fn bytes_are_the_shortest_twos_complement() {
        for (text, bytes) in [
            ("0.00", &[0_u8][..]),
            ("1.56", &[0x00, 0x9C]),
            ("-1.28", &[0x80]),
            ("-0.01", &[0xFF]),
            ("327.68", &[0x00, 0x80, 0x00]),
            ("-327.69", &[0xFF, 0x7F, 0xFF]),
            ("-92233720368547758.08", &[0x80, 0, 0, 0, 0, 0, 0, 0]),
            ("92233720368547758.08", &[0, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ] {
            assert_eq!(decimal(text).to_be_bytes(), bytes, "{text}");
            assert_eq!(Decimal::from_be_bytes(bytes, 2).unwrap(), decimal(text));
        }
        assert_eq!(
            Decimal::from_be_bytes(&[0xFF; 9], 2).unwrap(),
            decimal("-0.01")
        );
        assert!(Decimal::from_be_bytes(&[], 2).is_err());
    }

    #[test]
    fn whole_numbers_are_recognised() {
        assert_eq!(decimal("1.0").to_whole_i64(), Some(1));
        assert_eq!(decimal("-1e3").to_whole_i64(), Some(-1000));
        assert_eq!(decimal("0E-400").to_whole_i64(), Some(0));
        assert_eq!(decimal("1.5").to_whole_i64(), None);
        assert_eq!(decimal("0.5").to_whole_i64(), None);
        assert_eq!(decimal("9223372036854775808").to_whole_i64(), None);
        assert_eq!(decimal("1e2000000000").to_whole_i64(), None);
    }

    #[test]
    fn integer_part_is_cut_to_64_bits() {
        assert_eq!(decimal("12.99").to_wrapped_i64(), 12);
        assert_eq!(decimal("-12.99").to_wrapped_i64(), -12);
        assert_eq!(decimal("9223372036854775808").to_wrapped_i64(), i64::MIN);
        assert_eq!(decimal("1e2000000000").to_wrapped_i64(), 0);
        assert_eq!(decimal("1e-2000000000").to_wrapped_i64(), 0);
        assert_eq!(decimal("1e19").to_wrapped_i64(), -8_446_744_073_709_551_616);
    }

    #[test]
    fn numbers_too_large_for_a_double_are_infinite() {
        assert!(decimal("1.8e308").to_f64().is_infinite());
        assert_eq!(decimal("1e-400").to_f64().to_bits(), 0);
    }
}
