//! Schemas: immutable, shared, compared by structure.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, LazyLock};

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::{DataError, Logical, Member, Struct, Type, Value};

mod builder;
mod kept;
mod shared;

pub use builder::SchemaBuilder;
pub use shared::SchemaRef;

/// Additional text attributes of a schema, in order of definition; the order does not count in
/// comparisons.
pub type Parameters = IndexMap<String, String>;

/// Structs with more fields than this find a name through a table; below, a scan is faster.
const SCANNED_FIELDS: usize = 8;

/// What a value looks like: its type, whether null is allowed, and for whom it stands.
///
/// Made by a [`SchemaBuilder`], or by the constructors for the primitive and logical types.
///
/// ```
/// use connect_core::data::{Schema, SchemaBuilder, Type};
///
/// let order = SchemaBuilder::structure()
///     .name("Order")
///     .field("id", Schema::int64())
///     .field("comment", Schema::optional_string())
///     .build()?;
///
/// assert_eq!(order.kind(), Type::Struct);
/// assert_eq!(order.to_string(), "Schema{Order:STRUCT}");
/// # Ok::<(), connect_core::data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Schema {
    kind: Type,
    optional: bool,
    version: Option<i32>,
    name: Option<Arc<str>>,
    /// Follows from the name; kept because every value asks for it.
    logical: Option<Logical>,
    doc: Option<Arc<str>>,
    parameters: Option<Parameters>,
    /// The parameter `scale`, if it is a number; kept because every decimal asks for it.
    scale: Option<i32>,
    default: Option<Value>,
    key_schema: Option<SchemaRef>,
    value_schema: Option<SchemaRef>,
    fields: Vec<Field>,
    /// Places of the fields by name when there are many.
    places: Option<HashMap<Arc<str>, usize, RandomState>>,
}

/// A field of a struct schema.
#[derive(Clone, Debug)]
pub struct Field {
    name: Arc<str>,
    /// Follows from name and place.
    member: Option<Member>,
    index: usize,
    schema: SchemaRef,
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.name == other.name && self.schema == other.schema
    }
}

impl Eq for Field {}

impl Hash for Field {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.schema.hash(state);
    }
}

impl Field {
    /// The name, unique in its struct.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name as it begins a member of a JSON object; none if anything of it would be escaped.
    #[must_use]
    pub const fn member(&self) -> Option<&Member> {
        self.member.as_ref()
    }

    /// The place in the struct, from zero.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The schema of the field's values.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

macro_rules! primitives {
    ($($required:ident, $optional:ident => $kind:ident;)*) => {
        impl Schema {$(
            #[doc = concat!("The required ", stringify!($kind), " schema without a name; one shared instance.")]
            #[must_use]
            pub fn $required() -> SchemaRef {
                static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::plain(Type::$kind, false));
                SchemaRef::constant(&SCHEMA)
            }

            #[doc = concat!("The optional ", stringify!($kind), " schema without a name; one shared instance.")]
            #[must_use]
            pub fn $optional() -> SchemaRef {
                static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::plain(Type::$kind, true));
                SchemaRef::constant(&SCHEMA)
            }
        )*}
    };
}

primitives! {
    int8, optional_int8 => Int8;
    int16, optional_int16 => Int16;
    int32, optional_int32 => Int32;
    int64, optional_int64 => Int64;
    float32, optional_float32 => Float32;
    float64, optional_float64 => Float64;
    boolean, optional_boolean => Boolean;
    string, optional_string => String;
    bytes, optional_bytes => Bytes;
}

macro_rules! logicals {
    ($($required:ident, $optional:ident => $logical:ident;)*) => {
        impl Schema {$(
            #[doc = concat!("The required ", stringify!($logical), " schema; one shared instance.")]
            #[must_use]
            pub fn $required() -> SchemaRef {
                static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::named(Logical::$logical, false));
                SchemaRef::constant(&SCHEMA)
            }

            #[doc = concat!("The optional ", stringify!($logical), " schema; one shared instance.")]
            #[must_use]
            pub fn $optional() -> SchemaRef {
                static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::named(Logical::$logical, true));
                SchemaRef::constant(&SCHEMA)
            }
        )*}
    };
}

logicals! {
    date, optional_date => Date;
    time, optional_time => Time;
    timestamp, optional_timestamp => Timestamp;
}

impl Schema {
    fn plain(kind: Type, optional: bool) -> Self {
        Self {
            kind,
            optional,
            version: None,
            name: None,
            logical: None,
            doc: None,
            parameters: None,
            scale: None,
            default: None,
            key_schema: None,
            value_schema: None,
            fields: Vec::new(),
            places: None,
        }
    }

