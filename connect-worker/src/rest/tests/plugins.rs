//! Plugins and validation.

use serde_json::Value;

use super::*;

#[tokio::test]
async fn plugins_are_listed_by_kind() {
    let rest = Rest::start();
    let connectors = concat!(
        r#"[{"class":"org.apache.kafka.connect.file.FileStreamSinkConnector","type":"sink","#,
        r#""version":"4.3.1"},"#,
        r#"{"class":"org.apache.kafka.connect.file.FileStreamSourceConnector","type":"source","#,
        r#""version":"4.3.1"}]"#
    );

    rest.check("GET /connector-plugins", "", 200, connectors)
        .await;
    rest.check(
        "GET /connector-plugins/?connectorsOnly=TRUE",
        "",
        200,
        connectors,
    )
    .await;
    let all = rest
        .call("GET /connector-plugins?connectorsOnly=no", "")
        .await
        .text;
    let all: Vec<Value> = serde_json::from_str(&all).unwrap();
    let types: Vec<_> = all.iter().map(|it| it["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "sink",
            "source",
            "transformation",
            "predicate",
            "converter",
            "converter",
            "header_converter",
            "header_converter",
            "header_converter"
        ]
    );
}

#[tokio::test]
async fn the_keys_of_a_plugin_are_its_own_and_those_of_the_framework() {
    let rest = Rest::start();

    let answer = rest
        .call("GET /connector-plugins/FileStreamSource/config", "")
        .await;

    assert_eq!(answer.status, 200);
    let keys: Vec<Value> = serde_json::from_str(&answer.text).unwrap();
    let names: Vec<_> = keys.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(
        names[..5],
        ["file", "topic", "batch.size", "name", "connector.class"]
    );
    assert_eq!(names.len(), 27);
    let default = |name: &str| {
        let key = keys.iter().find(|it| it["name"] == name).unwrap();
        key["default_value"].clone()
    };
    assert_eq!(default("connector.plugin.version"), "4.3.1");
    assert_eq!(default("key.converter"), Value::Null);
}

#[tokio::test]
async fn a_definition_has_its_fields_in_order() {
    let rest = Rest::start();
    let keys = concat!(
        r#"[{"name":"converter.type","type":"STRING","required":true,"default_value":null,"#,
        r#""importance":"LOW","documentation":"d","group":null,"order_in_group":-1,"#,
        r#""width":"NONE","display_name":"converter.type","dependents":[]},"#,
        r#"{"name":"schemas.enable","type":"BOOLEAN","required":false,"default_value":"true","#,
        r#""importance":"HIGH","documentation":"d","group":"Schemas","order_in_group":0,"#,
        r#""width":"MEDIUM","display_name":"Enable Schemas","dependents":[]}]"#
    );

    rest.check("GET /connector-plugins/JsonConverter/config", "", 200, keys)
        .await;
}

#[tokio::test]
async fn the_keys_of_a_predicate_are_its_own() {
    let rest = Rest::start();
    let keys = concat!(
        r#"[{"name":"pattern","type":"STRING","required":true,"default_value":null,"#,
        r#""importance":"MEDIUM","documentation":"d","group":null,"order_in_group":-1,"#,
        r#""width":"NONE","display_name":"pattern","dependents":[]}]"#
    );

    let line = "GET /connector-plugins/TopicNameMatches/config";
    rest.check(line, "", 200, keys).await;
}

#[tokio::test]
async fn a_plugin_must_exist_in_the_version() {
    let rest = Rest::start();
    let source = "GET /connector-plugins/FileStreamSource/config";

    rest.check_error(
        "GET /connector-plugins/No/config",
        "",
        404,
        "Unknown plugin No.",
    )
    .await;
    assert_eq!(
        rest.call(&format!("{source}?version=latest"), "")
            .await
            .status,
        200
    );
    assert_eq!(
        rest.call(&format!("{source}?version=4.3.1"), "")
            .await
            .status,
        200
    );
    rest.check_error(
        "GET /connector-plugins/FileStreamSource/config?version=1.0",
        "",
        400,
        "Plugin org.apache.kafka.connect.file.FileStreamSourceConnector not found that matches \
         the version range [1.0,1.0], available versions: [4.3.1]",
    )
    .await;
    let message = "Invalid version specification: [1.0";
    let line = "GET /connector-plugins/FileStreamSource/config?version=%5B1.0";
    rest.check_error(line, "", 400, message).await;
}

#[tokio::test]
async fn a_validation_answers_with_every_key() {
    let rest = Rest::start();
    let body = r#"{"connector.class":"FileStreamSource","name":"","topic":"t","tasks.max":"x"}"#;

    let line = "PUT /connector-plugins/FileStreamSourceConnector/config/validate/";
    let answer = rest.call(line, body).await;

    assert_eq!(answer.status, 200);
    let infos: Value = serde_json::from_str(&answer.text).unwrap();
    assert_eq!(
        (&infos["name"], &infos["error_count"]),
        (&"FileStreamSource".into(), &3.into())
    );
    assert_eq!(infos["groups"][0], "Common");
    assert_eq!(
        infos["configs"][0]["value"].to_string(),
        concat!(
            r#"{"name":"name","value":"","recommended_values":[],"#,
            r#""errors":["Invalid value  for configuration name: String may not be empty"],"#,
            r#""visible":true}"#
        )
    );
    let fields = infos.as_object().unwrap().keys().collect::<Vec<_>>();
    assert_eq!(fields, ["name", "error_count", "groups", "configs"]);
}

#[tokio::test]
async fn a_validation_needs_the_class_of_its_path() {
    let rest = Rest::start();
    let bad_request = "org.apache.kafka.connect.runtime.rest.errors.BadRequestException";

    rest.check_error(
        "PUT /connector-plugins/FileStreamSink/config/validate",
        r#"{"connector.class":"FileStreamSource"}"#,
        400,
        "Included connector type FileStreamSource does not match request type FileStreamSink",
    )
    .await;
    let line = "PUT /connector-plugins/FileStreamSink/config/validate";
    let message = format!("{bad_request}: Connector config {{}} contains no connector type");
    rest.check_error(line, "{}", 500, &message).await;
    let body = r#"{"connector.class":"FileStreamSink","topics":"t","name":"s"}"#;
    let line = "PUT /connector-plugins/Sink/config/validate";
    assert_eq!(rest.call(line, body).await.status, 200);
}
