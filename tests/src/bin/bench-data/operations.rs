//! The operations that are timed, as requests in the notation of the vectors.

use connect_tests::differential::encoded;
use serde_json::{Value as Json, json};

const JSON_CONVERTER: &str = "org.apache.kafka.connect.json.JsonConverter";
const TRANSFORMS: &str = "org.apache.kafka.connect.transforms.";

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) request: Json,
    /// What it may take; without it a fifth of Java's time.
    pub(crate) target: Option<u32>,
}

/// Everything that is timed.
pub(crate) fn all() -> Vec<Operation> {
    let mut operations = Vec::new();
    json_operations(&mut operations);
    transform_operations(&mut operations);
    values_operations(&mut operations);
    operations
}

fn json_operations(operations: &mut Vec<Operation>) {
    let (schema, value) = (sample_schema(), sample_value());
    let mut add =
        |names: [&'static str; 2], schemas: &str, data: (&Json, &Json), targets: [_; 2]| {
            let (schema, value) = data;
            let config = json!({"schemas.enable": schemas});
            let write = json!({
                "op": "encode", "class": JSON_CONVERTER, "config": config,
                "schema": schema, "value": value,
            });
            let bytes = encoded(&write).expect("the sample can be written");
            let read = json!({
                "op": "decode", "class": JSON_CONVERTER, "config": config, "bytes": bytes,
            });
            for ((name, request), target) in names.into_iter().zip([write, read]).zip(targets) {
                operations.push(Operation {
                    name,
                    request,
                    target,
                });
            }
        };
    add(
        [
            "JSON, data to bytes, schemas on",
            "JSON, bytes to data, schemas on",
        ],
        "true",
        (&schema, &value),
        [Some(490), Some(900)],
    );
    add(
        [
            "JSON, data to bytes, schemas off",
            "JSON, bytes to data, schemas off",
        ],
        "false",
        (&schema, &value),
        [Some(140), Some(220)],
    );
    let (schema, value) = envelope();
    add(
        [
            "JSON, change event to bytes, schemas on",
            "JSON, bytes to change event, schemas on",
        ],
        "true",
        (&schema, &value),
        [None, None],
    );
}

fn transform_operations(operations: &mut Vec<Operation>) {
    let sample = json!({
        "topic": "orders", "timestamp": 1_700_000_000_000_i64,
        "valueSchema": sample_schema(), "value": sample_value(),
    });
    let nested = json!({
        "topic": "orders",
        "valueSchema": {"type": "struct", "fields": [
            {"name": "id", "schema": "int64"}, {"name": "order", "schema": sample_schema()},
        ]},
        "value": {"struct": {"id": {"i64": 1}, "order": sample_value()}},
    });
    let names = |count: usize| {
        let names: Vec<_> = (0..count).map(|it| format!("field{it}")).collect();
        names.join(",")
    };
    let map = |count: usize| {
        let entries: Vec<_> = (0..count)
            .map(|it| json!([format!("field{it}"), format!("value{it}")]))
            .collect();
        json!({"topic": "orders", "value": {"map": entries}})
    };
    let mut add = |name, class: &str, config: Json, record: &Json, target| {
        operations.push(Operation {
            name,
            request: json!({
                "op": "transform", "class": format!("{TRANSFORMS}{class}$Value"),
                "config": config, "record": record,
            }),
            target,
        });
    };
    add(
        "ReplaceField, map of 100 fields, exclude 50",
        "ReplaceField",
        json!({"exclude": names(50)}),
        &map(100),
        Some(280),
    );
    add(
        "InsertField, struct of 10, timestamp and static field",
        "InsertField",
        json!({"timestamp.field": "seen", "static.field": "site", "static.value": "north"}),
        &sample,
        Some(80),
    );
    add(
        "Cast, struct of 10, three fields",
        "Cast",
        json!({"spec": "id:string,count:int64,price:float32"}),
        &sample,
        Some(84),
    );
    add(
        "MaskField, struct of 10, two fields",
        "MaskField",
        json!({"fields": "name,count"}),
        &sample,
        Some(56),
    );
    add(
        "TimestampConverter, one field to text",
        "TimestampConverter",
        json!({"field": "at", "target.type": "string", "format": "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"}),
        &sample,
        Some(140),
    );
    add(
        "Flatten, struct of 2 with nested 10",
        "Flatten",
        json!({}),
        &nested,
        Some(127),
    );
    for (name, fields, key, listed) in [
        ("ReplaceField, map of 100, include 1", 100, "include", 1),
        ("ReplaceField, map of 100, exclude 100", 100, "exclude", 100),
        (
            "ReplaceField, map of 1000, include 100",
            1_000,
            "include",
            100,
        ),
        (
            "ReplaceField, map of 1000, exclude 10000",
            1_000,
            "exclude",
            10_000,
        ),
        (
            "ReplaceField, map of 10000, include 10000",
            10_000,
            "include",
            10_000,
        ),
        (
            "ReplaceField, map of 10000, exclude 100",
            10_000,
            "exclude",
            100,
        ),
    ] {
        add(
            name,
            "ReplaceField",
            json!({key: names(listed)}),
            &map(fields),
            None,
        );
    }
}

