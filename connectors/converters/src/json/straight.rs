//! Messages of the usual kind, read in one pass.
//!
//! Most messages need no second look: members come in the order of the fields, strings have no
//! escapes, numbers a few digits. Of these a [`Straight`] reader makes values while it walks over
//! the text. Of anything else, good or bad, it makes nothing, and the message is read by way of
//! nodes, where all the rules and all the errors are. So it may give up wherever it likes, as long
//! as what it makes is what would have been made there.

use std::ops::Range;

use connect_core::data::{Blob, Logical, Map, SchemaRef, Struct, Text, Type, Value, logical};

use super::base64_text;
use super::syntax::{MAX_NAME_LENGTH, MAX_STRING_LENGTH};

mod number;
mod rest;
mod shapes;

use self::rest::Rest;
pub(super) use self::shapes::Shapes;

/// Deeper messages are read by way of nodes.
const MAX_DEPTH: usize = 64;
/// A list begins with room for so many elements.
const FEW_ELEMENTS: usize = 4;

/// What was read, and what is left behind it.
type Read<'a, T> = Option<(T, Rest<'a>)>;

/// Reads one message.
pub(super) struct Straight<'a> {
    text: &'a [u8],
    /// The same, for long strings that share it.
    message: &'a Blob,
    depth: usize,
    /// Objects without a schema that were begun.
    objects: usize,
    replace_null_with_default: bool,
    shapes: &'a mut Shapes,
}

impl<'a> Straight<'a> {
    pub(super) fn new(
        message: &'a Blob,
        replace_null_with_default: bool,
        shapes: &'a mut Shapes,
    ) -> Self {
        Self {
            text: message.as_slice(),
            message,
            depth: 0,
            objects: 0,
            replace_null_with_default,
            shapes,
        }
    }

    /// Reads a message that is an object or a list to a place, which stays as it is when that fails; what follows it is
    /// ignored.
    pub(super) fn document(mut self, schema: Option<&SchemaRef>, place: &mut Value) -> Option<()> {
        let rest = Rest::new(self.text).trimmed();
        matches!(rest.first()?, b'{' | b'[').then_some(())?;
        self.value(rest, schema, place)?;
        Some(())
    }

    /// Reads the payload of a message that begins with the schema whose text is known.
    pub(super) fn envelope(
        mut self,
        schema: &SchemaRef,
        schema_text: &[u8],
        place: &mut Value,
    ) -> Option<()> {
        let rest = Rest::new(self.text).take(b'{')?;
        let rest = rest.name("schema")?.take_text(schema_text)?;
        let rest = rest.take(b',')?.name("payload")?;
        let (payload, rest) = self.typed(rest, schema)?;
        rest.take(b'}')?;
        place.assign(payload);
        Some(())
    }

