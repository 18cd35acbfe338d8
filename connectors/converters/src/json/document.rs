//! JSON that was read: nodes together with the text that they point into.

use std::borrow::Cow;
use std::ops::Range;
use std::str::FromStr;

use connect_core::data::{Blob, DataError, Decimal, Text};
use indexmap::IndexMap;

use super::syntax::{Node, Span};

/// A text and its nodes.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    /// The message, as far as it is UTF-8.
    pub(super) text: &'a str,
    /// The message, for long texts that share it.
    pub(super) message: &'a Blob,
    pub(super) nodes: &'a [Node],
}

impl<'a> Document<'a> {
    /// What messages call the kind of a node.
    pub(super) fn kind_name(self, index: usize) -> &'static str {
        match self.nodes[index] {
            Node::Missing | Node::Known => "MISSING",
            Node::Null => "NULL",
            Node::Boolean(_) => "BOOLEAN",
            Node::Integer(_) | Node::Fraction(_) => "NUMBER",
            Node::Plain(_) | Node::Escaped(_) => "STRING",
            Node::Array { .. } => "ARRAY",
            Node::Object { .. } => "OBJECT",
        }
    }

    /// The node after a value and all that is in it.
    pub(super) fn after(self, index: usize) -> usize {
        match self.nodes[index] {
            Node::Array { next, .. } | Node::Object { next, .. } => next as usize,
            _ => index + 1,
        }
    }

    /// The elements of an array.
    pub(super) fn elements(self, array: usize) -> impl Iterator<Item = usize> {
        let end = self.after(array);
        let mut next = array + 1;
        std::iter::from_fn(move || {
            let element = (next < end).then_some(next)?;
            next = self.after(element);
            Some(element)
        })
    }

    /// The names and values of an object, repeated names included.
    pub(super) fn members(self, object: usize) -> impl Iterator<Item = (usize, usize)> {
        let end = self.after(object);
        let mut next = object + 1;
        std::iter::from_fn(move || {
            let name = (next < end).then_some(next)?;
            next = self.after(name + 1);
            Some((name, name + 1))
        })
    }

    /// The members of an object by name; of repeated ones the last value, in the first place. Names
    /// are copies, because they outlive the message.
    pub(super) fn distinct_members(self, object: usize) -> IndexMap<Text, usize> {
        let members = self.members(object);
        members
            .filter_map(|(name, value)| Some((self.text_of(name)?.as_str().into(), value)))
            .collect()
    }

    /// The value of the last member with this name.
    pub(super) fn member(self, object: usize, name: &str) -> Option<usize> {
        match self.nodes[object] {
            Node::Object { .. } => self
                .members(object)
                .filter(|(found, _)| self.is_text(*found, name))
                .last()
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value of the last member with this name, if it is a string.
    pub(super) fn text_member(self, object: usize, name: &str) -> Option<Text> {
        self.member(object, name)
            .and_then(|value| self.text_of(value))
    }

    /// Whether a node is this string.
    pub(super) fn is_text(self, index: usize, expected: &str) -> bool {
        match self.nodes[index] {
            Node::Plain(span) => self.bytes(span) == expected.as_bytes(),
            Node::Escaped(span) => self.unescaped(span) == expected,
            _ => false,
        }
    }

    /// The string that a node is. A long one without escapes shares the message.
    pub(super) fn text_of(self, index: usize) -> Option<Text> {
        match self.nodes[index] {
            Node::Plain(span) => Some(match self.str(span) {
                short if short.len() <= Text::SHORT => short.into(),
                _ => Text::from_blob(self.message.slice(range(span)))
                    .unwrap_or_else(|_| unreachable!("it was cut from UTF-8")),
            }),
            Node::Escaped(span) => Some(self.unescaped(span).into()),
            _ => None,
        }
    }

    /// The bytes of the string that a node is, as UTF-8.
    pub(super) fn string_bytes(self, index: usize) -> Option<Cow<'a, [u8]>> {
        match self.nodes[index] {
            Node::Plain(span) => Some(Cow::Borrowed(self.bytes(span))),
            Node::Escaped(span) => Some(Cow::Owned(self.unescaped(span).into_bytes())),
            _ => None,
        }
    }

    /// The integer part of a number, cut to its low 64 bits.
    pub(super) fn wrapped_i64(self, index: usize) -> Option<i64> {
        match self.nodes[index] {
            Node::Integer(span) => Some(wrapped_digits(self.bytes(span))),
            Node::Fraction(span) => Some(self.decimal(span).to_wrapped_i64()),
            _ => None,
        }
    }

    /// The value of an integer that has at most 32 bits.
    pub(super) fn exact_i32(self, index: usize) -> Option<i32> {
        match self.nodes[index] {
            Node::Integer(span) => self.str(span).parse().ok(),
            _ => None,
        }
    }

    /// The nearest double of a number.
    pub(super) fn f64_of(self, index: usize) -> Option<f64> {
        self.nearest(index)
    }

    /// The nearest float of a number.
    pub(super) fn f32_of(self, index: usize) -> Option<f32> {
        self.nearest(index)
    }

    fn nearest<F: FromStr>(self, index: usize) -> Option<F> {
        match self.nodes[index] {
            Node::Integer(span) | Node::Fraction(span) => {
                unsigned_zero(self.str(span)).parse().ok()
            }
            _ => None,
        }
    }

    /// A number with all its digits.
    pub(super) fn decimal_of(self, index: usize) -> Option<Decimal> {
        match self.nodes[index] {
            Node::Integer(span) | Node::Fraction(span) => Some(self.decimal(span)),
            _ => None,
        }
    }

    fn decimal(self, span: Span) -> Decimal {
        let parsed: Result<Decimal, DataError> = self.str(span).parse();
        parsed.expect("a JSON number is a decimal number")
    }

    fn str(self, span: Span) -> &'a str {
        self.text
            .get(range(span))
            .expect("nodes start and end at ASCII characters")
    }

    fn bytes(self, span: Span) -> &'a [u8] {
        &self.text.as_bytes()[range(span)]
    }

    /// Resolves escapes. Surrogates that are not in pairs have no character; they become U+FFFD.
    fn unescaped(self, span: Span) -> String {
        let source = self.str(span);
        let mut result = String::with_capacity(source.len());
        let mut rest = source;
        while let Some((plain, escape)) = rest.split_once('\\') {
            result.push_str(plain);
            let mut chars = escape.chars();
            match chars.next().expect("an escape was checked") {
                'b' => result.push('\u{8}'),
                'f' => result.push('\u{c}'),
                'n' => result.push('\n'),
                'r' => result.push('\r'),
                't' => result.push('\t'),
                'u' => {
                    rest = push_units(&mut result, chars.as_str());
                    continue;
                }
                other => result.push(other),
            }
            rest = chars.as_str();
        }
        result.push_str(rest);
        result
    }
}

