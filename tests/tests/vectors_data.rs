//! The data model answers as the reference does.

#![expect(clippy::panic, reason = "an unknown operation must fail the test")]

use connect_core::data::{
    DataError, Schema, SchemaRef, Text, Value, logical, project, validate_value, values,
};
use connect_tests::vectors::{Failure, Mismatch, Vector, check_all};
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

fn convert(
    operation: &str,
    from: Option<&Schema>,
    value: &Value,
    scale: i32,
) -> Result<Value, DataError> {
    Ok(match operation {
        "convertToString" => values::convert_to_string(value).into(),
        "convertToBoolean" => values::convert_to_boolean(from, value)?.into(),
        "convertToByte" => values::convert_to_i8(from, value)?.into(),
        "convertToShort" => values::convert_to_i16(from, value)?.into(),
        "convertToInteger" => values::convert_to_i32(from, value)?.into(),
        "convertToLong" => values::convert_to_i64(from, value)?.into(),
        "convertToFloat" => values::convert_to_f32(from, value)?.into(),
        "convertToDouble" => values::convert_to_f64(from, value)?.into(),
        "convertToList" => values::convert_to_list(value)?.into(),
        "convertToMap" => values::convert_to_map(value)?.into(),
        "convertToStruct" => values::convert_to_struct(value)?.into(),
        "convertToDate" => Value::Instant(values::convert_to_date(from, value)?),
        "convertToTime" => Value::Instant(values::convert_to_time(from, value)?),
        "convertToTimestamp" => Value::Instant(values::convert_to_timestamp(from, value)?),
        "convertToDecimal" => values::convert_to_decimal(value, scale)?.into(),
        other => panic!("unknown operation {other}"),
    })
}
