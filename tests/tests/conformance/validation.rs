//! Validation: every key of a configuration with its definition, value and mistakes.

use serde_json::{Value, json};

use crate::on_both_workers;
use crate::pair::Client;

on_both_workers!(
    requests_name_their_connector,
    sources_are_validated,
    sinks_are_validated,
    transforms_are_validated,
    converters_are_validated,
    every_transform_publishes_its_keys,
    every_predicate_publishes_its_keys,
    every_converter_publishes_its_keys,
);

const PATH: &str = "PUT /connector-plugins";

async fn validate(client: &mut Client<'_>, plugin: &str, config: &Value) {
    client
        .call_with(&format!("{PATH}/{plugin}/config/validate"), config)
        .await;
}

/// Validates a configuration with each of these changes.
pub(crate) async fn validate_each(
    client: &mut Client<'_>,
    plugin: &str,
    config: &Value,
    changes: &[Value],
) {
    for change in changes {
        let mut changed = config.clone();
        for (key, value) in change.as_object().into_iter().flatten() {
            changed[key] = value.clone();
        }
        changed["name"] = changed.get("name").cloned().unwrap_or_else(|| json!("x"));
        validate(client, plugin, &changed).await;
    }
}

async fn requests_name_their_connector(client: &mut Client<'_>) {
    let source = client.source("");
    for plugin in [
        "FileStreamSource",
        "FileStreamSourceConnector",
        "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "Source",
        "e",
        "FileStreamSink",
        "none",
    ] {
        validate(client, plugin, &source).await;
    }
    validate(client, "FileStreamSource", &json!({})).await;
    validate(client, "FileStreamSource", &json!([])).await;
    let unknown = json!({"connector.class": client.name("Nope")});
    let plugin = client.name("Nope");
    validate(client, &plugin, &unknown).await;
}

async fn sources_are_validated(client: &mut Client<'_>) {
    let source = client.source("");
    let changes = [
        json!({}),
        json!({"tasks.max": "0"}),
        json!({"tasks.max": "x"}),
        json!({"tasks.max": " 1 "}),
        json!({"tasks.max.enforce": "x"}),
        json!({"config.action.reload": "x"}),
        json!({"connector.plugin.version": "4.3.1"}),
        json!({"connector.plugin.version": "latest"}),
        json!({"connector.plugin.version": "1.2"}),
        json!({"connector.plugin.version": "[1.0"}),
        json!({"name": ""}),
        json!({"name": null}),
        json!({"name": "a\u{1}"}),
        json!({"unknown": null}),
        json!({"file": null}),
        json!({"key.converter": null}),
        json!({"header.converter": null}),
        json!({"batch.size": "0"}),
        json!({"batch.size": "x"}),
        json!({"errors.tolerance": "some"}),
        json!({"errors.retry.timeout": "x"}),
        json!({"errors.log.enable": "1"}),
        json!({"producer.override.acks": "1"}),
        json!({"producer.override.batch.size": "x"}),
        json!({"producer.override.unknown": "x"}),
        json!({"consumer.override.x": "y", "admin.override.x": "y"}),
        json!({"topic.creation.default.partitions": "1"}),
        json!({
            "topic.creation.groups": "g",
            "topic.creation.g.include": "[",
            "topic.creation.default.partitions": "0",
            "topic.creation.default.replication.factor": "-2",
        }),
        json!({"topic.creation.groups": "default"}),
        json!({"exactly.once.support": "required"}),
        json!({"exactly.once.support": "x"}),
        json!({"transaction.boundary": "connector"}),
        json!({"transaction.boundary.interval.ms": "0"}),
        json!({"offsets.storage.topic": ""}),
    ];
    validate_each(client, "FileStreamSource", &source, &changes).await;
}

async fn sinks_are_validated(client: &mut Client<'_>) {
    let sink = client.sink();
    let changes = [
        json!({}),
        json!({"topics": ""}),
        json!({"topics": "a,b"}),
        json!({"topics": "a,,b"}),
        json!({"topics": "a,a"}),
        json!({"topics": null}),
        json!({"topics.regex": "x"}),
        json!({"topics": "", "topics.regex": "a.*"}),
        json!({"topics": "", "topics.regex": "("}),
        json!({"topics": "", "topics.regex": "[a"}),
        json!({"topics": "", "topics.regex": "*a"}),
        json!({"topics": "", "topics.regex": "a{2,1}"}),
        json!({"topics.regex": "x)"}),
        json!({"errors.deadletterqueue.topic.name": "dlq"}),
        json!({"topics": "dlq", "errors.deadletterqueue.topic.name": "dlq"}),
        json!({"topics": "", "topics.regex": "d.*", "errors.deadletterqueue.topic.name": "dlq"}),
        json!({"errors.deadletterqueue.topic.replication.factor": "x"}),
        json!({"errors.deadletterqueue.context.headers.enable": "x"}),
        json!({"consumer.override.group.id": "g"}),
        json!({"consumer.override.max.poll.records": "x"}),
        json!({
            "errors.deadletterqueue.topic.name": "dlq",
            "producer.override.acks": "all",
            "admin.override.x": "y",
        }),
    ];
    validate_each(client, "FileStreamSink", &sink, &changes).await;
}

