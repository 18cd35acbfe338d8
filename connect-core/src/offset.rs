//! Source partitions and offsets: the author's own types, and the flat maps they are stored as.
//!
//! The typed value stays as it is until a commit needs it; conversion to the stored form happens
//! once for each commit, never for each record.

mod alteration;

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use crate::data::{Map, Name, Text, Value};

pub use alteration::{Alteration, OffsetChange, OffsetChanges, StoredChange};

/// One field of a stored partition or offset.
#[derive(Clone, Debug)]
pub enum OffsetValue {
    /// No value.
    Null,
    /// A switch.
    Boolean(bool),
    /// An integer; every width is stored as 64 bits.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(Text),
}

impl PartialEq for OffsetValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for OffsetValue {}

impl Hash for OffsetValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Self::Null => {}
            Self::Boolean(it) => it.hash(state),
            Self::Integer(it) => it.hash(state),
            Self::Float(it) => it.to_bits().hash(state),
            Self::Text(it) => it.hash(state),
        }
    }
}

/// A source partition or source offset as stored: field names and primitive values, in order.
///
/// The order counts for partitions: the stored key is the JSON text of the map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap(IndexMap<String, OffsetValue>);

impl OffsetMap {
    /// A map without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a field.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<OffsetValue>) -> Self {
        self.insert(name, value);
        self
    }

    /// Adds or replaces a field.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<OffsetValue>) {
        self.0.insert(name.into(), value.into());
    }

    /// The field of that name; `None` when there is no such field, which is not the same as null.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OffsetValue> {
        self.0.get(name)
    }

    /// Whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &OffsetValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The map as data, as the internal converter writes it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let entries = self.0.iter().map(|(name, value)| {
            let value = match value {
                OffsetValue::Null => Value::Null,
                OffsetValue::Boolean(it) => Value::Boolean(*it),
                OffsetValue::Integer(it) => Value::Int64(*it),
                OffsetValue::Float(it) => Value::Float64(*it),
                OffsetValue::Text(it) => Value::String(it.clone()),
            };
            (Value::from(name.as_str()), value)
        });
        Value::Map(entries.collect::<Map>())
    }

    /// Reads a map back from data.
    ///
    /// # Errors
    /// When the value is not a map, a key is not text, or a field is not a primitive.
    pub fn from_value(value: &Value) -> Result<Self, OffsetError> {
        let Value::Map(map) = value else {
            return Err(OffsetError::NotAMap);
        };
        let mut result = IndexMap::with_capacity(map.len());
        for (key, value) in map {
            let Value::String(name) = key else {
                return Err(OffsetError::KeyNotText);
            };
            let value = match value {
                Value::Null => OffsetValue::Null,
                Value::Boolean(it) => OffsetValue::Boolean(*it),
                Value::Int8(it) => OffsetValue::Integer(i64::from(*it)),
                Value::Int16(it) => OffsetValue::Integer(i64::from(*it)),
                Value::Int32(it) => OffsetValue::Integer(i64::from(*it)),
                Value::Int64(it) => OffsetValue::Integer(*it),
                Value::Float32(it) => OffsetValue::Float(f64::from(*it)),
                Value::Float64(it) => OffsetValue::Float(*it),
                Value::String(it) => OffsetValue::Text(it.clone()),
                other => {
                    let found = match other {
                        Value::Array(_) => "ARRAY",
                        Value::Map(_) => "MAP",
                        Value::Struct(_) => "STRUCT",
                        other => other.kind_name(),
                    };
                    return Err(OffsetError::NotPrimitive {
                        field: name.as_str().to_owned(),
                        found: found.to_owned(),
                    });
                }
            };
            result.insert(name.as_str().to_owned(), value);
        }
        Ok(Self(result))
    }
}

impl Hash for OffsetMap {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Equality ignores the order of the fields, so the hash adds up those of the fields.
        let fields = self
            .0
            .iter()
            .map(|field| FixedState::default().hash_one(field));
        state.write_u64(fields.fold(0, u64::wrapping_add));
    }
}

impl fmt::Display for OffsetMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (name, value)) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{name}: {value}")?;
        }
        f.write_str("}")
    }
}

impl fmt::Display for OffsetValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(it) => it.fmt(f),
            Self::Integer(it) => it.fmt(f),
            Self::Float(it) => it.fmt(f),
            Self::Text(it) => fmt::Debug::fmt(it.as_str(), f),
        }
    }
}

