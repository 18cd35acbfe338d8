//! Random schemas beside altered ones, and values under them.

use serde_json::{Value as Json, json};

use super::Chance;
use super::schemas::{LOGICAL, PRIMITIVES, schema, structure};
use super::texts::NAMES;
use super::values::{given, moment, primitive, value};

/// A description of a schema, often one that cannot be built.
pub(super) fn build(chance: &mut Chance) -> Json {
    let mut schema = schema(chance, 2);
    if chance.percent(60) {
        break_somewhere(chance, &mut schema);
    }
    json!({"op": "build", "schema": schema})
}

/// Two schemas that differ in one place, or in none.
pub(super) fn equal(chance: &mut Chance) -> Json {
    let a = schema(chance, 3);
    let mut b = a.clone();
    match chance.below(10) {
        0..4 => {}
        4 => b = schema(chance, 2),
        _ => alter_somewhere(chance, &mut b),
    }
    json!({"op": "equal", "a": a, "b": b})
}

/// A value that fits a schema, but for one place in half of the cases.
pub(super) fn fits(chance: &mut Chance) -> Json {
    let schema = schema(chance, 3);
    let mut value = value(chance, &schema);
    match chance.below(10) {
        0..5 => {}
        5 => {
            let other = self::schema(chance, 1);
            value = given(chance, &other);
            if value.get("struct").is_some() {
                value["schema"] = other;
            }
        }
        _ => wear(chance, &mut value),
    }
    json!({"op": "fits", "schema": schema, "value": value})
}

pub(super) fn to_base(chance: &mut Chance) -> Json {
    let schema = logical(chance);
    let day = chance.between(-200_000, 200_000) * 86_400_000;
    let value = match schema["type"] == "bytes" {
        true => given(chance, &schema),
        false => match chance.below(4) {
            0 => json!({"date": chance.between(-10, 86_400_010)}),
            1 => json!({"date": day}),
            2 => json!({"date": chance.pick(&[0, -1, 86_400_000, 86_400_001, i64::MIN, i64::MAX])}),
            _ => json!({"date": moment(chance)}),
        },
    };
    json!({"op": "toBase", "schema": schema, "value": value})
}

pub(super) fn of_base(chance: &mut Chance) -> Json {
    let schema = logical(chance);
    let name = schema["name"].as_str().unwrap_or_default();
    let kind = match name.strip_prefix(LOGICAL) {
        Some("Decimal") => "bytes",
        Some("Date" | "Time") => "int32",
        _ => "int64",
    };
    let value = match chance.percent(20) && kind == "int32" {
        true => json!({"i32": chance.pick(&[0, -1, 86_400_000, 86_400_001])}),
        false => primitive(chance, kind),
    };
    json!({"op": "ofBase", "schema": schema, "value": value})
}

/// A logical schema, now and then without what its name promises.
fn logical(chance: &mut Chance) -> Json {
    let (kind, name) = chance.pick(&[
        ("bytes", "Decimal"),
        ("int32", "Date"),
        ("int32", "Time"),
        ("int64", "Timestamp"),
    ]);
    let mut schema = json!({"type": kind, "name": format!("{LOGICAL}{name}"), "version": 1});
    if name == "Decimal" {
        let scale = chance.pick(&[
            "0",
            "2",
            "-3",
            "30",
            "+2",
            "x",
            "",
            "2147483647",
            "2147483648",
            " 1",
            "1.0",
        ]);
        match chance.below(20) {
            0 => {}
            1 => schema["parameters"] = json!({"other": scale}),
            2..5 => schema["parameters"] = json!({"scale": scale}),
            _ => schema["parameters"] = json!({"scale": "2"}),
        }
    }
    schema
}

/// A value of a schema, and one that is mostly compatible with it.
pub(super) fn project(chance: &mut Chance) -> Json {
    let source = match chance.percent(60) {
        true => structure(chance, 2),
        false => schema(chance, 2),
    };
    let mut target = source.clone();
    for _ in 0..chance.below(4) {
        match chance.percent(70) {
            true => loosen_somewhere(chance, &mut target),
            false => alter_somewhere(chance, &mut target),
        }
    }
    let value = value(chance, &source);
    json!({"op": "project", "source": source, "value": value, "target": target})
}

/// One of the schemas inside of a schema, or all of it.
fn some_part<'a>(chance: &mut Chance, schema: &'a mut Json) -> &'a mut Json {
    if chance.percent(40) {
        return schema;
    }
    let (is_struct, is_map) = (schema["type"] == "struct", schema["type"] == "map");
    let fields = schema.get("fields").and_then(Json::as_array);
    let count = fields.map_or(0, Vec::len);
    if is_struct && count > 0 {
        let place = chance.below(count);
        return some_part(chance, &mut schema["fields"][place]["schema"]);
    }
    if is_map && chance.percent(30) {
        return &mut schema["keys"];
    }
    match schema.get("values").is_some() {
        true => some_part(chance, &mut schema["values"]),
        false => schema,
    }
}

