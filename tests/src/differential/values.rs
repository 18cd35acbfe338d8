//! Random schemas and values in the notation of the vectors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map as JsonMap, Value as Json, json};

use super::Chance;

/// Names of fields and of much else.
pub(super) const NAMES: &[&str] = &["a", "b", "c", "id", "ts", "a.b", "\u{e4}", "x y"];

const PRIMITIVES: &[&str] = &[
    "int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string", "bytes",
];
const TEXTS: &[&str] = &[
    "",
    "a",
    "text",
    "true",
    "FALSE",
    "null",
    "0",
    "-1",
    "127",
    "128",
    "40000",
    "2147483648",
    "1.5",
    "-0.0",
    "1e3",
    "NaN",
    "Infinity",
    "99999999999999999999",
    "2024-02-29",
    "12:30:00.000Z",
    "2024-02-29T12:30:00.123Z",
    "2024-02-29 12:30:00",
    "[1,2]",
    "{\"a\":1}",
    " 7 ",
    "0x10",
    "1f",
    "\u{e4}\u{20ac}",
    "\u{1f600}",
    "quote\"\\\n",
    "\u{0}\u{1f}",
    "</script>",
    "\u{2028}",
];
const DAY: i64 = 86_400_000;
const LOGICAL: &str = "org.apache.kafka.connect.data.";

/// A schema of any kind, with so many levels below it.
pub(super) fn schema(chance: &mut Chance, depth: usize) -> Json {
    match chance.below(100) {
        0..30 if depth > 0 => structure(chance, depth),
        30..38 if depth > 0 => {
            let values = schema(chance, depth - 1);
            finished(chance, json!({"type": "array", "values": values}))
        }
        38..46 if depth > 0 => {
            let keys = match chance.percent(70) {
                true => json!("string"),
                false => json!(chance.pick(&["int32", "int64", "boolean", "string?"])),
            };
            let values = schema(chance, depth - 1);
            finished(
                chance,
                json!({"type": "map", "keys": keys, "values": values}),
            )
        }
        46..60 => logical(chance),
        _ => {
            let kind = chance.pick(PRIMITIVES);
            finished(chance, json!({"type": kind}))
        }
    }
}

/// The schema of a struct.
pub(super) fn structure(chance: &mut Chance, depth: usize) -> Json {
    let mut fields = Vec::new();
    for name in NAMES {
        if chance.percent(45) {
            let schema = schema(chance, depth.saturating_sub(1));
            fields.push(json!({"name": name, "schema": schema}));
        }
    }
    finished(chance, json!({"type": "struct", "fields": fields}))
}

fn logical(chance: &mut Chance) -> Json {
    let schema = match chance.below(4) {
        0 => json!({"type": "int32", "name": format!("{LOGICAL}Date"), "version": 1}),
        1 => json!({"type": "int32", "name": format!("{LOGICAL}Time"), "version": 1}),
        2 => json!({"type": "int64", "name": format!("{LOGICAL}Timestamp"), "version": 1}),
        _ => {
            let scale = chance.pick(&["0", "2", "5", "-1"]);
            json!({
                "type": "bytes", "name": format!("{LOGICAL}Decimal"), "version": 1,
                "parameters": {"scale": scale},
            })
        }
    };
    finished(chance, schema)
}

/// Adds what any schema may have.
fn finished(chance: &mut Chance, mut schema: Json) -> Json {
    if chance.percent(40) {
        schema["optional"] = json!(true);
    }
    if schema.get("name").is_none() && chance.percent(10) {
        schema["name"] = json!(chance.pick(&["n", "org.example.Name", ""]));
    }
    if schema.get("version").is_none() && chance.percent(10) {
        schema["version"] = json!(chance.between(-1, 5));
    }
    if chance.percent(8) {
        schema["doc"] = json!("what it is");
    }
    if schema.get("parameters").is_none() && chance.percent(6) {
        schema["parameters"] = json!({"p": "1", "q": "\u{e4}"});
    }
    // The reference cannot build structs that stand for null.
    if schema["type"] != "struct" && chance.percent(15) {
        let default = given(chance, &schema);
        schema["default"] = default;
    }
    schema
}

/// A value that a schema allows.
pub(super) fn value(chance: &mut Chance, schema: &Json) -> Json {
    let is_optional =
        schema["optional"] == true || schema.as_str().is_some_and(|it| it.ends_with('?'));
    match is_optional && chance.percent(25) {
        true => Json::Null,
        false => given(chance, schema),
    }
}

/// What a field holds: null is good, too, if it stands for a default.
fn field_value(chance: &mut Chance, schema: &Json) -> Json {
    let has_default = schema.get("default").is_some_and(|it| !it.is_null());
    match has_default && chance.percent(25) {
        true => Json::Null,
        false => value(chance, schema),
    }
}

