//! Structs: one slot per field of their schema.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::iter;

use super::validate::{self, Location};
use super::{Blob, DataError, Decimal, Field, Map, SchemaRef, Text, Type, Value, java_text};

mod filling;
mod refit;

pub use filling::Filling;
pub use refit::Refit;

/// A value with named fields; it carries its schema.
///
/// ```
/// use connect_core::data::{Schema, SchemaBuilder, Struct};
///
/// let schema = SchemaBuilder::structure().field("id", Schema::int64()).build()?;
/// let mut order = Struct::new(&schema)?;
/// order.put("id", 7_i64)?;
///
/// assert_eq!(order.get("id")?.as_i64(), Some(7));
/// assert_eq!(order.to_string(), "Struct{id=7}");
/// # Ok::<(), connect_core::data::DataError>(())
/// ```
#[derive(Clone)]
pub struct Struct {
    schema: SchemaRef,
    /// The values of all fields in order, and null in the room behind them.
    slots: Box<[Value]>,
}

/// Most structs have room for so many further fields, so that what a transform adds needs no longer
/// list.
const ROOM: usize = 2;

impl Struct {
    /// A struct whose fields are all null.
    ///
    /// # Errors
    ///
    /// When the schema is not one of a struct.
    pub fn new(schema: &SchemaRef) -> Result<Self, DataError> {
        Self::check_kind(schema)?;
        let nulls = iter::repeat_with(|| Value::Null);
        Ok(Self {
            schema: schema.clone(),
            slots: nulls.take(schema.field_list().len() + ROOM).collect(),
        })
    }

    /// A struct from the values of all its fields in order. Null is accepted where
    /// [`validate`](Self::validate) accepts it.
    ///
    /// # Errors
    ///
    /// When the schema is not one of a struct, when the number of values is not that of the
    /// fields, or when a value does not fit its field.
    pub fn from_values(schema: &SchemaRef, values: Vec<Value>) -> Result<Self, DataError> {
        Self::check_kind(schema)?;
        let expected = schema.field_list().len();
        if values.len() != expected {
            return Err(DataError::data(format!(
                "{} values for a struct of {expected} fields",
                values.len()
            )));
        }
        let made = Self::of(schema.clone(), values);
        made.validate()?;
        Ok(made)
    }

    /// A struct whose fields are what `make` makes for them, from left to right.
    ///
    /// # Errors
    ///
    /// When the schema is not one of a struct, when `make` fails, or when a value does not fit its
    /// field; null does not fit a required field, even one with a default.
    pub fn from_fields<E: From<DataError>>(
        schema: &SchemaRef,
        mut make: impl FnMut(&Field) -> Result<Value, E>,
    ) -> Result<Self, E> {
        Self::check_kind(schema)?;
        let fields = schema.field_list();
        let mut values = Vec::with_capacity(fields.len() + ROOM);
        for field in fields {
            let value = make(field)?;
            field.check(&value)?;
            values.push(value);
        }
        Ok(Self::of(schema.clone(), values))
    }

    /// Takes values, and what their list has room for. Fields without one are null.
    fn of(schema: SchemaRef, mut values: Vec<Value>) -> Self {
        let count = schema.field_list().len();
        values.shrink_to(count + ROOM);
        values.resize_with(values.capacity().max(count), Value::default);
        Self {
            schema,
            slots: values.into(),
        }
    }

    fn check_kind(schema: &SchemaRef) -> Result<(), DataError> {
        match schema.kind() {
            Type::Struct => Ok(()),
            _ => Err(DataError::data(format!("Not a struct schema: {schema}"))),
        }
    }

