//! One value: what a key, a header or a field holds.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem;
use std::ops::Range;

use super::text::{AnyShortPart, ShortPart};
use super::{Blob, Decimal, Map, Struct, Text, Type, java_text};

mod convert;
mod json;

/// A value, with or without a schema beside it.
///
/// Widths are distinct: an `Int32` is not a valid value of an INT64 schema. Equality and hash are
/// those of boxed numbers: NaN equals NaN and -0.0 differs from 0.0.
///
/// ```
/// use connect_core::data::Value;
///
/// let value = Value::from("text");
///
/// assert_eq!(value.as_str(), Some("text"));
/// assert!(Value::from(None::<i32>).is_null());
/// ```
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// True or false.
    Boolean(bool),
    /// Signed 8-bit integer.
    Int8(i8),
    /// Signed 16-bit integer.
    Int16(i16),
    /// Signed 32-bit integer.
    Int32(i32),
    /// Signed 64-bit integer.
    Int64(i64),
    /// Single precision.
    Float32(f32),
    /// Double precision.
    Float64(f64),
    /// Text.
    String(Text),
    /// Bytes.
    Bytes(Blob),
    /// Decimal number; its schema is named Decimal.
    Decimal(Box<Decimal>),
    /// Milliseconds since 1970-01-01 UTC; its schema is named Date, Time or Timestamp.
    Instant(i64),
    /// List.
    Array(Vec<Value>),
    /// Map.
    Map(Map),
    /// Fields of a schema.
    Struct(Struct),
}

// Records are moved by value; a larger one would be felt everywhere.
const _: () = assert!(size_of::<Value>() <= 32);

impl Value {
    /// Whether there is no value.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Becomes another value. Where it is known to be null nothing is dropped, so that a record can
    /// be made in registers.
    #[inline]
    pub fn assign(&mut self, value: Self) {
        mem::replace(self, value).release();
    }

    /// Becomes the text of bytes, as [`Text::from_blob_lossy`] reads them. A text that shares their
    /// buffer is written where it stays: to make it elsewhere and move it takes longer than to make
    /// it.
    #[inline]
    pub fn assign_text_lossy(&mut self, bytes: &Blob) {
        match Text::would_share(bytes) {
            true => self.assign_shared(bytes, &(0..bytes.len())),
            false => self.assign(Self::String(Text::from_blob_lossy(bytes.clone()))),
        }
    }

    /// Becomes a part of a text, as [`Text::slice`] makes it; like [`assign_text_lossy`](Self::assign_text_lossy).
    #[inline]
    pub(crate) fn assign_part(&mut self, text: &Text, range: Range<usize>) {
        match text.buffer_for(&range) {
            Some(bytes) => self.assign_shared(bytes, &range),
            None => self.assign(Self::String(text.copied(range))),
        }
    }

    /// Becomes a text that shares a part of these bytes.
    #[inline(always)]
    fn assign_shared(&mut self, bytes: &Blob, range: &Range<usize>) {
        if self.owns_memory() {
            *self = Self::Null;
        }
        mem::forget(mem::replace(self, Self::String(Text::SHARED_PART)));
        if let Self::String(text) = self {
            text.share(bytes, range);
        }
    }

    /// Becomes a short part of a text, by byte offsets. Does nothing and is `false` when it is none, or
    /// longer than 22 bytes, or not ASCII.
    ///
    /// Faster than any other way to make a text of a part: where at least 22 bytes follow, all ASCII, they
    /// are copied straight to where they stay. Through any other place they would come in pieces of one
    /// size, be asked for in pieces of another, and wait.
    #[inline(always)]
    pub fn copy_short_part(&mut self, text: &[u8], range: &Range<usize>) -> bool {
        let Some(part) = ShortPart::of(text, range) else {
            return self.copy_any_short_part(text, range.clone());
        };
        self.assign(Self::String(Text::SHORT_PART));
        if let Self::String(text) = self {
            text.copy_short(part);
        }
        true
    }

    #[cold]
    fn copy_any_short_part(&mut self, text: &[u8], range: Range<usize>) -> bool {
        let Some(part) = text.get(range).and_then(AnyShortPart::of) else {
            return false;
        };
        self.assign(Self::String(Text::SHORT_PART));
        if let Self::String(text) = self {
            text.copy_any_short(part);
        }
        true
    }

