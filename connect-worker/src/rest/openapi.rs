//! `/ext/v1/openapi.json`: the API as an OpenAPI document, from the table of its operations.
//!
//! A test compares the table with what the router answers, so that neither has a path or a method
//! that the other lacks.

mod schemas;

use axum::Json;
use serde_json::{Map, Value, json};

/// An operation: method, path, what it does, the schema of its body, status and schema of its
/// answer, and its query parameters.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    summary: &'static str,
    body: Option<&'static str>,
    status: u16,
    answer: Option<&'static str>,
    query: &'static [&'static str],
}

const fn operation(
    method: &'static str,
    path: &'static str,
    summary: &'static str,
    status: u16,
    answer: Option<&'static str>,
) -> Operation {
    Operation {
        method,
        path,
        summary,
        body: None,
        status,
        answer,
        query: &[],
    }
}

impl Operation {
    const fn body(self, schema: &'static str) -> Self {
        Self {
            body: Some(schema),
            ..self
        }
    }

    const fn query(self, names: &'static [&'static str]) -> Self {
        Self {
            query: names,
            ..self
        }
    }

    fn document(&self) -> Value {
        let in_path = self.path.split('/').filter_map(|segment| {
            let name = segment.strip_prefix('{')?.strip_suffix('}')?;
            let kind = if name == "task" { "integer" } else { "string" };
            Some(parameter(name, "path", kind))
        });
        let in_query = self.query.iter().map(|it| parameter(it, "query", "string"));
        let parameters: Vec<_> = in_path.chain(in_query).collect();
        let mut success = json!({"description": "Success"});
        if let Some(schema) = self.answer {
            success["content"] = content(schema);
        }
        let failure = json!({"description": "Failure", "content": content("ErrorMessage")});
        let mut document = json!({
            "summary": self.summary,
            "parameters": parameters,
            "responses": {self.status.to_string(): success, "default": failure},
        });
        if let Some(schema) = self.body {
            document["requestBody"] = json!({"required": true, "content": content(schema)});
        }
        document
    }
}

/// All operations of the API.
pub(super) const OPERATIONS: [Operation; 33] = [
    operation("get", "/", "Who answers", 200, Some("ServerInfo")),
    operation(
        "get",
        "/health",
        "How the worker is",
        200,
        Some("WorkerStatus"),
    ),
    operation(
        "get",
        "/connectors",
        "Connectors",
        200,
        Some("ConnectorList"),
    )
    .query(&["expand"]),
    operation(
        "post",
        "/connectors",
        "Create a connector",
        201,
        Some("ConnectorInfo"),
    )
    .body("CreateConnectorRequest"),
    operation(
        "get",
        "/connectors/{name}",
        "A connector",
        200,
        Some("ConnectorInfo"),
    ),
    operation(
        "delete",
        "/connectors/{name}",
        "Delete a connector",
        204,
        None,
    ),
    operation(
        "get",
        "/connectors/{name}/config",
        "Its configuration",
        200,
        Some("Config"),
    ),
    operation(
        "put",
        "/connectors/{name}/config",
        "Create or configure",
        200,
        Some("ConnectorInfo"),
    )
    .body("Config"),
    operation(
        "patch",
        "/connectors/{name}/config",
        "Change keys",
        200,
        Some("ConnectorInfo"),
    )
    .body("Config"),
    operation(
        "get",
        "/connectors/{name}/status",
        "Its status",
        200,
        Some("ConnectorStateInfo"),
    ),
    operation("put", "/connectors/{name}/pause", "Pause", 202, None),
    operation("put", "/connectors/{name}/resume", "Resume", 202, None),
    operation("put", "/connectors/{name}/stop", "Stop", 204, None),
    operation(
        "post",
        "/connectors/{name}/restart",
        "Restart",
        202,
        Some("ConnectorStateInfo"),
    )
    .query(&["includeTasks", "onlyFailed"]),
    operation(
        "get",
        "/connectors/{name}/offsets",
        "Its offsets",
        200,
        Some("ConnectorOffsets"),
    ),
    operation(
        "patch",
        "/connectors/{name}/offsets",
        "Change offsets",
        200,
        Some("Message"),
    )
    .body("ConnectorOffsets"),
    operation(
        "delete",
        "/connectors/{name}/offsets",
        "Reset offsets",
        200,
        Some("Message"),
    ),
    operation(
        "get",
        "/connectors/{name}/topics",
        "Topics in use",
        200,
        Some("ActiveTopics"),
    ),
    operation(
        "put",
        "/connectors/{name}/topics/reset",
        "Forget those topics",
        202,
        None,
    ),
    operation(
        "get",
        "/connectors/{name}/tasks",
        "Its tasks",
        200,
        Some("TaskInfos"),
    ),
    operation(
        "post",
        "/connectors/{name}/tasks",
        "Between workers",
        204,
        None,
    )
    .body("Configs"),
    operation(
        "put",
        "/connectors/{name}/fence",
        "Between workers",
        204,
        None,
    ),
    operation(
        "get",
        "/connectors/{name}/tasks/{task}/status",
        "A task",
        200,
        Some("TaskState"),
    ),
    operation(
        "post",
        "/connectors/{name}/tasks/{task}/restart",
        "Restart a task",
        204,
        None,
    ),
    operation(
        "get",
        "/connector-plugins",
        "Plugins",
        200,
        Some("PluginInfos"),
    )
    .query(&["connectorsOnly"]),
    operation(
        "get",
        "/connector-plugins/{name}/config",
        "Its keys",
        200,
        Some("ConfigKeyInfos"),
    )
    .query(&["version"]),
    operation(
        "put",
        "/connector-plugins/{name}/config/validate",
        "Validate a configuration",
        200,
        Some("ConfigInfos"),
    )
    .body("Config"),
    operation(
        "get",
        "/admin/loggers",
        "Levels of loggers",
        200,
        Some("LoggerLevels"),
    ),
    operation(
        "get",
        "/admin/loggers/{name}",
        "Level of a logger",
        200,
        Some("LoggerLevel"),
    ),
    operation(
        "put",
        "/admin/loggers/{name}",
        "Set a level",
        200,
        Some("Names"),
    )
    .body("LoggerLevel")
    .query(&["scope"]),
    operation(
        "get",
        "/ext/v1/openapi.json",
        "This document",
        200,
        Some("Document"),
    ),
    operation("get", "/ext/v1/ready", "Readiness", 200, Some("Readiness"))
        .query(&["maxFailedTasks"]),
    operation(
        "get",
        "/ext/v1/connectors/{name}/health",
        "How a connector is",
        200,
        Some("ConnectorHealth"),
    ),
];

/// `GET /ext/v1/openapi.json`
pub(super) async fn document() -> Json<Value> {
    Json(whole())
}

fn whole() -> Value {
    let mut paths = Map::new();
    for operation in &OPERATIONS {
        let methods = paths
            .entry(operation.path)
            .or_insert_with(|| Value::Object(Map::new()));
        methods[operation.method] = operation.document();
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Kafka Connect worker", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {"schemas": schemas::all()},
    })
}

fn parameter(name: &str, place: &str, kind: &str) -> Value {
    let is_required = place == "path";
    json!({"name": name, "in": place, "required": is_required, "schema": {"type": kind}})
}

fn content(schema: &str) -> Value {
    let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
    json!({"application/json": {"schema": schema}})
}