/// A value that is not null.
fn given(chance: &mut Chance, schema: &Json) -> Json {
    let shorthand = schema.as_str().map(|it| it.trim_end_matches('?'));
    let kind = shorthand.unwrap_or_else(|| schema["type"].as_str().unwrap_or_default());
    let name = schema["name"]
        .as_str()
        .and_then(|it| it.strip_prefix(LOGICAL));
    match (name, kind) {
        (Some("Date"), _) => match chance.percent(90) {
            true => json!({"date": chance.between(-20_000, 60_000) * DAY}),
            false => json!({"date": chance.between(-DAY, DAY)}),
        },
        (Some("Time"), _) => match chance.percent(90) {
            true => json!({"date": chance.between(0, DAY - 1)}),
            false => json!({"date": chance.between(-DAY, 2 * DAY)}),
        },
        (Some("Timestamp"), _) => json!({"date": moment(chance)}),
        (Some("Decimal"), _) => {
            let scale = schema["parameters"]["scale"]
                .as_str()
                .and_then(|it| it.parse().ok());
            decimal(chance, scale.unwrap_or(0))
        }
        (_, "array") => {
            let count = chance.below(4);
            let elements = (0..count).map(|_| value(chance, &schema["values"]));
            elements.collect()
        }
        (_, "map") => {
            let mut entries: Vec<(Json, Json)> = Vec::new();
            for _ in 0..chance.below(4) {
                let key = value(chance, &schema["keys"]);
                if entries.iter().all(|(known, _)| *known != key) {
                    let entry = value(chance, &schema["values"]);
                    entries.push((key, entry));
                }
            }
            json!({"map": entries})
        }
        (_, "struct") => {
            let mut fields = JsonMap::new();
            for field in schema["fields"].as_array().into_iter().flatten() {
                let inner = field_value(chance, &field["schema"]);
                fields.insert(field["name"].as_str().unwrap_or_default().to_owned(), inner);
            }
            json!({"struct": fields})
        }
        (_, primitive) => self::primitive(chance, primitive),
    }
}

fn primitive(chance: &mut Chance, kind: &str) -> Json {
    match kind {
        "int8" => json!({"i8": chance.between(-128, 127)}),
        "int16" => json!({"i16": chance.between(-32_768, 32_767)}),
        "int32" => {
            json!({"i32": chance.between(i32::MIN.into(), i32::MAX.into()) >> chance.below(31)})
        }
        "int64" => match chance.percent(30) {
            true => json!({"i64": moment(chance)}),
            false => json!({"i64": chance.between(i64::MIN, i64::MAX) >> chance.below(63)}),
        },
        "float32" => json!({"f32": float(chance)}),
        "float64" => json!({"f64": float(chance)}),
        "boolean" => json!(chance.percent(50)),
        "bytes" => {
            let count = chance.below(6);
            let bytes: Vec<u8> = (0..count)
                .map(|_| low_bits(chance).to_le_bytes()[0])
                .collect();
            json!({"bytes": STANDARD.encode(bytes)})
        }
        _ => json!(text(chance)),
    }
}

fn low_bits(chance: &mut Chance) -> u32 {
    u32::try_from(chance.bits() >> 32).expect("32 bits are left")
}

/// A number of few digits: Java before 19 shows some others with one digit too many.
fn float(chance: &mut Chance) -> Json {
    let eighths = i32::try_from(chance.between(-1_000_000, 1_000_000)).expect("32 bits");
    match chance.below(8) {
        0 => json!("NaN"),
        1 => json!(chance.pick(&["Infinity", "-Infinity", "-0.0"])),
        2..5 => json!(chance.pick(&[0.0, 1.0, -1.5, 0.1, 1e10, 1e-5, 16_777_216.0, 0.001])),
        _ => json!(f64::from(eighths) / 8.0),
    }
}

/// Mostly in this century, in milliseconds.
fn moment(chance: &mut Chance) -> i64 {
    match chance.percent(85) {
        true => chance.between(0, 4_000_000_000_000),
        false => chance.between(-62_000_000_000_000, 200_000_000_000_000),
    }
}

fn decimal(chance: &mut Chance, scale: i64) -> Json {
    let unscaled = chance.between(i64::MIN, i64::MAX) >> chance.below(63);
    let scale = match chance.percent(90) {
        true => scale,
        false => scale + 1,
    };
    let decimal =
        connect_core::data::Decimal::new(unscaled, i32::try_from(scale).expect("a small scale"));
    json!({"decimal": decimal.to_string()})
}

/// A text, often one that looks like something else.
pub(super) fn text(chance: &mut Chance) -> String {
    match chance.below(10) {
        0..7 => chance.pick(TEXTS).to_owned(),
        7 => chance.between(-1000, 100_000).to_string(),
        _ => {
            let count = chance.below(12);
            let letters = [
                'a', 'Z', '5', '.', '-', ' ', ',', ':', '[', '{', '"', '\\', '\u{e9}',
            ];
            (0..count).map(|_| chance.pick(&letters)).collect()
        }
    }
}

/// A value of any kind, without a schema.
pub(super) fn schemaless(chance: &mut Chance, depth: usize) -> Json {
    match chance.below(100) {
        0..45 if depth > 0 => map(chance, depth),
        45..55 if depth > 0 => {
            let count = chance.below(4);
            (0..count).map(|_| schemaless(chance, depth - 1)).collect()
        }
        55..62 => Json::Null,
        62..68 => json!({"date": moment(chance)}),
        68..72 => decimal(chance, 2),
        _ => {
            let kind = chance.pick(PRIMITIVES);
            primitive(chance, kind)
        }
    }
}

/// A map whose keys are names.
pub(super) fn map(chance: &mut Chance, depth: usize) -> Json {
    let mut entries = Vec::new();
    for name in NAMES {
        if chance.percent(40) {
            let value = schemaless(chance, depth.saturating_sub(1));
            entries.push(json!([name, value]));
        }
    }
    json!({"map": entries})
}

/// Schema and value of a half of a record: mostly with fields.
pub(super) fn data(chance: &mut Chance) -> (Json, Json) {
    match chance.below(100) {
        0..40 => {
            let schema = structure(chance, 2);
            let value = value(chance, &schema);
            (schema, value)
        }
        40..75 => (Json::Null, map(chance, 2)),
        75..88 => {
            let schema = schema(chance, 2);
            let value = value(chance, &schema);
            (schema, value)
        }
        _ => (Json::Null, schemaless(chance, 2)),
    }
}