    /// Drops the value. Most own no memory, and that is told in less time than it takes to call
    /// what drops any of them.
    #[inline]
    pub(super) fn release(self) {
        if !self.owns_memory() {
            mem::forget(self);
        }
    }

    /// Drops the values behind the first ones, each as [`release`](Self::release) does. They are looked
    /// at where they are: what is taken out of a list first is copied. Of values that own no memory,
    /// up to the first that does, only the number is changed.
    #[inline]
    pub(super) fn release_behind(values: &mut Vec<Self>, first: usize) {
        let behind = values.get(first..).unwrap_or_default();
        let plain = behind.iter().take_while(|it| !it.owns_memory()).count();
        while let Some(last) = values.get(first + plain..).and_then(<[Self]>::last) {
            match last.owns_memory() {
                true => drop(values.pop()),
                false => mem::forget(values.pop()),
            }
        }
        while values.len() > first {
            mem::forget(values.pop());
        }
    }

    /// Whether there is anything to give back when the value is dropped.
    #[inline]
    pub(super) fn owns_memory(&self) -> bool {
        match self {
            Self::String(it) => it.owns_memory(),
            Self::Bytes(_) | Self::Decimal(_) | Self::Array(_) | Self::Map(_) | Self::Struct(_) => {
                true
            }
            Self::Null
            | Self::Boolean(_)
            | Self::Int8(_)
            | Self::Int16(_)
            | Self::Int32(_)
            | Self::Int64(_)
            | Self::Float32(_)
            | Self::Float64(_)
            | Self::Instant(_) => false,
        }
    }

    /// The type that a schema of this value would have, going by the value alone: none for null,
    /// decimals and instants.
    #[must_use]
    pub const fn kind(&self) -> Option<Type> {
        Some(match self {
            Self::Boolean(_) => Type::Boolean,
            Self::Int8(_) => Type::Int8,
            Self::Int16(_) => Type::Int16,
            Self::Int32(_) => Type::Int32,
            Self::Int64(_) => Type::Int64,
            Self::Float32(_) => Type::Float32,
            Self::Float64(_) => Type::Float64,
            Self::String(_) => Type::String,
            Self::Bytes(_) => Type::Bytes,
            Self::Array(_) => Type::Array,
            Self::Map(_) => Type::Map,
            Self::Struct(_) => Type::Struct,
            Self::Null | Self::Decimal(_) | Self::Instant(_) => return None,
        })
    }

    /// What messages call this kind of value, as clients know it: `class java.lang.Integer`.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "class java.lang.Boolean",
            Self::Int8(_) => "class java.lang.Byte",
            Self::Int16(_) => "class java.lang.Short",
            Self::Int32(_) => "class java.lang.Integer",
            Self::Int64(_) => "class java.lang.Long",
            Self::Float32(_) => "class java.lang.Float",
            Self::Float64(_) => "class java.lang.Double",
            Self::String(_) => "class java.lang.String",
            Self::Bytes(_) => "class [B",
            Self::Decimal(_) => "class java.math.BigDecimal",
            Self::Instant(_) => "class java.util.Date",
            Self::Array(_) => "class java.util.ArrayList",
            Self::Map(it) => it.kind_name(),
            Self::Struct(_) => "class org.apache.kafka.connect.data.Struct",
        }
    }
}

/// The bits that decide equality of doubles: every NaN is the same one.
const fn f64_identity(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits()
    } else {
        value.to_bits()
    }
}

