//! Checks values against schemas.

use std::fmt;

use super::{DataError, Logical, Schema, SchemaRef, Type, Value};

/// Where in a value the check is; rendered only for a message.
pub(super) enum Location<'a> {
    Value,
    Field(&'a str),
    Element(&'a Location<'a>),
    Key(&'a Location<'a>),
    ValueOf(&'a Location<'a>),
}

impl fmt::Display for Location<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value => f.write_str("value"),
            Self::Field(name) => write!(f, "field: \"{name}\""),
            Self::Element(array) => write!(f, "element of array {array}"),
            Self::Key(map) => write!(f, "key of map {map}"),
            Self::ValueOf(map) => write!(f, "value of map {map}"),
        }
    }
}

/// Checks that a value is valid for a schema, all the way down.
///
/// A default does not make null valid. The scale of decimals and the range of dates and times are
/// not looked at; encoding them does that.
///
/// # Errors
///
/// The first place where the value does not fit.
pub fn validate_value(schema: &Schema, value: &Value) -> Result<(), DataError> {
    validate_at(schema, value, &Location::Value)
}

/// Most values are good and hold no others; that is told without a call.
#[inline]
pub(super) fn validate_at(
    schema: &Schema,
    value: &Value,
    location: &Location<'_>,
) -> Result<(), DataError> {
    let has_inside = matches!(value, Value::Array(_) | Value::Map(_) | Value::Struct(_));
    if !has_inside && has_kind_of(schema, value) {
        return Ok(());
    }
    validate_further(schema, value, location)
}

fn validate_further(
    schema: &Schema,
    value: &Value,
    location: &Location<'_>,
) -> Result<(), DataError> {
    if value.is_null() {
        return match schema.is_optional() {
            true => Ok(()),
            false => Err(DataError::data(format!(
                "Invalid value: null used for required {location}, schema type: {}",
                schema.kind()
            ))),
        };
    }
    if !has_kind_of(schema, value) {
        let name = schema
            .name()
            .map(|name| format!(" \"{name}\""))
            .unwrap_or_default();
        return Err(DataError::data(format!(
            "Invalid Java object for schema{name} with type {}: {} for {location}",
            schema.kind(),
            value.kind_name()
        )));
    }
    match value {
        Value::Struct(it) if !schema.accepts_struct(it) => {
            Err(DataError::data("Struct schemas do not match."))
        }
        _ => validate_inside(schema, value, location),
    }
}

/// Checks a default against a schema that is still being described: a struct needs the same
/// fields, not the same schema.
pub(super) fn validate_default(draft: &Schema, value: &Value) -> Result<(), DataError> {
    match value {
        Value::Struct(it) if draft.kind() == Type::Struct => {
            if it.schema().field_list() != draft.field_list() {
                return Err(DataError::data("Struct schemas do not match."));
            }
            it.validate()
        }
        _ => validate_at(draft, value, &Location::Value),
    }
}

fn validate_inside(
    schema: &Schema,
    value: &Value,
    location: &Location<'_>,
) -> Result<(), DataError> {
    match value {
        Value::Struct(it) => it.validate(),
        Value::Array(elements) => {
            let location = Location::Element(location);
            for element in elements {
                validate_nested(schema.value_schema()?, element, &location)?;
            }
            Ok(())
        }
        Value::Map(map) => {
            let (key_location, value_location) =
                (Location::Key(location), Location::ValueOf(location));
            for (key, value) in map {
                validate_nested(schema.key_schema()?, key, &key_location)?;
                validate_nested(schema.value_schema()?, value, &value_location)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn validate_nested(
    schema: Option<&SchemaRef>,
    value: &Value,
    location: &Location<'_>,
) -> Result<(), DataError> {
    let schema =
        schema.ok_or_else(|| DataError::data(format!("No schema defined for {location}")))?;
    validate_at(schema, value, location)
}

/// Whether the outermost kind of a value is the one that the schema asks for. A logical name wins
/// over the type.
pub(super) fn has_kind_of(schema: &Schema, value: &Value) -> bool {
    match schema.logical() {
        Some(Logical::Decimal) => matches!(value, Value::Decimal(_)),
        Some(Logical::Date | Logical::Time | Logical::Timestamp) => {
            matches!(value, Value::Instant(_))
        }
        None => value.kind() == Some(schema.kind()),
    }
}
