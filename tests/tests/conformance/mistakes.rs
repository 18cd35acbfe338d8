//! Mistakes in the settings of transforms, predicates and converters: the same text on the same
//! key, and the same number of them.

use serde_json::{Map, Value, json};

use crate::on_both_workers;
use crate::pair::Client;
use crate::validation::validate_each;

on_both_workers!(
    aliases_are_checked,
    classes_are_checked,
    predicates_of_transforms_are_checked,
    versions_are_checked,
    lists_of_transforms_are_checked,
    texts_of_transforms_are_checked,
    predicates_are_checked,
    settings_of_converters_are_checked,
);

const TRANSFORMS: &str = "org.apache.kafka.connect.transforms";
const PREDICATES: &str = "org.apache.kafka.connect.transforms.predicates";
const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";

/// Classes of which only those nested in them are plugins.
const OUTER: [&str; 2] = [
    "org.apache.kafka.connect.transforms.Cast",
    "org.apache.kafka.connect.transforms.HeaderFrom",
];

/// What is written in place of something good.
const ODD: &[&str] = &[
    "", " ", ",", "a,,b", "a,b,a", "a", "a:b", "a:b:c", "a:", ":b", " a , b ",
];

async fn check(client: &mut Client<'_>, changes: &[Value]) {
    let source = client.source("");
    validate_each(client, "FileStreamSource", &source, changes).await;
}

/// Settings of a transform `a`.
fn transform(class: &str, settings: &[(&str, Value)]) -> Value {
    plugin("transforms", &format!("{TRANSFORMS}.{class}"), settings)
}

/// Settings of a predicate `a`.
fn predicate(class: &str, settings: &[(&str, Value)]) -> Value {
    plugin("predicates", &format!("{PREDICATES}.{class}"), settings)
}

fn plugin(kind: &str, class: &str, settings: &[(&str, Value)]) -> Value {
    let mut config = Map::new();
    config.insert(kind.to_owned(), json!("a"));
    config.insert(format!("{kind}.a.type"), json!(class));
    for (key, value) in settings {
        config.insert(format!("{kind}.a.{key}"), value.clone());
    }
    config.into()
}

fn with(mut config: Value, key: &str, value: Value) -> Value {
    config[key] = value;
    config
}

async fn aliases_are_checked(client: &mut Client<'_>) {
    let mut changes = Vec::new();
    for list in [
        json!("a,a"),
        json!("a,,b"),
        json!("a,"),
        json!(" a , b "),
        json!(","),
        json!("a b"),
        json!("a.b"),
        json!("a,b,a,b"),
        json!(""),
        json!("\u{e4}"),
        json!("type"),
        Value::Null,
    ] {
        changes.push(json!({
            "transforms": list,
            "transforms.a.type": format!("{TRANSFORMS}.Filter"),
            "transforms.b.type": format!("{TRANSFORMS}.Filter"),
            "predicates": list,
            "predicates.a.type": format!("{PREDICATES}.RecordIsTombstone"),
        }));
    }
    check(client, &changes).await;
}

async fn classes_are_checked(client: &mut Client<'_>) {
    let mut changes = Vec::new();
    for class in [
        "Nope",
        "Key",
        "filter",
        "Regex",
        "HasHeaderKey",
        "JsonConverter",
        "FileStreamSource",
        OUTER[0],
        OUTER[1],
        "org.apache.kafka.connect.transforms.Cast$Nope",
        "org.apache.kafka.connect.transforms.Filter",
        " org.apache.kafka.connect.transforms.Filter ",
        " Filter",
        "HoistField$Value",
        "Value",
        " JsonConverter",
        "org.apache.kafka.connect.storage.StringConverter ",
        "org.apache.kafka.connect.storage.Converter",
        "org.apache.kafka.connect.transforms.Transformation",
        "org.apache.kafka.common.serialization.StringDeserializer",
        "org.apache.kafka.common.serialization.Serializer",
        " java.lang.String",
        "java.lang.string",
        "",
    ] {
        changes.push(plugin("transforms", class, &[]));
        changes.push(plugin("transforms", class, &[("negate", json!("true"))]));
        changes.push(plugin("predicates", class, &[]));
        changes.push(json!({"key.converter": class, "header.converter": class}));
    }
    changes.push(json!({"transforms": "a", "transforms.a.type": null}));
    changes.push(json!({"predicates": "a", "predicates.a.type": null}));
    check(client, &changes).await;
}

async fn predicates_of_transforms_are_checked(client: &mut Client<'_>) {
    let mut changes = Vec::new();
    for name in [json!("a"), json!("q"), json!(""), json!(" a "), Value::Null] {
        for negate in [
            json!("true"),
            json!("FALSE"),
            json!("yes"),
            json!(""),
            Value::Null,
        ] {
            let config = transform("Filter", &[("predicate", name.clone()), ("negate", negate)]);
            let config = with(config, "predicates", json!("a"));
            let class = format!("{PREDICATES}.RecordIsTombstone");
            changes.push(with(config, "predicates.a.type", json!(class)));
        }
    }
    for negate in [json!("true"), json!("x"), Value::Null] {
        changes.push(transform("Filter", &[("negate", negate.clone())]));
        changes.push(json!({"transforms": "a", "transforms.a.negate": negate}));
    }
    // Of predicates themselves these are settings like any other.
    let settings = [("predicate", json!("x")), ("negate", json!("x"))];
    changes.push(predicate("RecordIsTombstone", &settings));
    check(client, &changes).await;
}