/// The bits that decide equality of floats: every NaN is the same one.
const fn f32_identity(value: f32) -> u32 {
    if value.is_nan() {
        f32::NAN.to_bits()
    } else {
        value.to_bits()
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::Int8(a), Self::Int8(b)) => a == b,
            (Self::Int16(a), Self::Int16(b)) => a == b,
            (Self::Int32(a), Self::Int32(b)) => a == b,
            (Self::Int64(a), Self::Int64(b)) | (Self::Instant(a), Self::Instant(b)) => a == b,
            (Self::Float32(a), Self::Float32(b)) => f32_identity(*a) == f32_identity(*b),
            (Self::Float64(a), Self::Float64(b)) => f64_identity(*a) == f64_identity(*b),
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Decimal(a), Self::Decimal(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            (Self::Struct(a), Self::Struct(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Value {}

/// What keeps values of different kinds apart in a hash.
#[derive(Hash)]
pub(super) enum HashTag {
    Text,
    Other(u8),
}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let tag = |state: &mut H, tag: u8| HashTag::Other(tag).hash(state);
        match self {
            Self::Null => tag(state, 0),
            Self::Boolean(it) => (tag(state, 1), it.hash(state)).1,
            Self::Int8(it) => (tag(state, 2), it.hash(state)).1,
            Self::Int16(it) => (tag(state, 3), it.hash(state)).1,
            Self::Int32(it) => (tag(state, 4), it.hash(state)).1,
            Self::Int64(it) => (tag(state, 5), it.hash(state)).1,
            Self::Float32(it) => (tag(state, 6), f32_identity(*it).hash(state)).1,
            Self::Float64(it) => (tag(state, 7), f64_identity(*it).hash(state)).1,
            Self::String(it) => (HashTag::Text.hash(state), it.as_bytes().hash(state)).1,
            Self::Bytes(it) => (tag(state, 8), it.hash(state)).1,
            Self::Decimal(it) => (tag(state, 9), it.hash(state)).1,
            Self::Instant(it) => (tag(state, 10), it.hash(state)).1,
            Self::Array(it) => (tag(state, 11), it.hash(state)).1,
            Self::Map(it) => (tag(state, 12), it.hash(state)).1,
            Self::Struct(it) => (tag(state, 13), it.hash(state)).1,
        }
    }
}

impl fmt::Display for Value {
    /// The text that [`java_text`] describes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        java_text::write_value(f, self)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::BuildHasher;

    use super::*;

    fn hash(value: &Value) -> u64 {
        foldhash::fast::FixedState::with_seed(1).hash_one(value)
    }

    #[test]
    fn floats_are_equal_as_boxed_numbers_are() {
        assert_eq!(Value::from(f64::NAN), Value::from(-f64::NAN));
        assert_eq!(hash(&Value::from(f32::NAN)), hash(&Value::from(-f32::NAN)));
        assert_ne!(Value::from(0.0), Value::from(-0.0));
    }

    #[test]
    fn widths_do_not_mix() {
        assert_ne!(Value::from(1_i32), Value::from(1_i64));
        assert_ne!(Value::Int64(1), Value::Instant(1));
    }

    #[test]
    fn cloning_text_shares_it() {
        let text = Value::from("more bytes than are kept in place");

        let Value::String(copy) = text.clone() else {
            panic!("not text")
        };

        assert_eq!(text.as_str().map(str::as_ptr), Some(copy.as_ptr()));
    }

    #[test]
    fn values_are_dropped_whatever_lies_between_them() {
        let bytes = bytes::Bytes::from(b"a buffer that is counted".to_vec());
        for kinds in 0..16_u8 {
            for first in 0..=5 {
                let kind = |place: u8| match kinds >> place & 1 {
                    0 => Value::from(i32::from(place)),
                    _ => Value::from(vec![Value::Bytes(Blob::from(bytes.clone()))]),
                };
                let mut values: Vec<Value> = (0..4).map(kind).collect();
                let kept: Vec<Value> = (0..4).map(kind).take(first).collect();

                Value::release_behind(&mut values, first);

                assert_eq!(values, kept);
                drop((values, kept));
                assert!(bytes.is_unique(), "all are dropped, once each");
            }
        }
    }

    #[test]
    fn what_a_text_replaces_is_dropped_and_nothing_else() {
        let bytes = bytes::Bytes::from(b"a buffer that is counted".to_vec());
        let owning = || Value::from(vec![Value::Bytes(Blob::from(bytes.clone()))]);
        let text = Text::from_blob(Blob::from(b"long enough to be shared by parts")).unwrap();
        for old in [owning(), Value::Null, Value::from(1), Value::from("short")] {
            let mut value = old.clone();
            value.assign_part(&text, 0..30);
            assert_eq!(value.as_str(), text.as_str().get(..30));
            let mut value = old;
            value.assign_text_lossy(&Blob::from(bytes.clone()));
            assert_eq!(value.as_str(), Some("a buffer that is counted"));
            // The text before goes, the one that takes its place stays.
            value.assign_part(&text, 5..33);
            assert_eq!(value.as_str(), text.as_str().get(5..));
        }
        assert!(bytes.is_unique(), "all are dropped, once each");
    }
}
