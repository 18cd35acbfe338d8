//! Transforms on the way into a topic and out of it.

use connect_tests::eventually::eventually;
use connect_tests::lines::append;
use connect_tests::topic;
use serde_json::{Value, json};

use crate::scene::{ARRIVAL_LIMIT, Scene, on_both_brokers, text};

const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";

on_both_brokers!(
    records_are_transformed_on_both_ways,
    a_transform_that_fails_names_the_record,
);

async fn records_are_transformed_on_both_ways(scene: Scene) {
    let routed = scene.topic().replace("lines-", "routed-");
    let noise_file = scene.path("noise.txt");
    append(&noise_file, "noise\nmore noise\n");
    let worker = scene.worker().set("value.converter", JSON).start().await;
    let rest = worker.rest();

    // What comes first into the only partition is to be dropped by the sink, by its header.
    let mut noise = with_transforms(
        scene.source(),
        json!({
            "transforms": "hoist,site,mark,route",
            "transforms.mark.type": "InsertHeader",
            "transforms.mark.header": "is-noise",
            "transforms.mark.value.literal": "true",
        }),
    );
    noise["file"] = json!(text(&noise_file));
    rest.create(&format!("{}-noise", scene.topic()), &noise)
        .await;
    eventually(ARRIVAL_LIMIT, "noise in the topic", async || {
        let values = topic::values(scene.bootstrap(), &routed).await;
        (values.len() == 2).then_some(()).ok_or(values)
    })
    .await;
    scene.append("one\ntwo\n");
    let source = with_transforms(scene.source(), json!({"transforms": "hoist,site,route"}));
    rest.create(&scene.source_name(), &source).await;
    let mut sink = scene.sink();
    sink["topics"] = json!(routed);
    let sink = with(
        sink,
        json!({
            "transforms": "drop,extract",
            "transforms.drop.type": "Filter",
            "transforms.drop.predicate": "noise",
            "transforms.extract.type": "org.apache.kafka.connect.transforms.ExtractField$Value",
            "transforms.extract.field": "line",
            "predicates": "noise",
            "predicates.noise.type": "HasHeaderKey",
            "predicates.noise.name": "is-noise",
        }),
    );
    rest.create(&scene.sink_name(), &sink).await;

    scene.wait_for_sink("one\ntwo\n").await;
    let values = topic::values(scene.bootstrap(), &routed).await;
    let parse =
        |text: &String| serde_json::from_str::<Value>(text).expect("JSON")["payload"].take();
    let payloads: Vec<Value> = values.iter().map(parse).collect();
    let lines = ["noise", "more noise", "one", "two"];
    assert_eq!(
        payloads,
        lines.map(|line| json!({"line": line, "site": "north"}))
    );
    assert!(scene.topic_values().await.is_empty());
}

async fn a_transform_that_fails_names_the_record(scene: Scene) {
    scene.append("plain\n");
    let worker = scene.worker().start().await;
    let rest = worker.rest();
    rest.create(&scene.source_name(), &scene.source()).await;
    let sink = with(
        scene.sink(),
        json!({
            "transforms": "extract",
            "transforms.extract.type": "org.apache.kafka.connect.transforms.ExtractField$Value",
            "transforms.extract.field": "line",
        }),
    );
    rest.create(&scene.sink_name(), &sink).await;

    let name = scene.sink_name();
    let status = rest.wait_states(&name, "RUNNING", &["FAILED"]).await;
    let trace = status["tasks"][0]["trace"]
        .as_str()
        .expect("a failed task has a trace");
    let place = format!("record {}-0@0", scene.topic());
    for part in ["TRANSFORMATION", "transforms.extract", &place] {
        assert!(trace.contains(part), "{part}: {trace}");
    }

    // Nothing of it was lost.
    let path = format!("/connectors/{name}/config");
    rest.put(&path, &scene.sink()).await.assert_status(200);
    scene.wait_for_sink("plain\n").await;
}

/// A configuration with more keys.
fn with(mut config: Value, mut more: Value) -> Value {
    let keys = config
        .as_object_mut()
        .expect("a configuration is an object");
    keys.append(more.as_object_mut().expect("so are more keys"));
    config
}

/// A source whose lines become a field beside another one, in a topic with another name, if the
/// list of transforms says so.
fn with_transforms(source: Value, more: Value) -> Value {
    let steps = json!({
        "transforms.hoist.type": "org.apache.kafka.connect.transforms.HoistField$Value",
        "transforms.hoist.field": "line",
        "transforms.site.type": "org.apache.kafka.connect.transforms.InsertField$Value",
        "transforms.site.static.field": "site",
        "transforms.site.static.value": "north",
        "transforms.route.type": "RegexRouter",
        "transforms.route.regex": "lines-(.*)",
        "transforms.route.replacement": "routed-$1",
    });
    with(with(source, steps), more)
}
