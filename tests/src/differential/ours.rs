//! Our side: the plugins, reached the way a worker reaches them.
#![expect(clippy::panic, reason = "a harness reports by failing the test")]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_converters as _;
use connect_core::config::Props;
use connect_core::converter::{ErasedConverter, Role};
use connect_core::data::{Blob, SchemaAndValue};
use connect_core::plugin::PluginEntry;
use connect_core::registry::PluginRegistry;
use connect_core::transform::ErasedTransform;
use connect_core::{ConnectError, data};
use connect_transforms as _;
use serde_json::{Value as Json, json};

use crate::vectors::{
    Elements, Failure, input_from_notation, record_to_notation, schema_from_notation,
    schema_to_notation, value_from_notation, value_to_notation,
};

const TOPIC: &str = "test";
const HEADER: &str = "header";

static PLUGINS: LazyLock<PluginRegistry> =
    LazyLock::new(|| PluginRegistry::from_inventory().expect("every plugin has its own name"));

/// What we make of a request.
///
/// # Errors
/// What we refuse.
///
/// # Panics
/// When it is no request.
pub fn answer(request: &Json) -> Result<Json, Failure> {
    match request["op"].as_str() {
        Some("transform") => {
            let record = input_from_notation(&request["record"]).expect("a record");
            let applied = transform(request)?.apply(record).map_err(Failure::apply)?;
            Ok(applied.as_ref().map_or(Json::Null, record_to_notation))
        }
        Some("encode") => {
            let schema = schema_from_notation(&request["schema"], Elements::Required);
            let schema = schema.expect("a schema");
            let value = value_from_notation(&request["value"], schema.as_ref()).expect("a value");
            let converter = converter(request)?;
            let mut bytes = Vec::new();
            let written = match is_header(request) {
                true => converter.from_connect_header(
                    TOPIC,
                    HEADER,
                    schema.as_ref(),
                    &value,
                    &mut bytes,
                ),
                false => converter.from_connect(TOPIC, schema.as_ref(), &value, &mut bytes),
            };
            let written = written.map_err(Failure::apply)?;
            Ok(match written {
                true => STANDARD.encode(bytes).into(),
                false => Json::Null,
            })
        }
        Some("decode") => {
            let bytes = request["bytes"].as_str();
            let bytes = bytes.map(|it| Blob::from(STANDARD.decode(it).expect("base64")));
            let converter = converter(request)?;
            let read = match is_header(request) {
                true => converter.to_connect_header(TOPIC, HEADER, bytes.as_ref()),
                false => converter.to_connect(TOPIC, bytes.as_ref()),
            };
            read.map(|it| data_notation(&it)).map_err(Failure::apply)
        }
        Some("parse") => {
            let text = request["text"].as_str().expect("a text");
            Ok(data_notation(&data::values::parse_string(&text.into())))
        }
        other => panic!("no operation: {other:?}"),
    }
}

fn data_notation(data: &SchemaAndValue) -> Json {
    json!({
        "schema": schema_to_notation(data.schema.as_ref()),
        "value": value_to_notation(&data.value),
    })
}

/// The transform of a request.
///
/// # Errors
/// When its configuration is refused.
///
/// # Panics
/// When there is none.
pub fn transform(request: &Json) -> Result<Box<dyn ErasedTransform>, Failure> {
    let name = request["class"].as_str().expect("a class");
    let plugin = PLUGINS.find(name).expect("the plugin is linked");
    let PluginEntry::Transform { new } = plugin.entry else {
        panic!("{name} transforms nothing")
    };
    let props = config(request);
    if let Err(errors) = (plugin.config.check)(&props) {
        let (_, first) = errors.iter().next().expect("a mistake");
        return Err(Failure::configure(ConnectError::config(first)));
    }
    new(&props).map_err(Failure::configure)
}

/// The converter of a request.
///
/// # Errors
/// When its configuration is refused.
///
/// # Panics
/// When there is none.
pub fn converter(request: &Json) -> Result<Box<dyn ErasedConverter>, Failure> {
    let name = request["class"].as_str().expect("a class");
    let role = match is_header(request) {
        true => Role::Header,
        false => Role::Value,
    };
    let plugin = PLUGINS.converter(name, role).expect("the plugin is linked");
    let PluginEntry::Converter { new, .. } = plugin.entry else {
        panic!("{name} converts nothing")
    };
    new(&config(request), role).map_err(Failure::configure)
}

fn is_header(request: &Json) -> bool {
    request["header"] == true
}

fn config(request: &Json) -> Props {
    let entries = request["config"].as_object().expect("a configuration");
    let text = |(key, value): (&String, &Json)| {
        let value = value.as_str().expect("settings are text");
        (key.clone(), value.to_owned())
    };
    entries.iter().map(text).collect()
}
