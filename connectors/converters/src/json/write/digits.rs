//! Digits of whole numbers, eight at a time: as bytes of a word, the first one lowest.

/// Room for a sign and the digits of any number, and for those of a word that do not count.
const ROOM: usize = 32;
/// Eight digits are below this.
const EIGHT_DIGITS: u64 = 100_000_000;
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Writes a number and says how long it is.
#[inline]
pub(super) fn write(number: i64, room: &mut [u8; ROOM]) -> usize {
    let is_negative = number < 0;
    room[0] = b'-';
    let mut length = usize::from(is_negative);
    let mut write = |digits: u64, count: u32| {
        room[length..length + 8].copy_from_slice(&digits.to_le_bytes());
        length += count as usize;
    };
    let number = number.unsigned_abs();
    let (front, last) = (number / EIGHT_DIGITS, number % EIGHT_DIGITS);
    if front == 0 {
        let (digits, count) = without_zeros(last);
        write(digits, count);
        return length;
    }
    if front < EIGHT_DIGITS {
        let (digits, count) = without_zeros(front);
        write(digits, count);
    } else {
        let (digits, count) = without_zeros(front / EIGHT_DIGITS);
        write(digits, count);
        write(eight_digits(front % EIGHT_DIGITS) | ZEROS, 8);
    }
    write(eight_digits(last) | ZEROS, 8);
    length
}

/// The digits of a number below 10⁸ without zeros in front, and how many they are.
#[inline]
const fn without_zeros(number: u64) -> (u64, u32) {
    let digits = eight_digits(number);
    // The last one stays, be it zero.
    let zeros = (digits | 1 << 56).trailing_zeros() / 8;
    ((digits | ZEROS) >> (8 * zeros), 8 - zeros)
}

/// The eight digits of a number below 10⁸. It is cut in two three times, all parts at once: by 10⁴, by
/// 10² and by 10, where the rest goes above the quotient. The quotients of such small numbers are
/// those of a multiplication and a shift.
#[inline]
const fn eight_digits(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let quotients = ((fours * 10_486) >> 20) & 0x7F_0000_007F;
    let pairs = quotients | ((fours - 100 * quotients) << 16);
    let quotients = ((pairs * 103) >> 10) & 0x0F_000F_000F_000F;
    quotients | ((pairs - 10 * quotients) << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(number: i64) {
        let mut room = [0; ROOM];
        let length = write(number, &mut room);

        assert_eq!(room[..length], *number.to_string().as_bytes());
    }

    #[test]
    fn numbers_of_all_lengths_have_their_digits() {
        for power in (0..19).map(|it| 10_i64.pow(it)) {
            for number in [power - 1, power, power + 1, power / 3, power / 7 * 5] {
                check(number);
                check(-number);
            }
        }
        check(i64::MIN);
        check(i64::MAX);
    }

    #[test]
    fn all_digits_of_a_quotient_are_right() {
        for part in 0..10_000 {
            check(part);
            check(part * 10_000);
            check(part * 10_001);
        }
    }
}
