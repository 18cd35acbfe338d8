//! The two shapes that have fields: maps without a schema, and structs with theirs.

use std::fmt;
use std::mem;

use connect_core::data::{
    DataError, Field, Map, Schema, SchemaBuilder, SchemaRef, Struct, Type, Value,
};
use connect_core::{ConnectError, Result};

use crate::nulls::NullHandling;

/// The map that a value without a schema must be. The reference changes a copy.
pub(crate) fn into_map(value: Value, purpose: impl fmt::Display) -> Result<Map> {
    match value {
        Value::Map(it) => Ok(it.hashed()),
        other => Err(no_map(&other, purpose)),
    }
}

/// Says that a map was expected.
pub(crate) fn no_map(found: &Value, purpose: impl fmt::Display) -> ConnectError {
    ConnectError::data(format_args!(
        "Only Map objects supported in absence of schema for [{purpose}], found: {}",
        class_name(found)
    ))
}

/// The struct that a value with a schema must be. Its fields are those of that schema. Always inline:
/// a result that is handed on through memory is waited for.
#[inline(always)]
pub(crate) fn into_struct(
    schema: &SchemaRef,
    value: Value,
    purpose: impl fmt::Display,
) -> Result<Struct> {
    let Value::Struct(record) = value else {
        return Err(no_struct(&value, purpose));
    };
    if !schema.is_same(record.schema()) {
        expect_fields(schema, &record)?;
    }
    Ok(record)
}

#[cold]
fn expect_fields(schema: &Schema, record: &Struct) -> Result<()> {
    if schema.fields()? != record.schema().fields()? {
        return Err(DataError::data("Struct schemas do not match.").into());
    }
    Ok(())
}

/// Says that a struct was expected.
pub(crate) fn no_struct(found: &Value, purpose: impl fmt::Display) -> ConnectError {
    ConnectError::data(format_args!(
        "Only Struct objects supported for [{purpose}], found: {}",
        class_name(found)
    ))
}

/// Adds to an error, in its trace, which field it is about and what was wanted of it.
pub(crate) fn of_field(error: ConnectError, name: &str, wanted: impl fmt::Display) -> ConnectError {
    error.caused_by(format!("field {name}, wanted {wanted}"))
}

/// The same of an error about the whole key or value.
pub(crate) fn of_all(error: ConnectError, wanted: impl fmt::Display) -> ConnectError {
    error.caused_by(format!("wanted {wanted}"))
}

/// The fields of a schema.
///
/// # Errors
/// When it has none; the trace says what it is and what has to have them.
pub(crate) fn fields_of<'s>(schema: &'s Schema, purpose: &str) -> Result<&'s [Field]> {
    schema.fields().map_err(|error| {
        let found = schema.kind().name();
        of_all(
            error.into(),
            format_args!("a STRUCT for {purpose}, found {found}"),
        )
    })
}

fn class_name(value: &Value) -> &'static str {
    let name = value.kind_name();
    name.strip_prefix("class ").unwrap_or(name)
}

/// The name of a map's entry, as fields have it.
pub(crate) fn field_name(key: &Value) -> Result<&str> {
    key.as_str().ok_or_else(|| {
        ConnectError::data(format_args!(
            "the key {key} of a map is not the name of a field"
        ))
    })
}

/// Gives a schema that is being described the name, version, documentation and parameters of
/// another.
pub(crate) fn with_metadata_of(source: &Schema, builder: SchemaBuilder) -> SchemaBuilder {
    let parameters = source.parameters().into_iter().flatten();
    builder
        .name(source.name())
        .version(source.version())
        .doc(source.doc())
        .parameters(parameters)
}

/// Starts a schema with the type of another and what it has inside: fields, elements, keys.
pub(crate) fn like(source: &Schema) -> Result<SchemaBuilder, DataError> {
    Ok(match source.kind() {
        Type::Array => SchemaBuilder::array(source.value_schema()?.cloned()),
        Type::Map => {
            let values = source.value_schema()?.cloned();
            SchemaBuilder::map(source.key_schema()?.cloned(), values)
        }
        Type::Struct => {
            let fields = source.fields()?.iter();
            fields.fold(SchemaBuilder::structure(), |builder, field| {
                builder.field(field.name(), field.schema().clone())
            })
        }
        primitive => SchemaBuilder::new(primitive),
    })
}

/// Adds what makes null good: whether it is allowed, and what it stands for.
pub(crate) fn with_null(
    mut builder: SchemaBuilder,
    is_optional: bool,
    default: Option<&Value>,
) -> SchemaBuilder {
    if is_optional {
        builder = builder.optional();
    }
    match default {
        Some(default) => builder.default_value(default),
        None => builder,
    }
}

/// Some fields of a struct, in an order and with names of their own.
#[derive(Debug)]
pub(crate) struct Selection {
    /// Schema of the struct that they make.
    pub(crate) schema: SchemaRef,
    /// Their places in the struct that they come from.
    pub(crate) places: Vec<usize>,
}

impl Selection {
    /// Moves the fields out of a struct, whose values are given apart from its schema.
    pub(crate) fn take(
        &self,
        source: &Schema,
        values: &mut [Value],
        nulls: NullHandling,
    ) -> Result<Struct> {
        let fields = source.fields()?;
        let mut made = Struct::filling(&self.schema)?;
        for place in &self.places {
            let field = &fields[*place];
            made.push(field, nulls.read(field, mem::take(&mut values[*place])))?;
        }
        Ok(made.finish())
    }
}
