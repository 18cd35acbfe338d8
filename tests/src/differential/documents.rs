//! Random JSON that looks like messages with schemas, with members of wrong kinds.

use serde_json::{Map as JsonMap, Value as Json, json};

use super::Chance;
use super::texts::{NAMES, number, text};

/// A message, mostly with a schema.
pub(crate) fn message(chance: &mut Chance) -> String {
    let schema = schema(chance, 2);
    let payload = match chance.percent(70) {
        true => payload(chance, &schema),
        false => any(chance, 2).to_string(),
    };
    match chance.below(20) {
        0 => payload,
        1 => format!("{{\"payload\":{payload}}}"),
        2 => format!("{{\"schema\":{schema},\"payload\":{payload},\"more\":1}}"),
        3 => format!(" {{ \"payload\" : {payload} , \"schema\":{schema} }} trailing"),
        4 => format!("{{\"schema\":null,\"payload\":{payload}}}"),
        5 => format!("{{\"schema\":{schema},\"payload\":1,\"payload\":{payload}}}"),
        _ => format!("{{\"schema\":{schema},\"payload\":{payload}}}"),
    }
}

/// The JSON form of a schema, more or less.
pub(super) fn schema(chance: &mut Chance, depth: usize) -> Json {
    if chance.percent(3) {
        return any(chance, 1);
    }
    let kinds = [
        "int8", "int16", "int32", "int64", "float", "double", "boolean", "string", "bytes",
    ];
    let mut made = match chance.below(10) {
        0..3 if depth > 0 => {
            let mut fields = Vec::new();
            for name in NAMES.iter().take(5) {
                if chance.percent(40) {
                    let mut field = schema(chance, depth - 1);
                    if field.is_object() && chance.percent(98) {
                        field["field"] = json!(name);
                    }
                    fields.push(field);
                }
            }
            json!({"type": "struct", "fields": fields})
        }
        3 if depth > 0 => json!({"type": "array", "items": schema(chance, depth - 1)}),
        4 if depth > 0 => {
            let keys = json!({"type": chance.pick(&["string", "string", "int32"])});
            json!({"type": "map", "keys": keys, "values": schema(chance, depth - 1)})
        }
        5 => logical(chance),
        _ => json!({"type": chance.pick(&kinds)}),
    };
    if chance.percent(40) {
        made["optional"] = json!(chance.percent(70));
    }
    if chance.percent(10) {
        made["default"] = any(chance, 1);
    }
    if chance.percent(12) {
        let members = [
            "name",
            "version",
            "doc",
            "parameters",
            "optional",
            "type",
            "fields",
            "items",
            "x",
        ];
        let member = chance.pick(&members);
        made[member] = any(chance, 1);
    }
    made
}

fn logical(chance: &mut Chance) -> Json {
    let (kind, name) = chance.pick(&[
        ("int32", "Date"),
        ("int32", "Time"),
        ("int64", "Timestamp"),
        ("bytes", "Decimal"),
        ("string", "Decimal"),
    ]);
    let mut made = json!({
        "type": kind, "name": format!("org.apache.kafka.connect.data.{name}"), "version": 1,
    });
    if name == "Decimal" && chance.percent(95) {
        made["parameters"] = json!({"scale": chance.pick(&["0", "2", "-3", "x"])});
    }
    made
}

/// JSON text that fits a schema, more or less.
pub(super) fn payload(chance: &mut Chance, schema: &Json) -> String {
    if chance.percent(8) {
        return any(chance, 1).to_string();
    }
    match schema["type"].as_str().unwrap_or_default() {
        "struct" => {
            let fields = schema["fields"].as_array().into_iter().flatten();
            let members: Vec<String> = fields
                .map(|it| format!("{}:{}", it["field"], payload(chance, it)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        "array" => {
            let count = chance.below(3);
            let elements: Vec<String> = (0..count)
                .map(|_| payload(chance, &schema["items"]))
                .collect();
            format!("[{}]", elements.join(","))
        }
        "map" => {
            let inner = payload(chance, &schema["values"]);
            match schema["keys"]["type"] == "string" {
                true => format!("{{{}:{inner}}}", json!(text(chance))),
                false => format!("[[{},{inner}]]", chance.below(9)),
            }
        }
        "string" | "bytes" => json!(text(chance)).to_string(),
        "boolean" => chance.pick(&["true", "false"]).to_owned(),
        _ => number(chance),
    }
}

/// Any JSON.
fn any(chance: &mut Chance, depth: usize) -> Json {
    match chance.below(10) {
        0 => Json::Null,
        1 => json!(chance.percent(50)),
        2..4 => json!(text(chance)),
        4 => json!(chance.between(i64::MIN, i64::MAX) >> chance.below(63)),
        5 => json!(0.5),
        6 if depth > 0 => {
            let count = chance.below(3);
            (0..count).map(|_| any(chance, depth - 1)).collect()
        }
        7 if depth > 0 => {
            let count = chance.below(3);
            let members =
                (0..count).map(|_| (chance.pick(NAMES).to_owned(), any(chance, depth - 1)));
            Json::Object(members.collect::<JsonMap<_, _>>())
        }
        _ => json!(chance.below(200)),
    }
}