/// A stored partition or offset that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OffsetError {
    /// Something else than a map was stored.
    #[error("Offsets must be specified as a Map")]
    NotAMap,
    /// A key is not text.
    #[error("Offsets may only use String keys")]
    KeyNotText,
    /// A field is a list, a map or another composite value.
    #[error(
        "Offsets may only contain primitive types as values, but field {field} contains {found}"
    )]
    NotPrimitive {
        /// Name of the field.
        field: String,
        /// What it holds.
        found: String,
    },
    /// A field that the type needs is not there.
    #[error("stored map {stored} has no field `{field}`")]
    Missing {
        /// Name of the field.
        field: &'static str,
        /// The stored map.
        stored: String,
    },
    /// A field holds another type than the author's.
    #[error("field `{field}` of stored map {stored} is not {wanted}")]
    WrongType {
        /// Name of the field.
        field: &'static str,
        /// What the author's type wants, with its article.
        wanted: &'static str,
        /// The stored map.
        stored: String,
    },
    /// The author's own check failed.
    #[error("{0}")]
    Rejected(String),
}

/// One primitive field of a partition or offset.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a source offset",
    label = "not a primitive",
    note = "offsets hold strings, booleans, integers and floats only"
)]
pub trait OffsetField: Sized {
    /// The article and noun for messages, such as `an integer`.
    const WANTED: &'static str;

    /// The stored form.
    fn to_field(&self) -> OffsetValue;

    /// Reads the stored form; `None` when it is of another type.
    fn from_field(value: &OffsetValue) -> Option<Self>;

    /// What an absent field means; `None` when the field is required.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }
}

macro_rules! integer_field {
    ($($type:ty),*) => {$(
        impl OffsetField for $type {
            const WANTED: &'static str = concat!("an integer that fits ", stringify!($type));

            fn to_field(&self) -> OffsetValue {
                OffsetValue::Integer(i64::from(*self))
            }

            fn from_field(value: &OffsetValue) -> Option<Self> {
                match value {
                    OffsetValue::Integer(it) => Self::try_from(*it).ok(),
                    _ => None,
                }
            }
        }

        impl From<$type> for OffsetValue {
            fn from(value: $type) -> Self {
                Self::Integer(i64::from(value))
            }
        }
    )*};
}

integer_field!(i8, i16, i32, i64, u8, u16, u32);

macro_rules! text_field {
    ($($type:ty),*) => {$(
        impl OffsetField for $type {
            const WANTED: &'static str = "text";

            fn to_field(&self) -> OffsetValue {
                OffsetValue::Text(Text::from(&**self))
            }

            fn from_field(value: &OffsetValue) -> Option<Self> {
                match value {
                    OffsetValue::Text(it) => Some(it.as_str().into()),
                    _ => None,
                }
            }
        }
    )*};
}

text_field!(String, std::sync::Arc<str>, Name);

impl OffsetField for Text {
    const WANTED: &'static str = "text";

    fn to_field(&self) -> OffsetValue {
        OffsetValue::Text(self.clone())
    }

    fn from_field(value: &OffsetValue) -> Option<Self> {
        match value {
            OffsetValue::Text(it) => Some(it.clone()),
            _ => None,
        }
    }
}

impl OffsetField for bool {
    const WANTED: &'static str = "a boolean";

    fn to_field(&self) -> OffsetValue {
        OffsetValue::Boolean(*self)
    }

    fn from_field(value: &OffsetValue) -> Option<Self> {
        match value {
            OffsetValue::Boolean(it) => Some(*it),
            _ => None,
        }
    }
}

impl OffsetField for f64 {
    const WANTED: &'static str = "a number";

    fn to_field(&self) -> OffsetValue {
        OffsetValue::Float(*self)
    }

    fn from_field(value: &OffsetValue) -> Option<Self> {
        match value {
            OffsetValue::Float(it) => Some(*it),
            _ => None,
        }
    }
}

impl<T: OffsetField> OffsetField for Option<T> {
    const WANTED: &'static str = T::WANTED;

    fn to_field(&self) -> OffsetValue {
        self.as_ref()
            .map_or(OffsetValue::Null, OffsetField::to_field)
    }

