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

/// Number of bytes before the first quote, backslash or control character. Mostly one is among the
/// first, which are looked at without a call.
#[inline(always)]
pub(super) fn plain_length(bytes: &[u8]) -> usize {
    let special = bytes
        .first_chunk()
        .map_or(0, |it| special_bytes(u64::from_le_bytes(*it)));
    if special != 0 {
        return special.trailing_zeros() as usize / 8;
    }
    any_plain_length(bytes)
}

fn any_plain_length(bytes: &[u8]) -> usize {
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

/// Whether a string can hold these bytes as they are, and all of them are ASCII.
pub(super) fn is_plain_ascii(bytes: &[u8]) -> bool {
    let is_plain = |it: &[u8; WORD]| not_plain_ascii(u64::from_le_bytes(*it)) == 0;
    let (words, rest) = bytes.as_chunks();
    words.iter().all(is_plain)
        && match bytes.last_chunk() {
            Some(_) if rest.is_empty() => true,
            Some(last) => is_plain(last),
            None => is_plain(&word_of_few(bytes)),
        }
}

/// Whether there is a byte that a string cannot hold as it is, or that is not ASCII: not zero then.
#[inline]
const fn not_plain_ascii(word: u64) -> u64 {
    special_bytes(word) | word & HIGH_BITS
}

/// Copies at most 16 bytes to the beginning of others if a string can hold them as they are and all
/// are ASCII. Without a loop and without a call: two words, which mostly overlap, hold them all.
#[inline(always)]
pub(super) fn copy_plain_ascii(bytes: &[u8], to: &mut [u8; 2 * WORD]) -> bool {
    let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) else {
        let word = word_of_few(bytes);
        let (copied, _) = to.split_at_mut(WORD);
        copied.copy_from_slice(&word);
        return not_plain_ascii(u64::from_le_bytes(word)) == 0;
    };
    to[..WORD].copy_from_slice(first);
    to[bytes.len() - WORD..][..WORD].copy_from_slice(last);
    let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    not_plain_ascii(first) | not_plain_ascii(last) == 0
}

/// The bytes, of which there are fewer than eight, and blanks behind them.
#[inline]
fn word_of_few(bytes: &[u8]) -> [u8; WORD] {
    let length = bytes.len();
    let blanks = (LOW_BITS * u64::from(b' ')) << (8 * length);
    let at = |byte: u8, place: usize| u64::from(byte) << (8 * place);
    let word = match (bytes.first_chunk(), bytes.last_chunk(), bytes) {
        (Some(first), Some(last), _) => {
            // What both have is the same.
            let behind = u64::from(u32::from_le_bytes(*last)) << (8 * (length - 4));
            u64::from(u32::from_le_bytes(*first)) | behind
        }
        (_, _, [first, .., last]) => {
            at(*first, 0) | at(bytes[length / 2], length / 2) | at(*last, length - 1)
        }
        (_, _, [only]) => u64::from(*only),
        (_, _, []) => 0,
    };
    (word | blanks).to_le_bytes()
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
    fn every_byte_that_is_not_plain_is_seen_at_every_place() {
        for length in 1..=20 {
            for (byte, place) in (0..=255_u8).flat_map(|it| (0..length).map(move |at| (it, at))) {
                let mut bytes = vec![b'a'; length];
                bytes[place] = byte;

                let expected = byte.is_ascii() && !is_special(byte);

                assert_eq!(
                    is_plain_ascii(&bytes),
                    expected,
                    "{byte} at {place} of {length}"
                );
                if length <= 16 {
                    let mut copy = [0; 16];
                    assert_eq!(copy_plain_ascii(&bytes, &mut copy), expected);
                    assert_eq!(copy[..length], bytes);
                }
            }
        }
        assert!(is_plain_ascii(b"") && copy_plain_ascii(b"", &mut [0; 16]));
    }

    #[test]
    fn characters_beyond_the_basic_plane_stop_the_copy() {
        assert_eq!(plain_basic_length("é☃😀".as_bytes()), 5);
        assert_eq!(plain_basic_length("é☃\"😀".as_bytes()), 5);
        assert_eq!(plain_basic_length("plain text".as_bytes()), 10);
    }
}
