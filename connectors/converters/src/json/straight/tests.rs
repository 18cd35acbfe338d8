//! Both readers make the same of a message.

use connect_core::data::{Schema, SchemaBuilder};

use super::*;
use crate::json::decode::Decoder;
use crate::json::document::Document;
use crate::json::syntax::Reader;
use crate::json::valid_text;

fn straight(
    shapes: &mut Shapes,
    schema: Option<&SchemaRef>,
    json: impl AsRef<[u8]>,
) -> Option<Value> {
    let message = Blob::from(json.as_ref());
    let mut value = Value::Null;
    let read = Straight::new(&message, true, shapes).document(schema, &mut value);
    read.map(|()| value)
}

/// What is read by way of nodes.
fn by_nodes(schema: Option<&SchemaRef>, json: impl AsRef<[u8]>) -> Option<Value> {
    let message = Blob::from(json.as_ref());
    let text = valid_text(&message);
    let mut nodes = Vec::new();
    let mut reader = Reader::new(&message, text.len(), &mut nodes);
    reader.document().ok()?;
    let document = Document {
        text,
        message: &message,
        nodes: &nodes,
    };
    let decoder = Decoder {
        document,
        replace_null_with_default: true,
    };
    decoder.value(schema, 0).ok()
}

fn order() -> SchemaRef {
    SchemaBuilder::structure()
        .field("id", Schema::int64())
        .field("small", Schema::int8())
        .field("price", Schema::float64())
        .field("rate", Schema::optional_float32())
        .field("paid", Schema::boolean())
        .field("total", Schema::decimal(2))
        .field("day", Schema::date())
        .field("tags", Schema::array(Schema::optional_string()))
        .field("by name", Schema::map(Schema::string(), Schema::int32()))
        .build()
        .unwrap()
}

#[test]
fn whatever_is_made_is_made_by_way_of_nodes_as_well() {
    let order = order();
    let words = Schema::map(Schema::string(), Schema::optional_string());
    let mut shapes = Shapes::default();
    let (mut made, mut given_up) = (0, 0);
    for json in [
        r#"{"a":1,"b":{"a":[1,2.50,-3,true,null,"x"],"c":{}},"d":[]} x"#,
        r#"{"a":1,"b":{"a":[1,2.50,-3,true,null,"x"],"e":{}},"d":[]}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"b":2,"a":3}"#,
        r#"{ "a" : [ 0 , -12.5 , 900719925474099.5, 12345678901234567.8 ] }"#,
        r#"["more bytes than are kept in place", "short"]"#,
        r#"{"more bytes than are kept in place":1,"b":2}"#,
        r#"["\u0041"]"#,
        r#"{"é":"ein zähes Stück","☃":["ß und mehr Zeichen als an ihrem Platz bleiben","é"]}"#,
        r#"[-0]"#,
        r#"[-0.0]"#,
        r#"[00]"#,
        r#"[1.]"#,
        r#"[1e5]"#,
        r#"[truex]"#,
        r#"[nullx]"#,
        r#"[1234567890123456789012]"#,
        r#"{"a":1,}"#,
        r#"{"a" 1}"#,
        r#"[1"#,
        r#"["a"#,
        r#"5"#,
        r#"{"id":1,"small":300,"price":1,"rate":0.1,"paid":true,"total":"BEY=","day":3,"tags":["a",null],"by name":{"x":1}}"#,
    ] {
        for schema in [None, Some(&order), Some(&words)] {
            let Some(value) = straight(&mut shapes, schema, json) else {
                given_up += 1;
                continue;
            };
            made += 1;
            let expected = by_nodes(schema, json).unwrap_or_default();
            assert_eq!(value, expected, "{json}");
            assert_eq!(value.kind_name(), expected.kind_name(), "{json}");
        }
    }
    assert!(made > 5 && given_up > 5);
}

#[test]
fn nothing_is_made_of_bytes_that_are_no_text() {
    let long = "more bytes than are kept in place";
    let mut shapes = Shapes::default();
    for json in [
        &[
            br#"{"a":"x"#,
            &b"\xff"[..],
            br#"","b":"and more behind it"}"#,
        ]
        .concat(),
        &[br#"{"a":""#, long.as_bytes(), &b"\xff"[..], br#"","b":1}"#].concat(),
        &[br#"{"a"#, &b"\xff"[..], br#"":"x","b":1}"#].concat(),
        &[br#"{"a":"x","b":""#, &b"\xe2\x98"[..], br#""}"#].concat(),
        &[br#"{"a":"#, &b"\xff"[..], br#","b":1}"#].concat(),
    ] {
        assert!(straight(&mut shapes, None, r#"{"a":"x","b":1}"#).is_some());

        assert_eq!(
            straight(&mut shapes, None, json),
            None,
            "{}",
            json.escape_ascii()
        );
    }
}

#[test]
fn bytes_behind_the_message_may_be_anything() {
    let mut shapes = Shapes::default();
    for json in [
        &b"[1]\xff"[..],
        b"{\"a\":\"x\"}\xe2\x98",
        b"[\"x\"] \xff\xff",
    ] {
        let made = straight(&mut shapes, None, json);

        assert!(made.is_some());
        assert_eq!(made, by_nodes(None, json), "{}", json.escape_ascii());
    }
}

#[test]
fn objects_may_change_from_message_to_message() {
    let mut shapes = Shapes::default();
    for json in [
        r#"{"a":1,"b":{"c":1}}"#,
        r#"{"a":1,"b":{"c":2}}"#,
        r#"{"a":1}"#,
        r#"{"a":1,"b":{"c":1,"c":2},"d":1}"#,
        r#"{"b":1,"a":{"d":2}}"#,
        r#"{"b":1,"a":{"d":2},"e":{"f":{}}}"#,
    ] {
        let made = straight(&mut shapes, None, json);

        assert_eq!(made, by_nodes(None, json), "{json}");
        assert!(made.is_some(), "{json}");
    }
}

#[test]
fn a_name_that_looks_like_members_is_not_taken_for_them() {
    let schema = SchemaBuilder::structure()
        .field(r#"a":1,"b"#, Schema::int32())
        .build()
        .unwrap();
    let mut shapes = Shapes::default();

    assert_eq!(
        straight(&mut shapes, Some(&schema), r#"{"a":1,"b":2}"#),
        None
    );
}

#[test]
fn an_envelope_is_read_when_its_schema_is_known() {
    let schema = Schema::int32();
    let mut shapes = Shapes::default();
    let mut read = |json: &str| {
        let message = Blob::from(json.as_bytes());
        let reader = Straight::new(&message, true, &mut shapes);
        let mut value = Value::Null;
        let read = reader.envelope(&schema, br#"{"type":"int32"}"#, &mut value);
        read.map(|()| value)
    };

    let known = r#"{"schema":{"type":"int32"},"payload":7}"#;
    assert_eq!(read(known), Some(Value::Int32(7)));
    assert_eq!(read(r#"{"schema":{"type":"int8"},"payload":7}"#), None);
    assert_eq!(read(r#"{"payload":7,"schema":{"type":"int32"}}"#), None);
    assert_eq!(
        read(r#"{"schema":{"type":"int32"},"payload":7,"x":1}"#),
        None
    );
}