    fn from_field(value: &OffsetValue) -> Option<Self> {
        match value {
            OffsetValue::Null => Some(None),
            value => T::from_field(value).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl From<&str> for OffsetValue {
    fn from(value: &str) -> Self {
        Self::Text(Text::from(value))
    }
}

impl From<bool> for OffsetValue {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

/// One field of the author's type in a stored map; what the derives make.
pub struct StoredField<T> {
    name: &'static str,
    wanted: &'static str,
    to_field: fn(&T) -> OffsetValue,
    from_field: fn(&OffsetValue) -> Option<T>,
    absent: fn() -> Option<T>,
}

/// The field of that name. Nothing else has a bound on its type, so that a wrong type is reported
/// once.
#[must_use]
pub const fn stored_field<T: OffsetField>(name: &'static str) -> StoredField<T> {
    StoredField {
        name,
        wanted: T::WANTED,
        to_field: T::to_field,
        from_field: T::from_field,
        absent: T::absent,
    }
}

impl<T> StoredField<T> {
    /// Adds the field to a map.
    pub fn write(&self, value: &T, stored: &mut OffsetMap) {
        stored.insert(self.name, (self.to_field)(value));
    }

    /// Reads the field of a stored map.
    ///
    /// # Errors
    /// When the field is missing or of another type.
    pub fn read(&self, stored: &OffsetMap) -> Result<T, OffsetError> {
        let field = self.name;
        let Some(value) = stored.get(field) else {
            return (self.absent)().ok_or_else(|| OffsetError::Missing {
                field,
                stored: stored.to_string(),
            });
        };
        (self.from_field)(value).ok_or_else(|| OffsetError::WrongType {
            field,
            wanted: self.wanted,
            stored: stored.to_string(),
        })
    }
}

impl<T> fmt::Debug for StoredField<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoredField").field(&self.name).finish()
    }
}

/// What a source reads from: a file, a table, a shard. Derive it.
///
/// A partition names its offsets in the store, so its stored form must never change. It is kept
/// with every record until the record is acknowledged, so it should be cheap to clone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source partition",
    label = "does not derive `SourcePartition`",
    note = "add `#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]` to `{Self}`"
)]
pub trait SourcePartition: Clone + Eq + Hash + Send + Sync + 'static {
    /// The stored form.
    fn to_stored(&self) -> OffsetMap;

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the map does not hold such a partition.
    fn from_stored(stored: &OffsetMap) -> Result<Self, OffsetError>;
}

/// Where in a partition a source is. Derive it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source offset",
    label = "does not derive `SourceOffset`",
    note = "add `#[derive(Clone, Debug, SourceOffset)]` to `{Self}`"
)]
pub trait SourceOffset: Clone + Send + Sync + 'static {
    /// Whether there is anything to store; `false` only for `()`.
    const STORED: bool = true;

    /// The stored form.
    fn to_stored(&self) -> OffsetMap;

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the map does not hold such an offset. The task then does not start: an offset that
    /// cannot be read is never taken for a fresh start.
    fn from_stored(stored: &OffsetMap) -> Result<Self, OffsetError>;
}

impl SourcePartition for () {
    fn to_stored(&self) -> OffsetMap {
        OffsetMap::new()
    }

    fn from_stored(_: &OffsetMap) -> Result<Self, OffsetError> {
        Ok(())
    }
}

impl SourceOffset for () {
    const STORED: bool = false;

    fn to_stored(&self) -> OffsetMap {
        OffsetMap::new()
    }

    fn from_stored(_: &OffsetMap) -> Result<Self, OffsetError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_required_field_is_named() {
        let stored = OffsetMap::new().with("id", 7_i64);

        let error = stored_field::<i64>("position").read(&stored).unwrap_err();

        assert_eq!(
            error.to_string(),
            "stored map {id: 7} has no field `position`"
        );
    }

    #[test]
    fn a_field_of_another_type_is_refused() {
        let stored = OffsetMap::new().with("position", "seven");

        let error = stored_field::<i64>("position").read(&stored).unwrap_err();

        assert_eq!(
            error.to_string(),
            "field `position` of stored map {position: \"seven\"} is not an integer that fits i64"
        );
    }

    #[test]
    fn an_optional_field_may_be_null_or_absent() {
        let null = OffsetMap::new().with("position", OffsetValue::Null);
        let field = stored_field::<Option<i64>>("position");

        assert_eq!(field.read(&null), Ok(None));
        assert_eq!(field.read(&OffsetMap::new()), Ok(None));
    }

    #[test]
    fn maps_survive_the_trip_through_data() {
        let map = OffsetMap::new()
            .with("filename", "orders.txt")
            .with("position", 42_i64)
            .with("done", true)
            .with("none", OffsetValue::Null);

        assert_eq!(OffsetMap::from_value(&map.to_value()), Ok(map));
    }
}
