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
    for (count, byte) in bytes.get(start..)?.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Some((count, number));
        }
        number = number.wrapping_mul(10).wrapping_add(digit.into());
    }
    None
}

/// Powers of ten.
const POWERS: [f64; MAX_DIGITS] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17,
];
