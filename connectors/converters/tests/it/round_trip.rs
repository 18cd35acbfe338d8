//! What is written and read again is what it was, where the format allows it; `exceptions` shows
//! where it does not.

use connect_converters::{
    BooleanConverter, ByteArrayConverter, DoubleConverter, FloatConverter, IntegerConverter,
    JsonConverter, LongConverter, ShortConverter, SimpleHeaderConverter, StringConverter,
};
use connect_core::data::{Blob, Schema, SchemaAndValue, SchemaRef, Value};
use connect_core::{Converter, Role};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::data::{
    bytes, converter, finite_f32, finite_f64, read_in_place, through, with_schema, without_schema,
};

#[track_caller]
fn comes_back<C: Converter>(schema: SchemaRef, value: impl Into<Value>) {
    let data = SchemaAndValue::new(schema, value);
    for role in [Role::Key, Role::Value, Role::Header] {
        assert_eq!(through(&converter::<C>(&[], role), &data), data);
    }
}

proptest! {
    #[test]
    fn json_keeps_data_with_its_schema(data in with_schema()) {
        for format in ["BASE64", "NUMERIC"] {
            let json: JsonConverter = converter(&[("decimal.format", format)], Role::Value);

            prop_assert_eq!(through(&json, &data), data.clone());
            // The second time from what was remembered.
            prop_assert_eq!(through(&json, &data), data.clone());
        }
    }

    #[test]
    fn json_keeps_data_that_has_no_schema(value in without_schema()) {
        let data = SchemaAndValue::schemaless(value);
        for enabled in ["true", "false"] {
            let json: JsonConverter = converter(&[("schemas.enable", enabled)], Role::Value);

            // Names are remembered from the second time on.
            for _ in 0..3 {
                prop_assert_eq!(through(&json, &data), data.clone());
            }
        }
    }

    #[test]
    fn text_keeps_every_text(text in any::<String>()) {
        for encoding in ["UTF-8", "UTF-16", "UTF-16BE", "UTF-16LE"] {
            let settings = [("converter.encoding", encoding)];
            let string: StringConverter = converter(&settings, Role::Key);
            let data = SchemaAndValue::new(Schema::optional_string(), text.as_str());

            prop_assert_eq!(through(&string, &data), data);
        }
    }

    #[test]
    fn any_bytes_are_the_same_text_in_place(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let string: StringConverter = converter(&[], Role::Value);
        let data = Some(Blob::from(bytes));

        let read = string.to_connect("t", data.as_ref()).unwrap();

        prop_assert_eq!(read_in_place(&string, data.as_ref()), read);
    }

    #[test]
    fn a_place_stays_as_it_was_when_nothing_can_be_read(data in with_schema(), cut in any::<Index>()) {
        for enabled in ["true", "false"] {
            let json: JsonConverter = converter(&[("schemas.enable", enabled)], Role::Value);
            let mut bytes = Vec::new();
            json.from_connect("t", data.schema.as_ref(), &data.value, &mut bytes).unwrap();
            // Schemas and names are remembered from here on.
            json.to_connect("t", Some(&bytes.as_slice().into())).unwrap();
            let cut = Some(Blob::from(&bytes[..cut.index(bytes.len())]));
            let old = SchemaAndValue::new(Schema::int32(), vec![Value::from("old")]);
            let mut place = old.clone();

            let read = json.to_connect("t", cut.as_ref());
            let places = (&mut place.schema, &mut place.value);
            let read_in_place = json.to_connect_in_place("t", cut.as_ref(), places);

            prop_assert_eq!(read_in_place.is_ok(), read.is_ok());
            prop_assert_eq!(place, read.unwrap_or(old));
        }
    }

    #[test]
    fn bytes_are_kept(bytes in bytes()) {
        comes_back::<ByteArrayConverter>(Schema::optional_bytes(), bytes);
    }

    #[test]
    fn numbers_are_kept(
        short in any::<i16>(),
        integer in any::<i32>(),
        long in any::<i64>(),
        float in finite_f32(),
        double in finite_f64(),
    ) {
        comes_back::<ShortConverter>(Schema::optional_int16(), short);
        comes_back::<IntegerConverter>(Schema::optional_int32(), integer);
        comes_back::<LongConverter>(Schema::optional_int64(), long);
        comes_back::<FloatConverter>(Schema::optional_float32(), float);
        comes_back::<DoubleConverter>(Schema::optional_float64(), double);
    }

    /// Text that begins like a word is no literal, unless it is a word of the language.
    #[test]
    fn headers_keep_words(word in "[a-zA-Z][a-zA-Z0-9 _.:-]{0,12}") {
        prop_assume!(!["true", "false", "null"].contains(&word.trim()));
        let headers: SimpleHeaderConverter = converter(&[], Role::Header);
        let data = SchemaAndValue::new(Schema::string(), word);

        prop_assert_eq!(through(&headers, &data), data);
    }

    /// What a header was read as is written and read as the same from then on, but for text in
    /// containers: its quotes gain a backslash each time.
    #[test]
    fn headers_settle(text in "[\\[\\]{},: 0-9a-z.-]{0,12}") {
        let headers: SimpleHeaderConverter = converter(&[], Role::Header);
        let once = through(&headers, &SchemaAndValue::new(Schema::string(), text));

        let twice = through(&headers, &once);
        prop_assert_eq!(through(&headers, &twice), twice);
    }
}

#[test]
fn special_numbers_and_null_are_kept() {
    comes_back::<FloatConverter>(Schema::optional_float32(), f32::NEG_INFINITY);
    comes_back::<FloatConverter>(Schema::optional_float32(), -0.0_f32);
    comes_back::<DoubleConverter>(Schema::optional_float64(), f64::NAN);
    comes_back::<DoubleConverter>(Schema::optional_float64(), -0.0);
    for truth in [Some(true), Some(false), None] {
        comes_back::<BooleanConverter>(Schema::optional_boolean(), truth);
    }
    comes_back::<LongConverter>(Schema::optional_int64(), None::<i64>);
    comes_back::<ByteArrayConverter>(Schema::optional_bytes(), None::<Vec<u8>>);
    comes_back::<StringConverter>(Schema::optional_string(), None::<String>);
}
