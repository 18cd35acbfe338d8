//! Random values in the notation of the vectors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_core::data::Decimal;
use serde_json::{Map as JsonMap, Value as Json, json};

use super::Chance;
use super::schemas::{LOGICAL, PRIMITIVES, schema, structure};
use super::texts::{NAMES, number, text};

const DAY: i64 = 86_400_000;

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
pub(super) fn given(chance: &mut Chance, schema: &Json) -> Json {
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
        (_, "map") => map_of(chance, schema),
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

fn map_of(chance: &mut Chance, schema: &Json) -> Json {
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

pub(super) fn primitive(chance: &mut Chance, kind: &str) -> Json {
    match kind {
        "int8" => json!({"i8": chance.between(-128, 127)}),
        "int16" => json!({"i16": chance.between(-32_768, 32_767)}),
        "int32" => match chance.percent(5) {
            true => json!({"i32": chance.pick(&[i32::MIN, i32::MAX, 86_400_000, -1])}),
            false => {
                json!({"i32": chance.between(i32::MIN.into(), i32::MAX.into()) >> chance.below(31)})
            }
        },
        "int64" => match chance.below(20) {
            0..6 => json!({"i64": moment(chance)}),
            6 => json!({"i64": chance.pick(&[i64::MIN, i64::MAX, 1 << 53, -1])}),
            _ => json!({"i64": chance.between(i64::MIN, i64::MAX) >> chance.below(63)}),
        },
        "float32" => json!({"f32": float(chance)}),
        "float64" => json!({"f64": float(chance)}),
        "boolean" => json!(chance.percent(50)),
        "bytes" => {
            let count = match chance.percent(5) {
                true => chance.below(200),
                false => chance.below(6),
            };
            let bytes: Vec<u8> = (0..count).map(|_| chance.bits().to_be_bytes()[0]).collect();
            json!({"bytes": STANDARD.encode(bytes)})
        }
        _ => json!(text(chance)),
    }
}

/// Mostly a number of few digits; sometimes any bits. The same text is good for both widths.
fn float(chance: &mut Chance) -> Json {
    let eighths = i32::try_from(chance.between(-1_000_000, 1_000_000)).expect("32 bits");
    match chance.below(16) {
        0..2 => json!("NaN"),
        2..4 => json!(chance.pick(&["Infinity", "-Infinity", "-0.0"])),
        4..9 => json!(chance.pick(&[0.0, 1.0, -1.5, 0.1, 1e10, 1e-5, 16_777_216.0, 0.001])),
        9 => json!(chance.pick(&["1.4E-45", "3.4028234663852886E38", "9.223372036854776E18"])),
        10 => {
            let bits = u32::try_from(chance.bits() >> 32).expect("32 bits are left");
            match f32::from_bits(bits) {
                it if it.is_finite() => json!(f64::from(it)),
                _ => json!("NaN"),
            }
        }
        11 => match f64::from_bits(chance.bits()) {
            it if it.is_finite() => json!(format!("{it:e}")),
            _ => json!("NaN"),
        },
        _ => json!(f64::from(eighths) / 8.0),
    }
}

/// Mostly in this century, in milliseconds.
pub(super) fn moment(chance: &mut Chance) -> i64 {
    match chance.below(100) {
        0..75 => chance.between(0, 4_000_000_000_000),
        75..80 => chance.between(-20_000, 60_000) * DAY,
        80..84 => chance.between(-DAY, 2 * DAY),
        84..86 => chance.between(i64::MIN, i64::MAX) >> chance.below(40),
        _ => chance.between(-62_000_000_000_000, 200_000_000_000_000),
    }
}

fn decimal(chance: &mut Chance, scale: i32) -> Json {
    if chance.percent(10) {
        let number: Decimal = number(chance)
            .parse()
            .expect("the generator writes numbers");
        return json!({"decimal": number.to_string()});
    }
    let unscaled = chance.between(i64::MIN, i64::MAX) >> chance.below(63);
    let scale = match chance.percent(90) {
        true => scale,
        false => scale.saturating_add(1),
    };
    json!({"decimal": Decimal::new(unscaled, scale).to_string()})
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
        72..74 if depth > 0 => own_struct(chance, depth),
        _ => {
            let kind = chance.pick(PRIMITIVES);
            primitive(chance, kind)
        }
    }
}

/// A struct, which says itself what its schema is.
pub(super) fn own_struct(chance: &mut Chance, depth: usize) -> Json {
    let schema = structure(chance, depth - 1);
    let mut made = given(chance, &schema);
    made["schema"] = schema;
    made
}

/// A map whose keys are names, but for a few.
pub(super) fn map(chance: &mut Chance, depth: usize) -> Json {
    let mut entries = Vec::new();
    for name in NAMES {
        if chance.percent(40) {
            let value = schemaless(chance, depth.saturating_sub(1));
            entries.push(json!([name, value]));
        }
    }
    if chance.percent(4) {
        let kind = chance.pick(&["int32", "int64", "boolean"]);
        let key = primitive(chance, kind);
        entries.push(json!([key, schemaless(chance, 0)]));
    }
    json!({"map": entries})
}

/// Schema and value of a half of a record: mostly with fields.
pub(super) fn data(chance: &mut Chance) -> (Json, Json) {
    match chance.below(100) {
        0..38 => {
            let depth = if chance.percent(15) { 4 } else { 2 };
            let schema = structure(chance, depth);
            let value = value(chance, &schema);
            (schema, value)
        }
        38..72 => (Json::Null, map(chance, 2)),
        72..84 => {
            let schema = schema(chance, 2);
            let value = value(chance, &schema);
            (schema, value)
        }
        84..88 => (schema(chance, 1), Json::Null),
        88..92 => {
            // Of no type that the schema has, but for chance.
            let kind = chance.pick(PRIMITIVES);
            let wrong = match chance.percent(50) {
                true => map(chance, 1),
                false => primitive(chance, kind),
            };
            (schema(chance, 1), wrong)
        }
        _ => (Json::Null, schemaless(chance, 2)),
    }
}