/// Appends the characters of one or, for a surrogate pair, two `\u` escapes whose first four digits
/// come next; returns what follows them.
fn push_units<'a>(result: &mut String, digits: &'a str) -> &'a str {
    let unit = |text: &'a str| {
        let (digits, rest) = text.split_at_checked(4)?;
        Some((u16::from_str_radix(digits, 16).ok()?, rest))
    };
    let (first, rest) = unit(digits).expect("four digits were checked");
    let second = rest.strip_prefix("\\u").and_then(unit);
    let is_high = (0xD800..0xDC00).contains(&first);
    if let Some((second, after)) = second.filter(|(it, _)| is_high && (0xDC00..0xE000).contains(it))
    {
        result.extend(char::decode_utf16([first, second]).flatten());
        return after;
    }
    result.push(char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER));
    rest
}

/// Arithmetic that wraps yields the low bits of any integer.
fn wrapped_digits(digits: &[u8]) -> i64 {
    let (negative, digits) = match digits.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, digits),
    };
    let magnitude = digits.iter().fold(0_i64, |sum, digit| {
        sum.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'))
    });
    if negative {
        magnitude.wrapping_neg()
    } else {
        magnitude
    }
}

const fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// The text of a number; zero without a sign, since decimal numbers know no negative zero.
fn unsigned_zero(number: &str) -> &str {
    match number.strip_prefix('-') {
        Some(digits) if !has_digits_of_its_own(digits) => digits,
        Some(_) | None => number,
    }
}

