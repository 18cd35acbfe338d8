//! The OpenAPI document, compared with what the router does.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::header::ALLOW;
use serde_json::Value;

use super::super::routes::{admin_routes, extension_routes, json_routes, other_routes};
use super::*;

async fn document(rest: &Rest) -> Value {
    let answer = rest.call("GET /ext/v1/openapi.json", "").await;
    assert_eq!(answer.status, 200);
    serde_json::from_str(&answer.text).unwrap()
}

#[tokio::test]
async fn every_path_and_method_of_the_router_is_documented_and_no_other() {
    let rest = Rest::start();
    let document = document(&rest).await;
    let documented: BTreeMap<String, BTreeSet<String>> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            (path.clone(), methods.map(|it| it.to_uppercase()).collect())
        })
        .collect();

    let routed: BTreeSet<&str> = [
        json_routes().map(|it| it.0).as_slice(),
        &admin_routes().map(|it| it.0),
        &extension_routes().map(|it| it.0),
        &other_routes().map(|it| it.0),
    ]
    .concat()
    .into_iter()
    .collect();
    let paths: BTreeSet<&str> = documented.keys().map(String::as_str).collect();
    assert_eq!(paths, routed);
    for (path, methods) in &documented {
        let concrete = path.replace("{name}", "x").replace("{task}", "0");
        let answer = rest.call(&format!("OPTIONS {concrete}"), "").await;
        let allowed = answer.headers[ALLOW].to_str().unwrap();
        let allowed: BTreeSet<String> = allowed
            .split(',')
            .filter(|it| !["HEAD", "OPTIONS"].contains(it))
            .map(str::to_owned)
            .collect();
        assert_eq!(&allowed, methods, "{path}");
    }
}

#[tokio::test]
async fn every_schema_that_is_referred_to_exists() {
    let rest = Rest::start();
    let document = document(&rest).await;
    let text = document.to_string();
    let schemas = document["components"]["schemas"].as_object().unwrap();

    let parts = text.split("#/components/schemas/").skip(1);
    let referred: BTreeSet<&str> = parts.map(|it| it.split('"').next().unwrap()).collect();

    assert!(!referred.is_empty());
    for name in &referred {
        assert!(schemas.contains_key(*name), "{name}");
    }
    for name in schemas.keys() {
        assert!(referred.contains(name.as_str()), "{name} is not used");
    }
}
