//! The OpenAPI document, which is made of what the router is made of.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::header::ALLOW;
use serde_json::Value;

use super::*;

async fn document() -> Value {
    let answer = Rest::start().call("GET /ext/v1/openapi.json", "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
    serde_json::from_str(&answer.text).unwrap()
}

/// Operations by path and method.
fn operations(document: &Value) -> BTreeMap<String, BTreeMap<String, &Value>> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |item: &'_ Value| {
        item.as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    paths
        .iter()
        .map(|(path, item)| {
            let operations = methods(item).into_iter().map(|it| (it.clone(), &item[&it]));
            (path.clone(), operations.collect())
        })
        .collect()
}

#[tokio::test]
async fn every_documented_method_is_answered_and_no_other() {
    let rest = Rest::start();
    let document = document().await;
    let operations = operations(&document);

    assert!(operations.len() > 20, "{operations:?}");
    for (path, methods) in &operations {
        let concrete = path.replace("{name}", "x").replace("{task}", "0");
        let answer = rest.call(&format!("OPTIONS {concrete}"), "").await;
        let allowed = answer.headers[ALLOW].to_str().unwrap();
        let allowed: BTreeSet<String> = allowed
            .split(',')
            .filter(|it| !["HEAD", "OPTIONS"].contains(it))
            .map(str::to_lowercase)
            .collect();
        assert_eq!(allowed, methods.keys().cloned().collect(), "{path}");
    }
}

#[tokio::test]
async fn every_operation_says_what_it_takes_and_gives() {
    let document = document().await;
    let mut ids = BTreeSet::new();

    for (path, methods) in operations(&document) {
        for (method, operation) in methods {
            let what = format!("{method} {path}: {operation}");
            assert!(operation["summary"].is_string(), "{what}");
            assert!(ids.insert(operation["operationId"].to_string()), "{what}");
            let in_path: BTreeSet<_> = path
                .split('/')
                .filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            let parameters = operation["parameters"].as_array();
            let declared: BTreeSet<_> = parameters
                .into_iter()
                .flatten()
                .filter(|it| it["in"] == "path" && it["required"] == true)
                .map(|it| it["name"].as_str().unwrap())
                .collect();
            assert_eq!(in_path, declared, "{what}");
            let failure = &operation["responses"]["default"]["content"]["application/json"];
            assert_eq!(
                failure["schema"]["$ref"], "#/components/schemas/ErrorMessage",
                "{what}"
            );
            assert!(
                operation["responses"].as_object().unwrap().len() > 1,
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn every_schema_that_is_referred_to_exists_and_is_used() {
    let document = document().await;
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();

    let parts = text.split("#/components/schemas/").skip(1);
    let referred: BTreeSet<&str> = parts.map(|it| it.split('"').next().unwrap()).collect();

    let defined: BTreeSet<&str> = schemas.keys().map(String::as_str).collect();
    assert_eq!(referred, defined);
    assert!(defined.contains("ConnectorStateInfo"), "{defined:?}");
}

#[tokio::test]
async fn it_is_a_document_of_its_version() {
    let document = document().await;

    let read = oas3::from_json(document.to_string()).unwrap();

    assert!(read.validate_version().is_ok(), "{}", read.openapi);
    assert_eq!(read.operations().count(), {
        let methods = operations(&document).into_values().map(|it| it.len());
        methods.sum::<usize>()
    });
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        let checked = jsonschema::meta::validate(schema);
        assert!(checked.is_ok(), "{name}: {checked:?}");
    }
}