async fn versions_are_checked(client: &mut Client<'_>) {
    let mut changes = Vec::new();
    for version in [
        "4.3.1",
        "latest",
        "LATEST",
        "",
        "1.0",
        "[1.0",
        "[1.0,)",
        "(,5]",
        "[4.3.1]",
        "[4.0,4.3)",
        " 4.3.1 ",
        "4.3",
        "[4.3.1,4.3.1],[5,)",
        "]",
        ",",
        "(1,2",
        "[2,1]",
        "1,2",
        "[4.3.1,",
    ] {
        let version = json!(version);
        changes.push(transform("Filter", &[("plugin.version", version.clone())]));
        changes.push(transform("Nope", &[("plugin.version", version.clone())]));
        changes.push(predicate(
            "RecordIsTombstone",
            &[("plugin.version", version.clone())],
        ));
        changes.push(json!({"key.converter.plugin.version": version}));
        changes.push(json!({"value.converter": STRING, "value.converter.plugin.version": version}));
        changes
            .push(json!({"header.converter": "Nope", "header.converter.plugin.version": version}));
    }
    check(client, &changes).await;
}

async fn lists_of_transforms_are_checked(client: &mut Client<'_>) {
    let mut changes = Vec::new();
    let odd = ODD.iter().map(|it| json!(it)).chain([Value::Null]);
    for list in odd {
        let of = |class, keys: &[&str]| {
            let settings: Vec<_> = keys.iter().map(|it| (*it, list.clone())).collect();
            transform(class, &settings)
        };
        // The reference stumbles over null there.
        if !list.is_null() {
            changes.push(of("ReplaceField$Value", &["renames"]));
        }
        changes.push(of("DropHeaders", &["headers"]));
        changes.push(of("ValueToKey", &["fields"]));
        changes.push(of("MaskField$Key", &["fields", "replacement"]));
        changes.push(of("ReplaceField$Value", &["include", "exclude"]));
        changes.push(of("HeaderFrom$Value", &["fields", "headers", "operation"]));
    }
    for class in [
        "Cast$Value",
        "DropHeaders",
        "HeaderFrom$Key",
        "MaskField$Value",
        "ReplaceField$Key",
        "ValueToKey",
    ] {
        changes.push(transform(class, &[]));
    }
    for spec in [
        "",
        "int8",
        "int8,int16",
        "a:int8,a:int8",
        "a:array",
        "a:b:c",
        " a : int8 ",
    ] {
        changes.push(transform("Cast$Value", &[("spec", json!(spec))]));
    }
    check(client, &changes).await;
}

async fn texts_of_transforms_are_checked(client: &mut Client<'_>) {
    const SETTINGS: &[(&str, &str)] = &[
        ("Cast$Value", "replace.null.with.default"),
        ("ExtractField$Value", "field"),
        ("ExtractField$Value", "field.syntax.version"),
        ("Flatten$Value", "delimiter"),
        ("HoistField$Key", "field"),
        ("InsertField$Value", "topic.field"),
        ("InsertField$Value", "static.field"),
        ("InsertHeader", "header"),
        ("InsertHeader", "value.literal"),
        ("RegexRouter", "replacement"),
        ("SetSchemaMetadata$Value", "schema.name"),
        ("SetSchemaMetadata$Value", "schema.version"),
        ("TimestampConverter$Value", "target.type"),
        ("TimestampConverter$Value", "unix.precision"),
        ("TimestampConverter$Value", "format"),
        ("TimestampRouter", "topic.format"),
    ];
    let mut changes = Vec::new();
    for (class, key) in SETTINGS {
        let regex = (*class == "RegexRouter").then_some(("regex", json!("x")));
        for value in [
            json!(""),
            json!(" x "),
            json!("V3"),
            json!("true"),
            Value::Null,
        ] {
            let settings: Vec<_> = regex.iter().cloned().chain([(*key, value)]).collect();
            changes.push(transform(class, &settings));
        }
    }
    for class in [
        "ExtractField$Key",
        "HoistField$Value",
        "InsertHeader",
        "RegexRouter",
        "TimestampConverter$Key",
    ] {
        changes.push(transform(class, &[]));
    }
    check(client, &changes).await;
}

async fn predicates_are_checked(client: &mut Client<'_>) {
    let mut changes = vec![
        predicate("HasHeaderKey", &[]),
        predicate("TopicNameMatches", &[]),
    ];
    for value in [json!(""), json!(" "), json!("a"), Value::Null] {
        changes.push(predicate("HasHeaderKey", &[("name", value)]));
    }
    for value in ["", "a.*"] {
        changes.push(predicate("TopicNameMatches", &[("pattern", json!(value))]));
    }
    check(client, &changes).await;
}

async fn settings_of_converters_are_checked(client: &mut Client<'_>) {
    const SETTINGS: &[(&str, &[&str])] = &[
        ("schemas.enable", &["TRUE", "x", ""]),
        ("schemas.cache.size", &["0", "-1", "x", "99999999999"]),
        ("decimal.format", &["numeric", "x", ""]),
        ("replace.null.with.default", &["x"]),
        ("converter.type", &["key", "header", "x", ""]),
        ("schema.content", &["", "{\"type\":\"int8\"}"]),
        ("unknown", &["x"]),
    ];
    let mut changes = Vec::new();
    for role in ["key", "value", "header"] {
        let class = format!("{role}.converter");
        for (key, values) in SETTINGS {
            for value in values.iter().map(|it| json!(it)).chain([Value::Null]) {
                let key = format!("{class}.{key}");
                changes.push(json!({class.as_str(): JSON, key.as_str(): value}));
                changes.push(json!({key.as_str(): value}));
            }
        }
        for encoding in ["UTF-8", "nope", ""] {
            let key = format!("{class}.converter.encoding");
            changes.push(json!({class.as_str(): STRING, key.as_str(): encoding}));
        }
    }
    check(client, &changes).await;
}
