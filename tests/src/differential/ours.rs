//! Our side: the plugins, reached the way a worker reaches them.
#![expect(clippy::panic, reason = "a harness reports by failing the test")]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_converters as _;
use connect_core::config::Props;
use connect_core::converter::{ErasedConverter, Role};
use connect_core::data::{Blob, SchemaAndValue, SchemaRef, Value};
use connect_core::plugin::{PluginDescriptor, PluginEntry};
use connect_core::registry::PluginRegistry;
use connect_core::transform::ErasedTransform;
use connect_core::{ConnectError, data};
use connect_transforms as _;
use serde_json::{Value as Json, json};

use crate::vectors::{
    Elements, Failure, convert, input_from_notation, model, record_to_notation,
    schema_from_notation, schema_to_notation, value_from_notation, value_to_notation,
};

const TOPIC: &str = "test";
const HEADER: &str = "header";

static PLUGINS: LazyLock<PluginRegistry> =
    LazyLock::new(|| PluginRegistry::from_inventory().expect("every plugin has its own name"));

/// What is said of one thing: what becomes of it, or why nothing does.
pub type Told = Result<Json, Failure>;

/// What we make of a request.
#[derive(Debug)]
pub enum Answer {
    /// One thing.
    One(Told),
    /// One thing for each record, by one instance.
    Many(Vec<Told>),
}

/// What we make of a request.
///
/// # Panics
/// When it is no request.
#[must_use]
pub fn answer(request: &Json) -> Answer {
    match request["op"].as_str() {
        Some("transform") => match transform(request) {
            Ok(mut made) => Answer::Many(transformed(made.as_mut(), request)),
            Err(failure) => Answer::One(Err(failure)),
        },
        Some("test") => Answer::One(test(request)),
        Some("validate") => Answer::One(Ok(validated(request))),
        Some("encode") => Answer::One(encoded(request)),
        Some("decode") => Answer::One(decoded(request)),
        Some("parse") => {
            let text = request["text"].as_str().expect("a text");
            let parsed = data::values::parse_string(&text.into());
            Answer::One(Ok(data_notation(&parsed)))
        }
        Some("infer") => {
            let (_, value) = data_of(request);
            let schema = data::values::infer_schema(&value);
            Answer::One(Ok(schema_to_notation(schema.as_ref())))
        }
        Some("convert") => Answer::One(converted(request)),
        Some("build") => {
            let built = model::optional(request, "schema");
            let shown = built.map(|it| schema_to_notation(it.as_ref()));
            Answer::One(shown.map_err(Failure::from))
        }
        Some("equal") => Answer::One(model::are_equal(request)),
        Some("fits") => Answer::One(model::fits(request)),
        Some("toBase") => Answer::One(model::to_base(request).map(|it| value_to_notation(&it))),
        Some("ofBase") => Answer::One(model::of_base(request).map(|it| value_to_notation(&it))),
        Some("project") => Answer::One(model::projected(request).map(|it| value_to_notation(&it))),
        other => panic!("no operation: {other:?}"),
    }
}

fn transformed(made: &mut dyn ErasedTransform, request: &Json) -> Vec<Told> {
    let records = request["records"].as_array().expect("records");
    let apply = |notation: &Json| {
        let mut record = input_from_notation(notation).map_err(Failure::apply)?;
        let is_kept = made.apply(&mut record).map_err(Failure::apply)?;
        Ok(match is_kept {
            true => record_to_notation(&record),
            false => Json::Null,
        })
    };
    records.iter().map(apply).collect()
}

fn test(request: &Json) -> Told {
    let plugin = plugin(request);
    let PluginEntry::Predicate { new } = plugin.entry else {
        panic!("{} is no predicate", plugin.info.name)
    };
    let mut predicate = configured(plugin, request, new)?;
    let record = input_from_notation(&request["record"]).expect("a record");
    predicate
        .test(&record)
        .map(Json::from)
        .map_err(Failure::apply)
}

/// What is said of every key of a configuration.
fn validated(request: &Json) -> Json {
    let values = (plugin(request).config.validate)(&config(request)).into_iter();
    let shown = values.map(|it| {
        let said = json!({"value": it.value, "errors": it.errors});
        (it.name, said)
    });
    shown.collect()
}

