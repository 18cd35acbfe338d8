//! Numbers of a few digits.

use std::str::FromStr;

/// Numbers with more digits than this are read elsewhere; so many fit 64 bits.
const MAX_DIGITS: usize = 18;
/// Whole numbers up to here are doubles.
const MAX_WHOLE_DOUBLE: u64 = 1 << 53;

/// A number without an exponent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number<'a> {
    text: &'a [u8],
    is_negative: bool,
    /// All digits.
    digits: u64,
    /// Digits behind the point, if there is one.
    places: Option<usize>,
}

impl<'a> Number<'a> {
    /// The number at the beginning of a text that goes on behind it.
    #[inline(always)]
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let is_negative = *bytes.first()? == b'-';
        let start = usize::from(is_negative);
        let (whole, mut digits) = run(bytes.get(start..)?, 0)?;
        // A zero in front stands alone. With a sign it would lose it.
        let is_good = whole > 0 && (bytes[start] != b'0' || (whole == 1 && !is_negative));
        if !is_good {
            return None;
        }
        let (mut end, mut places) = (start + whole, None);
        if bytes.get(end) == Some(&b'.') {
            let (count, all) = run(bytes.get(end + 1..)?, digits)?;
            if count == 0 {
                return None;
            }
            digits = all;
            end += count + 1;
            places = Some(count);
        }
        let count = whole + places.unwrap_or(0);
        if count > MAX_DIGITS || matches!(bytes.get(end)?, b'e' | b'E') {
            return None;
        }
        Some(Self {
            text: bytes.get(..end)?,
            is_negative,
            digits,
            places,
        })
    }

    /// Length of its text.
    pub(super) const fn len(self) -> usize {
        self.text.len()
    }

    /// The number, if it has no point.
    #[inline(always)]
    pub(super) fn integer(self) -> Option<i64> {
        let magnitude = self.digits.cast_signed();
        self.places.is_none().then_some(match self.is_negative {
            true => -magnitude,
            false => magnitude,
        })
    }

    /// The nearest double.
    #[inline(always)]
    pub(super) fn double(self) -> Option<f64> {
        // Both are doubles to the last bit, so their quotient is rounded once.
        let scale = POWERS.get(self.places.unwrap_or(0))?;
        if self.digits > MAX_WHOLE_DOUBLE {
            return self.parsed();
        }
        #[expect(clippy::cast_precision_loss, reason = "it is small enough")]
        let magnitude = self.digits as f64 / scale;
        Some(if self.is_negative {
            -magnitude
        } else {
            magnitude
        })
    }

    /// The number that the standard library reads in its text.
    pub(super) fn parsed<F: FromStr>(self) -> Option<F> {
        std::str::from_utf8(self.text).ok()?.parse().ok()
    }
}

/// How many digits there are in front, and the number that they continue. What is longer than it may
/// be has any value. None when nothing follows.
#[inline(always)]
fn run(bytes: &[u8], before: u64) -> Option<(usize, u64)> {
    let (mut number, mut count) = (before, 0);
    while let Some(eight) = bytes.get(count..)?.first_chunk() {
        let (digits, value) = digits_of(*eight);
        number = number.wrapping_mul(TENS[digits]).wrapping_add(value);
        count += digits;
        if digits < eight.len() {
            return Some((count, number));
        }
    }
    last_run(bytes, count, number)
}

/// The same where the message ends within eight bytes; so many digits were read before.
#[cold]
fn last_run(bytes: &[u8], before: usize, mut number: u64) -> Option<(usize, u64)> {
    let rest = bytes.get(before..)?;
    let count = rest.iter().position(|it| !it.is_ascii_digit())?;
    for digit in &rest[..count] {
        number = number.wrapping_mul(10).wrapping_add((digit - b'0').into());
    }
    Some((before + count, number))
}

/// How many of eight bytes in front are digits, and the number that these make. They are moved to the
/// end, behind zeros, and put together three times, all parts at once: to pairs, to fours and to all.
#[inline(always)]
fn digits_of(text: [u8; 8]) -> (usize, u64) {
    let digits = u64::from_le_bytes(text) ^ 0x3030_3030_3030_3030;
    let above_nine = (digits & 0x7F7F_7F7F_7F7F_7F7F) + 0x7676_7676_7676_7676;
    let others = (digits | above_nine) & 0x8080_8080_8080_8080;
    let count = others.trailing_zeros() / 8;
    let digits = digits.unbounded_shl(u64::BITS - 8 * count);
    let pairs = (digits * 10 + (digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    (
        count as usize,
        (fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF,
    )
}

/// What a number is multiplied with to make room for so many digits.
const TENS: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// Powers of ten.
const POWERS: [f64; MAX_DIGITS] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_front_are_read_at_once_and_nothing_else() {
        for number in (0..10_000).flat_map(|it| [it, it * 10_000, it * 10_001]) {
            let text = format!("{number:08}");
            assert_eq!(digits_of(*text.as_bytes().as_array().unwrap()), (8, number));
        }
        for byte in (0..=u8::MAX).filter(|it| !it.is_ascii_digit()) {
            for (place, number) in [0, 1, 12, 123, 1234, 12_345, 123_456, 1_234_567]
                .into_iter()
                .enumerate()
            {
                let mut text = *b"12345678";
                text[place] = byte;
                assert_eq!(digits_of(text), (place, number));
            }
        }
    }

    #[test]
    fn digits_in_front_and_behind_count() {
        for length in 1..=MAX_DIGITS {
            let digits: String = "987654321098765432".chars().take(length).collect();
            for behind in [",", ", and much more"] {
                let text = format!("{digits}{behind}");
                let read = Number::read(text.as_bytes()).unwrap();
                assert_eq!((read.len(), read.integer()), (length, digits.parse().ok()));
                let text = format!("-7.{digits}{behind}");
                let read = Number::read(text.as_bytes());
                assert_eq!(read.is_some(), length < MAX_DIGITS);
            }
        }
    }
}
