//! Random configurations of converters, data to write and bytes to read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::Chance;
use super::documents;
use super::literals::literal;
use super::ours::{Answer, answer};
use super::schemas::structure;
use super::settings::{Settings, set};
use super::values::{data, own_struct};

const JSON_CONVERTER: &str = "org.apache.kafka.connect.json.JsonConverter";
const SIMPLE_HEADERS: &str = "org.apache.kafka.connect.storage.SimpleHeaderConverter";

/// The converters that are compared.
pub(super) const ALL: &[&str] = &[
    JSON_CONVERTER,
    "org.apache.kafka.connect.storage.StringConverter",
    SIMPLE_HEADERS,
    "org.apache.kafka.connect.converters.ByteArrayConverter",
    "org.apache.kafka.connect.converters.BooleanConverter",
    "org.apache.kafka.connect.converters.ShortConverter",
    "org.apache.kafka.connect.converters.IntegerConverter",
    "org.apache.kafka.connect.converters.LongConverter",
    "org.apache.kafka.connect.converters.FloatConverter",
    "org.apache.kafka.connect.converters.DoubleConverter",
];

/// The configuration of a converter, mostly a good one.
pub(super) fn config(chance: &mut Chance, class: &str) -> Settings {
    let mut config = Settings::new();
    if class == JSON_CONVERTER {
        for key in ["schemas.enable", "replace.null.with.default"] {
            if chance.percent(60) {
                set(&mut config, key, chance.pick(&["true", "false", "TRUE"]));
            }
        }
        if chance.percent(50) {
            set(
                &mut config,
                "decimal.format",
                chance.pick(&["BASE64", "NUMERIC", "numeric"]),
            );
        }
        if chance.percent(20) {
            set(
                &mut config,
                "schemas.cache.size",
                chance.pick(&["0", "1", "-1", "1000"]),
            );
        }
        if chance.percent(10) {
            let content = match chance.percent(70) {
                true => documents::schema(chance, 2).to_string(),
                false => literal(chance),
            };
            set(&mut config, "schema.content", content);
        }
    } else if class.ends_with("StringConverter") && chance.percent(40) {
        set(&mut config, "converter.encoding", chance.pick(ENCODINGS));
    }
    config
}

const ENCODINGS: &[&str] = &[
    "UTF-8",
    "utf8",
    "ISO-8859-1",
    "latin1",
    "US-ASCII",
    "UTF-16",
    "UTF-16LE",
    "UTF-16BE",
    "windows-1252",
    "nope",
    "",
];

fn role(chance: &mut Chance, class: &str) -> &'static str {
    match class == SIMPLE_HEADERS {
        true => "header",
        false => chance.pick(&["key", "value", "header"]),
    }
}

pub(super) fn write(chance: &mut Chance, class: &str) -> Json {
    let (schema, value) = match chance.percent(2) {
        // A struct of another schema.
        true => (structure(chance, 1), own_struct(chance, 1)),
        false => shown(chance, class),
    };
    json!({
        "op": "encode", "class": class, "role": role(chance, class), "rounds": rounds(chance),
        "config": config(chance, class), "schema": schema, "value": value,
    })
}

/// How often one instance is asked the same: a schema that it knows takes other paths.
fn rounds(chance: &mut Chance) -> usize {
    if chance.percent(20) { 2 } else { 1 }
}

pub(super) fn read(chance: &mut Chance, class: &str) -> Json {
    let role = role(chance, class);
    let config = Json::from(config(chance, class));
    let content = config["schema.content"].as_str();
    let content = content.and_then(|it| serde_json::from_str::<Json>(it).ok());
    let bytes = match chance.below(100) {
        3..70 if content.is_some() => {
            let content = content.unwrap_or_default();
            Some(documents::payload(chance, &content).into_bytes())
        }
        0..3 => None,
        3..40 => written(chance, class, role, &config),
        40..60 if class == JSON_CONVERTER => Some(documents::message(chance).into_bytes()),
        60..80 => Some(literal(chance).into_bytes()),
        _ => {
            let count = chance.below(10);
            Some((0..count).map(|_| chance.bits().to_le_bytes()[0]).collect())
        }
    };
    let bytes = bytes.map(|it| {
        let bytes = damaged(chance, it);
        match class == JSON_CONVERTER && chance.percent(3) {
            true => STANDARD.encode(widened(chance, &bytes)),
            false => STANDARD.encode(bytes),
        }
    });
    json!({
        "op": "decode", "class": class, "role": role, "rounds": rounds(chance),
        "config": config, "bytes": bytes,
    })
}

/// Data to write. As text bytes have no form of their own: Java shows where they lie in memory.
fn shown(chance: &mut Chance, class: &str) -> (Json, Json) {
    loop {
        let (schema, value) = data(chance);
        let holds_bytes = [&schema, &value]
            .iter()
            .any(|it| it.to_string().contains("bytes"));
        if !(class.ends_with(".StringConverter") && holds_bytes) {
            return (schema, value);
        }
    }
}

/// What we write of some data.
fn written(chance: &mut Chance, class: &str, role: &str, config: &Json) -> Option<Vec<u8>> {
    let (schema, value) = shown(chance, class);
    let request = json!({
        "op": "encode", "class": class, "role": role,
        "config": config, "schema": schema, "value": value,
    });
    let Answer::One(Ok(bytes)) = answer(&request) else {
        return None;
    };
    STANDARD.decode(bytes.as_str()?).ok()
}

/// The bytes, sometimes with one changed, left out or repeated.
fn damaged(chance: &mut Chance, mut bytes: Vec<u8>) -> Vec<u8> {
    if bytes.is_empty() || chance.percent(65) {
        return bytes;
    }
    let at = chance.below(bytes.len());
    match chance.below(4) {
        0 => bytes[at] = chance.bits().to_le_bytes()[0],
        1 => drop(bytes.remove(at)),
        2 => bytes.insert(at, b"{}[]\",:0.-eEtfn\\ "[chance.below(17)]),
        _ => bytes.truncate(at),
    }
    bytes
}

/// A text in another form of Unicode, with or without a mark of its order.
fn widened(chance: &mut Chance, bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let mark = chance.pick(&["", "\u{feff}"]);
    let text = format!("{mark}{text}");
    let units = text.encode_utf16();
    match chance.below(5) {
        0 => text.into_bytes(),
        1 => units.flat_map(u16::to_be_bytes).collect(),
        2 => units.flat_map(u16::to_le_bytes).collect(),
        3 => text
            .chars()
            .flat_map(|it| u32::from(it).to_be_bytes())
            .collect(),
        _ => text
            .chars()
            .flat_map(|it| u32::from(it).to_le_bytes())
            .collect(),
    }
}