    /// Reads a value to a place where there is none, or an object or a list to any place.
    ///
    /// Each kind is put there where it is made. A value of any kind that was handed on first would
    /// have to reach memory before it could be moved from there.
    #[inline(always)]
    fn value(
        &mut self,
        rest: Rest<'a>,
        schema: Option<&SchemaRef>,
        place: &mut Value,
    ) -> Option<Rest<'a>> {
        if let Some(schema) = schema {
            return put(place, self.typed(rest, schema)?);
        }
        let rest = rest.trimmed();
        match rest.first()? {
            b'"' => self.string(rest, place),
            b'{' => self.map(rest, None, place),
            b'[' => self.array(rest, None, place),
            // There is no value already.
            b'n' => rest.take_text(b"null"),
            b't' | b'f' => put(place, boolean(rest)?),
            _ => {
                let (number, rest) = rest.number()?;
                match number.integer() {
                    Some(integer) => put(place, (integer, rest)),
                    None => put(place, (number.double()?, rest)),
                }
            }
        }
    }

    #[inline(never)]
    fn typed(&mut self, rest: Rest<'a>, schema: &SchemaRef) -> Read<'a, Value> {
        let rest = rest.trimmed();
        if rest.first()? == b'n' {
            let value = match schema.default_value() {
                Some(default) if self.replace_null_with_default => default.clone(),
                _ if schema.is_optional() => Value::Null,
                _ => return None,
            };
            return Some((value, rest.take_text(b"null")?));
        }
        if let Some(logical) = schema.logical() {
            return logical_value(rest, logical, schema);
        }
        #[expect(clippy::cast_possible_truncation, reason = "keeps the low bits")]
        Some(match schema.kind() {
            Type::Int8 => integer(rest, |it| Value::Int8(it as i8))?,
            Type::Int16 => integer(rest, |it| Value::Int16(it as i16))?,
            Type::Int32 => integer(rest, |it| Value::Int32(it as i32))?,
            Type::Int64 => integer(rest, Value::Int64)?,
            Type::Float32 => {
                let (number, rest) = rest.number()?;
                (Value::Float32(number.parsed()?), rest)
            }
            Type::Float64 => {
                let (number, rest) = rest.number()?;
                (Value::Float64(number.double()?), rest)
            }
            Type::Boolean => of(boolean(rest)?),
            Type::String => made(|place| self.string(rest, place))?,
            Type::Bytes => of(base64(rest)?),
            Type::Array => {
                let elements = schema.value_schema().ok()??;
                made(|place| self.array(rest, Some(elements), place))?
            }
            Type::Map => {
                let keys = schema.key_schema().ok()??;
                let has_text_keys = keys.kind() == Type::String && keys.logical().is_none();
                let values = has_text_keys.then(|| schema.value_schema().ok()?)??;
                made(|place| self.map(rest, Some(values), place))?
            }
            Type::Struct => of(self.structure(rest, schema)?),
        })
    }

    /// Reads an object that has all fields in their order and nothing else.
    fn structure(&mut self, rest: Rest<'a>, schema: &SchemaRef) -> Read<'a, Struct> {
        let mut rest = self.open(rest, b'{')?;
        let mut made = Struct::filling(schema).ok()?;
        for field in schema.fields().ok()? {
            // The text of a name that would be escaped may look like several members.
            let (value, behind) = self.typed(rest.member(field.member()?)?, field.schema())?;
            made.push(field, value).ok()?;
            rest = behind;
        }
        Some((made.finish(), self.close(rest, b'}')?))
    }

    /// Reads an object by name. Mostly it has the names that the object in its place in the last
    /// message had: these are compared and not made again, and the maps share them.
    #[inline(never)]
    fn map(
        &mut self,
        rest: Rest<'a>,
        values: Option<&SchemaRef>,
        place: &mut Value,
    ) -> Option<Rest<'a>> {
        let mut rest = self.open(rest, b'{')?;
        let object = self.objects;
        self.objects += 1;
        let shape = self.shapes.lend(object);
        let mut found = Vec::with_capacity(shape.len());
        found.resize_with(shape.len(), Value::default);
        let mut count = 0;
        for (member, value) in shape.members().unwrap_or_default().iter().zip(&mut found) {
            let Some(behind) = rest.member(member) else {
                break;
            };
            rest = self.value(behind, values, value)?;
            count += 1;
        }
        if count == shape.len()
            && let Some(rest) = rest.take(b'}')
        {
            self.depth -= 1;
            let map = Map::from_parts(shape.clone(), found);
            self.shapes.keep(object, shape);
            return put(place, (map.hashed(), rest));
        }
        let found = found.into_iter().take(count);
        let mut map: Map = shape.iter().cloned().zip(found).collect();
        let rest = self.other_members(rest, &mut map, values)?;
        self.shapes.keep(object, shapes::shape_of(&map));
        put(place, (map.hashed(), rest))
    }

    /// Reads the members that are left, if there are any, and the end of the object.
    fn other_members(
        &mut self,
        mut rest: Rest<'a>,
        map: &mut Map,
        values: Option<&SchemaRef>,
    ) -> Option<Rest<'a>> {
        while rest.trimmed().first()? != b'}' {
            if !map.is_empty() {
                rest = rest.take(b',')?;
            }
            let (name, behind) = rest.quoted(MAX_NAME_LENGTH)?;
            // A copy, because names outlive the message.
            let name = Value::from(std::str::from_utf8(name).ok()?);
            let mut value = Value::Null;
            rest = self.value(behind.take(b':')?, values, &mut value)?;
            map.insert(name, value);
        }
        self.close(rest, b'}')
    }

    #[inline(never)]
    fn array(
        &mut self,
        rest: Rest<'a>,
        element: Option<&SchemaRef>,
        place: &mut Value,
    ) -> Option<Rest<'a>> {
        let mut rest = self.open(rest, b'[')?;
        if rest.trimmed().first()? == b']' {
            return put(place, (Vec::<Value>::new(), self.close(rest, b']')?));
        }
        let mut elements = Vec::with_capacity(FEW_ELEMENTS);
        loop {
            elements.push(Value::Null);
            rest = self.value(rest, element, elements.last_mut()?)?;
            match rest.take(b',') {
                Some(behind) => rest = behind,
                None => return put(place, (elements, self.close(rest, b']')?)),
            }
        }
    }

    #[inline(always)]
    fn string(&self, rest: Rest<'a>, place: &mut Value) -> Option<Rest<'a>> {
        let (bytes, rest) = rest.quoted(MAX_STRING_LENGTH)?;
        let end = self.text.len() - rest.len() - 1;
        let range = end - bytes.len()..end;
        match place.copy_short_part(self.text, &range) {
            true => Some(rest),
            false => put(place, (self.any_part(range)?, rest)),
        }
    }

    /// A part of the message; a long one shares it.
    fn any_part(&self, range: Range<usize>) -> Option<Text> {
        match range.len() <= Text::SHORT {
            true => Some(std::str::from_utf8(self.text.get(range)?).ok()?.into()),
            false => Text::from_blob(self.message.slice(range)).ok(),
        }
    }

    #[inline(always)]
    fn open(&mut self, rest: Rest<'a>, bracket: u8) -> Option<Rest<'a>> {
        self.depth += 1;
        (self.depth <= MAX_DEPTH).then(|| rest.take(bracket))?
    }

    #[inline(always)]
    fn close(&mut self, rest: Rest<'a>, bracket: u8) -> Option<Rest<'a>> {
        self.depth -= 1;
        rest.take(bracket)
    }
}

/// What was read, as a value.
#[inline(always)]
fn of<'a, T: Into<Value>>((read, rest): (T, Rest<'a>)) -> (Value, Rest<'a>) {
    (read.into(), rest)
}