/// The bytes of data, in base64.
///
/// # Errors
/// When the converter refuses its configuration or the data.
///
/// # Panics
/// When it is no request.
pub fn encoded(request: &Json) -> Told {
    let (schema, value) = data_of(request);
    let converter = converter(request)?;
    last_of(request, || {
        let mut bytes = Vec::new();
        let written = match role(request) {
            Role::Header => {
                converter.from_connect_header(TOPIC, HEADER, schema.as_ref(), &value, &mut bytes)
            }
            Role::Key | Role::Value => {
                converter.from_connect(TOPIC, schema.as_ref(), &value, &mut bytes)
            }
        };
        Ok(match written.map_err(Failure::apply)? {
            true => STANDARD.encode(bytes).into(),
            false => Json::Null,
        })
    })
}

/// The answer of the last round.
fn last_of(request: &Json, mut answer: impl FnMut() -> Told) -> Told {
    for _ in 1..request["rounds"].as_u64().unwrap_or(1) {
        // What it is counts only in the last round.
        let _ = answer();
    }
    answer()
}

fn decoded(request: &Json) -> Told {
    let bytes = request["bytes"].as_str();
    let bytes = bytes.map(|it| Blob::from(STANDARD.decode(it).expect("base64")));
    let converter = converter(request)?;
    last_of(request, || {
        let read = match role(request) {
            Role::Header => converter.to_connect_header(TOPIC, HEADER, bytes.as_ref()),
            Role::Key | Role::Value => converter.to_connect(TOPIC, bytes.as_ref()),
        };
        read.map(|it| data_notation(&it)).map_err(Failure::apply)
    })
}

fn converted(request: &Json) -> Told {
    let (schema, value) = data_of(request);
    let function = request["function"].as_str().expect("a function");
    let scale = request["scale"].as_i64().unwrap_or_default();
    let scale = i32::try_from(scale).expect("a scale has 32 bits");
    let converted = convert(function, schema.as_deref(), &value, scale);
    Ok(value_to_notation(&converted.map_err(Failure::from)?))
}

fn data_of(request: &Json) -> (Option<SchemaRef>, Value) {
    let schema = schema_from_notation(&request["schema"], Elements::Required);
    let schema = schema.expect("a schema");
    let value = value_from_notation(&request["value"], schema.as_ref()).expect("a value");
    (schema, value)
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
    let plugin = plugin(request);
    let PluginEntry::Transform { new } = plugin.entry else {
        panic!("{} transforms nothing", plugin.info.name)
    };
    configured(plugin, request, new)
}

/// The converter of a request.
///
/// # Errors
/// When its configuration is refused.
///
/// # Panics
/// When there is none.
pub fn converter(request: &Json) -> Result<Box<dyn ErasedConverter>, Failure> {
    let role = role(request);
    let plugin = PLUGINS.converter(class(request), role);
    let plugin = plugin.expect("the plugin is linked");
    let PluginEntry::Converter { new, .. } = plugin.entry else {
        panic!("{} converts nothing", plugin.info.name)
    };
    let mut config = config(request);
    // A worker says what it wants the converter for.
    config.insert("converter.type", Some(role.as_str().to_owned()));
    new(&config, role).map_err(Failure::configure)
}

/// Makes a plugin. The reference stops at the first mistake of a configuration, so only that one is
/// compared.
fn configured<T>(
    plugin: &PluginDescriptor,
    request: &Json,
    new: impl Fn(&Props) -> Result<T, ConnectError>,
) -> Result<T, Failure> {
    let props = config(request);
    if let Err(errors) = (plugin.config.check)(&props) {
        let (_, first) = errors.iter().next().expect("a mistake");
        return Err(Failure::configure(ConnectError::config(first)));
    }
    new(&props).map_err(Failure::configure)
}

/// The keys that a plugin defines.
pub(super) fn keys_of(class: &str) -> Vec<String> {
    let plugin = PLUGINS.find(class).expect("the plugin is linked");
    let keys = (plugin.config.definition)().keys().iter();
    keys.map(|it| it.name.to_string()).collect()
}

fn plugin(request: &Json) -> &'static PluginDescriptor {
    PLUGINS.find(class(request)).expect("the plugin is linked")
}

fn class(request: &Json) -> &str {
    request["class"].as_str().expect("a class")
}

fn role(request: &Json) -> Role {
    match request["role"].as_str() {
        Some("key") => Role::Key,
        Some("header") => Role::Header,
        _ => Role::Value,
    }
}

fn config(request: &Json) -> Props {
    let entries = request["config"].as_object().expect("a configuration");
    let text = |(key, value): (&String, &Json)| {
        let value = value.as_str().expect("settings are text");
        (key.clone(), value.to_owned())
    };
    entries.iter().map(text).collect()
}
