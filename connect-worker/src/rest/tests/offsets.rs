//! Offsets, topics and patches of configurations.

use super::*;

const NOT_FOUND: &str = "Connector no not found";

#[tokio::test]
async fn offsets_are_listed_as_they_are_stored() {
    let rest = Rest::start();

    let offsets = concat!(
        r#"{"offsets":[{"partition":{"file":"a","part":2},"#,
        r#""offset":{"position":7,"at":1.5}}]}"#
    );
    rest.check("GET /connectors/src/offsets", "", 200, offsets)
        .await;
    rest.check_error("GET /connectors/no/offsets/", "", 404, NOT_FOUND)
        .await;
}

#[tokio::test]
async fn changed_offsets_are_confirmed_by_the_connector_or_the_worker_alone() {
    let rest = Rest::start();

    rest.check(
        "PATCH /connectors/src/offsets",
        r#"{"offsets":[{"partition":{"a":1},"offset":null},{"partition":{"a":2}}]}"#,
        200,
        r#"{"message":"The offsets for this connector have been altered successfully"}"#,
    )
    .await;
    let reset = "The Connect framework-managed offsets for this connector have been reset \
                 successfully. However, if this connector manages offsets externally, they will \
                 need to be manually reset in the system that the connector uses.";
    rest.check(
        "DELETE /connectors/src/offsets",
        "",
        200,
        &format!(r#"{{"message":"{reset}"}}"#),
    )
    .await;
    rest.check_error("DELETE /connectors/no/offsets", "", 404, NOT_FOUND)
        .await;
}

#[tokio::test]
async fn offsets_of_another_form_are_refused() {
    let rest = Rest::start();
    let entity = "org.apache.kafka.connect.runtime.rest.entities.ConnectorOffset";
    let check = async |body, status, message: &str| {
        rest.check_error("PATCH /connectors/src/offsets", body, status, message)
            .await;
    };

    let needed = "Partitions / offsets need to be provided for an alter offsets request";
    for body in ["{}", r#"{"offsets":null}"#, r#"{"offsets":[]}"#] {
        check(body, 400, needed).await;
    }
    let check = async |body, message: &str, column, path: &str| {
        rest.check_refused("PATCH /connectors/src/offsets", body, message, column, path)
            .await;
    };
    let offsets = format!("{entity}s[\"offsets\"]");
    let first = format!("{offsets}->java.util.ArrayList[0]");
    let another = |class: &str, kind: &str, token: &str| {
        format!(
            "Cannot deserialize value of type `{class}` from {kind} value (token `JsonToken.{token}`)"
        )
    };
    let list = another(&format!("{entity}s"), "Array", "START_ARRAY");
    check("[]", &list, 1, "").await;
    let object = another(
        &format!("java.util.ArrayList<{entity}>"),
        "Object",
        "START_OBJECT",
    );
    check(r#"{"offsets":{}}"#, &object, 12, &offsets).await;
    let map = "java.util.LinkedHashMap<java.lang.String,java.lang.Object>";
    check(
        r#"{"offsets":[{"partition":[]}]}"#,
        &another(map, "Array", "START_ARRAY"),
        26,
        &format!("{first}->{entity}[\"partition\"]"),
    )
    .await;
    let unknown = format!(
        "Unrecognized field \"foo\" (class {entity}s), not marked as ignorable \
         (one known property: \"offsets\")"
    );
    check(r#"{"foo":1}"#, &unknown, 10, &format!("{entity}s[\"foo\"]")).await;
    let unknown = format!(
        "Unrecognized field \"a\" (class {entity}), not marked as ignorable \
         (2 known properties: \"partition\", \"offset\")"
    );
    let body = r#"{"offsets":[{"a":1}]}"#;
    check(body, &unknown, 20, &format!("{first}->{entity}[\"a\"]")).await;
}

#[tokio::test]
async fn topics_are_listed_for_any_name() {
    let rest = Rest::start();

    let topics = r#"{"src":{"topics":["t1","t2"]}}"#;
    rest.check("GET /connectors/src/topics", "", 200, topics)
        .await;
    let none = r#"{"a/b":{"topics":[]}}"#;
    rest.check("GET /connectors/a%2Fb/topics", "", 200, none)
        .await;
    for path in [
        "PUT /connectors/src/topics/reset",
        "PUT /connectors/no/topics/reset/",
    ] {
        rest.check(path, "", 202, "").await;
    }
}

#[tokio::test]
async fn topics_can_be_switched_off() {
    let disabled = "Topic tracking is disabled.";
    let rest = Rest::with(&[
        ("topic.tracking.enable", "false"),
        ("topic.tracking.allow.reset", "false"),
    ]);
    rest.check_error("GET /connectors/src/topics", "", 403, disabled)
        .await;
    rest.check_error("PUT /connectors/src/topics/reset", "", 403, disabled)
        .await;

    let rest = Rest::with(&[("topic.tracking.allow.reset", "false")]);
    let disabled = "Topic tracking reset is disabled.";
    rest.check_error("PUT /connectors/src/topics/reset", "", 403, disabled)
        .await;
    assert_eq!(
        rest.call("GET /connectors/src/topics", "").await.status,
        200
    );
}

#[tokio::test]
async fn a_patch_changes_single_keys() {
    let rest = Rest::start();
    let patch = r#"{"file":"in","topic":"t","extra":1}"#;
    let info = |extra: &str| {
        format!(
            concat!(
                r#"{{"name":"src","config":{{"connector.class":"FileStreamSource","name":"src","#,
                r#""file":"in","topic":"t"{}}},"tasks":[{{"connector":"src","task":0}},"#,
                r#"{{"connector":"src","task":1}}],"type":"source"}}"#
            ),
            extra
        )
    };

    rest.check(
        "PATCH /connectors/src/config",
        patch,
        200,
        &info(r#","extra":"1""#),
    )
    .await;
    rest.check(
        "PATCH /connectors/src/config",
        r#"{"extra":null}"#,
        200,
        &info(""),
    )
    .await;
    rest.check_error("PATCH /connectors/no/config", "{}", 404, NOT_FOUND)
        .await;
    let refused = rest
        .call("PATCH /connectors/src/config", r#"{"name":null}"#)
        .await;
    assert_eq!(refused.status, 400);
    let mistake = r#"Missing required configuration \"name\" which has no default value."#;
    assert!(refused.text.contains(mistake), "{}", refused.text);
}
