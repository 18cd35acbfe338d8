//! Character sets by the names that Connect's users know.

use std::borrow::Cow;

use connect_core::data::{Blob, Text};
use encoding_rs::{EncoderResult, Encoding};

const BYTE_ORDER_MARK: u16 = 0xFEFF;

/// How text becomes bytes. Characters that a set does not have become `?`, bytes that mean nothing
/// become U+FFFD; there are no errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    Utf8,
    /// Big-endian with a mark when written; the mark decides when read.
    Utf16,
    Utf16Be,
    Utf16Le,
    /// One byte for each of the first 256 characters.
    Latin1,
    /// One byte for each of the first 128 characters.
    Ascii,
    /// A set of one or more bytes that the web knows as well.
    Other(&'static Encoding),
}

impl Charset {
    /// The set with this name, in any case.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        Some(match lower.as_str() {
            "utf-8" | "utf8" | "unicode-1-1-utf-8" => Self::Utf8,
            "utf-16" | "utf16" | "utf_16" | "unicode" => Self::Utf16,
            "utf-16be" | "utf_16be" | "unicodebigunmarked" | "x-utf-16be" => Self::Utf16Be,
            "utf-16le" | "utf_16le" | "unicodelittleunmarked" | "x-utf-16le" => Self::Utf16Le,
            "iso-8859-1" | "iso8859-1" | "iso8859_1" | "iso_8859-1" | "iso_8859_1" | "8859_1"
            | "latin1" | "l1" | "ibm819" | "cp819" | "819" => Self::Latin1,
            "us-ascii" | "ascii" | "ascii7" | "iso646-us" | "646" | "cp367" | "ibm367" => {
                Self::Ascii
            }
            other => Self::Other(web_encoding(other)?),
        })
    }

    /// Appends the bytes of a text.
    pub(crate) fn encode(self, text: &str, out: &mut Vec<u8>) {
        match self {
            Self::Utf8 => out.extend_from_slice(text.as_bytes()),
            Self::Utf16 => {
                if !text.is_empty() {
                    out.extend_from_slice(&BYTE_ORDER_MARK.to_be_bytes());
                }
                out.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            }
            Self::Utf16Be => out.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
            Self::Utf16Le => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Self::Latin1 => out.extend(text.chars().map(|it| u8::try_from(it).unwrap_or(b'?'))),
            Self::Ascii => {
                let byte = |it: char| u8::try_from(it).ok().filter(u8::is_ascii);
                out.extend(text.chars().map(|it| byte(it).unwrap_or(b'?')));
            }
            Self::Other(encoding) => encode_other(encoding, text, out),
        }
    }

    /// The text of bytes; UTF-8 is shared.
    pub(crate) fn decode(self, bytes: &Blob) -> Text {
        match self {
            Self::Utf8 => Text::from_blob_lossy(bytes.clone()),
            Self::Utf16 => match bytes.as_slice() {
                [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes).into(),
                [0xFE, 0xFF, rest @ ..] | rest => decode_utf16(rest, u16::from_be_bytes).into(),
            },
            Self::Utf16Be => decode_utf16(bytes, u16::from_be_bytes).into(),
            Self::Utf16Le => decode_utf16(bytes, u16::from_le_bytes).into(),
            Self::Latin1 => bytes
                .iter()
                .map(|byte| char::from(*byte))
                .collect::<String>()
                .into(),
            Self::Ascii => {
                let character = |byte: &u8| match byte.is_ascii() {
                    true => char::from(*byte),
                    false => char::REPLACEMENT_CHARACTER,
                };
                bytes.iter().map(character).collect::<String>().into()
            }
            Self::Other(encoding) => decode_other(encoding, bytes),
        }
    }
}

/// The web uses many names for sets that only resemble them, so a set must have the very name that
/// is asked for.
fn web_encoding(lower_name: &str) -> Option<&'static Encoding> {
    let windows = lower_name
        .strip_prefix("cp125")
        .map(|digit| format!("windows-125{digit}"));
    let label = windows.as_deref().unwrap_or(lower_name);
    Encoding::for_label_no_replacement(label.as_bytes())
        .filter(|it| it.name().eq_ignore_ascii_case(label) && *it != encoding_rs::X_USER_DEFINED)
}

fn encode_other(encoding: &'static Encoding, text: &str, out: &mut Vec<u8>) {
    let mut encoder = encoding.new_encoder();
    let known = match has_gaps(encoding) {
        true => Cow::Owned(text.replace(is_control, "?")),
        false => Cow::Borrowed(text),
    };
    let mut rest = known.as_ref();
    loop {
        let start = out.len();
        let room = encoder
            .max_buffer_length_from_utf8_without_replacement(rest.len())
            .expect("a value is shorter than 4 GiB");
        out.resize(start + room, 0);
        let (result, read, written) =
            encoder.encode_from_utf8_without_replacement(rest, &mut out[start..], true);
        out.truncate(start + written);
        rest = rest.split_at(read).1;
        match result {
            EncoderResult::InputEmpty => break,
            EncoderResult::Unmappable(_) => out.push(b'?'),
            EncoderResult::OutputFull => {}
        }
    }
}

