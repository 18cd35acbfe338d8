//! Base64 as messages may hold it: canonical text fast, tolerated deviations exactly.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The bytes of a base64 text; none when it is broken.
///
/// White space before each group of four and at the end is skipped, and bits that do not fill a
/// byte are dropped. Padding is required.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD
        .decode(text)
        .ok()
        .or_else(|| decode_tolerantly(text))
}

fn decode_tolerantly(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut rest = text;
    while let [first, after @ ..] = rest {
        if *first <= b' ' {
            rest = after;
            continue;
        }
        let (group, after) = rest.split_at_checked(4)?;
        rest = after;
        let letters = group
            .iter()
            .position(|byte| *byte == b'=')
            .unwrap_or(group.len());
        if letters < 2 || group.iter().skip(letters).any(|byte| *byte != b'=') {
            return None;
        }
        let mut bits: u32 = 0;
        for byte in group {
            bits = bits << 6
                | if *byte == b'=' {
                    0
                } else {
                    letter_value(*byte)?
                };
        }
        let [_, group_bytes @ ..] = bits.to_be_bytes();
        bytes.extend(group_bytes.iter().take(letters - 1));
    }
    Some(bytes)
}

fn letter_value(letter: u8) -> Option<u32> {
    let value = match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviations_are_tolerated_or_refused() {
        let ok = |text: &[u8], bytes: &[u8]| assert_eq!(decode(text).as_deref(), Some(bytes));

        ok(b"", b"");
        ok(b"YWJj", b"abc");
        ok(b" YWJj", b"abc");
        ok(b"YWJj \n", b"abc");
        ok(b" ", b"");
        ok(b"YWJj YQ==", b"abca");
        ok(b"YQ==YQ==", b"aa");
        ok(b"YR==", b"a");
        for text in [
            &b"YQ"[..],
            b"YQ=",
            b"Y===",
            b"Y=Q=",
            b"%%%%",
            b"_-_-",
            b"YW Jj",
            b"YWJjY",
            b"Y",
            b"YWJj=",
        ] {
            assert_eq!(decode(text), None, "{}", text.escape_ascii());
        }
    }
}
