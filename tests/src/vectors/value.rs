//! The notation of values: every value carries its own type.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_core::data::{DataError, Field, Map, SchemaRef, Struct, Value};
use serde_json::{Map as JsonMap, Value as Json, json};

use super::schema::{Elements, schema_from_notation, schema_to_notation};

/// The value that a notation stands for. A struct without a schema of its own is one of the
/// context, which is the schema that the value will be used with.
///
/// # Errors
///
/// When a struct in it does not fit its schema.
///
/// # Panics
///
/// When it is not the notation of a value.
pub fn value_from_notation(
    notation: &Json,
    context: Option<&SchemaRef>,
) -> Result<Value, DataError> {
    Ok(match notation {
        Json::Null => Value::Null,
        Json::Bool(it) => (*it).into(),
        Json::String(it) => it.into(),
        Json::Array(it) => {
            let element = context.and_then(|schema| schema.value_schema().ok().flatten());
            let elements: Result<Vec<Value>, DataError> = it
                .iter()
                .map(|element_json| value_from_notation(element_json, element))
                .collect();
            elements?.into()
        }
        Json::Object(it) => tagged(it, context)?,
        Json::Number(it) => panic!("a number without a type: {it}"),
    })
}

fn tagged(object: &JsonMap<String, Json>, context: Option<&SchemaRef>) -> Result<Value, DataError> {
    let (tag, json) = object
        .iter()
        .next()
        .expect("an object of a notation has a tag");
    Ok(match tag.as_str() {
        "i8" => i8::try_from(integer(json)).expect("8 bits").into(),
        "i16" => i16::try_from(integer(json)).expect("16 bits").into(),
        "i32" => i32::try_from(integer(json)).expect("32 bits").into(),
        "i64" => integer(json).into(),
        "date" => Value::Instant(integer(json)),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "rounds to the nearest float"
        )]
        "f32" => (float(json) as f32).into(),
        "f64" => float(json).into(),
        "bytes" => STANDARD.decode(text(json)).expect("base64").into(),
        "decimal" => Value::Decimal(Box::new(text(json).parse()?)),
        "map" => map(json, context)?.into(),
        "struct" => {
            let own = object.get("schema").unwrap_or(&Json::Null);
            let own = schema_from_notation(own, Elements::Required)?;
            let schema = own.as_ref().or(context).expect("a struct has a schema");
            structure(json, schema)?.into()
        }
        other => panic!("no tag of a value: {other}"),
    })
}

fn integer(json: &Json) -> i64 {
    json.as_i64()
        .unwrap_or_else(|| panic!("no 64-bit integer: {json}"))
}

fn float(json: &Json) -> f64 {
    match json {
        Json::String(name) => name.parse().expect("the name of a special number"),
        other => other
            .as_f64()
            .unwrap_or_else(|| panic!("no number: {other}")),
    }
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_else(|| panic!("no text: {json}"))
}

fn map(json: &Json, context: Option<&SchemaRef>) -> Result<Map, DataError> {
    let keys = context.and_then(|schema| schema.key_schema().ok().flatten());
    let values = context.and_then(|schema| schema.value_schema().ok().flatten());
    let entries = json.as_array().expect("a map is a list of pairs");
    entries
        .iter()
        .map(|pair| {
            Ok((
                value_from_notation(&pair[0], keys)?,
                value_from_notation(&pair[1], values)?,
            ))
        })
        .collect()
}

fn structure(json: &Json, schema: &SchemaRef) -> Result<Struct, DataError> {
    let mut made = Struct::new(schema)?;
    for (name, json) in json.as_object().expect("a struct is an object") {
        let field = schema.field(name)?;
        let value = value_from_notation(json, field.map(Field::schema))?;
        if !value.is_null() {
            made.put(name, value)?;
        }
    }
    Ok(made)
}

/// The notation of a value. Equal values have equal notations: entries of maps are sorted, structs
/// show their schema and all their fields, and floats are told apart by their bits.
#[must_use]
pub fn value_to_notation(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(it) => (*it).into(),
        Value::Int8(it) => json!({ "i8": it }),
        Value::Int16(it) => json!({ "i16": it }),
        Value::Int32(it) => json!({ "i32": it }),
        Value::Int64(it) => json!({ "i64": it }),
        Value::Float32(_) => json!({ "f32": value.to_string() }),
        Value::Float64(_) => json!({ "f64": value.to_string() }),
        Value::String(it) => it.as_str().into(),
        Value::Bytes(it) => json!({ "bytes": STANDARD.encode(it) }),
        Value::Decimal(it) => json!({ "decimal": it.to_string() }),
        Value::Instant(it) => json!({ "date": it }),
        Value::Array(it) => it.iter().map(value_to_notation).collect(),
        Value::Map(it) => {
            let mut entries: Vec<[Json; 2]> = it
                .iter()
                .map(|(key, value)| [value_to_notation(key), value_to_notation(value)])
                .collect();
            entries.sort_by_key(|[key, _]| key.to_string());
            json!({ "map": entries })
        }
        Value::Struct(it) => {
            let fields: JsonMap<String, Json> = it
                .iter()
                .map(|(field, value)| (field.name().to_owned(), value_to_notation(value)))
                .collect();
            json!({ "struct": fields, "schema": schema_to_notation(Some(it.schema())) })
        }
    }
}
