//! Guesses a value from its literal.

use super::convert::{convert_to, is_plain};
use super::temporal;
use super::tokens::{Tokens, is_delimiter, trim};
use crate::data::decimal::digit_value;
use crate::data::{Decimal, Map, Schema, SchemaAndValue, SchemaRef, Text, Type, Value};

/// A token that is longer is text: the time to read a number grows with the square of its length.
const MAX_NUMBER_LENGTH: usize = 10_000;

/// Numbers of so many digits fit 64 bits.
const SHORT_NUMBER_DIGITS: usize = 18;

/// Lists and maps nested deeper than this are read as text.
const MAX_DEPTH: usize = 256;

/// Reads null, booleans, numbers, dates and times, lists and maps; anything else is the text
/// itself, which is shared and not copied.
///
/// Numbers get the narrowest type that holds them. What follows a value at the top level is
/// ignored: `5,6` is 5.
///
/// ```
/// use connect_core::data::{Value, values::parse_string};
///
/// assert_eq!(parse_string(&"5".into()).value, Value::Int8(5));
/// assert_eq!(parse_string(&"1.50".into()).value, Value::Float32(1.5));
/// assert_eq!(parse_string(&"true story".into()).value, Value::from("true story"));
/// ```
#[must_use]
pub fn parse_string(text: &Text) -> SchemaAndValue {
    if let Some(found) = simple(text) {
        return found;
    }
    let mut parser = Parser {
        tokens: Tokens::new(text.as_str()),
        depth: 0,
    };
    match parser.value(Place::Top) {
        Ok(found) => found,
        Err(Malformed) => SchemaAndValue::new(Schema::string(), text.clone()),
    }
}

/// Most texts are words and numbers of a few digits: none of their tokens needs to be found.
fn simple(text: &Text) -> Option<SchemaAndValue> {
    let Some(first) = text.as_bytes().first() else {
        return Some(SchemaAndValue::new(Schema::string(), text.clone()));
    };
    match first {
        b'0'..=b'9' | b'+' | b'-' => short_number(text.as_str()),
        b'n' | b't' | b'f' => {
            let found = literal(trim(text.as_str()));
            Some(found.unwrap_or_else(|| SchemaAndValue::new(Schema::string(), text.clone())))
        }
        letter if letter.is_ascii_alphabetic() => {
            Some(SchemaAndValue::new(Schema::string(), text.clone()))
        }
        _ => None,
    }
}

/// The words that are no text.
fn literal(word: &str) -> Option<SchemaAndValue> {
    match word {
        "null" => Some(SchemaAndValue::NULL),
        "true" => Some(SchemaAndValue::new(Schema::boolean(), true)),
        "false" => Some(SchemaAndValue::new(Schema::boolean(), false)),
        _ => None,
    }
}

/// Not a literal; the text stands for itself.
struct Malformed;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Embedded,
}

struct Parser<'a> {
    tokens: Tokens<'a>,
    depth: usize,
}

