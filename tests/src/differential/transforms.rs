//! The transforms and predicates, and random records for them.

use serde_json::{Value as Json, json};

use super::Chance;
use super::patterns::{date_pattern, date_text};
use super::settings::{self as of, Configure, Settings, set};
use super::texts::{NAMES, text};
use super::values::{data, moment};

/// Where the transforms are.
const PACKAGE: &str = "org.apache.kafka.connect.transforms.";

/// Transforms of the key and of the value.
const OF_DATA: &[(&str, Configure)] = &[
    ("Cast", of::cast),
    ("ExtractField", of::extract),
    ("Flatten", of::flatten),
    ("HeaderFrom", of::header_from),
    ("HoistField", |chance, config| {
        set(config, "field", of::name(chance));
    }),
    ("InsertField", of::insert_field),
    ("MaskField", of::mask),
    ("ReplaceField", of::replace),
    ("SetSchemaMetadata", of::metadata),
    ("TimestampConverter", of::convert),
];

/// Transforms of whole records.
const OF_RECORDS: &[(&str, Configure)] = &[
    ("DropHeaders", |chance, config| {
        set(config, "headers", chance.list(NAMES));
    }),
    ("Filter", |_, _| {}),
    ("InsertHeader", of::insert_header),
    ("RegexRouter", of::route),
    ("TimestampRouter", of::timestamp_router),
    ("ValueToKey", of::value_to_key),
];

const PREDICATES: &[(&str, Configure)] = &[
    ("predicates.HasHeaderKey", |chance, config| {
        set(config, "name", of::name(chance));
    }),
    ("predicates.RecordIsTombstone", |_, _| {}),
    ("predicates.TopicNameMatches", of::topic_pattern),
];

/// All transforms, with their classes.
pub(super) fn transforms() -> Vec<(String, Configure)> {
    let mut all: Vec<(String, Configure)> = OF_RECORDS.iter().map(in_package).collect();
    for (name, configure) in OF_DATA {
        for half in ["$Key", "$Value"] {
            all.push((format!("{PACKAGE}{name}{half}"), *configure));
        }
    }
    all
}

/// All predicates, with their classes.
pub(super) fn predicates() -> Vec<(String, Configure)> {
    PREDICATES.iter().map(in_package).collect()
}

fn in_package((name, configure): &(&str, Configure)) -> (String, Configure) {
    (format!("{PACKAGE}{name}"), *configure)
}

/// A transform gets several records, some with the schemas of those before.
pub(super) fn transform(chance: &mut Chance, class: &str, config: &Settings) -> Json {
    let is_of_key = class.ends_with("$Key");
    let mut records = vec![record(chance, is_of_key)];
    if chance.percent(30) {
        let mut again = record(chance, is_of_key);
        if chance.percent(70) {
            for member in ["keySchema", "key", "valueSchema", "value"] {
                again[member] = records[0][member].clone();
            }
        }
        records.push(again);
    }
    if class.contains("TimestampConverter") && chance.percent(40) {
        for record in &mut records {
            let (schema, value) = dated(chance, config);
            let half = if is_of_key { "key" } else { "value" };
            record[half] = value;
            record[format!("{half}Schema")] = schema;
        }
    }
    json!({"op": "transform", "class": class, "config": config, "records": records})
}

/// Data with a text that fits the format of a configuration now and then: the field that is to be
/// converted, or all.
fn dated(chance: &mut Chance, config: &Settings) -> (Json, Json) {
    let format = config.get("format").and_then(Json::as_str);
    let format = format.map_or_else(|| date_pattern(chance), str::to_owned);
    let text = date_text(chance, &format);
    match config.get("field").and_then(Json::as_str) {
        Some("") | None if chance.percent(50) => (Json::Null, text.into()),
        Some("") | None => (json!("string"), text.into()),
        Some(field) if chance.percent(50) => (Json::Null, json!({"map": [[field, text]]})),
        Some(field) => {
            let fields = json!([{"name": field, "schema": "string"}]);
            let schema = json!({"type": "struct", "fields": fields});
            (schema, json!({"struct": {field: text}}))
        }
    }
}

pub(super) fn test(chance: &mut Chance, class: &str, config: &Settings) -> Json {
    let mut record = record(chance, false);
    record["recordType"] = json!("sink");
    record["partition"] = json!(0);
    json!({"op": "test", "class": class, "config": config, "record": record})
}

/// The half that a transform is not meant for is mostly small: it only has to stay as it is.
fn record(chance: &mut Chance, is_of_key: bool) -> Json {
    let meant = data(chance);
    let other = match chance.percent(10) {
        true => data(chance),
        false => (json!("string"), json!(text(chance))),
    };
    let ((key_schema, key), (value_schema, value)) = match is_of_key {
        true => (meant, other),
        false => (other, meant),
    };
    let mut record = json!({
        "recordType": chance.pick(&["sink", "source"]),
        "topic": topic(chance),
        "partition": chance.pick(&[0, 1, 5, i32::MAX]),
        "keySchema": key_schema, "key": key,
        "valueSchema": value_schema, "value": value,
    });
    if record["recordType"] == "sink" {
        record["offset"] = json!(chance.between(0, 1 << 40));
    } else if chance.percent(10) {
        record["partition"] = Json::Null;
    }
    if chance.percent(85) {
        record["timestamp"] = json!(moment(chance));
    }
    let headers: Vec<Json> = (0..chance.below(4)).map(|_| header(chance)).collect();
    record["headers"] = headers.into();
    record
}

fn topic(chance: &mut Chance) -> String {
    match chance.below(20) {
        0..14 => chance
            .pick(&[
                "test",
                "orders-2024",
                "a.b.c",
                "x_y",
                "abab",
                "TeSt",
                "aa-2",
            ])
            .to_owned(),
        14 => chance
            .pick(&["", "a$1", "${timestamp}", "\u{e4}\u{1f600}", "a\nb"])
            .to_owned(),
        _ => {
            let letters = ['a', 'b', 't', 'e', '-', '_', '.', '2'];
            let count = 1 + chance.below(8);
            (0..count).map(|_| chance.pick(&letters)).collect()
        }
    }
}

/// The reference checks the class of a header's value when it is added, so only good ones are.
fn header(chance: &mut Chance) -> Json {
    let key = of::name(chance);
    if chance.percent(60) {
        return json!({"key": key, "schema": "string", "value": text(chance)});
    }
    let schema = super::schemas::schema(chance, 1);
    let value = super::values::value(chance, &schema);
    json!({"key": key, "schema": schema, "value": value})
}
