//! Data that does not come back as it was: one test for each line of the table in the README.

use connect_converters::{
    ByteArrayConverter, IntegerConverter, JsonConverter, SimpleHeaderConverter, StringConverter,
};
use connect_core::Converter;
use connect_core::data::{
    Map, Schema, SchemaAndValue, SchemaBuilder, SchemaRef, Struct, Value, values,
};

use crate::data::{converter, through};

/// A converter makes of data something else.
#[track_caller]
fn becomes<C: Converter>(
    settings: &[(&str, &str)],
    schema: impl Into<Option<SchemaRef>>,
    value: impl Into<Value>,
    expected: impl Into<(Option<SchemaRef>, Value)>,
) {
    let role = C::ROLES.last().copied().expect("a role");
    let data = SchemaAndValue {
        schema: schema.into(),
        value: value.into(),
    };

    let read = through(&converter::<C>(settings, role), &data);

    assert_eq!((read.schema, read.value), expected.into());
}

const BARE: &[(&str, &str)] = &[("schemas.enable", "false")];

#[test]
fn json_without_schemas_loses_the_schema_and_widens() {
    for (schema, value, expected) in [
        (Schema::int8(), Value::from(5_i8), Value::from(5_i64)),
        (
            Schema::float32(),
            Value::from(0.5_f32),
            Value::from(0.5_f64),
        ),
        (
            Schema::bytes(),
            Value::from(vec![1_u8, 2]),
            Value::from("AQI="),
        ),
        (Schema::timestamp(), Value::Instant(7), Value::from(7_i64)),
        (Schema::string(), Value::from("x"), Value::from("x")),
    ] {
        becomes::<JsonConverter>(BARE, schema, value, (None, expected));
    }
}

#[test]
fn json_without_schemas_makes_maps_of_structs() {
    let schema = SchemaBuilder::structure().field("a", Schema::optional_string());
    let schema = schema.build().unwrap();
    let record = Struct::new(&schema).unwrap();

    let map = Map::from([("a", Value::Null)]);
    becomes::<JsonConverter>(BARE, schema, record, (None, map.into()));
}

#[test]
fn json_makes_lists_of_maps_whose_keys_are_no_text() {
    let map = Map::from_iter([(Value::from(1_i64), Value::from("x"))]);

    let pairs = Value::from([Value::from([Value::from(1_i64), Value::from("x")])]);
    becomes::<JsonConverter>(BARE, None, map, (None, pairs));
}

#[test]
fn json_has_no_bytes_and_no_narrow_numbers_without_a_schema() {
    becomes::<JsonConverter>(&[], None, 5_i16, (None, Value::from(5_i64)));
    becomes::<JsonConverter>(&[], None, vec![1_u8, 2], (None, Value::from("AQI=")));
}

#[test]
fn json_reads_special_numbers_as_zero() {
    for special in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0] {
        let expected = (Some(Schema::float64()), Value::from(0.0_f64));
        becomes::<JsonConverter>(&[], Schema::float64(), special, expected);
    }
}

#[test]
fn json_puts_defaults_in_the_place_of_null_unless_told_otherwise() {
    let schema = SchemaBuilder::new(connect_core::data::Type::Int32).optional();
    let schema = schema.default_value(5).build().unwrap();

    let filled = (Some(schema.clone()), Value::from(5));
    becomes::<JsonConverter>(&[], schema.clone(), Value::Null, filled);
    let kept = (Some(schema.clone()), Value::Null);
    let settings = [("replace.null.with.default", "false")];
    becomes::<JsonConverter>(&settings, schema, Value::Null, kept);
}

#[test]
fn json_names_a_null_key_null() {
    let schema = Schema::map(Schema::optional_string(), Schema::int32());
    let map = Map::from_iter([(Value::Null, Value::from(1))]);

    let named = Map::from([("null", 1)]);
    becomes::<JsonConverter>(&[], schema.clone(), map, (Some(schema), named.into()));
}

#[test]
fn json_without_schemas_knows_one_null() {
    becomes::<JsonConverter>(
        BARE,
        Schema::optional_int32(),
        Value::Null,
        (None, Value::Null),
    );
}

#[test]
fn text_has_no_types() {
    for (value, text) in [
        (Value::from(5_i8), "5"),
        (Value::from(true), "true"),
        (Value::from(1.0_f64), "1.0"),
        (Value::from([1_i32, 2]), "[1, 2]"),
        (Value::from(Map::from([("a", 1)])), "{a=1}"),
    ] {
        let expected = (Some(Schema::optional_string()), Value::from(text));
        becomes::<StringConverter>(&[], None, value, expected);
    }
}

#[test]
fn narrow_character_sets_lose_characters() {
    for encoding in ["US-ASCII", "ISO-8859-1"] {
        let expected = (Some(Schema::optional_string()), Value::from("a?b"));
        let settings = [("converter.encoding", encoding)];
        becomes::<StringConverter>(&settings, Schema::optional_string(), "a\u{20ac}b", expected);
    }
}

#[test]
fn schemas_become_those_of_the_converter() {
    let named = SchemaBuilder::new(connect_core::data::Type::Int32).name("n");
    let expected = (Some(Schema::optional_int32()), Value::from(7));
    becomes::<IntegerConverter>(&[], named.build().unwrap(), 7, expected);
    let expected = (Some(Schema::optional_bytes()), Value::from(vec![7_u8]));
    becomes::<ByteArrayConverter>(&[], Schema::bytes(), vec![7_u8], expected);
}

#[test]
fn headers_guess_types() {
    for (schema, value) in [
        (Schema::int64(), Value::from(5_i64)),
        (Schema::float64(), Value::from(0.5_f64)),
        (Schema::string(), Value::from("5")),
        (Schema::string(), Value::from("5,6")),
        (Schema::string(), Value::from("2024-02-29")),
        (Schema::string(), Value::from("null")),
        (Schema::timestamp(), Value::Instant(0)),
        (Schema::bytes(), Value::from(vec![0_u8])),
        (
            Schema::array(Schema::string()),
            Value::from(["a \"quoted\" word"]),
        ),
    ] {
        let guessed = values::parse_string(&values::convert_to_string(&value).unwrap());
        assert_ne!(
            (guessed.schema.as_ref(), &guessed.value),
            (Some(&schema), &value)
        );
        let expected = (guessed.schema, guessed.value);
        becomes::<SimpleHeaderConverter>(&[], schema, value, expected);
    }
}
