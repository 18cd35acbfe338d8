//! The data model answers as the reference does.

#![expect(clippy::panic, reason = "an unknown operation must fail the test")]

use connect_core::data::{
    DataError, Schema, SchemaRef, Text, Value, logical, project, validate_value, values,
};
use connect_tests::vectors::{Failure, Mismatch, Vector, check_all, convert};
use serde_json::Value as Json;

#[test]
fn data_model_vectors_hold() {
    check_all("data-model.json", check_data_model);
}

#[test]
fn values_vectors_hold() {
    check_all("values.json", check_values);
}

fn check_data_model(vector: &Vector) -> Result<(), Mismatch> {
    match vector.text("op").expect("an operation") {
        "validate" => vector.expect_json(validate(vector)),
        "schemaEquals" => vector.expect_json(schemas_are_equal(vector)),
        "buildSchema" => vector.expect_schema(vector.schema("schema").map_err(Failure::from)),
        "encodeLogical" => vector.expect_value(None, logical(vector, logical::encode)),
        "decodeLogical" => vector.expect_value(None, logical(vector, logical::decode)),
        "project" => {
            let target = vector.schema("target").expect("a target");
            vector.expect_value(target.as_ref(), projection(vector))
        }
        other => panic!("unknown operation {other}"),
    }
}

fn required(vector: &Vector, member: &str) -> Result<SchemaRef, DataError> {
    Ok(vector.schema(member)?.expect("a schema"))
}

fn validate(vector: &Vector) -> Result<Json, Failure> {
    let schema = required(vector, "schema")?;
    validate_value(&schema, &vector.value("value", Some(&schema))?)?;
    Ok("ok".into())
}

fn schemas_are_equal(vector: &Vector) -> Result<Json, Failure> {
    Ok((vector.schema("a")? == vector.schema("b")?).into())
}

fn logical(
    vector: &Vector,
    convert: impl FnOnce(&Schema, &Value) -> Result<Value, DataError>,
) -> Result<Value, Failure> {
    let schema = required(vector, "schema")?;
    Ok(convert(&schema, &vector.value("value", None)?)?)
}

fn projection(vector: &Vector) -> Result<Value, Failure> {
    let source = required(vector, "source")?;
    let value = vector.value("value", Some(&source))?;
    Ok(project(&source, &value, &required(vector, "target")?)?)
}

fn check_values(vector: &Vector) -> Result<(), Mismatch> {
    let schema = vector.schema("schema").expect("a schema");
    let value = vector.value("value", schema.as_ref()).expect("a value");
    match vector.text("op").expect("an operation") {
        "parseString" => {
            let parsed = vector
                .text("string")
                .map(|text| values::parse_string(&Text::from(text)));
            vector.expect_schema_and_value(Ok(parsed.unwrap_or_default()))
        }
        "inferSchema" => vector.expect_schema(Ok(values::infer_schema(&value))),
        operation => {
            let scale = vector.get("scale").as_i64().unwrap_or_default();
            let scale = i32::try_from(scale).expect("a scale has 32 bits");
            let converted = convert(operation, schema.as_deref(), &value, scale);
            vector.expect_value(None, converted.map_err(Failure::from))
        }
    }
}