/// Changes what schemas are compared by. What was a default for the schema from before stays one.
fn alter_somewhere(chance: &mut Chance, schema: &mut Json) {
    name_structs_of_defaults(schema);
    let part = some_part(chance, schema);
    if part.is_string() {
        *part = json!(chance.pick(PRIMITIVES));
        return;
    }
    match chance.below(8) {
        0 => {
            let is_optional = part["optional"] == true;
            part["optional"] = json!(!is_optional);
        }
        1 => part["version"] = json!(chance.pick(&[1, 2])),
        2 => part["doc"] = json!("altered"),
        3 => {
            let parameters = [json!({"p": "1", "q": "\u{e4}", "": ""}), json!({"p": "2"})];
            part["parameters"] = parameters[chance.below(2)].clone();
        }
        4 => {
            without_default(part);
            part["name"] = json!(chance.pick(&["n", "altered"]));
        }
        5 if part.get("default").is_some() => without_default(part),
        6 if part.get("fields").is_some() => {
            if let Some(fields) = part["fields"].as_array_mut() {
                fields.reverse();
            }
        }
        _ => *part = self::schema(chance, 1),
    }
}

/// Gives every struct in a default the schema that it has: the one around it may become another.
fn name_structs_of_defaults(schema: &mut Json) {
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    let fields = members.get_mut("fields").and_then(Json::as_array_mut);
    for field in fields.into_iter().flatten() {
        name_structs_of_defaults(&mut field["schema"]);
    }
    for part in ["keys", "values"] {
        members.get_mut(part).map(name_structs_of_defaults);
    }
    if let Some(mut default) = members.remove("default") {
        name_structs(&mut default, schema);
        schema["default"] = default;
    }
}

fn name_structs(value: &mut Json, schema: &Json) {
    let Some(tagged) = value.as_object_mut() else {
        let elements = value.as_array_mut().into_iter().flatten();
        return elements.for_each(|it| name_structs(it, &schema["values"]));
    };
    let entries = tagged.get_mut("map").and_then(Json::as_array_mut);
    for entry in entries.into_iter().flatten() {
        name_structs(&mut entry[1], &schema["values"]);
    }
    let Some(values) = tagged.get_mut("struct").and_then(Json::as_object_mut) else {
        return;
    };
    for field in schema["fields"].as_array().into_iter().flatten() {
        let value = field["name"].as_str().and_then(|name| values.get_mut(name));
        if let Some(value) = value {
            name_structs(value, &field["schema"]);
        }
    }
    tagged.insert("schema".to_owned(), schema.clone());
}

/// Changes a schema so that values of the one from before can be projected onto it, mostly.
fn loosen_somewhere(chance: &mut Chance, schema: &mut Json) {
    const NUMBERS: &[&str] = &["int8", "int16", "int32", "int64", "float32", "float64"];
    let part = some_part(chance, schema);
    let kind = part["type"].as_str().unwrap_or_default().to_owned();
    let rank = NUMBERS.iter().position(|it| *it == kind);
    match rank {
        Some(rank) if part.get("name").is_none() => {
            without_default(part);
            part["type"] = json!(NUMBERS[rank + chance.below(NUMBERS.len() - rank)]);
            if chance.percent(50) {
                part["default"] = given(chance, part);
            }
        }
        _ if kind == "struct" => {
            let added = json!({"name": chance.pick(NAMES), "schema": self::schema(chance, 1)});
            let Some(fields) = part["fields"].as_array_mut() else {
                return;
            };
            match chance.percent(50) {
                true => drop(fields.pop()),
                false if fields.iter().any(|it| it["name"] == added["name"]) => fields.reverse(),
                false => fields.push(added),
            }
        }
        _ if part.is_object() => part["optional"] = json!(chance.percent(70)),
        _ => {}
    }
}

fn without_default(schema: &mut Json) {
    if let Some(members) = schema.as_object_mut() {
        members.remove("default");
    }
}

/// Makes a mistake in the description of a schema.
fn break_somewhere(chance: &mut Chance, schema: &mut Json) {
    let part = some_part(chance, schema);
    if part.is_string() {
        return;
    }
    if part["type"] == "struct" && chance.percent(70) {
        let name = chance.pick(&["", "a", "b", "c", "id"]);
        let inner = match chance.percent(30) {
            true => Json::Null,
            false => json!("int32"),
        };
        if let Some(fields) = part["fields"].as_array_mut() {
            fields.insert(0, json!({"name": name, "schema": inner}));
        }
        return;
    }
    let member = chance.pick(&["values", "keys", "default", "default"]);
    match member {
        "default" if part["type"] != "struct" => {
            let other = self::schema(chance, 1);
            let mut default = given(chance, &other);
            if default.get("struct").is_some() {
                default["schema"] = other;
            }
            part["default"] = default;
        }
        member if part.get(member).is_some() => {
            without_default(part);
            part[member] = Json::Null;
        }
        _ => {}
    }
}

/// Puts something else in some place of a value.
fn wear(chance: &mut Chance, value: &mut Json) {
    let nested = chance.percent(70);
    match value {
        Json::Array(elements) if nested && !elements.is_empty() => {
            let place = chance.below(elements.len());
            wear(chance, &mut elements[place]);
        }
        Json::Object(tagged) if nested && tagged.contains_key("map") => {
            let entries = tagged["map"].as_array_mut().filter(|it| !it.is_empty());
            if let Some(entries) = entries {
                let place = chance.below(entries.len());
                wear(chance, &mut entries[place][1]);
            }
        }
        Json::Object(tagged) if nested && tagged.contains_key("struct") => {
            let fields = tagged["struct"].as_object_mut();
            let mut fields: Vec<_> = fields.into_iter().flat_map(|it| it.values_mut()).collect();
            if !fields.is_empty() {
                let place = chance.below(fields.len());
                wear(chance, fields[place]);
            }
        }
        other => {
            let kind = chance.pick(PRIMITIVES);
            *other = match chance.percent(30) {
                true => Json::Null,
                false => primitive(chance, kind),
            };
        }
    }
}
