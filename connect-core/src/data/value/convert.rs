//! Ordinary Rust values to [`Value`] and back.

use std::borrow::Cow;

use bytes::Bytes;

use super::Value;
use crate::data::{Blob, Decimal, Map, Struct, Text, Topic};

macro_rules! from_plain {
    ($($source:ty => $variant:ident),* $(,)?) => {$(
        impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from_plain! {
    bool => Boolean,
    i8 => Int8,
    i16 => Int16,
    i32 => Int32,
    i64 => Int64,
    f32 => Float32,
    f64 => Float64,
    &str => String,
    String => String,
    &String => String,
    Cow<'_, str> => String,
    Text => String,
    Vec<u8> => Bytes,
    &[u8] => Bytes,
    Bytes => Bytes,
    Blob => Bytes,
    Map => Map,
    Struct => Struct,
    Vec<Value> => Array,
}

impl From<&Text> for Value {
    fn from(text: &Text) -> Self {
        Self::String(text.clone())
    }
}

impl From<&Topic> for Value {
    fn from(topic: &Topic) -> Self {
        topic.as_str().into()
    }
}

impl From<Decimal> for Value {
    fn from(decimal: Decimal) -> Self {
        Self::Decimal(Box::new(decimal))
    }
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Self {
        value.clone()
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Value>, const N: usize> From<[T; N]> for Value {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }
}

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident, $name_mut:ident: $variant:ident => $target:ty;)*) => {
        impl Value {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> Option<&$target> {
                match self {
                    Self::$variant(it) => Some(it),
                    _ => None,
                }
            }

            $(#[$doc])*
            #[must_use]
            pub fn $name_mut(&mut self) -> Option<&mut $target> {
                match self {
                    Self::$variant(it) => Some(it),
                    _ => None,
                }
            }
        )*}
    };
}

views! {
    /// The list, if it is one.
    as_array, as_array_mut: Array => Vec<Value>;
    /// The map, if it is one.
    as_map, as_map_mut: Map => Map;
    /// The struct, if it is one.
    as_struct, as_struct_mut: Struct => Struct;
}

impl Value {
    /// The boolean, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(it) => Some(*it),
            _ => None,
        }
    }

    /// The integer, if it is one of at most 32 bits.
    #[must_use]
    pub fn as_i32(&self) -> Option<i32> {
        match self {
            Self::Int8(it) => Some((*it).into()),
            Self::Int16(it) => Some((*it).into()),
            Self::Int32(it) => Some(*it),
            _ => None,
        }
    }

    /// The integer, if it is one of any width.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int64(it) => Some(*it),
            other => other.as_i32().map(Into::into),
        }
    }

    /// The floating-point number, if it is one of either precision.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float32(it) => Some((*it).into()),
            Self::Float64(it) => Some(*it),
            _ => None,
        }
    }

    /// The text, if it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(Text::as_str)
    }

    /// The text with its shared buffer, if it is text.
    #[must_use]
    pub const fn as_text(&self) -> Option<&Text> {
        match self {
            Self::String(it) => Some(it),
            _ => None,
        }
    }

    /// The bytes, if they are bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> Option<&Blob> {
        match self {
            Self::Bytes(it) => Some(it),
            _ => None,
        }
    }

    /// The decimal number, if it is one.
    #[must_use]
    pub fn as_decimal(&self) -> Option<&Decimal> {
        match self {
            Self::Decimal(it) => Some(it),
            _ => None,
        }
    }

    /// Milliseconds since 1970-01-01 UTC, if it is an instant.
    #[must_use]
    pub const fn as_instant(&self) -> Option<i64> {
        match self {
            Self::Instant(it) => Some(*it),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_values_find_their_kind() {
        assert_eq!(Value::from(Some(5_i16)), Value::Int16(5));
        assert_eq!(
            Value::from(vec![1_u8, 2]),
            Value::Bytes(Blob::from(&[1, 2]))
        );
        assert_eq!(
            Value::from(["a", "b"]),
            Value::Array(vec!["a".into(), "b".into()])
        );
        assert_eq!(
            Value::from(vec![Value::Null]),
            Value::Array(vec![Value::Null])
        );
    }

    #[test]
    fn integers_widen_and_nothing_narrows() {
        assert_eq!(Value::Int8(-1).as_i64(), Some(-1));
        assert_eq!(Value::Int64(1).as_i32(), None);
        assert_eq!(Value::Float32(0.5).as_f64(), Some(0.5));
        assert_eq!(Value::Int32(1).as_f64(), None);
    }
}
