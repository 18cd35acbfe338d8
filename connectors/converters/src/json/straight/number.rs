//! Numbers of a few digits.

/// Numbers with more digits than this are read elsewhere; so many fit 64 bits.
const MAX_DIGITS: usize = 18;
/// Whole numbers up to here are doubles.
const MAX_WHOLE_DOUBLE: u64 = 1 << 53;

/// A number without an exponent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    length: usize,
    is_negative: bool,
    /// All digits.
    digits: u64,
    /// Digits behind the point, if there is one.
    places: Option<usize>,
}

impl Number {
    /// The number at the beginning of a text that goes on behind it.
    #[inline(always)]
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let is_negative = *bytes.first()? == b'-';
        let start = usize::from(is_negative);
        let (whole, mut digits) = run(bytes, start, 0)?;
        // A zero in front stands alone. With a sign it would lose it.
        let is_good = whole > 0 && (bytes[start] != b'0' || (whole == 1 && !is_negative));
        if !is_good {
            return None;
        }
        let (mut end, mut places) = (start + whole, None);
        if bytes.get(end) == Some(&b'.') {
            let (count, all) = run(bytes, end + 1, digits)?;
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
            length: end,
            is_negative,
            digits,
            places,
        })
    }

    /// Length of its text.
    pub(super) const fn len(self) -> usize {
        self.length
    }

    /// The number, if it has no point.
    pub(super) fn integer(self) -> Option<i64> {
        let magnitude = self.digits.cast_signed();
        self.places.is_none().then_some(match self.is_negative {
            true => -magnitude,
            false => magnitude,
        })
    }

    /// The nearest double; it is told its text.
    #[inline(always)]
    pub(super) fn double(self, text: &str) -> Option<f64> {
        // Both are doubles to the last bit, so their quotient is rounded once.
        let scale = POWERS.get(self.places.unwrap_or(0))?;
        if self.digits > MAX_WHOLE_DOUBLE {
            return text.parse().ok();
        }
        #[expect(clippy::cast_precision_loss, reason = "it is small enough")]
        let magnitude = self.digits as f64 / scale;
        Some(if self.is_negative {
            -magnitude
        } else {
            magnitude
        })
    }
}

/// How many digits there are from a place on, and the number that they continue. What is longer
/// than it may be has any value.
#[inline(always)]
fn run(bytes: &[u8], start: usize, before: u64) -> Option<(usize, u64)> {
    let mut number = before;
    let mut count = 0;
    let bytes = bytes.get(start..)?;
    if let Some(eight) = bytes.first_chunk().and_then(|it| eight_digits(*it)) {
        number = number.wrapping_mul(100_000_000).wrapping_add(eight);
        count = 8;
    }
    for byte in bytes.get(count..)? {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Some((count, number));
        }
        number = number.wrapping_mul(10).wrapping_add(digit.into());
        count += 1;
    }
    None
}

/// The number that eight digits make. They are put together three times, all parts at once: to
/// pairs, to fours and to all.
#[inline(always)]
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    let digits = u64::from_le_bytes(text) ^ 0x3030_3030_3030_3030;
    let above_nine = (digits & 0x7F7F_7F7F_7F7F_7F7F) + 0x7676_7676_7676_7676;
    if (digits | above_nine) & 0x8080_8080_8080_8080 != 0 {
        return None;
    }
    let pairs = (digits * 10 + (digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF)
}

/// Powers of ten.
const POWERS: [f64; MAX_DIGITS] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_digits_are_read_at_once_and_nothing_else() {
        for number in (0..10_000).flat_map(|it| [it, it * 10_000, it * 10_001]) {
            let text = format!("{number:08}");
            assert_eq!(
                eight_digits(*text.as_bytes().as_array().unwrap()),
                Some(number)
            );
        }
        for byte in (0..=u8::MAX).filter(|it| !it.is_ascii_digit()) {
            for place in 0..8 {
                let mut text = *b"12345678";
                text[place] = byte;
                assert_eq!(eight_digits(text), None);
            }
        }
    }

    #[test]
    fn digits_in_front_and_behind_count() {
        for length in 1..=MAX_DIGITS {
            let digits: String = "987654321098765432".chars().take(length).collect();
            let read = Number::read(format!("{digits},").as_bytes()).unwrap();
            assert_eq!((read.len(), read.integer()), (length, digits.parse().ok()));
            let read = Number::read(format!("-7.{digits},").as_bytes());
            assert_eq!(read.is_some(), length < MAX_DIGITS);
        }
    }
}