/// A value that is read to a place.
#[inline(always)]
fn made<'a>(read: impl FnOnce(&mut Value) -> Option<Rest<'a>>) -> Read<'a, Value> {
    let mut value = Value::Null;
    let rest = read(&mut value)?;
    Some((value, rest))
}

/// Puts what was read to a place.
#[inline(always)]
fn put<'a, T: Into<Value>>(place: &mut Value, (read, rest): (T, Rest<'a>)) -> Option<Rest<'a>> {
    place.assign(read.into());
    Some(rest)
}

fn boolean(rest: Rest<'_>) -> Read<'_, bool> {
    match rest.take_text(b"true") {
        Some(rest) => Some((true, rest)),
        None => Some((false, rest.take_text(b"false")?)),
    }
}

#[inline(always)]
fn integer<T>(rest: Rest<'_>, make: impl FnOnce(i64) -> T) -> Read<'_, T> {
    let (number, rest) = rest.number()?;
    Some((make(number.integer()?), rest))
}

fn base64(rest: Rest<'_>) -> Read<'_, Vec<u8>> {
    let (text, rest) = rest.quoted(MAX_STRING_LENGTH)?;
    Some((base64_text::decode(text)?, rest))
}

fn logical_value<'a>(rest: Rest<'a>, logical: Logical, schema: &SchemaRef) -> Read<'a, Value> {
    if logical == Logical::Decimal {
        let (bytes, rest) = base64(rest)?;
        return Some((logical::decode_decimal(schema, &bytes).ok()?.into(), rest));
    }
    let (number, rest) = integer(rest, |it| it)?;
    let millis = match logical {
        Logical::Date => logical::decode_date(schema, i32::try_from(number).ok()?).ok()?,
        Logical::Time => logical::decode_time(schema, i32::try_from(number).ok()?).ok()?,
        Logical::Timestamp | Logical::Decimal => logical::timestamp(schema, number).ok()?,
    };
    Some((Value::Instant(millis), rest))
}

#[cfg(test)]
mod tests;
