//! Random configurations of transforms and predicates.

use serde_json::{Map as JsonMap, Value as Json};

use super::Chance;
use super::literals::literal;
use super::patterns::{date_pattern, path, regex, replacement};
use super::texts::{NAMES, text};

/// What is configured, by key.
pub(super) type Settings = JsonMap<String, Json>;

/// Writes the configuration of a plugin.
pub(super) type Configure = fn(&mut Chance, &mut Settings);

/// Changes a configuration so that it is probably wrong; `keys` are those of the plugin.
pub(super) fn spoil(chance: &mut Chance, config: &mut Settings, keys: &[String]) {
    const WRONG: &[&str] = &[
        "",
        " ",
        ",",
        "a,,b",
        "a,b,a",
        " a , b ",
        "a:",
        ":b",
        "a:b:c",
        "true",
        "Maybe",
        " 7 ",
        "-3",
        "+5",
        "99999999999",
        "1.5",
        "null",
        "0x1",
        "\t",
        "\u{e4}",
    ];
    for _ in 0..=chance.below(2) {
        let key = match chance.percent(8) || keys.is_empty() {
            true => "unknown",
            false => keys[chance.below(keys.len())].as_str(),
        };
        if chance.percent(20) {
            config.remove(key);
            continue;
        }
        let value = match chance.percent(80) {
            true => chance.pick(WRONG).to_owned(),
            false => text(chance),
        };
        set(config, key, value);
    }
}

pub(super) fn set(config: &mut Settings, key: &str, value: impl Into<Json>) {
    config.insert(key.to_owned(), value.into());
}

pub(super) fn name(chance: &mut Chance) -> &'static str {
    chance.pick(NAMES)
}

pub(super) fn nulls(chance: &mut Chance, config: &mut Settings) {
    if chance.percent(40) {
        let choice = chance.pick(&["true", "false"]);
        set(config, "replace.null.with.default", choice);
    }
}

pub(super) fn cast(chance: &mut Chance, config: &mut Settings) {
    const TYPES: &[&str] = &[
        "int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string",
    ];
    let kind = |chance: &mut Chance| match chance.percent(97) {
        true => chance.pick(TYPES),
        false => chance.pick(&["bytes", "date", "", "INT32", " int8 ", "struct", "array"]),
    };
    let mut spec = kind(chance).to_owned();
    if chance.percent(75) {
        let count = 1 + chance.below(3);
        let pairs = (0..count).map(|_| {
            let colon = chance.pick(&[":", ":", ":", ":", " : "]);
            format!("{}{colon}{}", name(chance), kind(chance))
        });
        spec = pairs.collect::<Vec<_>>().join(",");
    }
    set(config, "spec", spec);
    nulls(chance, config);
}

pub(super) fn extract(chance: &mut Chance, config: &mut Settings) {
    let field = path(chance);
    set(config, "field", field);
    if chance.percent(60) {
        let versions = ["V1", "V2", "V2", "v2"];
        set(config, "field.syntax.version", chance.pick(&versions));
    }
    nulls(chance, config);
}

pub(super) fn header_from(chance: &mut Chance, config: &mut Settings) {
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
        match chance.percent(95) {
            true => chance.pick(&["move", "copy"]),
            false => chance.pick(&["MOVE", "Copy"]),
        },
    );
    nulls(chance, config);
}

pub(super) fn insert_field(chance: &mut Chance, config: &mut Settings) {
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

pub(super) fn mask(chance: &mut Chance, config: &mut Settings) {
    set(config, "fields", chance.list(NAMES));
    if chance.percent(50) {
        let replacement = text(chance);
        set(config, "replacement", replacement);
    }
    nulls(chance, config);
}

pub(super) fn route(chance: &mut Chance, config: &mut Settings) {
    let regex = regex(chance);
    set(config, "regex", regex);
    set(config, "replacement", replacement(chance));
}

pub(super) fn replace(chance: &mut Chance, config: &mut Settings) {
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

pub(super) fn metadata(chance: &mut Chance, config: &mut Settings) {
    if chance.percent(70) {
        set(
            config,
            "schema.name",
            chance.pick(&["org.example.New", "n", "", " n "]),
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

pub(super) fn convert(chance: &mut Chance, config: &mut Settings) {
    if chance.percent(80) {
        set(config, "field", name(chance));
    }
    let kinds = ["string", "unix", "Date", "Time", "Timestamp"];
    set(config, "target.type", chance.pick(&kinds));
    if chance.percent(80) {
        let mut format = date_pattern(chance);
        // After it has read a year of a week with an offset the reference writes with that offset.
        if format.contains(['z', 'Z', 'X']) {
            format = format.replace('Y', "y");
        }
        set(config, "format", format);
    }
    if chance.percent(40) {
        let units = ["seconds", "milliseconds", "microseconds", "nanoseconds"];
        set(config, "unix.precision", chance.pick(&units));
    }
    nulls(chance, config);
}

pub(super) fn flatten(chance: &mut Chance, config: &mut Settings) {
    if chance.percent(50) {
        set(config, "delimiter", chance.pick(&[".", "_", "", "::"]));
    }
}

pub(super) fn insert_header(chance: &mut Chance, config: &mut Settings) {
    set(config, "header", name(chance));
    let literal = match chance.percent(50) {
        true => text(chance),
        false => literal(chance),
    };
    set(config, "value.literal", literal);
}

pub(super) fn timestamp_router(chance: &mut Chance, config: &mut Settings) {
    if chance.percent(70) {
        let forms = [
            "${topic}-${timestamp}",
            "x${timestamp}y",
            "${topic}",
            "fixed",
            "${topic}${topic}",
            "$1",
        ];
        set(config, "topic.format", chance.pick(&forms));
    }
    if chance.percent(70) {
        let format = date_pattern(chance);
        set(config, "timestamp.format", format);
    }
}

pub(super) fn value_to_key(chance: &mut Chance, config: &mut Settings) {
    set(config, "fields", chance.list(NAMES));
    nulls(chance, config);
}

pub(super) fn topic_pattern(chance: &mut Chance, config: &mut Settings) {
    let pattern = regex(chance);
    set(config, "pattern", pattern);
}