impl Parser<'_> {
    fn value(&mut self, place: Place) -> Result<SchemaAndValue, Malformed> {
        if !self.tokens.has_next() {
            return Ok(SchemaAndValue::NULL);
        }
        match self.tokens.peek() {
            Some(b'n' | b't' | b'f') => {
                if let Some(literal) = self.literal(place) {
                    return Ok(literal);
                }
            }
            Some(delimiter) if is_delimiter(delimiter) => {
                if place == Place::Embedded && self.tokens.take(b'"') {
                    return Ok(self.quoted());
                }
                if let Some(container) = self.container() {
                    return Ok(container);
                }
            }
            _ => {}
        }
        let token = self.tokens.next();
        let raw = self.tokens.slice(token);
        let token = trim(raw);
        if token.is_empty() {
            return Ok(SchemaAndValue::new(Schema::string(), raw));
        }
        self.temporal_or_number(token).ok_or(Malformed)
    }

    /// `null`, `true` or `false`; at the top level only as the whole text.
    fn literal(&mut self, place: Place) -> Option<SchemaAndValue> {
        let start = self.tokens.mark();
        let found = literal(self.tokens.next_word());
        let found = found.filter(|_| place == Place::Embedded || !self.tokens.has_next());
        if found.is_none() {
            self.tokens.rewind(start);
        }
        found
    }

    /// A list or a map; on any mistake in it nothing is consumed.
    fn container(&mut self) -> Option<SchemaAndValue> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        let start = self.tokens.mark();
        let is_list = self.tokens.take(b'[');
        // White space that was skipped on the way to another token stays skipped.
        if !is_list && !self.tokens.take(b'{') {
            return None;
        }
        self.depth += 1;
        let result = match is_list {
            true => self.list(),
            false => self.map(),
        };
        self.depth -= 1;
        if result.is_err() {
            self.tokens.rewind(start);
        }
        result.ok()
    }

    /// The text up to the closing quote, with its backslashes.
    fn quoted(&mut self) -> SchemaAndValue {
        let mut content = String::new();
        while self.tokens.has_next() && !self.tokens.take(b'"') {
            let token = self.tokens.next();
            content.push_str(self.tokens.slice(token));
        }
        temporal::parse(&content).unwrap_or_else(|| SchemaAndValue::new(Schema::string(), content))
    }

    fn list(&mut self) -> Result<SchemaAndValue, Malformed> {
        let mut elements = Vec::new();
        let mut common = Common::default();
        while self.tokens.has_next() {
            if self.tokens.take(b']') {
                let schema = common.into_schema();
                if let Some(schema) = &schema {
                    elements = convert_all(elements, schema)?;
                }
                return Ok(SchemaAndValue::new(Schema::partial_array(schema), elements));
            }
            if self.tokens.take(b',') {
                return Err(Malformed);
            }
            let element = self.value(Place::Embedded)?;
            common.merge(element.schema);
            elements.push(element.value);

            let end = self.tokens.mark();
            if self.tokens.take(b']') {
                self.tokens.rewind(end);
            } else if !self.tokens.take(b',') {
                return Err(Malformed);
            }
        }
        Err(Malformed)
    }

    fn map(&mut self) -> Result<SchemaAndValue, Malformed> {
        let mut entries = Map::new();
        let (mut common_key, mut common_value) = (Common::default(), Common::default());
        while self.tokens.has_next() {
            if self.tokens.take(b'}') {
                let key = common_key.into_schema();
                // Without a schema for the keys there is none for the values.
                let value = key.as_ref().and_then(|_| common_value.into_schema());
                let entries = convert_entries(entries, key.as_ref(), value.as_ref())?;
                return Ok(SchemaAndValue::new(
                    Schema::partial_map(key, value),
                    entries,
                ));
            }
            if self.tokens.take(b',') {
                return Err(Malformed);
            }
            let key = self.value(Place::Embedded)?;
            if key.value.is_null() || !self.tokens.take(b':') {
                return Err(Malformed);
            }
            let value = self.value(Place::Embedded)?;
            entries.insert(key.value, value.value);
            common_key.merge(key.schema);
            common_value.merge(value.schema);
            // The comma may be left out when another token tells the entries apart.
            self.tokens.take(b',');
        }
        Err(Malformed)
    }

    fn temporal_or_number(&mut self, token: &str) -> Option<SchemaAndValue> {
        let first = token.chars().next()?;
        let starts_with_digit = digit_value(first).is_some();
        if starts_with_digit
            && self.may_be_temporal(token)
            && let Some(found) = self.temporal(token)
        {
            return Some(found);
        }
        let maybe_number = starts_with_digit || first == '+' || first == '-';
        maybe_number.then(|| number(token)).flatten()
    }

    /// Whether a hyphen or a colon, perhaps an escaped one, or an exponent follows the digits that a
    /// token starts with.
    fn may_be_temporal(&self, token: &str) -> bool {
        let after = token.trim_start_matches(|it| digit_value(it).is_some());
        match after.bytes().next() {
            Some(byte) => matches!(byte, b'-' | b'\\' | b'E'),
            None => self.tokens.rest().starts_with(b":"),
        }
    }

    /// Colons cut a time into five tokens, so these are tried together first.
    fn temporal(&mut self, token: &str) -> Option<SchemaAndValue> {
        let start = self.tokens.mark();
        let joined = self
            .tokens
            .next_many(4)
            .and_then(|rest| temporal::parse_parts(token, rest));
        joined.or_else(|| {
            self.tokens.rewind(start);
            temporal::parse(token)
        })
    }
}

