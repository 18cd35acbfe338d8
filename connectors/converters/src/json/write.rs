//! Writes JSON tokens to the byte: what is escaped, and how numbers look.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_core::data::java_text::FloatText;

use super::scan::{is_plain_ascii, plain_basic_length};

const HEX_DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// Writes a string with its quotes. Characters beyond the basic plane become two escapes.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    if !is_plain_ascii(text.as_bytes()) {
        return escaped(out, text);
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

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
pub(super) fn integer(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a floating-point number; JSON has no NaN and no infinities, so these become strings.
pub(super) fn float(out: &mut Vec<u8>, text: FloatText, finite: bool) {
    if finite {
        out.extend_from_slice(text.as_bytes());
    } else {
        string(out, text.as_str());
    }
}

/// Writes anything whose text is a JSON token.
pub(super) fn token(out: &mut Vec<u8>, token: &dyn std::fmt::Display) {
    write!(out, "{token}").expect("a vector takes any bytes");
}

/// Writes bytes as a base64 string.
pub(super) fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    let start = out.len();
    let length = base64::encoded_len(bytes.len(), true).expect("a value is shorter than 4 GiB");
    out.resize(start + length, 0);
    STANDARD
        .encode_slice(bytes, &mut out[start..])
        .expect("the length was computed");
    out.push(b'"');
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
    }

    #[test]
    fn integers_reach_both_ends() {
        check(|out| integer(out, i64::MIN), "-9223372036854775808");
        check(|out| integer(out, 0), "0");
        check(|out| integer(out, 1234), "1234");
    }

    #[test]
    fn bytes_are_padded() {
        check(|out| base64(out, b"a"), "\"YQ==\"");
        check(|out| base64(out, b""), "\"\"");
    }
}
