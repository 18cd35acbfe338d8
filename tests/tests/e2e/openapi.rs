//! The OpenAPI document against what the worker answers: every body has the schema that it is said to
//! have.

use connect_tests::rest::Rest;
use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::{Scene, on_both_brokers};

on_both_brokers!(answers_have_the_schemas_of_the_document);

/// A client that looks answers up in the document.
struct Checked {
    rest: Rest,
    document: Value,
}

impl Checked {
    async fn new(rest: &Rest) -> Self {
        let document = rest.get("/ext/v1/openapi.json").await;
        Self {
            rest: rest.clone(),
            document: document.expect_status(200).json(),
        }
    }

    /// The schema at a place of the document, with all that it may refer to.
    fn validator(&self, place: &str) -> Validator {
        let mut schema = self.document.pointer(place).unwrap().clone();
        schema["components"] = self.document["components"].clone();
        jsonschema::draft202012::new(&schema).unwrap()
    }

    /// Sends a request and checks its answer; `path` is as in the document, with the name filled in.
    async fn call(&self, request_line: &str, name: &str, body: Option<Value>, status: u16) {
        let (method, path) = request_line.split_once(' ').unwrap();
        let (template, query) = path.split_once('?').unwrap_or((path, ""));
        let concrete = template.replace("{name}", name).replace("{task}", "0");
        let verb = Method::from_bytes(method.as_bytes()).unwrap();
        let body = body.map(|it| it.to_string());
        let answer = self
            .rest
            .send(verb, &format!("{concrete}?{query}"), body)
            .await;
        let text = answer.expect_status(status).text.clone();

        let place = [template, &method.to_lowercase(), "responses"]
            .map(|it| it.replace('~', "~0").replace('/', "~1"))
            .join("/");
        let responses = format!("/paths/{place}");
        let documented = self.document.pointer(&responses);
        let documented = documented.expect("a request of the document");
        let code = status.to_string();
        let code = if documented.get(&code).is_some() {
            code
        } else {
            "default".to_owned()
        };
        if documented[&code].get("content").is_none() {
            assert_eq!(text, "", "{request_line}: {status}");
            return;
        }
        let schema = format!("{responses}/{code}/content/application~1json/schema");
        let value: Value = serde_json::from_str(&text).unwrap();
        let validator = self.validator(&schema);
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|it| it.to_string())
            .collect();
        assert!(errors.is_empty(), "{request_line}: {value}: {errors:?}");
    }
}

async fn answers_have_the_schemas_of_the_document(scene: Scene) {
    scene.append("1\n");
    let worker = scene.worker().start().await;
    let checked = Checked::new(worker.rest()).await;
    assert_eq!(checked.document["openapi"], "3.1.0");
    for (name, schema) in checked.document["components"]["schemas"]
        .as_object()
        .unwrap()
    {
        let checked = jsonschema::meta::validate(schema);
        assert!(checked.is_ok(), "{name}: {checked:?}");
    }
    let (name, source) = (scene.source_name(), scene.source());
    let create = json!({"name": name, "config": source, "initial_state": "RUNNING"});
    let bad = json!({"name": name, "config": {}});
    let nothing = json!({"connector.class": "FileStreamSource", "file": null});
    let stopped = "PUT /connectors/{name}/stop";
    for (request, body, status) in [
        ("POST /connectors", Some(bad), 400),
        ("POST /connectors", Some(create.clone()), 201),
        ("POST /connectors", Some(create), 409),
        ("GET /", None, 200),
        ("GET /health", None, 200),
        ("GET /connectors", None, 200),
        ("GET /connectors?expand=info&expand=status", None, 200),
        ("GET /connectors?expand", None, 200),
        ("GET /connectors/{name}", None, 200),
        ("GET /connectors/{name}/config", None, 200),
        ("PUT /connectors/{name}/config", Some(source.clone()), 200),
        (
            "PATCH /connectors/{name}/config",
            Some(json!({"batch.size": "7"})),
            200,
        ),
        ("GET /connectors/{name}/status", None, 200),
        ("GET /connectors/{name}/tasks", None, 200),
        ("GET /connectors/{name}/tasks/{task}/status", None, 200),
        ("POST /connectors/{name}/tasks/{task}/restart", None, 204),
        ("POST /connectors/{name}/restart", None, 204),
        (
            "POST /connectors/{name}/restart?includeTasks=true",
            None,
            202,
        ),
        ("POST /connectors/{name}/tasks", Some(json!([])), 500),
        ("PUT /connectors/{name}/fence", None, 500),
        ("GET /connectors/{name}/topics", None, 200),
        ("PUT /connectors/{name}/topics/reset", None, 202),
        ("PUT /connectors/{name}/pause", None, 202),
        ("PUT /connectors/{name}/resume", None, 202),
        ("DELETE /connectors/{name}/offsets", None, 400),
        (stopped, None, 204),
        ("GET /connectors/{name}/offsets", None, 200),
        ("DELETE /connectors/{name}/offsets", None, 200),
        (
            "PATCH /connectors/{name}/offsets",
            Some(json!({"offsets": []})),
            400,
        ),
        ("GET /ext/v1/ready", None, 200),
        ("GET /ext/v1/ready?maxFailedTasks=2", None, 400),
        ("GET /ext/v1/connectors/{name}/health", None, 200),
        ("GET /ext/v1/openapi.json", None, 200),
        ("DELETE /connectors/{name}", None, 204),
        ("DELETE /connectors/{name}", None, 404),
    ] {
        checked.call(request, &name, body, status).await;
    }
    let logger = Some(json!({"level": "debug"}));
    for (request, name, body, status) in [
        ("GET /connector-plugins?connectorsOnly=false", "", None, 200),
        (
            "GET /connector-plugins/{name}/config",
            "FileStreamSink",
            None,
            200,
        ),
        ("GET /connector-plugins/{name}/config", "none", None, 404),
        (
            "PUT /connector-plugins/{name}/config/validate",
            "FileStreamSource",
            Some(nothing),
            200,
        ),
        ("PUT /admin/loggers/{name}", "a.b", logger.clone(), 200),
        (
            "PUT /admin/loggers/{name}?scope=cluster",
            "a.b",
            logger,
            204,
        ),
        ("GET /admin/loggers/{name}", "a.b", None, 200),
        ("GET /admin/loggers", "", None, 200),
    ] {
        checked.call(request, name, body, status).await;
    }
}