/// The narrowest type that holds a number.
fn number(token: &str) -> Option<SchemaAndValue> {
    if token.len() > MAX_NUMBER_LENGTH {
        return None;
    }
    if let Some(found) = short_number(token) {
        return Some(found);
    }
    let decimal: Decimal = token.parse().ok()?;
    if let Some(whole) = decimal.to_whole_i64() {
        return Some(narrowest(whole));
    }
    if decimal.scale() != 0 {
        let (single, double) = (decimal.to_f32(), decimal.to_f64());
        if single.is_finite() {
            return Some(SchemaAndValue::new(Schema::float32(), single));
        }
        if double.is_finite() {
            return Some(SchemaAndValue::new(Schema::float64(), double));
        }
    }
    Some(SchemaAndValue::new(
        Schema::decimal(decimal.scale()),
        decimal,
    ))
}

/// A number of ASCII digits that fit 64 bits, without an exponent.
fn short_number(token: &str) -> Option<SchemaAndValue> {
    let bytes = token.as_bytes();
    let (is_negative, digits) = match bytes.split_first()? {
        (b'-', digits) => (true, digits),
        (b'+', digits) => (false, digits),
        _ => (false, bytes),
    };
    let (mut whole, mut count, mut is_whole, mut has_point) = (0_i64, 0, true, false);
    for byte in digits {
        match byte {
            b'.' if !has_point => has_point = true,
            b'0'..=b'9' if count < SHORT_NUMBER_DIGITS => {
                count += 1;
                is_whole &= !has_point || *byte == b'0';
                if !has_point {
                    whole = whole * 10 + i64::from(byte - b'0');
                }
            }
            _ => return None,
        }
    }
    if count == 0 {
        return None;
    }
    if !is_whole {
        let number: f32 = token.parse().ok()?;
        return Some(SchemaAndValue::new(Schema::float32(), number));
    }
    Some(narrowest(if is_negative { -whole } else { whole }))
}

fn narrowest(whole: i64) -> SchemaAndValue {
    if let Ok(it) = i8::try_from(whole) {
        SchemaAndValue::new(Schema::int8(), it)
    } else if let Ok(it) = i16::try_from(whole) {
        SchemaAndValue::new(Schema::int16(), it)
    } else if let Ok(it) = i32::try_from(whole) {
        SchemaAndValue::new(Schema::int32(), it)
    } else {
        SchemaAndValue::new(Schema::int64(), whole)
    }
}

/// The schema that all elements so far can be brought to.
#[derive(Default)]
enum Common {
    #[default]
    Unknown,
    Known(SchemaRef),
    /// Two elements had nothing in common; later ones do not change that.
    Mixed,
}

impl Common {
    /// Nulls bring no schema and change nothing.
    fn merge(&mut self, latest: Option<SchemaRef>) {
        let Some(latest) = latest else { return };
        let former = std::mem::replace(self, Self::Mixed);
        *self = match former {
            Self::Unknown => Self::Known(latest),
            Self::Mixed => Self::Mixed,
            Self::Known(former) => wider(former, latest).map_or(Self::Mixed, Self::Known),
        };
    }

