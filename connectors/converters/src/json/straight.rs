//! Messages of the usual kind, read in one pass.
//!
//! Most messages need no second look: members come in the order of the fields, strings have no
//! escapes, numbers a few digits. Of these a [`Straight`] reader makes values while it walks over
//! the text. Of anything else, good or bad, it makes nothing, and the message is read by way of
//! nodes, where all the rules and all the errors are. So it may give up wherever it likes, as long
//! as what it makes is what would have been made there.

use connect_core::data::{
    Blob, Keys, Logical, Map, Member, SchemaRef, Struct, Text, Type, Value, logical,
};

use super::base64_text;
use super::scan::plain_length;
use super::syntax::{MAX_NAME_LENGTH, MAX_STRING_LENGTH, is_space};

mod number;
mod shapes;

use self::number::Number;
pub(super) use self::shapes::Shapes;

/// Deeper messages are read by way of nodes.
const MAX_DEPTH: usize = 64;
/// A list begins with room for so many elements.
const FEW_ELEMENTS: usize = 4;

/// Reads one message, which is UTF-8.
pub(super) struct Straight<'a> {
    text: &'a str,
    bytes: &'a [u8],
    /// The same, for long strings that share it.
    message: &'a Blob,
    at: usize,
    depth: usize,
    /// Objects without a schema that were begun.
    objects: usize,
    replace_null_with_default: bool,
    shapes: &'a mut Shapes,
}

