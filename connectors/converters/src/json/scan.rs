//! Finds the end of text that can be copied as it is, eight bytes at a time.

const WORD: usize = size_of::<u64>();
const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Sets the high bit of every byte that is zero; bytes above a zero byte may be set as well.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(LOW_BITS) & !word & HIGH_BITS
}

/// Sets the high bit of bytes that a string cannot hold unescaped: quote, backslash, control
/// characters. The lowest set bit is exact.
const fn special_bytes(word: u64) -> u64 {
    let quotes = zero_bytes(word ^ (LOW_BITS * b'"' as u64));
    let backslashes = zero_bytes(word ^ (LOW_BITS * b'\\' as u64));
    let controls = word.wrapping_sub(LOW_BITS * 0x20) & !word & HIGH_BITS;
    quotes | backslashes | controls
}

/// Number of bytes before the first quote, backslash or control character.
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return index * WORD + special.trailing_zeros() as usize / 8;
        }
    }
    let mut last = [b' '; WORD];
    last[..rest.len()].copy_from_slice(rest);
    let special = special_bytes(u64::from_le_bytes(last));
    words.len() * WORD + rest.len().min(special.trailing_zeros() as usize / 8)
}

/// Like [`plain_length`], but stops at characters beyond the basic plane as well.
pub(super) fn plain_basic_length(bytes: &[u8]) -> usize {
    let plain = plain_length(bytes);
    let plain = bytes.get(..plain).unwrap_or(bytes);
    match plain.is_ascii() {
        true => plain.len(),
        // Only characters beyond the basic plane take four bytes.
        false => plain
            .iter()
            .position(|byte| *byte >= 0xF0)
            .unwrap_or(plain.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_special(byte: u8) -> bool {
        byte == b'"' || byte == b'\\' || byte < 0x20
    }

    #[test]
    fn every_byte_at_every_place_is_found() {
        for special in 0..=255_u8 {
            for place in 0..20 {
                let mut bytes = [b'a'; 20];
                bytes[place] = special;

                let expected = if is_special(special) { place } else { 20 };

                assert_eq!(plain_length(&bytes), expected, "{special} at {place}");
            }
        }
    }

    #[test]
    fn characters_beyond_the_basic_plane_stop_the_copy() {
        assert_eq!(plain_basic_length("é☃😀".as_bytes()), 5);
        assert_eq!(plain_basic_length("é☃\"😀".as_bytes()), 5);
        assert_eq!(plain_basic_length("plain text".as_bytes()), 10);
    }
}
