//! The converters answer as the reference does, reached the way a worker reaches them.

#![expect(clippy::panic, reason = "an unknown operation must fail the test")]

use connect_converters as _;
use connect_core::config::Props;
use connect_core::converter::{ErasedConverter, Role};
use connect_core::data::Blob;
use connect_core::plugin::PluginEntry;
use connect_core::registry::PluginRegistry;
use connect_tests::vectors::{
    Failure, Mismatch, Vector, bytes_from_notation, check_all, check_each, load,
};

const TOPIC: &str = "test";
const HEADER: &str = "header";
const JSON_CONVERTER: &str = "org.apache.kafka.connect.json.JsonConverter";

#[test]
fn json_vectors_hold() {
    check_all("json-converter.json", |vector| {
        check(vector, &new_converter(vector))
    });
}

/// A schema that is known from an earlier message or record takes other paths.
#[test]
fn json_vectors_hold_when_schemas_are_cached() {
    let vectors = load("json-converter.json");
    let without_options = |vector: &&Vector| vector.config().is_empty();
    let vectors: Vec<&Vector> = vectors.iter().filter(without_options).collect();
    let Some(first) = vectors.first() else {
        // Another folder may have none.
        return;
    };
    let converter = new_converter(first);

    for _ in 0..2 {
        check_each("json-converter.json", vectors.iter().copied(), |vector| {
            check(vector, &converter).and_then(|()| check(vector, &converter))
        });
    }
}

#[test]
fn simple_converters_vectors_hold() {
    check_all("simple-converters.json", |vector| {
        check(vector, &new_converter(vector))
    });
}

type Made = Result<Box<dyn ErasedConverter>, Failure>;

fn new_converter(vector: &Vector) -> Made {
    let is_header = vector.text("op").is_some_and(|it| it.ends_with("Header"));
    let role = match vector.get("isKey").as_bool() {
        _ if is_header => Role::Header,
        Some(true) => Role::Key,
        _ => Role::Value,
    };
    let registry = PluginRegistry::from_inventory().expect("every plugin has its own name");
    let name = vector.text("converter").unwrap_or(JSON_CONVERTER);
    let plugin = registry
        .converter(name, role)
        .expect("the converter is linked");
    let PluginEntry::Converter { new, .. } = plugin.entry else {
        panic!("{name} does not convert")
    };
    let props: Props = vector.config().into_iter().collect();
    new(&props, role).map_err(Failure::configure)
}

fn check(vector: &Vector, converter: &Made) -> Result<(), Mismatch> {
    let operation = vector.text("op").expect("an operation");
    let converter = match converter {
        Ok(converter) => converter,
        Err(failure) => return vector.expect_bytes(Err(failure.clone())),
    };
    if operation.starts_with("from") {
        let schema = vector.schema("schema").expect("a schema");
        let value = vector.value("value", schema.as_ref()).expect("a value");
        let mut bytes = Vec::new();
        let written = match operation {
            "fromConnectData" => converter.from_connect(TOPIC, schema.as_ref(), &value, &mut bytes),
            "fromConnectHeader" => {
                converter.from_connect_header(TOPIC, HEADER, schema.as_ref(), &value, &mut bytes)
            }
            other => panic!("unknown operation {other}"),
        };
        let written = written
            .map(|it| it.then_some(bytes))
            .map_err(Failure::apply);
        return vector.expect_bytes(written);
    }
    let bytes = bytes_from_notation(vector.get("bytes")).map(Blob::from);
    let read = match operation {
        "toConnectData" => converter.to_connect(TOPIC, bytes.as_ref()),
        "toConnectHeader" => converter.to_connect_header(TOPIC, HEADER, bytes.as_ref()),
        other => panic!("unknown operation {other}"),
    };
    vector.expect_schema_and_value(read.map_err(Failure::apply))
}
