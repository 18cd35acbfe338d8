//! Random configurations of converters, data to write and bytes to read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map as JsonMap, Value as Json, json};

use super::ours::answer;
use super::values::{data, text};
use super::{Chance, Subject};

const JSON_CONVERTER: &str = "org.apache.kafka.connect.json.JsonConverter";
const STORAGE: &str = "org.apache.kafka.connect.storage.";
const CONVERTERS: &str = "org.apache.kafka.connect.converters.";

macro_rules! simple {
    ($($name:literal: $class:expr;)*) => {
        pub(super) const SUBJECTS: &[Subject] = &[
            Subject { name: "JsonConverter, write", generate: |chance| write(chance, JSON_CONVERTER) },
            Subject { name: "JsonConverter, read", generate: |chance| read(chance, JSON_CONVERTER) },
            Subject { name: "Values, parse", generate: |chance| json!({"op": "parse", "text": literal(chance)}) },
            $(Subject {
                name: $name,
                generate: |chance| match chance.percent(50) {
                    true => write(chance, &format!("{}{}", $class, $name)),
                    false => read(chance, &format!("{}{}", $class, $name)),
                },
            }),*
        ];
    };
}

simple! {
    "StringConverter": STORAGE;
    "SimpleHeaderConverter": STORAGE;
    "ByteArrayConverter": CONVERTERS;
    "BooleanConverter": CONVERTERS;
    "ShortConverter": CONVERTERS;
    "IntegerConverter": CONVERTERS;
    "LongConverter": CONVERTERS;
    "FloatConverter": CONVERTERS;
    "DoubleConverter": CONVERTERS;
}

fn config(chance: &mut Chance, class: &str) -> Json {
    let mut config = JsonMap::new();
    if class == JSON_CONVERTER {
        for key in ["schemas.enable", "replace.null.with.default"] {
            if chance.percent(60) {
                config.insert(key.to_owned(), chance.pick(&["true", "false"]).into());
            }
        }
        if chance.percent(50) {
            let format = chance.pick(&["BASE64", "NUMERIC", "numeric"]);
            config.insert("decimal.format".to_owned(), format.into());
        }
    } else if class.ends_with("StringConverter") && chance.percent(40) {
        let encoding = chance.pick(&[
            "UTF-8",
            "ISO-8859-1",
            "US-ASCII",
            "UTF-16",
            "UTF-16LE",
            "nope",
        ]);
        config.insert("converter.encoding".to_owned(), encoding.into());
    }
    config.into()
}

fn is_header(chance: &mut Chance, class: &str) -> bool {
    class.ends_with("SimpleHeaderConverter") || chance.percent(20)
}

fn write(chance: &mut Chance, class: &str) -> Json {
    let (schema, value) = shown(chance, class);
    json!({
        "op": "encode", "class": class, "header": is_header(chance, class),
        "config": config(chance, class), "schema": schema, "value": value,
    })
}

fn read(chance: &mut Chance, class: &str) -> Json {
    let header = is_header(chance, class);
    let config = config(chance, class);
    let bytes = match chance.below(100) {
        0..3 => None,
        3..55 => written(chance, class, header, &config),
        55..80 => Some(literal(chance).into_bytes()),
        _ => {
            let count = chance.below(10);
            Some((0..count).map(|_| chance.bits().to_le_bytes()[0]).collect())
        }
    };
    let bytes = bytes.map(|it| STANDARD.encode(damaged(chance, it)));
    json!({"op": "decode", "class": class, "header": header, "config": config, "bytes": bytes})
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
fn written(chance: &mut Chance, class: &str, header: bool, config: &Json) -> Option<Vec<u8>> {
    let (schema, value) = shown(chance, class);
    let request = json!({
        "op": "encode", "class": class, "header": header,
        "config": config, "schema": schema, "value": value,
    });
    let bytes = answer(&request).ok()?;
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

/// A text in the language of literals, more or less.
fn literal(chance: &mut Chance) -> String {
    const PARTS: &[&str] = &[
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "\\",
        " ",
        "1",
        "-",
        "2.5",
        "true",
        "null",
        "a",
        "\"x\"",
        "1e5",
        "\\u00e4",
        "2024-02-29",
        "12:00:00.000Z",
        "\n",
        "\t",
    ];
    if chance.percent(30) {
        return text(chance);
    }
    let count = 1 + chance.below(9);
    (0..count).map(|_| chance.pick(PARTS)).collect()
}
