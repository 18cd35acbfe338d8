//! Random schemas in the notation of the vectors.

use serde_json::{Value as Json, json};

use super::Chance;
use super::texts::NAMES;
use super::values::given;

/// The types that hold nothing else.
pub(super) const PRIMITIVES: &[&str] = &[
    "int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string", "bytes",
];
/// Where the logical types have their names.
pub(super) const LOGICAL: &str = "org.apache.kafka.connect.data.";

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

/// The schema of a struct: deep ones have fewer fields.
pub(super) fn structure(chance: &mut Chance, depth: usize) -> Json {
    let density = if depth > 2 { 20 } else { 45 };
    let mut fields = Vec::new();
    for name in NAMES {
        if chance.percent(density) {
            let schema = schema(chance, depth.saturating_sub(1));
            fields.push(json!({"name": name, "schema": schema}));
        }
    }
    if chance.percent(10) {
        fields.reverse();
    }
    finished(chance, json!({"type": "struct", "fields": fields}))
}

fn logical(chance: &mut Chance) -> Json {
    let schema = match chance.below(4) {
        0 => json!({"type": "int32", "name": format!("{LOGICAL}Date"), "version": 1}),
        1 => json!({"type": "int32", "name": format!("{LOGICAL}Time"), "version": 1}),
        2 => json!({"type": "int64", "name": format!("{LOGICAL}Timestamp"), "version": 1}),
        _ => {
            let scale = chance.pick(&["0", "2", "5", "-1", "30"]);
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
        schema["version"] = json!(chance.pick(&[-1, 0, 1, 5, i32::MAX]));
    }
    if chance.percent(8) {
        schema["doc"] = json!(chance.pick(&["what it is", "", "\u{e4}\n\"'"]));
    }
    if schema.get("parameters").is_none() && chance.percent(6) {
        schema["parameters"] = json!({"p": "1", "q": "\u{e4}", "": ""});
    }
    // The reference cannot build structs that stand for null.
    if schema["type"] != "struct" && chance.percent(15) {
        let default = given(chance, &schema);
        schema["default"] = default;
    }
    schema
}