async fn transforms_are_validated(client: &mut Client<'_>) {
    const PACKAGE: &str = "org.apache.kafka.connect.transforms";
    let source = client.source("");
    let filter = |predicate: &str| {
        json!({
            "transforms": "a",
            "transforms.a.type": format!("{PACKAGE}.Filter"),
            "transforms.a.predicate": predicate,
            "predicates": "p",
            "predicates.p.type": format!("{PACKAGE}.predicates.RecordIsTombstone"),
        })
    };
    let router = json!({
        "transforms": "a,a",
        "transforms.a.type": format!("{PACKAGE}.RegexRouter"),
        "transforms.a.regex": "x",
        "transforms.a.replacement": "y",
    });
    let insert = json!({
        "transforms": "a",
        "transforms.a.type": format!("{PACKAGE}.InsertField$Value"),
    });
    let changes = [
        json!({"transforms": ""}),
        json!({"transforms": "a"}),
        json!({"transforms": "a", "transforms.a.type": "Nope"}),
        json!({"transforms": "a,,b"}),
        json!({"predicates": "p"}),
        router,
        insert,
        filter("p"),
        filter("q"),
    ];
    validate_each(client, "FileStreamSource", &source, &changes).await;
}

async fn converters_are_validated(client: &mut Client<'_>) {
    let source = client.source("");
    let changes = [
        json!({"key.converter": "Nope"}),
        json!({"key.converter": ""}),
        json!({"header.converter": "StringConverter"}),
        json!({"value.converter": "org.apache.kafka.connect.storage.StringConverter"}),
        json!({"key.converter": "org.apache.kafka.connect.storage.SimpleHeaderConverter"}),
        json!({"key.converter.plugin.version": "1.0"}),
        json!({"key.converter": "JsonConverter", "key.converter.plugin.version": "1.0"}),
        json!({"key.converter": "JsonConverter", "key.converter.plugin.version": "[1"}),
    ];
    validate_each(client, "FileStreamSource", &source, &changes).await;
}

/// A connector with a transform of each class, all of whose keys are left out.
async fn every_transform_publishes_its_keys(client: &mut Client<'_>) {
    const OF_DATA: [&str; 10] = [
        "Cast",
        "ExtractField",
        "Flatten",
        "HoistField",
        "InsertField",
        "MaskField",
        "ReplaceField",
        "SetSchemaMetadata",
        "TimestampConverter",
        "HeaderFrom",
    ];
    const WHOLE: [&str; 6] = [
        "DropHeaders",
        "Filter",
        "InsertHeader",
        "RegexRouter",
        "TimestampRouter",
        "ValueToKey",
    ];
    let with_target = OF_DATA.iter();
    let with_target = with_target.flat_map(|it| [format!("{it}$Key"), format!("{it}$Value")]);
    let classes = with_target.chain(WHOLE.map(str::to_owned));
    let changes: Vec<_> = classes
        .map(|class| {
            json!({
                "transforms": "a",
                "transforms.a.type": format!("org.apache.kafka.connect.transforms.{class}"),
            })
        })
        .collect();
    let source = client.source("");
    validate_each(client, "FileStreamSource", &source, &changes).await;
}

async fn every_predicate_publishes_its_keys(client: &mut Client<'_>) {
    let classes = ["HasHeaderKey", "RecordIsTombstone", "TopicNameMatches"];
    let changes = classes.map(|class| {
        json!({
            "predicates": "p",
            "predicates.p.type":
                format!("org.apache.kafka.connect.transforms.predicates.{class}"),
        })
    });
    let sink = client.sink();
    validate_each(client, "FileStreamSink", &sink, &changes).await;
}

async fn every_converter_publishes_its_keys(client: &mut Client<'_>) {
    let numbers = [
        "Boolean",
        "Double",
        "Float",
        "Integer",
        "Long",
        "Short",
        "ByteArray",
    ];
    let numbers = numbers.map(|it| format!("converters.{it}Converter"));
    let others = ["json.JsonConverter", "storage.StringConverter"].map(str::to_owned);
    let mut changes = Vec::new();
    for class in numbers.into_iter().chain(others) {
        for role in ["key.converter", "value.converter", "header.converter"] {
            changes.push(json!({role: format!("org.apache.kafka.connect.{class}")}));
        }
    }
    changes.push(json!({
        "header.converter": "org.apache.kafka.connect.storage.SimpleHeaderConverter",
    }));
    let sink = client.sink();
    validate_each(client, "FileStreamSink", &sink, &changes).await;
}
