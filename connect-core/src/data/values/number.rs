//! Numbers of any kind, seen as the few kinds that conversions need.

use crate::data::{Decimal, Value};

/// A value that is a number.
#[derive(Clone, Copy)]
pub(in crate::data) enum Number<'a> {
    Integer(i64),
    Single(f32),
    Double(f64),
    Decimal(&'a Decimal),
}

impl<'a> Number<'a> {
    pub(in crate::data) fn of(value: &'a Value) -> Option<Self> {
        match value {
            Value::Float32(it) => Some(Self::Single(*it)),
            Value::Float64(it) => Some(Self::Double(*it)),
            Value::Decimal(it) => Some(Self::Decimal(it)),
            other => other.as_i64().map(Self::Integer),
        }
    }

    /// The integer part; floats stop at the ends of the range, decimals keep their low bits.
    pub(in crate::data) fn to_i64(self) -> i64 {
        // `as` saturates and takes NaN for zero, as the reference does.
        #[expect(clippy::cast_possible_truncation, reason = "that is the conversion")]
        match self {
            Self::Integer(it) => it,
            Self::Single(it) => it as i64,
            Self::Double(it) => it as i64,
            Self::Decimal(it) => it.to_wrapped_i64(),
        }
    }

    pub(in crate::data) fn to_f64(self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "rounds to the nearest double")]
            Self::Integer(it) => it as f64,
            Self::Single(it) => it.into(),
            Self::Double(it) => it,
            Self::Decimal(it) => it.to_f64(),
        }
    }

    pub(in crate::data) fn to_f32(self) -> f32 {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "rounds to the nearest float"
        )]
        match self {
            Self::Integer(it) => it as f32,
            Self::Single(it) => it,
            Self::Double(it) => it as f32,
            Self::Decimal(it) => it.to_f32(),
        }
    }
}
