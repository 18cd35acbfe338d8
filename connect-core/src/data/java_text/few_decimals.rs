//! Doubles with two decimals at most, as prices and measurements are: their digits are found by one
//! division.

/// The parts of the text of such a double: `-`, the whole number, `.`, and one or two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FewDecimals {
    /// Whether there is a minus sign.
    pub is_negative: bool,
    /// What stands before the point.
    pub whole: u32,
    /// What stands behind it, from 0 to 99; the second digit is left out when it is zero.
    pub hundredths: u32,
}

/// The parts of the text that [`with_f64_text`](super::with_f64_text) shows, for a double with two
/// decimals at most whose magnitude is from 0.01 to 10 million; `None` for others.
///
/// ```
/// use connect_core::data::java_text::few_decimals;
///
/// let parts = few_decimals(-19.9).unwrap();
/// assert!(parts.is_negative);
/// assert_eq!((parts.whole, parts.hundredths), (19, 90));
/// assert_eq!(few_decimals(1.0 / 3.0), None);
/// ```
#[must_use]
#[inline]
pub fn few_decimals(value: f64) -> Option<FewDecimals> {
    let magnitude = value.abs();
    if !(0.01..1e7).contains(&magnitude) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is positive and at most a thousand million"
    )]
    let hundredths = (magnitude * 100.0 + 0.5) as u32;
    // The quotient is the double nearest to the decimal number. No shorter decimal number has the
    // same one: all of up to fifteen digits differ.
    #[expect(clippy::float_cmp, reason = "it is this double or another")]
    let is_exact = f64::from(hundredths) / 100.0 == magnitude;
    is_exact.then_some(FewDecimals {
        is_negative: value < 0.0,
        whole: hundredths / 100,
        hundredths: hundredths % 100,
    })
}

#[cfg(test)]
mod tests {
    use super::super::with_f64_text;
    use super::*;

    fn text(parts: FewDecimals) -> String {
        let FewDecimals {
            is_negative,
            whole,
            hundredths,
        } = parts;
        let sign = if is_negative { "-" } else { "" };
        match hundredths % 10 {
            0 => format!("{sign}{whole}.{}", hundredths / 10),
            _ => format!("{sign}{whole}.{hundredths:02}"),
        }
    }

    #[track_caller]
    fn check(value: f64) {
        if let Some(parts) = few_decimals(value) {
            with_f64_text(value, |expected| assert_eq!(text(parts), expected));
        }
    }

    #[test]
    fn numbers_of_two_decimals_are_found_with_the_digits_of_the_reference() {
        let numbers = (1..200_000_u32).chain((1..1_000_000_000).step_by(1009));
        for number in numbers.chain([999_999_999, 999_999_998]) {
            let value = f64::from(number) / 100.0;
            assert!(few_decimals(value).is_some(), "{value}");
            check(value);
            check(-value);
            for neighbour in [value.next_up(), value.next_down()] {
                assert_eq!(few_decimals(neighbour), None, "{neighbour}");
            }
        }
    }

    #[test]
    fn other_numbers_are_left_to_others() {
        for value in [
            0.0,
            -0.0,
            0.001,
            0.005,
            1e7,
            1e300,
            f64::NAN,
            f64::INFINITY,
            0.1 + 0.2,
            1.005,
        ] {
            assert_eq!(few_decimals(value), None, "{value}");
        }
    }
}