    fn into_schema(self) -> Option<SchemaRef> {
        match self {
            Self::Known(schema) => Some(schema),
            Self::Unknown | Self::Mixed => None,
        }
    }
}

/// The latest of two schemas of one type, or the wider of two numeric ones.
fn wider(former: SchemaRef, latest: SchemaRef) -> Option<SchemaRef> {
    let (former_type, latest_type): (Type, Type) = (former.kind(), latest.kind());
    if former_type == latest_type {
        return Some(latest);
    }
    let numbers = former_type.is_number() && latest_type.is_number();
    numbers.then_some(if former_type > latest_type {
        former
    } else {
        latest
    })
}

fn convert_all(values: Vec<Value>, schema: &SchemaRef) -> Result<Vec<Value>, Malformed> {
    values
        .into_iter()
        .map(|value| convert_one(value, Some(schema)))
        .collect()
}

fn convert_entries(
    entries: Map,
    key_schema: Option<&SchemaRef>,
    value_schema: Option<&SchemaRef>,
) -> Result<Map, Malformed> {
    let is_of =
        |value: &Value, schema: Option<&SchemaRef>| schema.is_none_or(|it| is_plain(it, value));
    let mut pairs = entries.iter();
    if pairs.all(|(key, value)| is_of(key, key_schema) && is_of(value, value_schema)) {
        return Ok(entries);
    }
    entries
        .into_iter()
        .map(|(key, value)| {
            Ok((
                convert_one(key, key_schema)?,
                convert_one(value, value_schema)?,
            ))
        })
        .collect()
}

fn convert_one(value: Value, schema: Option<&SchemaRef>) -> Result<Value, Malformed> {
    match schema {
        Some(schema) => convert_to(schema, value).map_err(|_| Malformed),
        None => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_before_a_delimiter_is_no_value() {
        for text in [" \t\"x\"", " :[", "\t]{2024-02-29,"] {
            assert_eq!(parse_string(&text.into()).value, Value::from(text));
        }
        assert_eq!(parse_string(&"  ".into()).value, Value::from("  "));
    }

    #[test]
    fn plain_text_is_shared() {
        let text = Text::from("just text, and more of it");

        let found = parse_string(&text);

        assert_eq!(found.value.as_str().map(str::as_ptr), Some(text.as_ptr()));
    }

    #[test]
    fn deep_nesting_is_text() {
        let deep = Text::from("[".repeat(100_000) + &"]".repeat(100_000));

        assert_eq!(parse_string(&deep).value, Value::from(&deep));
    }

    #[test]
    fn a_number_of_many_digits_is_text() {
        let digits = Text::from("9".repeat(1_000_000));

        assert_eq!(parse_string(&digits).value, Value::from(&digits));
    }

    #[test]
    fn short_numbers_are_read_as_long_ones_are() {
        let found = |text: &str| parse_string(&text.into()).value;

        for (short, long) in [
            ("1.50", "1.5000000000000000000"),
            ("-7.0", "-7.0000000000000000000"),
            ("+12.", "+00000000000000000012"),
            ("0.1", "00000000000000000000.1"),
            ("-0", "-00000000000000000000"),
            ("999999999999999999", "0000999999999999999999"),
        ] {
            assert_eq!(found(short), found(long), "{short}");
        }
        for text in ["+", "-", "1.2.3", "--1", "1x"] {
            assert_eq!(found(text), Value::from(text));
        }
    }

    #[test]
    fn dates_and_numbers_meet_in_lists() {
        let found = |text: &str| parse_string(&text.into()).value;

        assert_eq!(
            found("[1, 1970-01-03]"),
            Value::from([Value::Instant(86_400_000), Value::Instant(172_800_000)])
        );
        assert_eq!(
            found("[1970-01-03, 99999]"),
            Value::from("[1970-01-03, 99999]")
        );
    }
}