impl<'a> Straight<'a> {
    pub(super) fn new(
        text: &'a str,
        message: &'a Blob,
        replace_null_with_default: bool,
        shapes: &'a mut Shapes,
    ) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            message,
            at: 0,
            depth: 0,
            objects: 0,
            replace_null_with_default,
            shapes,
        }
    }

    /// Reads a message that is an object or a list; what follows it is ignored.
    pub(super) fn document(mut self, schema: Option<&SchemaRef>) -> Option<Value> {
        matches!(self.peek()?, b'{' | b'[')
            .then(|| self.value(schema))
            .flatten()
    }

    /// Reads the payload of a message that begins with the schema whose text is known.
    pub(super) fn envelope(mut self, schema: &SchemaRef, schema_text: &[u8]) -> Option<Value> {
        self.take(b'{')?;
        self.name("schema")?;
        self.take_text(schema_text)?;
        self.take(b',')?;
        self.name("payload")?;
        let payload = self.typed(schema)?;
        self.take(b'}')?;
        Some(payload)
    }

    fn value(&mut self, schema: Option<&SchemaRef>) -> Option<Value> {
        match schema {
            Some(schema) => self.typed(schema),
            None => self.schemaless(),
        }
    }

    fn schemaless(&mut self) -> Option<Value> {
        Some(match self.peek()? {
            b'"' => self.string_from_here(MAX_STRING_LENGTH)?.into(),
            b'{' => self.map(None)?.into(),
            b'[' => self.array(None)?.into(),
            b'n' => self.take_text(b"null").map(|()| Value::Null)?,
            b't' | b'f' => self.boolean()?.into(),
            _ => {
                let (number, text) = self.number()?;
                match number.integer() {
                    Some(integer) => integer.into(),
                    None => number.double(text)?.into(),
                }
            }
        })
    }

    fn typed(&mut self, schema: &SchemaRef) -> Option<Value> {
        if self.peek()? == b'n' {
            self.take_text(b"null")?;
            return match schema.default_value() {
                Some(default) if self.replace_null_with_default => Some(default.clone()),
                _ => schema.is_optional().then_some(Value::Null),
            };
        }
        if let Some(logical) = schema.logical() {
            return self.logical(logical, schema);
        }
        #[expect(clippy::cast_possible_truncation, reason = "keeps the low bits")]
        Some(match schema.kind() {
            Type::Int8 => Value::Int8(self.integer()? as i8),
            Type::Int16 => Value::Int16(self.integer()? as i16),
            Type::Int32 => Value::Int32(self.integer()? as i32),
            Type::Int64 => Value::Int64(self.integer()?),
            Type::Float32 => Value::Float32(self.number()?.1.parse().ok()?),
            Type::Float64 => {
                let (number, text) = self.number()?;
                Value::Float64(number.double(text)?)
            }
            Type::Boolean => Value::Boolean(self.boolean()?),
            Type::String => Value::String(self.string(MAX_STRING_LENGTH)?),
            Type::Bytes => base64_text::decode(self.quoted(MAX_STRING_LENGTH)?.as_bytes())?.into(),
            Type::Array => self.array(Some(schema.value_schema().ok()??))?.into(),
            Type::Map => {
                let keys = schema.key_schema().ok()??;
                let has_text_keys = keys.kind() == Type::String && keys.logical().is_none();
                let values = has_text_keys.then(|| schema.value_schema().ok()?)??;
                self.map(Some(values))?.into()
            }
            Type::Struct => self.structure(schema)?.into(),
        })
    }

    fn logical(&mut self, logical: Logical, schema: &SchemaRef) -> Option<Value> {
        Some(match logical {
            Logical::Decimal => {
                let bytes = base64_text::decode(self.quoted(MAX_STRING_LENGTH)?.as_bytes())?;
                logical::decode_decimal(schema, &bytes).ok()?.into()
            }
            Logical::Date => {
                let days = i32::try_from(self.integer()?).ok()?;
                Value::Instant(logical::decode_date(schema, days).ok()?)
            }
            Logical::Time => {
                let millis = i32::try_from(self.integer()?).ok()?;
                Value::Instant(logical::decode_time(schema, millis).ok()?)
            }
            Logical::Timestamp => {
                let millis = self.integer()?;
                Value::Instant(logical::timestamp(schema, millis).ok()?)
            }
        })
    }

    /// Reads an object that has all fields in their order and nothing else.
    fn structure(&mut self, schema: &SchemaRef) -> Option<Struct> {
        self.open(b'{')?;
        let mut made = Struct::filling(schema).ok()?;
        for field in schema.fields().ok()? {
            // The text of a name that would be escaped may look like several members.
            self.member(field.member()?)?;
            made.push(field, self.typed(field.schema())?).ok()?;
        }
        self.close(b'}')?;
        Some(made.finish())
    }

    /// Reads an object by name. Mostly it has the names that the object in its place in the last
    /// message had: these are compared and not made again, and the maps share them.
    fn map(&mut self, values: Option<&SchemaRef>) -> Option<Map> {
        self.open(b'{')?;
        let place = self.objects;
        self.objects += 1;
        let shape = self.shapes.lend(place);
        let mut found = Vec::with_capacity(shape.len());
        let is_closed = self.members_as_before(&shape, &mut found, values)?;
        let (map, shape) = if is_closed && found.len() == shape.len() {
            (Map::from_parts(shape.clone(), found), shape)
        } else {
            let mut map: Map = shape.iter().cloned().zip(found).collect();
            if !is_closed {
                self.other_members(&mut map, values)?;
            }
            let shape = shapes::shape_of(&map);
            (map, shape)
        };
        self.shapes.keep(place, shape);
        Some(map.hashed())
    }

    /// Reads members as long as they have the names that are expected; whether the object ends there.
    fn members_as_before(
        &mut self,
        shape: &Keys,
        found: &mut Vec<Value>,
        values: Option<&SchemaRef>,
    ) -> Option<bool> {
        for member in shape.members().unwrap_or_default() {
            if self.member(member).is_none() {
                break;
            }
            found.push(self.value(values)?);
        }
        let is_closed = self.peek()? == b'}';
        if is_closed {
            self.close(b'}')?;
        }
        Some(is_closed)
    }

    /// Reads the members that are left, of which there is one at least, and the end of the object.
    fn other_members(&mut self, map: &mut Map, values: Option<&SchemaRef>) -> Option<()> {
        while self.peek()? != b'}' {
            if !map.is_empty() {
                self.take(b',')?;
            }
            // A copy, because names outlive the message.
            let name = Value::from(self.quoted(MAX_NAME_LENGTH)?);
            self.take(b':')?;
            map.insert(name, self.value(values)?);
        }
        self.close(b'}')
    }

    fn array(&mut self, element: Option<&SchemaRef>) -> Option<Vec<Value>> {
        self.open(b'[')?;
        if self.peek()? == b']' {
            self.close(b']')?;
            return Some(Vec::new());
        }
        let mut elements = Vec::with_capacity(FEW_ELEMENTS);
        loop {
            elements.push(self.value(element)?);
            if self.take(b',').is_none() {
                break;
            }
        }
        self.close(b']')?;
        Some(elements)
    }

    fn boolean(&mut self) -> Option<bool> {
        match self.peek()? {
            b't' => self.take_text(b"true").map(|()| true),
            _ => self.take_text(b"false").map(|()| false),
        }
    }

    /// A number, and its text.
    #[inline(always)]
    fn number(&mut self) -> Option<(Number, &'a str)> {
        self.peek()?;
        let start = self.at;
        let number = Number::read(self.bytes.get(start..)?)?;
        self.at += number.len();
        Some((number, self.part(start, self.at)?))
    }

    fn integer(&mut self) -> Option<i64> {
        let (number, _) = self.number()?;
        number.integer()
    }

    fn string(&mut self, max_length: usize) -> Option<Text> {
        self.peek()?;
        self.string_from_here(max_length)
    }

    /// The string that begins where the reader stands.
    #[inline(always)]
    fn string_from_here(&mut self, max_length: usize) -> Option<Text> {
        let text = self.quoted_from_here(max_length)?;
        if text.len() <= Text::SHORT {
            return Some(text.into());
        }
        let end = self.at - 1;
        Text::from_blob(self.message.slice(end - text.len()..end)).ok()
    }

    /// The text between quotes, if it stands for itself.
    fn quoted(&mut self, max_length: usize) -> Option<&'a str> {
        self.peek()?;
        self.quoted_from_here(max_length)
    }

    #[inline(always)]
    fn quoted_from_here(&mut self, max_length: usize) -> Option<&'a str> {
        let (quote, rest) = self.bytes.get(self.at..)?.split_first()?;
        let length = plain_length(rest);
        if *quote != b'"' || length > max_length || rest.get(length) != Some(&b'"') {
            return None;
        }
        let start = self.at + 1;
        self.at = start + length + 1;
        self.part(start, start + length)
    }

    /// A part of the text. Two cuts are made in fewer steps than one at both ends.
    #[inline(always)]
    fn part(&self, start: usize, end: usize) -> Option<&'a str> {
        let (upto, _) = self.text.split_at_checked(end)?;
        Some(upto.split_at_checked(start)?.1)
    }

    /// Takes the name of a member, which mostly looks as it is written by others with all that is
    /// around. Without it the reader stays where it is.
    #[inline(always)]
    fn member(&mut self, member: &Member) -> Option<()> {
        let start = self.at;
        if member.begins(self.bytes.get(start..)?) {
            self.at += member.len();
            return Some(());
        }
        let taken = self.spaced_member(member.as_str());
        if taken.is_none() {
            self.at = start;
        }
        taken
    }

    #[cold]
    fn spaced_member(&mut self, member: &str) -> Option<()> {
        let (comma, name) = member.strip_suffix("\":")?.split_once('"')?;
        if !comma.is_empty() {
            self.take(b',')?;
        }
        self.name(name)
    }

    /// Takes the name of a member and its colon, if it is this one, which has nothing to escape.
    fn name(&mut self, expected: &str) -> Option<()> {
        (self.peek()? == b'"').then_some(())?;
        let end = self.at + 1 + expected.len();
        let is_expected = self.bytes.get(end) == Some(&b'"')
            && self.bytes.get(self.at + 1..end)? == expected.as_bytes();
        is_expected.then_some(())?;
        self.at = end + 1;
        self.take(b':')
    }

    fn open(&mut self, bracket: u8) -> Option<()> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then_some(())?;
        self.take(bracket)
    }

    fn close(&mut self, bracket: u8) -> Option<()> {
        self.depth -= 1;
        self.take(bracket)
    }

    /// The next byte that is not white space; the reader stands on it.
    #[inline(always)]
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !is_space(byte) {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    #[inline(always)]
    fn take(&mut self, expected: u8) -> Option<()> {
        (self.peek()? == expected).then(|| self.at += 1)
    }

    fn take_text(&mut self, expected: &[u8]) -> Option<()> {
        self.peek()?;
        let rest = self.bytes.get(self.at..)?;
        rest.starts_with(expected)
            .then(|| self.at += expected.len())
    }
}

#[cfg(test)]
mod tests;
