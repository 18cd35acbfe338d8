//! Random configurations of transforms, and records for them.

use serde_json::{Map as JsonMap, Value as Json, json};

use super::values::{NAMES, data, text};
use super::{Chance, Subject};

/// Where the transforms are.
const PACKAGE: &str = "org.apache.kafka.connect.transforms.";

macro_rules! subjects {
    ($($name:literal: $config:expr;)*) => {
        pub(super) const SUBJECTS: &[Subject] = &[$(Subject {
            name: $name,
            generate: |chance| {
                let config: fn(&mut Chance, &mut JsonMap<String, Json>) = $config;
                request(chance, $name, config)
            },
        }),*];
    };
}

subjects! {
    "Cast$Value": cast;
    "Cast$Key": cast;
    "DropHeaders": |chance, config| set(config, "headers", chance.list(NAMES));
    "ExtractField$Value": extract;
    "Filter": |_, _| {};
    "Flatten$Value": |chance, config| {
        if chance.percent(50) {
            set(config, "delimiter", chance.pick(&[".", "_", "", "::"]));
        }
    };
    "HeaderFrom$Value": header_from;
    "HoistField$Value": |chance, config| set(config, "field", name(chance));
    "InsertField$Value": insert_field;
    "InsertField$Key": insert_field;
    "InsertHeader": |chance, config| {
        set(config, "header", name(chance));
        let literal = text(chance);
        set(config, "value.literal", literal);
    };
    "MaskField$Value": mask;
    "RegexRouter": route;
    "ReplaceField$Value": replace;
    "SetSchemaMetadata$Value": metadata;
    "TimestampConverter$Value": convert;
    "TimestampRouter": |chance, config| {
        if chance.percent(70) {
            let forms = ["${topic}-${timestamp}", "x${timestamp}y", "${topic}", "fixed"];
            set(config, "topic.format", chance.pick(&forms));
        }
        if chance.percent(70) {
            set(config, "timestamp.format", chance.pick(PATTERNS));
        }
    };
    "ValueToKey": |chance, config| {
        set(config, "fields", chance.list(NAMES));
        nulls(chance, config);
    };
}

/// Patterns of dates.
const PATTERNS: &[&str] = &[
    "yyyyMMdd",
    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
    "yyyy-MM-dd HH:mm:ss",
    "EEE, d MMM yyyy",
    "hh:mm a",
    "yy/M/d",
    "DDD",
    concat!("yyyy-MM-dd'T'HH:mm:ss", "XX", "X"),
    "",
    "QQ",
];

fn request(
    chance: &mut Chance,
    name: &str,
    configure: impl Fn(&mut Chance, &mut JsonMap<String, Json>),
) -> Json {
    let mut config = JsonMap::new();
    configure(chance, &mut config);
    json!({
        "op": "transform",
        "class": format!("{PACKAGE}{name}"),
        "config": config,
        "record": record(chance),
    })
}

fn record(chance: &mut Chance) -> Json {
    let (key_schema, key) = data(chance);
    let (value_schema, value) = data(chance);
    let mut record = json!({
        "recordType": chance.pick(&["sink", "source"]),
        "topic": chance.pick(&["test", "orders-2024", "a.b.c", "x_y"]),
        "partition": chance.between(0, 5),
        "keySchema": key_schema, "key": key,
        "valueSchema": value_schema, "value": value,
    });
    if record["recordType"] == "sink" {
        record["offset"] = json!(chance.between(0, 1 << 40));
    }
    if chance.percent(80) {
        record["timestamp"] = json!(chance.between(0, 4_000_000_000_000));
    }
    let headers: Vec<Json> = (0..chance.below(3))
        .map(|_| json!({"key": name(chance), "schema": "string", "value": text(chance)}))
        .collect();
    record["headers"] = headers.into();
    record
}

fn set(config: &mut JsonMap<String, Json>, key: &str, value: impl Into<Json>) {
    config.insert(key.to_owned(), value.into());
}

fn name(chance: &mut Chance) -> &'static str {
    chance.pick(NAMES)
}

fn nulls(chance: &mut Chance, config: &mut JsonMap<String, Json>) {
    if chance.percent(40) {
        let choice = chance.pick(&["true", "false"]);
        set(config, "replace.null.with.default", choice);
    }
}

fn cast(chance: &mut Chance, config: &mut JsonMap<String, Json>) {
    const TYPES: &[&str] = &[
        "int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string",
    ];
    let kind = |chance: &mut Chance| match chance.percent(97) {
        true => chance.pick(TYPES),
        false => chance.pick(&["bytes", "date", "", "INT32"]),
    };
    let mut spec = kind(chance).to_owned();
    if chance.percent(75) {
        let count = 1 + chance.below(3);
        let pairs = (0..count).map(|_| format!("{}:{}", name(chance), kind(chance)));
        spec = pairs.collect::<Vec<_>>().join(",");
    }
    set(config, "spec", spec);
    nulls(chance, config);
}

