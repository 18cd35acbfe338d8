//! Converters between lines and the bytes in the topic, set for the worker and for connectors.

use serde_json::{Value, json};

use crate::scene::{Scene, on_both_brokers};

const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";
const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
const BYTES: &str = "org.apache.kafka.connect.converters.ByteArrayConverter";

const LINES: &str = "plain\n\"quoted\" \\ and \t tab\n漢字 🦀\n\n";

on_both_brokers!(
    json_with_schemas_carries_the_type,
    json_without_schemas_is_the_bare_value,
    a_connector_may_have_its_own_converter,
    lines_do_not_fit_a_converter_of_bytes,
    a_record_that_is_no_json_waits_for_another_converter,
    a_converter_adds_headers_and_reads_them,
);

/// Sets the converter of values on both connectors.
fn with_converter(config: Value, converter: &str, schemas: Option<bool>) -> Value {
    let mut config = config;
    config["value.converter"] = json!(converter);
    if let Some(schemas) = schemas {
        config["value.converter.schemas.enable"] = json!(schemas.to_string());
    }
    config
}

async fn json_with_schemas_carries_the_type(scene: Scene) {
    scene.append(LINES);
    // Schemas are on unless they are switched off.
    let worker = scene.worker().set("value.converter", JSON).start().await;

    scene.create_both(&worker).await;

    scene.wait_for_sink(LINES).await;
    let expected = LINES
        .lines()
        .map(|line| json!({"schema": {"type": "string", "optional": false}, "payload": line}));
    assert_eq!(parsed(&scene).await, expected.collect::<Vec<_>>());
}

async fn json_without_schemas_is_the_bare_value(scene: Scene) {
    scene.append(LINES);
    let worker = scene.worker().set("value.converter", JSON);
    let worker = worker
        .set("value.converter.schemas.enable", "false")
        .start()
        .await;

    scene.create_both(&worker).await;

    scene.wait_for_sink(LINES).await;
    let expected: Vec<Value> = LINES.lines().map(|line| json!(line)).collect();
    assert_eq!(parsed(&scene).await, expected);
}

async fn a_connector_may_have_its_own_converter(scene: Scene) {
    scene.append("line\n");
    let worker = scene.worker().start().await;
    let source = with_converter(scene.source(), JSON, Some(false));
    worker.rest().create(&scene.source_name(), &source).await;

    // The sink keeps the worker's converter of strings, so it shows the document as it is.
    worker
        .rest()
        .create(&scene.sink_name(), &scene.sink())
        .await;

    scene.wait_for_sink("\"line\"\n").await;
}

async fn lines_do_not_fit_a_converter_of_bytes(scene: Scene) {
    scene.append("line\n");
    let worker = scene.worker().start().await;
    let source = with_converter(scene.source(), BYTES, None);

    worker.rest().create(&scene.source_name(), &source).await;

    let status = worker
        .rest()
        .wait_states(&scene.source_name(), "RUNNING", &["FAILED"])
        .await;
    let trace = status["tasks"][0]["trace"]
        .as_str()
        .expect("a failed task has a trace");
    assert!(
        trace.contains("ByteArrayConverter") && trace.contains("STRING"),
        "{trace}"
    );

    let source = with_converter(scene.source(), STRING, None);
    let path = format!("/connectors/{}/config", scene.source_name());
    worker.rest().put(&path, &source).await.assert_status(200);
    worker
        .rest()
        .create(&scene.sink_name(), &scene.sink())
        .await;
    scene.wait_for_sink("line\n").await;
}

async fn a_record_that_is_no_json_waits_for_another_converter(scene: Scene) {
    let lines = "not json\n1\n2\n";
    scene.append(lines);
    let worker = scene.worker().start().await;
    worker
        .rest()
        .create(&scene.source_name(), &scene.source())
        .await;
    let sink = with_converter(scene.sink(), JSON, Some(false));
    worker.rest().create(&scene.sink_name(), &sink).await;
    let status = worker
        .rest()
        .wait_states(&scene.sink_name(), "RUNNING", &["FAILED"])
        .await;
    let trace = status["tasks"][0]["trace"]
        .as_str()
        .expect("a failed task has a trace");
    assert!(trace.contains(scene.topic()), "{trace}");

    let sink = with_converter(scene.sink(), STRING, None);
    let path = format!("/connectors/{}/config", scene.sink_name());
    worker.rest().put(&path, &sink).await.assert_status(200);

    scene.wait_for_sink(lines).await;
}

/// The values in the topic as JSON.
async fn parsed(scene: &Scene) -> Vec<Value> {
    let values = scene.topic_values().await;
    let parse = |text: &String| serde_json::from_str(text).expect("the topic holds JSON");
    values.iter().map(parse).collect()
}

async fn a_converter_adds_headers_and_reads_them(scene: Scene) {
    scene.append("line\n");
    let worker = scene.worker().start().await;
    for (name, config) in [
        (scene.source_name(), scene.source()),
        (scene.sink_name(), scene.sink()),
    ] {
        let config = with_converter(config, "org.example.Labelling", None);
        worker.rest().create(&name, &config).await;
    }

    let expected = format!("line (for {})\n", scene.topic());
    scene.wait_for_sink(&expected).await;
}