    /// A schema that says nothing but its type, as inference finds for nested containers.
    pub(super) fn bare(kind: Type, optional: bool) -> SchemaRef {
        Self::plain(kind, optional).into()
    }

    fn named(logical: Logical, optional: bool) -> Self {
        Self {
            name: Some(logical.name().into()),
            logical: Some(logical),
            version: Some(1),
            ..Self::plain(logical.base(), optional)
        }
    }

    /// The required Decimal schema with this scale.
    #[must_use]
    pub fn decimal(scale: i32) -> SchemaRef {
        Self::decimal_of(scale, false)
    }

    /// The optional Decimal schema with this scale.
    #[must_use]
    pub fn optional_decimal(scale: i32) -> SchemaRef {
        Self::decimal_of(scale, true)
    }

    fn decimal_of(scale: i32, optional: bool) -> SchemaRef {
        let parameter = (super::logical::SCALE.to_owned(), scale.to_string());
        SchemaRef::from(Self {
            parameters: Some(Parameters::from([parameter])),
            scale: Some(scale),
            ..Self::named(Logical::Decimal, optional)
        })
    }

    /// The required array schema of these elements.
    #[must_use]
    pub fn array(element: SchemaRef) -> SchemaRef {
        Self::partial_array(Some(element))
    }

    /// The required map schema of these keys and values.
    #[must_use]
    pub fn map(key: SchemaRef, value: SchemaRef) -> SchemaRef {
        Self::partial_map(Some(key), Some(value))
    }

    /// An array schema whose elements may be unknown, as [`values::parse_string`] yields for an
    /// empty list. Builders refuse such schemas.
    ///
    /// [`values::parse_string`]: super::values::parse_string
    #[must_use]
    pub fn partial_array(element: Option<SchemaRef>) -> SchemaRef {
        SchemaRef::from(Self {
            value_schema: element,
            ..Self::plain(Type::Array, false)
        })
    }

    /// A map schema whose keys or values may be unknown; see
    /// [`partial_array`](Self::partial_array).
    #[must_use]
    pub fn partial_map(key: Option<SchemaRef>, value: Option<SchemaRef>) -> SchemaRef {
        SchemaRef::from(Self {
            key_schema: key,
            value_schema: value,
            ..Self::plain(Type::Map, false)
        })
    }

    /// Starts a schema of any type.
    pub fn builder(kind: Type) -> SchemaBuilder {
        SchemaBuilder::new(kind)
    }

    /// The type.
    #[must_use]
    pub const fn kind(&self) -> Type {
        self.kind
    }

    /// Whether null is allowed.
    #[must_use]
    pub const fn is_optional(&self) -> bool {
        self.optional
    }

