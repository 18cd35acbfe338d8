//! Schemas of the bodies.

use serde_json::{Value, json};

/// All schemas, by name.
pub(super) fn all() -> Value {
    let config = || json!({"type": "object", "additionalProperties": {"type": ["string", "null"]}});
    let entity = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let list = |name: &str| json!({"type": "array", "items": entity(name)});
    let state = json!({
        "state": text(), "worker_id": text(), "version": text_or_null(), "trace": text(),
    });
    json!({
        "ErrorMessage": object(&json!({"error_code": integer(), "message": text_or_null()})),
        "Message": object(&json!({"message": text()})),
        "Names": {"type": "array", "items": text()},
        "Document": {"type": "object"},
        "ServerInfo": object(&json!({
            "version": text(), "commit": text(), "kafka_cluster_id": text_or_null(),
        })),
        "WorkerStatus": object(&json!({"status": text(), "message": text()})),
        "Config": config(),
        "Configs": {"type": "array", "items": config()},
        "ConnectorList": {
            "description": "Names, or with `expand` an object by name",
            "oneOf": [{"type": "array", "items": text()}, {"type": "object"}],
        },
        "CreateConnectorRequest": object(&json!({
            "name": text(),
            "config": config(),
            "initial_state": {"enum": ["RUNNING", "PAUSED", "STOPPED", null]},
        })),
        "ConnectorTaskId": object(&json!({"connector": text(), "task": integer()})),
        "ConnectorInfo": object(&json!({
            "name": text(),
            "config": config(),
            "tasks": list("ConnectorTaskId"),
            "type": {"enum": ["source", "sink", "unknown"]},
        })),
        "TaskInfo": object(&json!({"id": entity("ConnectorTaskId"), "config": config()})),
        "TaskInfos": list("TaskInfo"),
        "ConnectorState": object(&state),
        "TaskState": {"allOf": [object(&json!({"id": integer()})), entity("ConnectorState")]},
        "ConnectorStateInfo": object(&json!({
            "name": text(),
            "connector": entity("ConnectorState"),
            "tasks": list("TaskState"),
            "type": {"enum": ["source", "sink", "unknown"]},
        })),
        "ConnectorOffset": object(&json!({
            "partition": {"type": ["object", "null"]}, "offset": {"type": ["object", "null"]},
        })),
        "ConnectorOffsets": object(&json!({"offsets": list("ConnectorOffset")})),
        "ActiveTopics": {
            "type": "object",
            "additionalProperties": object(&json!({"topics": entity("Names")})),
        },
        "PluginInfo": object(&json!({"class": text(), "type": text(), "version": text()})),
        "PluginInfos": list("PluginInfo"),
        "ConfigKeyInfo": object(&json!({
            "name": text(),
            "type": text(),
            "required": boolean(),
            "default_value": text_or_null(),
            "importance": text(),
            "documentation": text(),
            "group": text_or_null(),
            "order_in_group": integer(),
            "width": text(),
            "display_name": text(),
            "dependents": entity("Names"),
        })),
        "ConfigKeyInfos": list("ConfigKeyInfo"),
        "ConfigValueInfo": object(&json!({
            "name": text(),
            "value": text_or_null(),
            "recommended_values": entity("Names"),
            "errors": entity("Names"),
            "visible": boolean(),
        })),
        "ConfigInfo": object(&json!({
            "definition": {"oneOf": [entity("ConfigKeyInfo"), {"type": "null"}]},
            "value": {"oneOf": [entity("ConfigValueInfo"), {"type": "null"}]},
        })),
        "ConfigInfos": object(&json!({
            "name": text(),
            "error_count": integer(),
            "groups": entity("Names"),
            "configs": list("ConfigInfo"),
        })),
        "LoggerLevel": object(&json!({
            "level": text(), "last_modified": {"type": ["integer", "null"]},
        })),
        "LoggerLevels": {"type": "object", "additionalProperties": entity("LoggerLevel")},
        "Readiness": object(&json!({
            "ready": boolean(), "reason": text(), "tasks": integer(), "failed_tasks": integer(),
        })),
        "ConnectorHealth": object(&json!({"status": text(), "reason": text()})),
    })
}

fn object(properties: &Value) -> Value {
    json!({"type": "object", "properties": properties})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn text_or_null() -> Value {
    json!({"type": ["string", "null"]})
}

fn integer() -> Value {
    json!({"type": "integer"})
}

fn boolean() -> Value {
    json!({"type": "boolean"})
}