    /// The schema.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Sets a field.
    ///
    /// # Errors
    ///
    /// When there is no such field or the value does not fit it; null does not fit a required
    /// field, even one with a default.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) -> Result<&mut Self, DataError> {
        let index = self.lookup(name)?.index();
        self.set_index(index, value)
    }

    /// Sets the field at a place.
    ///
    /// # Errors
    ///
    /// When the value does not fit the field.
    ///
    /// # Panics
    ///
    /// When the schema has no field there.
    pub fn set_index(
        &mut self,
        index: usize,
        value: impl Into<Value>,
    ) -> Result<&mut Self, DataError> {
        let value = value.into();
        self.schema.field_list()[index].check(&value)?;
        self.slots[index] = value;
        Ok(self)
    }

    /// The value of a field, or the field's default when it is null.
    ///
    /// # Errors
    ///
    /// When there is no such field.
    pub fn get(&self, name: &str) -> Result<&Value, DataError> {
        Ok(self.value_of(self.lookup(name)?))
    }

    /// The value of a field of this schema, or the field's default when it is null.
    ///
    /// # Panics
    ///
    /// When the schema has no field at that place.
    #[must_use]
    pub fn value_of<'a>(&'a self, field: &'a Field) -> &'a Value {
        match &self.values()[field.index()] {
            Value::Null => field.schema().default_value().unwrap_or(&Value::Null),
            value => value,
        }
    }

    /// The value of a field as it was set.
    ///
    /// # Errors
    ///
    /// When there is no such field.
    pub fn get_without_default(&self, name: &str) -> Result<&Value, DataError> {
        Ok(&self.slots[self.lookup(name)?.index()])
    }

    /// The value at a place as it was set.
    #[must_use]
    pub fn get_index(&self, index: usize) -> Option<&Value> {
        self.values().get(index)
    }

    /// The fields with their values as they were set.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Field, &Value)> {
        self.schema.field_list().iter().zip(&self.slots)
    }

    /// The values of all fields in order, as they were set.
    #[must_use]
    pub fn into_values(self) -> Vec<Value> {
        self.into_parts().1
    }

    /// The schema, and the values of all fields in order, as they were set.
    #[must_use]
    pub fn into_parts(self) -> (SchemaRef, Vec<Value>) {
        let Self { schema, slots } = self;
        let mut values = slots.into_vec();
        Value::release_behind(&mut values, schema.field_list().len());
        (schema, values)
    }

    fn values(&self) -> &[Value] {
        &self.slots[..self.schema.field_list().len()]
    }

    /// Checks every field; null is fine where it is allowed or where there is a default.
    ///
    /// # Errors
    ///
    /// The first field that does not fit.
    pub fn validate(&self) -> Result<(), DataError> {
        for (field, value) in self.iter() {
            let schema = field.schema();
            if value.is_null() && (schema.is_optional() || schema.default_value().is_some()) {
                continue;
            }
            validate::validate_at(schema, value, &Location::Field(field.name()))?;
        }
        Ok(())
    }

    fn lookup(&self, name: &str) -> Result<&Field, DataError> {
        self.schema
            .find_field(name)
            .ok_or_else(|| DataError::data(format!("{name} is not a valid field name")))
    }

    fn typed(&self, name: &str, kind: Type) -> Result<&Value, DataError> {
        let field = self.lookup(name)?;
        if field.schema().kind() != kind {
            return Err(DataError::data(format!(
                "Field '{name}' is not of type {kind}"
            )));
        }
        Ok(&self.slots[field.index()])
    }
}

impl Field {
    /// Whether a value of the one that is not null fits the other without a look at it.
    fn is_same_kind(&self, other: &Self) -> bool {
        self.schema().is_same(other.schema())
    }

    /// Checks that a value fits.
    fn check(&self, value: &Value) -> Result<(), DataError> {
        validate::validate_at(self.schema(), value, &Location::Field(self.name()))
    }
}

macro_rules! typed_getters {
    ($($name:ident: $kind:ident => $target:ty, $bind:pat => $value:expr;)*) => {
        impl Struct {$(
            #[doc = concat!("The ", stringify!($kind), " field as it was set, without its default.")]
            ///
            /// # Errors
            ///
            /// When there is no such field or its type is another one.
            pub fn $name(&self, name: &str) -> Result<Option<$target>, DataError> {
                Ok(match self.typed(name, Type::$kind)? {
                    $bind => Some($value),
                    _ => None,
                })
            }
        )*}
    };
}

