//! Writes JSON tokens to the byte: what is escaped, and how numbers look.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_core::data::Text;
use connect_core::data::java_text::FewDecimals;

use super::scan::{copy_plain_ascii, is_plain_ascii, plain_basic_length};

mod digits;

const HEX_DIGITS: &[u8; 16] = b"0123456789ABCDEF";
/// Longer texts are checked and copied by loops.
const SHORT_TEXT: usize = 16;
/// Most decimal numbers have fewer bytes; what reads and writes long base64 takes its time to begin.
const FEW_BYTES: usize = 9;

/// Lets a function write at the end, where it finds room for a few bytes, and say how many count.
/// Room of a fixed size is made and filled by a few moves, where bytes of any number take a call.
#[inline(always)]
fn in_room<const N: usize>(out: &mut Vec<u8>, write: impl FnOnce(&mut [u8; N]) -> usize) {
    let start = out.len();
    out.extend_from_slice(&[0; N]);
    let length = out.last_chunk_mut().map_or(0, write);
    out.truncate(start + length);
}

/// Writes a string with its quotes. Characters beyond the basic plane become two escapes.
#[inline]
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    quoted(out, text.as_bytes(), || text);
}

/// The same of a text, which is seen as a `str` only where something is escaped: that takes a look at
/// all its bytes.
#[inline]
pub(super) fn text(out: &mut Vec<u8>, text: &Text) {
    quoted(out, text.as_bytes(), || text.as_str());
}

#[inline]
fn quoted<'a>(out: &mut Vec<u8>, bytes: &[u8], text: impl FnOnce() -> &'a str) {
    if bytes.len() > SHORT_TEXT {
        match is_plain_ascii(bytes) {
            true => long_plain(out, bytes),
            false => escaped(out, text()),
        }
        return;
    }
    let mut is_plain = true;
    in_room(out, |room: &mut [u8; SHORT_TEXT + 2]| {
        let [quote, inside @ .., _] = room;
        *quote = b'"';
        is_plain = copy_plain_ascii(bytes, inside);
        room[bytes.len() + 1] = b'"';
        if is_plain { bytes.len() + 2 } else { 0 }
    });
    if !is_plain {
        escaped(out, text());
    }
}

fn long_plain(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    out.extend_from_slice(bytes);
    out.push(b'"');
}

#[cold]
fn escaped(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text;
    loop {
        let (plain, special) = rest.split_at(plain_basic_length(rest.as_bytes()));
        out.extend_from_slice(plain.as_bytes());
        let mut chars = special.chars();
        let Some(special) = chars.next() else { break };
        escape(out, special);
        rest = chars.as_str();
    }
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, special: char) {
    let short = match special {
        '"' => b'"',
        '\\' => b'\\',
        '\u{8}' => b'b',
        '\t' => b't',
        '\n' => b'n',
        '\u{c}' => b'f',
        '\r' => b'r',
        _ => {
            for unit in special.encode_utf16(&mut [0; 2]) {
                out.extend_from_slice(b"\\u");
                for shift in [12, 8, 4, 0] {
                    out.push(HEX_DIGITS[usize::from(*unit >> shift & 0xF)]);
                }
            }
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Writes an integer.
#[inline]
pub(super) fn integer(out: &mut Vec<u8>, value: i64) {
    in_room(out, |room| digits::write(value, room));
}

/// Writes a double with two decimals at most.
#[inline]
pub(super) fn few_decimals(out: &mut Vec<u8>, parts: FewDecimals) {
    if parts.is_negative {
        out.push(b'-');
    }
    integer(out, parts.whole.into());
    let digit = |number: u32| b"0123456789"[(number % 10) as usize];
    in_room(out, |room: &mut [u8; 3]| {
        let last = digit(parts.hundredths);
        *room = [b'.', digit(parts.hundredths / 10), last];
        if last == b'0' { 2 } else { 3 }
    });
}

/// Writes a floating-point number; JSON has no NaN and no infinities, so these become strings.
pub(super) fn float(out: &mut Vec<u8>, text: &str, is_finite: bool) {
    match is_finite {
        true => out.extend_from_slice(text.as_bytes()),
        false => string(out, text),
    }
}

/// Writes anything whose text is a JSON token.
pub(super) fn token(out: &mut Vec<u8>, token: &dyn std::fmt::Display) {
    write!(out, "{token}").expect("a vector takes any bytes");
}

/// Writes bytes as a base64 string.
pub(super) fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.len() <= FEW_BYTES {
        return in_room(out, |room: &mut [u8; FEW_BYTES.div_ceil(3) * 4 + 2]| {
            room[0] = b'"';
            let mut end = 1;
            for group in bytes.chunks(3) {
                room[end..end + 4].copy_from_slice(&base64_group(group));
                end += 4;
            }
            room[end] = b'"';
            end + 1
        });
    }
    out.push(b'"');
    let start = out.len();
    let length = base64::encoded_len(bytes.len(), true).expect("a value is shorter than 4 GiB");
    out.resize(start + length, 0);
    STANDARD
        .encode_slice(bytes, &mut out[start..])
        .expect("the length was computed");
    out.push(b'"');
}

/// One to three bytes as four letters.
#[inline(always)]
fn base64_group(bytes: &[u8]) -> [u8; 4] {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let byte = |at| bytes.get(at).copied().unwrap_or_default();
    let bits = u32::from_be_bytes([0, byte(0), byte(1), byte(2)]);
    let [first, second, third, fourth] =
        [18, 12, 6, 0].map(|shift| LETTERS[(bits >> shift & 0x3F) as usize]);
    match bytes.len() {
        1 => [first, second, b'=', b'='],
        2 => [first, second, third, b'='],
        _ => [first, second, third, fourth],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(write: impl FnOnce(&mut Vec<u8>), expected: &str) {
        let mut out = Vec::new();
        write(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn strings_are_escaped_as_little_as_possible() {
        check(
            |out| string(out, "q\"b\\s/\n\t\u{1}\u{7f}é☃"),
            "\"q\\\"b\\\\s/\\n\\t\\u0001\u{7f}é☃\"",
        );
        check(|out| string(out, "😀x"), r#""\uD83D\uDE00x""#);
        check(|out| string(out, ""), "\"\"");
        check(|out| text(out, &"é\"".into()), "\"é\\\"\"");
    }

    #[test]
    fn integers_reach_both_ends() {
        check(|out| integer(out, i64::MIN), "-9223372036854775808");
        check(|out| integer(out, i64::MAX), "9223372036854775807");
        check(|out| integer(out, 0), "0");
    }

    #[test]
    fn bytes_are_padded() {
        check(|out| base64(out, b"a"), "\"YQ==\"");
        check(|out| base64(out, b""), "\"\"");
        let bytes: Vec<u8> = (0..30_u8).map(|it| it.wrapping_mul(37)).collect();
        for length in 0..=bytes.len() {
            let few = &bytes[..length];
            let expected = format!("\"{}\"", STANDARD.encode(few));
            check(|out| base64(out, few), &expected);
        }
    }
}