fn extract(chance: &mut Chance, config: &mut JsonMap<String, Json>) {
    let field = match chance.percent(30) {
        true => format!("{}.{}", name(chance), name(chance)),
        false => name(chance).to_owned(),
    };
    let field = match chance.percent(10) {
        true => format!("`{field}`"),
        false => field,
    };
    set(config, "field", field);
    if chance.percent(60) {
        set(config, "field.syntax.version", chance.pick(&["V1", "V2"]));
    }
    nulls(chance, config);
}

fn header_from(chance: &mut Chance, config: &mut JsonMap<String, Json>) {
    let count = 1 + chance.below(3);
    let list = |chance: &mut Chance, count| {
        let names: Vec<&str> = (0..count).map(|_| name(chance)).collect();
        names.join(",")
    };
    set(config, "fields", list(chance, count));
    let headers = match chance.percent(95) {
        true => count,
        false => count + 1,
    };
    set(config, "headers", list(chance, headers));
    set(
        config,
        "operation",
        chance.pick(&["move", "copy", "MOVE", "Copy"]),
    );
    nulls(chance, config);
}

fn insert_field(chance: &mut Chance, config: &mut JsonMap<String, Json>) {
    let mark = |chance: &mut Chance| chance.pick(&["", "", "!", "?"]);
    for key in [
        "topic.field",
        "partition.field",
        "offset.field",
        "timestamp.field",
    ] {
        if chance.percent(35) {
            let field = format!(
                "{}{}",
                chance.pick(&["t", "p", "a", "new", "b"]),
                mark(chance)
            );
            set(config, key, field);
        }
    }
    if chance.percent(50) {
        let field = format!("{}{}", chance.pick(&["s", "c"]), mark(chance));
        set(config, "static.field", field);
    }
    if chance.percent(50) {
        let value = text(chance);
        set(config, "static.value", value);
    }
    nulls(chance, config);
}

fn mask(chance: &mut Chance, config: &mut JsonMap<String, Json>) {
    set(config, "fields", chance.list(NAMES));
    if chance.percent(50) {
        let replacement = text(chance);
        set(config, "replacement", replacement);
    }
    nulls(chance, config);
}

fn route(chance: &mut Chance, config: &mut JsonMap<String, Json>) {
    const PATTERNS: &[&str] = &[
        "(.*)",
        "test",
        "(\\w+)-(\\d+)",
        "([a-z]).*",
        "(?<n>[^.]+)\\..*",
        "a|b",
        "(",
        "[a-z&&[^b]]+",
        "(x)?_(y)",
        "(?i)TEST",
        ".*(?=-)",
    ];
    const REPLACEMENTS: &[&str] = &["$1", "$0x", "\\$1", "${n}", "a$2b", "plain", "$9", "$", ""];
    set(config, "regex", chance.pick(PATTERNS));
    set(config, "replacement", chance.pick(REPLACEMENTS));
}

fn replace(chance: &mut Chance, config: &mut JsonMap<String, Json>) {
    if chance.percent(50) {
        set(config, "exclude", chance.list(NAMES));
    }
    if chance.percent(30) {
        set(config, "include", chance.list(NAMES));
    }
    if chance.percent(50) {
        let count = 1 + chance.below(2);
        let pairs = (0..count).map(|_| format!("{}:{}", name(chance), name(chance)));
        set(config, "renames", pairs.collect::<Vec<_>>().join(","));
    }
    nulls(chance, config);
}

fn metadata(chance: &mut Chance, config: &mut JsonMap<String, Json>) {
    if chance.percent(70) {
        set(
            config,
            "schema.name",
            chance.pick(&["org.example.New", "n", ""]),
        );
    }
    if chance.percent(50) {
        set(
            config,
            "schema.version",
            chance.pick(&["1", "7", "-3", "x"]),
        );
    }
    nulls(chance, config);
}

fn convert(chance: &mut Chance, config: &mut JsonMap<String, Json>) {
    if chance.percent(80) {
        set(config, "field", name(chance));
    }
    let kinds = ["string", "unix", "Date", "Time", "Timestamp"];
    set(config, "target.type", chance.pick(&kinds));
    if chance.percent(80) {
        set(config, "format", chance.pick(PATTERNS));
    }
    if chance.percent(40) {
        let units = ["seconds", "milliseconds", "microseconds", "nanoseconds"];
        set(config, "unix.precision", chance.pick(&units));
    }
    nulls(chance, config);
}
