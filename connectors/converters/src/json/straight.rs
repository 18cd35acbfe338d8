//! Messages of the usual kind, read in one pass.
//!
//! Most messages need no second look: members come in the order of the fields, strings have no
//! escapes, numbers a few digits. Of these a [`Straight`] reader makes values while it walks over
//! the text. Of anything else, good or bad, it makes nothing, and the message is read by way of
//! nodes, where all the rules and all the errors are. So it may give up wherever it likes, as long
//! as what it makes is what would have been made there.

use connect_core::data::{Blob, Logical, Map, SchemaRef, Struct, Text, Type, Value, logical};

use super::base64_text;
use super::scan::plain_length;
use super::syntax::{MAX_NAME_LENGTH, MAX_STRING_LENGTH, is_space};

mod number;
mod shapes;

use self::number::Number;
use self::shapes::Shapes;

/// Deeper messages are read by way of nodes.
const MAX_DEPTH: usize = 64;
/// Values that there is room for between messages.
const KEPT: usize = 1 << 12;

/// What a reader uses again for the next message.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Values in the objects and arrays that are being read, those of inner ones last.
    elements: Vec<Value>,
    shapes: Shapes,
}

/// Reads one message, which is UTF-8.
pub(super) struct Straight<'a> {
    text: &'a str,
    /// The same, for long strings that share it.
    message: &'a Blob,
    at: usize,
    depth: usize,
    /// Objects without a schema that were begun.
    objects: usize,
    replace_null_with_default: bool,
    scratch: &'a mut Scratch,
}

impl<'a> Straight<'a> {
    pub(super) fn new(
        text: &'a str,
        message: &'a Blob,
        replace_null_with_default: bool,
        scratch: &'a mut Scratch,
    ) -> Self {
        scratch.elements.clear();
        scratch.elements.shrink_to(KEPT);
        Self {
            text,
            message,
            at: 0,
            depth: 0,
            objects: 0,
            replace_null_with_default,
            scratch,
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
            b'"' => self.string(MAX_STRING_LENGTH)?.into(),
            b'{' => self.map(None)?.into(),
            b'[' => self.array(None)?.into(),
            b'n' => self.take_text(b"null").map(|()| Value::Null)?,
            b't' | b'f' => self.boolean()?.into(),
            _ => {
                let number = self.number()?;
                match number.integer() {
                    Some(integer) => integer.into(),
                    None => number.double()?.into(),
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
            Type::Int8 => Value::Int8(self.number()?.integer()? as i8),
            Type::Int16 => Value::Int16(self.number()?.integer()? as i16),
            Type::Int32 => Value::Int32(self.number()?.integer()? as i32),
            Type::Int64 => Value::Int64(self.number()?.integer()?),
            Type::Float32 => Value::Float32(self.number()?.float()?),
            Type::Float64 => Value::Float64(self.number()?.double()?),
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
                let days = i32::try_from(self.number()?.integer()?).ok()?;
                Value::Instant(logical::decode_date(schema, days).ok()?)
            }
            Logical::Time => {
                let millis = i32::try_from(self.number()?.integer()?).ok()?;
                Value::Instant(logical::decode_time(schema, millis).ok()?)
            }
            Logical::Timestamp => {
                let millis = self.number()?.integer()?;
                Value::Instant(logical::timestamp(schema, millis).ok()?)
            }
        })
    }