fn decode_other(encoding: &'static Encoding, bytes: &[u8]) -> Text {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder
        .max_utf8_buffer_length(bytes.len())
        .expect("a value is shorter than 4 GiB");
    let mut text = vec![0; room];
    let (_, _, written, _) = decoder.decode_to_utf8(bytes, &mut text, true);
    text.truncate(written);
    let text = Text::from_blob_lossy(text.into());
    match has_gaps(encoding) && text.as_str().contains(is_control) {
        true => text.as_str().replace(is_control, "\u{FFFD}").into(),
        false => text,
    }
}

/// Whether the web has control characters where the set has nothing.
fn has_gaps(encoding: &'static Encoding) -> bool {
    encoding.name().starts_with("windows-125")
}

/// Whether it is a control character behind ASCII.
fn is_control(it: char) -> bool {
    ('\u{80}'..='\u{9f}').contains(&it)
}

/// The text of 16-bit units; what is no character becomes U+FFFD. As in Java, the first half of a
/// pair takes whatever stands behind it along: the two are one broken character.
pub(crate) fn decode_utf16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> String {
    let mut text = String::with_capacity(bytes.len());
    // Half a unit at the end is as broken as a lone surrogate.
    let mut units = bytes
        .chunks(2)
        .map(|chunk| chunk.try_into().map_or(FIRST_SURROGATE, read));
    while let Some(first) = units.next() {
        let second = match first {
            FIRST_SURROGATE..LOW_SURROGATE => units.next(),
            _ => None,
        };
        let character = char::decode_utf16(std::iter::once(first).chain(second)).next();
        text.push(match character {
            Some(Ok(character)) => character,
            Some(Err(_)) | None => char::REPLACEMENT_CHARACTER,
        });
    }
    text
}

/// The first unit that is half of a pair, and the first of those that stand second.
const FIRST_SURROGATE: u16 = 0xD800;
const LOW_SURROGATE: u16 = 0xDC00;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, text: &str, bytes: &[u8]) {
        let charset = Charset::from_name(name).unwrap();
        let mut encoded = Vec::new();
        charset.encode(text, &mut encoded);
        assert_eq!(encoded, bytes, "{name}");
        assert_eq!(charset.decode(&Blob::from(bytes)), text, "{name}");
    }

    #[test]
    fn text_survives_every_set_that_has_it() {
        check("UTF-8", "é☃😀", "é☃😀".as_bytes());
        check("utf-16", "hi", b"\xFE\xFF\0h\0i");
        check("UTF-16", "", b"");
        check("UTF-16BE", "😀", b"\xD8\x3D\xDE\x00");
        check("UTF-16LE", "h", b"h\0");
        check("ISO-8859-1", "é", b"\xE9");
        check("US-ASCII", "e", b"e");
        check("windows-1252", "€é", b"\x80\xE9");
        check("Cp1252", "€", b"\x80");
        check("ISO-8859-15", "€", b"\xA4");
        check("Shift_JIS", "あ", b"\x82\xA0");
    }

    #[test]
    fn what_a_set_does_not_have_becomes_a_question_mark() {
        for name in ["ISO-8859-1", "US-ASCII", "windows-1252"] {
            let mut encoded = Vec::new();
            Charset::from_name(name)
                .unwrap()
                .encode("a☃b", &mut encoded);
            assert_eq!(encoded, b"a?b", "{name}");
        }
    }

    #[test]
    fn broken_bytes_become_replacement_characters() {
        let decode = |name, bytes: &[u8]| Charset::from_name(name).unwrap().decode(&bytes.into());

        assert_eq!(decode("US-ASCII", b"a\xFF"), "a\u{FFFD}");
        assert_eq!(decode("UTF-16", b"\xD8\x3D\0a\0"), "\u{FFFD}\u{FFFD}");
        assert_eq!(decode("UTF-16", b"\xD8\x3D\0a\0b"), "\u{FFFD}b");
        assert_eq!(decode("UTF-16", b"\xDE\x00\0a"), "\u{FFFD}a");
        assert_eq!(decode("UTF-16", b"\0a\xD8\x3D"), "a\u{FFFD}");
        assert_eq!(decode("UTF-16", b"\xD8\x3Da"), "\u{FFFD}");
        assert_eq!(decode("UTF-16", b"\xFF\xFEa\0"), "a");
        assert_eq!(decode("windows-1252", b"\x80\x81"), "\u{20ac}\u{FFFD}");
    }

    #[test]
    fn names_that_mean_another_set_on_the_web_are_unknown() {
        for name in [
            "nope",
            "iso-8859-9",
            "x-user-defined",
            "replacement",
            "csisolatin1",
        ] {
            assert_eq!(Charset::from_name(name), None, "{name}");
        }
    }
}
