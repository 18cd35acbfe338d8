//! Projection: a value of one schema as a value of another that is compatible with it.

use super::values::Number;
use super::{DataError, Map, Parameters, Schema, SchemaRef, Struct, Type, Value};

/// Turns a value of the source schema into one of the target schema.
///
/// Numbers widen, fields of a struct that the target does not know are dropped, and fields that
/// the source does not know take their default. Version and documentation do not count.
///
/// # Errors
///
/// When the schemas are not compatible, or a field that is required has no value.
///
/// ```
/// use connect_core::data::{Schema, Value, project};
///
/// let wide = project(&Schema::int32(), &Value::from(5), &Schema::int64())?;
///
/// assert_eq!(wide, Value::Int64(5));
/// # Ok::<(), connect_core::data::DataError>(())
/// ```
pub fn project(source: &Schema, value: &Value, target: &SchemaRef) -> Result<Value, DataError> {
    check_compatible(source, target)?;
    if source.is_optional() && !target.is_optional() && target.default_value().is_none() {
        return Err(DataError::projector(
            "Writer schema is optional, however, target schema does not provide a default value.",
        ));
    }
    if value.is_null() {
        let needs_default = source.is_optional() && !target.is_optional();
        return Ok(target.default_value().filter(|_| needs_default).into());
    }
    match (target.kind(), value) {
        (Type::Struct, Value::Struct(it)) => project_struct(source, it, target).map(Value::Struct),
        (Type::Array, Value::Array(it)) => project_array(source, it, target).map(Value::Array),
        (Type::Map, Value::Map(it)) => project_map(source, it, target).map(Value::Map),
        (kind, _) => Ok(promote(value, kind)),
    }
}

fn check_compatible(source: &Schema, target: &Schema) -> Result<(), DataError> {
    let (from, to) = (source.kind(), target.kind());
    if from != to && !(from.is_number() && to.is_number() && from <= to) {
        return Err(DataError::projector(format!(
            "Schema type mismatch. source type: {from} and target type: {to}"
        )));
    }
    if source.name() != target.name() {
        return Err(DataError::projector(format!(
            "Schema name mismatch. source name: {} and target name: {}",
            source.name().unwrap_or("null"),
            target.name().unwrap_or("null")
        )));
    }
    if source.parameters() != target.parameters() {
        return Err(DataError::projector(format!(
            "Schema parameters not equal. source parameters: {} and target parameters: {}",
            parameters_text(source.parameters()),
            parameters_text(target.parameters())
        )));
    }
    Ok(())
}

fn parameters_text(parameters: Option<&Parameters>) -> String {
    let Some(parameters) = parameters else {
        return "null".to_owned();
    };
    let entries: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{{{}}}", entries.join(", "))
}

fn project_struct(source: &Schema, from: &Struct, target: &SchemaRef) -> Result<Struct, DataError> {
    let mut projected = Struct::new(target)?;
    for field in target.field_list() {
        let schema = field.schema();
        if let Some(source_field) = source.find_field(field.name()) {
            let value = project(source_field.schema(), from.get(field.name())?, schema).map_err(
                |cause| {
                    DataError::projector(format!("Error projecting {}", field.name()))
                        .caused_by(cause)
                },
            )?;
            projected.set_index(field.index(), value)?;
        } else if schema.is_optional() {
            continue;
        } else if let Some(default) = schema.default_value() {
            projected.set_index(field.index(), default)?;
        } else {
            return Err(DataError::projector(format!(
                "Required field `{}` is missing from source schema: {source}",
                field.name()
            )));
        }
    }
    Ok(projected)
}

fn project_array(
    source: &Schema,
    elements: &[Value],
    target: &Schema,
) -> Result<Vec<Value>, DataError> {
    let schemas = source.value_schema()?.zip(target.value_schema()?);
    elements
        .iter()
        .map(|element| project_nested(schemas, element))
        .collect()
}

fn project_map(source: &Schema, map: &Map, target: &Schema) -> Result<Map, DataError> {
    let key_schemas = source.key_schema()?.zip(target.key_schema()?);
    let value_schemas = source.value_schema()?.zip(target.value_schema()?);
    map.iter()
        .map(|(key, value)| {
            Ok((
                project_nested(key_schemas, key)?,
                project_nested(value_schemas, value)?,
            ))
        })
        .collect()
}

/// Source and target of what a container holds; none when either is partial.
type Schemas<'a> = Option<(&'a SchemaRef, &'a SchemaRef)>;

/// Elements of a partial schema are passed as they are.
fn project_nested(schemas: Schemas<'_>, value: &Value) -> Result<Value, DataError> {
    match schemas {
        Some((source, target)) => project(source, value, target),
        None => Ok(value.clone()),
    }
}

/// The number in the target's width; other values as they are.
fn promote(value: &Value, kind: Type) -> Value {
    let Some(number) = Number::of(value).filter(|_| kind.is_number()) else {
        return value.clone();
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "compatible schemas only widen"
    )]
    match kind {
        Type::Int8 => Value::Int8(number.to_i64() as i8),
        Type::Int16 => Value::Int16(number.to_i64() as i16),
        Type::Int32 => Value::Int32(number.to_i64() as i32),
        Type::Int64 => Value::Int64(number.to_i64()),
        Type::Float32 => Value::Float32(number.to_f32()),
        Type::Float64 => Value::Float64(number.to_f64()),
        Type::Boolean | Type::String | Type::Bytes | Type::Array | Type::Map | Type::Struct => {
            value.clone()
        }
    }
}