    /// Reads an object that has all fields in their order and nothing else.
    fn structure(&mut self, schema: &SchemaRef) -> Option<Struct> {
        self.open(b'{')?;
        let mut made = Struct::filling(schema).ok()?;
        for field in schema.fields().ok()? {
            if field.index() > 0 {
                self.take(b',')?;
            }
            // The text of a name that would be escaped may look like several members.
            self.member(field.name(), field.member()?)?;
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
        let former = self.scratch.shapes.lend(place);
        let start = self.scratch.elements.len();
        let mut expected = former.iter();
        let mut others = Vec::new();
        if self.peek()? != b'}' {
            loop {
                let expected = expected.next().filter(|_| others.is_empty());
                if expected.and_then(|it| self.name(it.as_str()?)).is_none() {
                    // A copy, because names outlive the message.
                    others.push(Value::from(self.quoted(MAX_NAME_LENGTH)?));
                    self.take(b':')?;
                }
                let value = self.value(values)?;
                self.scratch.elements.push(value);
                if self.take(b',').is_none() {
                    break;
                }
            }
        }
        self.close(b'}')?;
        let values = self.scratch.elements.drain(start..);
        let (map, shape) = if others.is_empty() && values.len() == former.len() {
            (Map::from_parts(former.clone(), values.collect()), former)
        } else {
            let as_before = former.iter().take(values.len() - others.len()).cloned();
            let map: Map = as_before.chain(others).zip(values).collect();
            let shape = shapes::shape_of(&map);
            (map, shape)
        };
        self.scratch.shapes.keep(place, shape);
        Some(map.hashed())
    }

    fn array(&mut self, element: Option<&SchemaRef>) -> Option<Vec<Value>> {
        self.open(b'[')?;
        let start = self.scratch.elements.len();
        if self.peek()? != b']' {
            loop {
                let value = self.value(element)?;
                self.scratch.elements.push(value);
                if self.take(b',').is_none() {
                    break;
                }
            }
        }
        self.close(b']')?;
        Some(self.scratch.elements.drain(start..).collect())
    }

    fn boolean(&mut self) -> Option<bool> {
        match self.peek()? {
            b't' => self.take_text(b"true").map(|()| true),
            _ => self.take_text(b"false").map(|()| false),
        }
    }

    fn number(&mut self) -> Option<Number<'a>> {
        self.peek()?;
        let number = Number::read(self.text.get(self.at..)?)?;
        self.at += number.len();
        Some(number)
    }

    fn string(&mut self, max_length: usize) -> Option<Text> {
        let text = self.quoted(max_length)?;
        if text.len() <= Text::SHORT {
            return Some(text.into());
        }
        let end = self.at - 1;
        Text::from_blob(self.message.slice(end - text.len()..end)).ok()
    }

    /// The text between quotes, if it stands for itself.
    fn quoted(&mut self, max_length: usize) -> Option<&'a str> {
        self.take(b'"')?;
        let rest = self.text.get(self.at..)?;
        let text = rest.get(..plain_length(rest.as_bytes()))?;
        if text.len() > max_length || rest.as_bytes().get(text.len()) != Some(&b'"') {
            return None;
        }
        self.at += text.len() + 1;
        Some(text)
    }

    /// Takes the name of a member, of which it is told how it looks with quotes and a colon.
    fn member(&mut self, name: &str, member: &str) -> Option<()> {
        self.peek()?;
        let rest = self.text.as_bytes().get(self.at..)?;
        if rest.starts_with(member.as_bytes()) {
            self.at += member.len();
            return Some(());
        }
        self.name(name)
    }

    /// Takes the name of a member and its colon, if it is this one, which has nothing to escape.
    fn name(&mut self, expected: &str) -> Option<()> {
        (self.peek()? == b'"').then_some(())?;
        let end = self.at + 1 + expected.len();
        let bytes = self.text.as_bytes();
        let is_expected =
            bytes.get(end) == Some(&b'"') && bytes.get(self.at + 1..end)? == expected.as_bytes();
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
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            if !is_space(byte) {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        (self.peek()? == expected).then(|| self.at += 1)
    }

    fn take_text(&mut self, expected: &[u8]) -> Option<()> {
        self.peek()?;
        let rest = self.text.as_bytes().get(self.at..)?;
        rest.starts_with(expected)
            .then(|| self.at += expected.len())
    }
}

#[cfg(test)]
mod tests;