    /// What null stands for.
    #[must_use]
    pub const fn default_value(&self) -> Option<&Value> {
        self.default.as_ref()
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The logical type that the name stands for.
    #[must_use]
    pub const fn logical(&self) -> Option<Logical> {
        self.logical
    }

    /// The version.
    #[must_use]
    pub const fn version(&self) -> Option<i32> {
        self.version
    }

    /// The documentation.
    #[must_use]
    pub fn doc(&self) -> Option<&str> {
        self.doc.as_deref()
    }

    /// The parameters; none is not the same as empty.
    #[must_use]
    pub const fn parameters(&self) -> Option<&Parameters> {
        self.parameters.as_ref()
    }

    /// The parameter `scale`, if it is a number.
    pub(super) const fn scale(&self) -> Option<i32> {
        self.scale
    }

    /// The fields of a struct in order.
    ///
    /// # Errors
    ///
    /// When this is not a struct schema.
    pub fn fields(&self) -> Result<&[Field], DataError> {
        match self.kind {
            Type::Struct => Ok(&self.fields),
            _ => Err(DataError::data("Cannot list fields on non-struct type")),
        }
    }

    /// The field of a struct with this name.
    ///
    /// # Errors
    ///
    /// When this is not a struct schema.
    pub fn field(&self, name: &str) -> Result<Option<&Field>, DataError> {
        match self.kind {
            Type::Struct => Ok(self.find_field(name)),
            _ => Err(DataError::data("Cannot look up fields on non-struct type")),
        }
    }

    /// The schema of a map's keys; none only for partial schemas.
    ///
    /// # Errors
    ///
    /// When this is not a map schema.
    pub fn key_schema(&self) -> Result<Option<&SchemaRef>, DataError> {
        match self.kind {
            Type::Map => Ok(self.key_schema.as_ref()),
            _ => Err(DataError::data("Cannot look up key schema on non-map type")),
        }
    }

    /// The schema of a map's values or an array's elements; none only for partial schemas.
    ///
    /// # Errors
    ///
    /// When this is neither a map nor an array schema.
    pub fn value_schema(&self) -> Result<Option<&SchemaRef>, DataError> {
        match self.kind {
            Type::Map | Type::Array => Ok(self.value_schema.as_ref()),
            _ => Err(DataError::data(
                "Cannot look up value schema on non-array and non-map type",
            )),
        }
    }

    /// Whether a struct is one of this schema. When the schema has a default, a struct with the
    /// same fields will do: the default itself cannot hold the schema that holds it.
    #[must_use]
    pub fn accepts_struct(&self, value: &Struct) -> bool {
        let other = value.schema();
        **other == *self || (self.default.is_some() && other.fields == self.fields)
    }

    /// The schemas of fields, of keys and of values.
    fn parts(&self) -> impl Iterator<Item = &SchemaRef> {
        let fields = self.fields.iter().map(Field::schema);
        fields.chain(&self.key_schema).chain(&self.value_schema)
    }

    /// The fields; none when this is not a struct.
    pub(super) fn field_list(&self) -> &[Field] {
        &self.fields
    }

    pub(super) fn find_field(&self, name: &str) -> Option<&Field> {
        match &self.places {
            Some(places) => places.get(name).map(|place| &self.fields[*place]),
            None => self.fields.iter().find(|field| &*field.name == name),
        }
    }
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
            || (self.kind == other.kind
                && self.optional == other.optional
                && self.version == other.version
                && self.name == other.name
                && self.doc == other.doc
                && self.default == other.default
                && self.fields == other.fields
                && self.key_schema == other.key_schema
                && self.value_schema == other.value_schema
                && self.parameters == other.parameters)
    }
}

impl Eq for Schema {}

impl Hash for Schema {
    /// Leaves parameters, default and doc out: schemas that differ only there are rare.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        self.optional.hash(state);
        self.version.hash(state);
        self.name.hash(state);
        self.fields.hash(state);
        self.key_schema.hash(state);
        self.value_schema.hash(state);
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "Schema{{{name}:{}}}", self.kind),
            None => write!(f, "Schema{{{}}}", self.kind),
        }
    }
}

/// A value and its schema; a value without a schema is legal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaAndValue {
    /// The schema, if the value has one.
    pub schema: Option<SchemaRef>,
    /// The value.
    pub value: Value,
}

impl SchemaAndValue {
    /// Neither schema nor value.
    pub const NULL: Self = Self {
        schema: None,
        value: Value::Null,
    };

    /// A value with its schema.
    pub fn new(schema: SchemaRef, value: impl Into<Value>) -> Self {
        Self {
            schema: Some(schema),
            value: value.into(),
        }
    }

    /// A value without a schema.
    pub fn schemaless(value: impl Into<Value>) -> Self {
        Self {
            schema: None,
            value: value.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_on_the_wrong_type_is_refused() {
        let text = Schema::string();

        assert_eq!(
            text.fields().unwrap_err().to_string(),
            "Cannot list fields on non-struct type"
        );
        assert_eq!(
            text.field("a").unwrap_err().to_string(),
            "Cannot look up fields on non-struct type"
        );
        assert_eq!(
            text.key_schema().unwrap_err().to_string(),
            "Cannot look up key schema on non-map type"
        );
        assert_eq!(
            text.value_schema().unwrap_err().to_string(),
            "Cannot look up value schema on non-array and non-map type"
        );
    }

    #[test]
    fn fields_are_found_in_small_and_large_structs() {
        for count in [3, 100] {
            let mut builder = SchemaBuilder::structure();
            for n in 0..count {
                builder = builder.field(&format!("f{n}"), Schema::int32());
            }
            let schema = builder.build().unwrap();

            let found = schema.field("f2").unwrap().unwrap();

            assert_eq!(found.index(), 2);
            assert!(schema.field("none").unwrap().is_none());
        }
    }

    #[test]
    fn builder_and_constructors_make_equal_logical_schemas() {
        assert_eq!(SchemaBuilder::date().build().unwrap(), Schema::date());
        assert_eq!(
            SchemaBuilder::decimal(2).optional().build().unwrap(),
            Schema::optional_decimal(2)
        );
    }
}
