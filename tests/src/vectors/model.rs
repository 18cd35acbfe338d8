//! Schemas, and values under them: what the data model answers to an entry in notation.

use connect_core::data::{DataError, SchemaRef, Value, logical, project, validate_value};
use serde_json::Value as Json;

use super::{Elements, Failure, schema_from_notation, value_from_notation};

/// Whether the value fits the schema: `ok`.
///
/// # Errors
///
/// Why it does not.
pub fn fits(entry: &Json) -> Result<Json, Failure> {
    let schema = required(entry, "schema")?;
    let value = value_from_notation(&entry["value"], Some(&schema))?;
    validate_value(&schema, &value)?;
    Ok("ok".into())
}

/// Whether the schemas `a` and `b` are equal.
///
/// # Errors
///
/// When one of them cannot be built.
pub fn are_equal(entry: &Json) -> Result<Json, Failure> {
    Ok((optional(entry, "a")? == optional(entry, "b")?).into())
}

/// The stored form of a value under a logical schema.
///
/// # Errors
///
/// When the value has none.
pub fn to_base(entry: &Json) -> Result<Value, Failure> {
    let schema = required(entry, "schema")?;
    Ok(logical::encode(&schema, &plain(entry)?)?)
}

/// The value that a stored one stands for.
///
/// # Errors
///
/// When it stands for none.
pub fn of_base(entry: &Json) -> Result<Value, Failure> {
    let schema = required(entry, "schema")?;
    Ok(logical::decode(&schema, &plain(entry)?)?)
}

/// The value of the schema `source` as one of the schema `target`.
///
/// # Errors
///
/// When they are not compatible.
pub fn projected(entry: &Json) -> Result<Value, Failure> {
    let source = required(entry, "source")?;
    let value = value_from_notation(&entry["value"], Some(&source))?;
    Ok(project(&source, &value, &required(entry, "target")?)?)
}

/// A member in schema notation; incomplete schemas are refused.
///
/// # Errors
///
/// When the schema cannot be built.
pub fn optional(entry: &Json, member: &str) -> Result<Option<SchemaRef>, DataError> {
    schema_from_notation(&entry[member], Elements::Required)
}

fn required(entry: &Json, member: &str) -> Result<SchemaRef, DataError> {
    Ok(optional(entry, member)?.expect("a schema"))
}

fn plain(entry: &Json) -> Result<Value, DataError> {
    value_from_notation(&entry["value"], None)
}