/// Whether a number without a sign is other than zero, however small.
fn has_digits_of_its_own(number: &str) -> bool {
    let digits = number.bytes().take_while(|it| !matches!(it, b'e' | b'E'));
    digits.into_iter().any(|it| matches!(it, b'1'..=b'9'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::syntax::Reader;

    #[track_caller]
    fn check<T>(json: &str, read: impl FnOnce(Document<'_>) -> T) -> T {
        let mut nodes = Vec::new();
        Reader::new(json.as_bytes(), json.len(), &mut nodes)
            .document()
            .unwrap();
        read(Document {
            text: json,
            message: &json.as_bytes().into(),
            nodes: &nodes,
        })
    }

    #[test]
    fn exponents_of_32_bits_are_numbers_and_larger_ones_are_none() {
        let double = |json| check(json, |it| it.f64_of(0).unwrap().to_string());
        assert_eq!(double("223e2060193126"), "inf");
        assert_eq!(double("-1e2147483647"), "-inf");
        assert_eq!(double("1.5e-2147483646"), "0");
        let scale = check("12E-2147483647", |it| it.decimal_of(0).unwrap().scale());
        assert_eq!(scale, i32::MAX);
        for refused in [
            "1e2147483648",
            "1e-2147483648",
            "1.5e-2147483647",
            "1e99999999999999999999",
        ] {
            let mut nodes = Vec::new();
            let read = Reader::new(refused.as_bytes(), refused.len(), &mut nodes).document();
            assert!(read.is_err(), "{refused}");
        }
    }

    #[test]
    fn escapes_are_resolved() {
        let text = |json| check(json, |it| it.text_of(0).unwrap());

        assert_eq!(text(r#""a\"\\\/\b\f\n\r\t""#), "a\"\\/\u{8}\u{c}\n\r\t");
        assert_eq!(text(r#""\u00e9\uD83D\uDE00x""#), "é😀x");
        assert_eq!(text(r#""\uD83Dx\uDE00""#), "\u{FFFD}x\u{FFFD}");
        assert_eq!(text(r#""\uD83D\u0041""#), "\u{FFFD}A");
    }

    #[test]
    fn long_strings_without_escapes_share_the_message() {
        let message = Blob::from(br#"["more bytes than are kept in place"]"#);
        let mut nodes = Vec::new();
        Reader::new(&message, message.len(), &mut nodes)
            .document()
            .unwrap();

        let found = Document {
            text: std::str::from_utf8(&message).unwrap(),
            message: &message,
            nodes: &nodes,
        }
        .text_of(1)
        .unwrap();

        assert_eq!(found.as_bytes().as_ptr(), message[2..].as_ptr());
    }

    #[test]
    fn the_last_of_repeated_members_counts() {
        let found = |name| {
            check(r#"{"a":1,"b":[{"a":5}],"\u0061":2}"#, |it| {
                it.member(0, name).and_then(|value| it.wrapped_i64(value))
            })
        };

        assert_eq!(found("a"), Some(2));
        assert_eq!(found("c"), None);
    }

    #[test]
    fn integers_of_any_size_wrap() {
        let wrapped = |json| check(json, |it| it.wrapped_i64(0).unwrap());

        assert_eq!(wrapped("-9223372036854775808"), i64::MIN);
        assert_eq!(
            wrapped("123456789012345678901234567890"),
            -4_362_896_299_872_285_998
        );
        assert_eq!(wrapped("-1.9"), -1);
    }
}
