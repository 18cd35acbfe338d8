//! The data model answers as the reference does.

#![expect(clippy::panic, reason = "an unknown operation must fail the test")]

use connect_core::data::{Text, values};
use connect_tests::vectors::{Failure, Mismatch, Vector, check_all, convert, model};

#[test]
fn data_model_vectors_hold() {
    check_all("data-model.json", check_data_model);
}

#[test]
fn values_vectors_hold() {
    check_all("values.json", check_values);
}

fn check_data_model(vector: &Vector) -> Result<(), Mismatch> {
    let entry = vector.json();
    match vector.text("op").expect("an operation") {
        "validate" => vector.expect_json(model::fits(entry)),
        "schemaEquals" => vector.expect_json(model::are_equal(entry)),
        "buildSchema" => {
            vector.expect_schema(model::optional(entry, "schema").map_err(Failure::from))
        }
        "encodeLogical" => vector.expect_value(None, model::to_base(entry)),
        "decodeLogical" => vector.expect_value(None, model::of_base(entry)),
        "project" => {
            let target = vector.schema("target").expect("a target");
            vector.expect_value(target.as_ref(), model::projected(entry))
        }
        other => panic!("unknown operation {other}"),
    }
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