typed_getters! {
    get_bool: Boolean => bool, Value::Boolean(it) => *it;
    get_i8: Int8 => i8, Value::Int8(it) => *it;
    get_i16: Int16 => i16, Value::Int16(it) => *it;
    get_i32: Int32 => i32, Value::Int32(it) => *it;
    get_i64: Int64 => i64, Value::Int64(it) => *it;
    get_f32: Float32 => f32, Value::Float32(it) => *it;
    get_f64: Float64 => f64, Value::Float64(it) => *it;
    get_text: String => &Text, Value::String(it) => it;
    get_bytes: Bytes => &Blob, Value::Bytes(it) => it;
    get_decimal: Bytes => &Decimal, Value::Decimal(it) => it;
    get_array: Array => &[Value], Value::Array(it) => it;
    get_map: Map => &Map, Value::Map(it) => it;
    get_struct: Struct => &Struct, Value::Struct(it) => it;
}

impl PartialEq for Struct {
    fn eq(&self, other: &Self) -> bool {
        self.schema == other.schema && self.values() == other.values()
    }
}

impl Eq for Struct {}

impl Hash for Struct {
    /// The values suffice: equal structs have equal values.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.values().hash(state);
    }
}

impl fmt::Debug for Struct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Struct")
            .field("schema", &self.schema)
            .field("values", &self.values())
            .finish()
    }
}

