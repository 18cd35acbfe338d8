//! The OpenAPI document of our worker, which each of its answers has to fit.

use std::collections::HashMap;
use std::sync::Mutex;

use connect_tests::rest::{Answer, Rest};
use jsonschema::Validator;
use serde_json::{Value, json};

/// The document of one worker, and what it says of the answers that were seen.
pub(crate) struct Document {
    root: Value,
    validators: Mutex<HashMap<String, Validator>>,
}

impl Document {
    /// Asks a worker for its document.
    pub(crate) async fn of(rest: &Rest) -> Self {
        let answer = rest.get("/ext/v1/openapi.json").await;
        Self {
            root: answer.expect_status(200).json(),
            validators: Mutex::default(),
        }
    }

    /// How an answer differs from what the document says of it, if it says anything.
    pub(crate) fn difference(&self, request_line: &str, answer: &Answer) -> Option<String> {
        let (method, path) = request_line.split_once(' ')?;
        let operation = self.operation(&method.to_lowercase(), path)?;
        let status = answer.status.to_string();
        let responses = operation["responses"].as_object()?;
        let response = responses
            .get(&status)
            .or_else(|| responses.get("default"))?;
        let Some(content) = response.get("content") else {
            let body = &answer.text;
            return (!body.is_empty()).then(|| format!("{request_line}: a body: {body}"));
        };
        let schema = content["application/json"].get("schema")?;
        let body: Value = serde_json::from_str(&answer.text).ok()?;
        let mut validators = self.validators.lock().expect("no test panics with it");
        let validator = validators
            .entry(schema.to_string())
            .or_insert_with(|| self.validator(schema));
        let problem = validator.validate(&body).err()?;
        Some(format!(
            "{request_line}: {status}: {problem} at {}: {body}",
            problem.instance_path()
        ))
    }

    /// What the document says of a method and a path, which may have a slash at its end, parameters
    /// and a query.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let path = path.split('?').next().unwrap_or_default();
        let segments: Vec<_> = path
            .trim_end_matches('/')
            .split('/')
            .map(|it| it.split(';').next().unwrap_or_default())
            .collect();
        let fits = |template: &str| {
            let names: Vec<_> = template.trim_end_matches('/').split('/').collect();
            let is_same = |(name, it): (&&str, &&str)| name.starts_with('{') || name == it;
            names.len() == segments.len() && names.iter().zip(&segments).all(is_same)
        };
        let paths = self.root["paths"].as_object()?;
        // A path that is there word by word comes before one with a name in it.
        let known = paths.iter().filter(|(template, _)| fits(template));
        let (_, item) = known.min_by_key(|(template, _)| template.matches('{').count())?;
        item.get(method)
    }

    fn validator(&self, schema: &Value) -> Validator {
        let whole = json!({"allOf": [schema], "components": self.root["components"]});
        jsonschema::validator_for(&whole).expect("the schemas of the document are schemas")
    }
}
