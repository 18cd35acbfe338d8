//! Random texts and values for the helper that reads, writes and converts literals.

use serde_json::{Value as Json, json};

use super::Chance;
use super::schemas::{PRIMITIVES, schema};
use super::texts::{number, text};
use super::values::{data, given, moment, primitive, schemaless};

const FUNCTIONS: &[&str] = &[
    "convertToBoolean",
    "convertToByte",
    "convertToShort",
    "convertToInteger",
    "convertToLong",
    "convertToFloat",
    "convertToDouble",
    "convertToList",
    "convertToMap",
    "convertToStruct",
    "convertToDate",
    "convertToTime",
    "convertToTimestamp",
    "convertToDecimal",
];

pub(super) fn parse(chance: &mut Chance) -> Json {
    json!({"op": "parse", "text": literal(chance)})
}

/// A value without text of its own for bytes, which Java shows by where they lie in memory.
pub(super) fn format(chance: &mut Chance) -> Json {
    let (schema, value) = data(chance);
    json!({"op": "convert", "function": "convertToString", "schema": schema, "value": value})
}

pub(super) fn infer(chance: &mut Chance) -> Json {
    let value = match chance.percent(30) {
        true => {
            let kind = chance.pick(PRIMITIVES);
            let elements: Vec<Json> = (0..chance.below(4))
                .map(|_| primitive(chance, kind))
                .collect();
            elements.into()
        }
        false => schemaless(chance, 3),
    };
    json!({"op": "infer", "value": value})
}

pub(super) fn convert(chance: &mut Chance) -> Json {
    let (schema, value) = match chance.below(10) {
        0..2 => (json!("string"), json!(literal(chance))),
        2..4 => (Json::Null, json!(literal(chance))),
        4 => (
            json!(chance.pick(&["Date", "Time", "Timestamp"])),
            json!({"date": moment(chance)}),
        ),
        5 => (Json::Null, schemaless(chance, 1)),
        6 => {
            let kind = chance.pick(PRIMITIVES);
            (json!(kind), primitive(chance, kind))
        }
        7 => (json!("string"), json!(number(chance))),
        _ => {
            let schema = schema(chance, 1);
            let value = given(chance, &schema);
            (schema, value)
        }
    };
    json!({
        "op": "convert", "function": chance.pick(FUNCTIONS), "scale": chance.between(-2, 6),
        "schema": schema, "value": value,
    })
}

/// A text in the language of literals, more or less.
pub(crate) fn literal(chance: &mut Chance) -> String {
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
        "\"2024-02-29T12:00:00.000Z\"",
        "300",
        "70000",
        "5000000000",
        "\n",
        "\t",
    ];
    match chance.below(10) {
        0..3 => text(chance),
        3..5 => container(chance, 3),
        5 => moment_of_odd_numbers(chance),
        _ => {
            let count = 1 + chance.below(9);
            (0..count).map(|_| chance.pick(PARTS)).collect()
        }
    }
}

/// A date, a time or both, as long as they have to be, with numbers that nobody expects in them.
fn moment_of_odd_numbers(chance: &mut Chance) -> String {
    const NUMBERS: &[&str] = &[
        "1",
        "12",
        "007",
        "2024",
        "1E1",
        "15E-1",
        "1E",
        "-3",
        " 5",
        "NaN",
        "-\u{221e}",
        "\u{661}",
        "99999999999",
        "1E400",
    ];
    let (length, separators) = chance.pick(&[
        (10, &["-", "-"] as &[_]),
        (13, &[":", ":", ".", "Z"]),
        (24, &["-", "-", "T", ":", ":", ".", "Z"]),
    ]);
    let mut text = chance
        .pick(&["1", "2024", "1E1", "3E9", "\u{661}"])
        .to_owned();
    for separator in separators {
        text.push_str(separator);
        if *separator != "Z" {
            text.push_str(chance.pick(NUMBERS));
        }
    }
    while text.chars().count() < length {
        text.push(chance.pick(&['0', '5', 'x']));
    }
    match chance.percent(20) {
        true => text.replace(':', "\\:"),
        false => text,
    }
}

/// A list or a map, mostly without mistakes.
fn container(chance: &mut Chance, depth: usize) -> String {
    let space = |chance: &mut Chance| chance.pick(&["", "", "", " "]);
    let element = |chance: &mut Chance| match chance.below(10) {
        0..2 if depth > 0 => container(chance, depth - 1),
        0..5 => number(chance),
        5..7 => format!("\"{}\"", text(chance).replace(['"', '\\'], "")),
        7 => "null".to_owned(),
        8 => "true".to_owned(),
        _ => chance
            .pick(&["2024-02-29", "12:00:00.000Z", "x", "\"a\\\"b\""])
            .to_owned(),
    };
    let is_map = chance.percent(50);
    let elements: Vec<String> = (0..chance.below(4))
        .map(|_| match is_map {
            true => format!("{}{}:{}", element(chance), space(chance), element(chance)),
            false => element(chance),
        })
        .collect();
    let separator = format!("{},{}", space(chance), space(chance));
    let inner = elements.join(&separator);
    match is_map {
        true => format!("{{{inner}}}"),
        false => format!("[{inner}]"),
    }
}