fn values_operations(operations: &mut Vec<Operation>) {
    let texts = [
        "5",
        "1.5",
        "true",
        "null",
        "a text",
        "2024-02-29",
        "[1, 2, 3]",
        "{\"a\": 1}",
        "-40000",
    ];
    operations.push(Operation {
        name: "Values, parse nine literals",
        request: json!({"op": "values", "texts": texts}),
        target: Some(108),
    });
    let values = json!([
        ["boolean", true], ["int8", {"i8": 1}], ["int16", {"i16": 300}], ["int32", {"i32": 70_000}],
        ["int64", {"i64": 1_i64 << 40}], ["float32", {"f32": 1.5}], ["float64", {"f64": 2.25}],
        ["string", "a text"], ["Date", {"date": 1_700_006_400_000_i64}],
        ["Time", {"date": 3_600_000}], ["Timestamp", {"date": 1_700_000_000_000_i64}],
        ["Decimal(2)", {"decimal": "12.34"}],
        [{"type": "array", "values": "string"}, ["a", "b", "c"]],
        [{"type": "map", "keys": "string", "values": "int32"}, {"map": [["a", {"i32": 1}]]}],
    ]);
    operations.push(Operation {
        name: "Values, fourteen values to text, and their schemas",
        request: json!({"op": "convert", "values": values}),
        target: None,
    });
}

/// Ten fields of most kinds.
fn sample_schema() -> Json {
    json!({"type": "struct", "name": "org.example.Order", "fields": [
        {"name": "id", "schema": "int64"},
        {"name": "name", "schema": "string"},
        {"name": "comment", "schema": "string?"},
        {"name": "count", "schema": "int32"},
        {"name": "price", "schema": "float64"},
        {"name": "paid", "schema": "boolean"},
        {"name": "at", "schema": "Timestamp"},
        {"name": "total", "schema": "Decimal(2)"},
        {"name": "tags", "schema": {"type": "array", "values": "string"}},
        {"name": "note", "schema": "string?"},
    ]})
}

fn sample_value() -> Json {
    json!({"struct": {
        "id": {"i64": 1_234_567_890_123_i64}, "name": "order number one", "comment": "a comment",
        "count": {"i32": 42}, "price": {"f64": 19.99}, "paid": true,
        "at": {"date": 1_700_000_000_123_i64}, "total": {"decimal": "839.58"},
        "tags": ["one", "two", "three"], "note": null,
    }})
}

/// A change of a row, as change data capture reports it.
fn envelope() -> (Json, Json) {
    let mut row = sample_schema();
    row["optional"] = json!(true);
    let schema = json!({"type": "struct", "name": "org.example.Envelope", "fields": [
        {"name": "before", "schema": row}, {"name": "after", "schema": row},
        {"name": "source", "schema": {"type": "struct", "fields": [
            {"name": "version", "schema": "string"}, {"name": "connector", "schema": "string"},
            {"name": "db", "schema": "string"}, {"name": "table", "schema": "string"},
            {"name": "lsn", "schema": "int64?"},
        ]}},
        {"name": "op", "schema": "string"}, {"name": "ts_ms", "schema": "int64?"},
        {"name": "transaction", "schema": "string?"},
    ]});
    let value = json!({"struct": {
        "before": sample_value(), "after": sample_value(),
        "source": {"struct": {
            "version": "1.0", "connector": "postgresql", "db": "shop", "table": "orders",
            "lsn": {"i64": 24_023_128},
        }},
        "op": "u", "ts_ms": {"i64": 1_700_000_000_456_i64}, "transaction": null,
    }});
    (schema, value)
}
