//! `/ext/v1/openapi.json`: the API as an OpenAPI document.
//!
//! Paths, parameters and answers stand at the handlers, schemas are made of the types of the bodies,
//! and the router is made of the same [`routes`]: what is answered is documented.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, Info, OpenApi, Ref, RefOr};

use super::extensions::Extensions;
use super::routes;

static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = whole().to_json();
    document.expect("a document of plain values can be written")
});

/// This document.
#[utoipa::path(
    get,
    path = "/ext/v1/openapi.json",
    responses((status = OK, description = "The document", body = serde_json::Value))
)]
pub(super) async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

/// The document; every operation may also be answered with an error that is not its own.
fn whole() -> OpenApi {
    let (_, mut api) = routes::all(&Extensions::default()).split_for_parts();
    api.info = Info::new("Kafka Connect worker", env!("CARGO_PKG_VERSION"));
    for (path, item) in &mut api.paths.paths {
        let operations = [
            ("get", &mut item.get),
            ("put", &mut item.put),
            ("post", &mut item.post),
            ("patch", &mut item.patch),
            ("delete", &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else {
                continue;
            };
            operation.operation_id = Some(operation_id(method, path));
            let responses = &mut operation.responses.responses;
            responses.insert("default".to_owned(), RefOr::T(failure()));
        }
    }
    api
}

/// A name such as `getConnectorsNameStatus`, which is unique as method and path are.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split(|it: char| !it.is_ascii_alphanumeric());
    words.fold(method.to_owned(), |id, word| {
        let mut letters = word.chars();
        let first = letters.next().map(|it| it.to_ascii_uppercase());
        id + &first.into_iter().chain(letters).collect::<String>()
    })
}

fn failure() -> Response {
    let schema = Ref::from_schema_name("ErrorMessage");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description("Failure")
        .content("application/json", content)
        .build()
}