impl fmt::Display for Struct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        java_text::write_struct(f, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Schema, SchemaBuilder};

    fn schema() -> SchemaRef {
        let with_default = SchemaBuilder::new(Type::Int8)
            .optional()
            .default_value(3_i8)
            .build();
        SchemaBuilder::structure()
            .field("a", Schema::int32())
            .field("b", Schema::optional_string())
            .field("c", with_default.unwrap())
            .build()
            .unwrap()
    }

    #[test]
    fn defaults_stand_for_null_except_when_asked_without() {
        let record = Struct::new(&schema()).unwrap();

        assert_eq!(record.get("c").unwrap(), &Value::Int8(3));
        assert_eq!(record.get_without_default("c").unwrap(), &Value::Null);
        assert_eq!(record.get_i8("c").unwrap(), None);
    }

    #[test]
    fn wrong_fields_and_values_are_refused() {
        let mut record = Struct::new(&schema()).unwrap();
        let message = |result: Result<&mut Struct, DataError>| result.unwrap_err().to_string();

        assert_eq!(message(record.put("x", 1)), "x is not a valid field name");
        assert_eq!(
            message(record.put("a", "text")),
            "Invalid Java object for schema with type INT32: class java.lang.String for field: \"a\""
        );
        assert_eq!(
            message(record.put("a", Value::Null)),
            "Invalid value: null used for required field: \"a\", schema type: INT32"
        );
        assert_eq!(
            record.get_i64("a").unwrap_err().to_string(),
            "Field 'a' is not of type INT64"
        );
        assert_eq!(
            Struct::new(&Schema::string()).unwrap_err().to_string(),
            "Not a struct schema: Schema{STRING}"
        );
    }

    #[test]
    fn all_values_at_once_are_checked() {
        let text = Value::from("x");

        assert!(Struct::from_values(&schema(), vec![1.into(), text.clone(), Value::Null]).is_ok());
        assert!(Struct::from_values(&schema(), vec![Value::Null, text, Value::Null]).is_err());
        assert!(Struct::from_values(&schema(), vec![1.into()]).is_err());
    }

    #[test]
    fn fields_are_made_from_left_to_right() {
        let made = |first: Value| {
            Struct::from_fields(&schema(), |field| match field.name() {
                "a" => Ok(first.clone()),
                "b" => Ok("x".into()),
                _ => Err(DataError::data("no c")),
            })
        };

        assert_eq!(made(1.into()).unwrap_err().to_string(), "no c");
        assert_eq!(
            made(Value::Null).unwrap_err().to_string(),
            "Invalid value: null used for required field: \"a\", schema type: INT32"
        );
    }

    #[test]
    fn values_move_to_another_schema() {
        let other = SchemaBuilder::structure()
            .field("a", Schema::int64())
            .field("b", Schema::optional_string())
            .field("c", Schema::optional_int8())
            .field("d", Schema::optional_string())
            .build()
            .unwrap();
        let refitted = |widen: bool| {
            let mut record = Struct::new(&schema()).unwrap();
            record.put("a", 1).unwrap().put("b", "x").unwrap();
            let is_changed = |field: &Field| widen && field.name() == "a";
            let mut refit = Refit::new(&schema(), other.clone(), is_changed).unwrap();
            refit.apply(record, |_, value| {
                *value = value.as_i64().into();
                Ok::<_, DataError>(())
            })
        };

        assert_eq!(refitted(true).unwrap().to_string(), "Struct{a=1,b=x}");
        assert_eq!(
            refitted(false).unwrap_err().to_string(),
            "Invalid Java object for schema with type INT64: class java.lang.Integer for field: \"a\""
        );
    }

    #[test]
    fn further_fields_are_filled_and_those_of_others_refused() {
        let wider = SchemaBuilder::structure()
            .field("a", Schema::int32())
            .field("b", Schema::optional_string())
            .field("c", Schema::optional_int8())
            .field("d", Schema::string())
            .build()
            .unwrap();
        let mut refit = Refit::new(&schema(), wider.clone(), |_| false).unwrap();
        let of_others = refit.apply(Struct::new(&wider).unwrap(), |_, _| Ok::<_, DataError>(()));
        let mut extended = |further: Value| {
            let mut record = Struct::new(&schema()).unwrap();
            record.put("a", 1).unwrap();
            let keep = |_: &Field, _: &mut Value| Ok::<_, DataError>(());
            refit.apply_and_extend(record, keep, |_, value| {
                *value = further.clone();
                Ok(())
            })
        };

        assert_eq!(extended("x".into()).unwrap().to_string(), "Struct{a=1,d=x}");
        assert_eq!(extended(Value::Null).unwrap().to_string(), "Struct{a=1}");
        assert!(extended(1.into()).is_err());
        assert_eq!(
            of_others.unwrap_err().to_string(),
            "Struct schemas do not match."
        );
    }

    #[test]
    fn the_room_behind_the_values_is_seen_nowhere() {
        let schema = schema();
        let roomy = Struct::new(&schema).unwrap();
        let tight = Struct::from_values(&schema, vec![1.into(), Value::Null, Value::Null]).unwrap();
        let mut equal = roomy.clone();
        equal.put("a", 1).unwrap();

        assert!(equal.slots.len() > tight.slots.len());
        assert_eq!(equal, tight);
        assert_eq!(roomy.get_index(3), None);
        assert_eq!(roomy.iter().len(), 3);
        assert_eq!(format!("{equal:?}"), format!("{tight:?}"));
        assert_eq!(equal.into_values(), tight.into_values());
    }

    #[test]
    fn what_is_changed_in_place_must_fit() {
        let changed = |name: &str, to: Value| {
            let mut record = Struct::new(&schema()).unwrap();
            record.put("a", 1).unwrap().put("c", 2_i8).unwrap();
            let set = |_: &Field, value: &mut Value| {
                *value = to.clone();
                Ok::<_, DataError>(())
            };
            let mut refit = Refit::new(&schema(), schema(), |field| field.name() == name).unwrap();
            let done = refit.change(&mut record, set);
            done.map(|()| record.to_string())
                .map_err(|error| error.to_string())
        };

        assert_eq!(changed("c", Value::Null).unwrap(), "Struct{a=1}");
        assert!(changed("a", Value::Null).is_err());
        assert!(changed("a", "text".into()).is_err());
    }

    #[test]
    fn values_of_other_structs_fill_one_from_left_to_right() {
        let wider = SchemaBuilder::structure()
            .field("a", Schema::optional_int32())
            .field("b", Schema::optional_string())
            .build()
            .unwrap();
        let filled = |values: [Value; 2]| {
            let schema = schema();
            let mut made = Struct::filling(&wider)?;
            for (field, value) in schema.fields()?.iter().zip(values) {
                made.push(field, value)?;
            }
            Ok::<_, DataError>(made.finish().to_string())
        };

        assert_eq!(filled([1.into(), "x".into()]).unwrap(), "Struct{a=1,b=x}");
        assert_eq!(filled([Value::Null, "x".into()]).unwrap(), "Struct{b=x}");
        assert!(filled(["x".into(), "x".into()]).is_err());
        let mut empty = Struct::filling(&wider).unwrap();
        empty.skip(1);
        assert_eq!(empty.finish().to_string(), "Struct{}");
    }

    #[test]
    fn text_shows_set_fields_in_order() {
        let mut record = Struct::new(&schema()).unwrap();
        record.put("b", "x").unwrap().put("a", 1).unwrap();

        assert_eq!(record.to_string(), "Struct{a=1,b=x}");
    }
}
