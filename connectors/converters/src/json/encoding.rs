//! Which Unicode encoding a message is in; anything but UTF-8 is turned into it first.

use std::borrow::Cow;

use connect_core::data::Blob;

use crate::charset::decode_utf16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 { big_endian: bool },
    Utf32 { big_endian: bool },
}

/// The message as UTF-8 without a byte order mark; the same when it is UTF-8 already.
///
/// Text in another encoding becomes U+FFFD where it is broken, so a string with it stays readable.
pub(super) fn to_utf8(message: &Blob) -> Cow<'_, Blob> {
    let (encoding, mark) = detect(message);
    let rest = || &message[mark..];
    Cow::Owned(match encoding {
        Encoding::Utf8 if mark == 0 => return Cow::Borrowed(message),
        Encoding::Utf8 => message.slice(mark..),
        Encoding::Utf16 { big_endian } => {
            let read = if big_endian {
                u16::from_be_bytes
            } else {
                u16::from_le_bytes
            };
            decode_utf16(rest(), read).into_bytes().into()
        }
        Encoding::Utf32 { big_endian } => decode_utf32(rest(), big_endian).into_bytes().into(),
    })
}

/// The encoding and the length of its mark. A mark of two or three bytes that nothing follows is
/// none. Without a mark, the zero bytes around the first
/// character tell, because JSON starts with an ASCII character.
fn detect(message: &[u8]) -> (Encoding, usize) {
    let wide = |big_endian| Encoding::Utf32 { big_endian };
    let narrow = |big_endian| Encoding::Utf16 { big_endian };
    match message {
        [0, 0, 0xFE, 0xFF, ..] => (wide(true), 4),
        [0xFF, 0xFE, 0, 0, ..] => (wide(false), 4),
        [0xFE, 0xFF, _, ..] => (narrow(true), 2),
        [0xFF, 0xFE, _, ..] => (narrow(false), 2),
        [0xEF, 0xBB, 0xBF, _, ..] => (Encoding::Utf8, 3),
        [0, 0, 0, _, ..] => (wide(true), 0),
        [_, 0, 0, 0, ..] => (wide(false), 0),
        [0, _, ..] => (narrow(true), 0),
        [_, 0, ..] => (narrow(false), 0),
        _ => (Encoding::Utf8, 0),
    }
}

fn decode_utf32(bytes: &[u8], big_endian: bool) -> String {
    let read = if big_endian {
        u32::from_be_bytes
    } else {
        u32::from_le_bytes
    };
    bytes
        .chunks(4)
        .map(|chunk| {
            let code = <[u8; 4]>::try_from(chunk).ok().map(read);
            code.and_then(char::from_u32)
                .unwrap_or(char::REPLACEMENT_CHARACTER)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &[u8], text: &str) {
        assert_eq!(to_utf8(&Blob::from(message)).as_slice(), text.as_bytes());
    }

    #[test]
    fn every_encoding_is_recognised_with_and_without_its_mark() {
        check(b"\xEF\xBB\xBF[1]", "[1]");
        check(b"\xFE\xFF\0[\0]", "[]");
        check(b"\xFF\xFE[\0]\0", "[]");
        check(b"\0[\0]", "[]");
        check(b"[\0]\0", "[]");
        check(b"\0\0\xFE\xFF\0\0\x001", "1");
        check(b"\0\0\x001", "1");
        check(b"1\0\0\0", "1");
        check(b"12", "12");
        check(b"", "");
    }
}
