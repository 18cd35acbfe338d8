//! Headers of every answer.

use axum::http::HeaderMap;

use super::*;

const CORS: &[(&str, &str)] = &[("access.control.allow.origin", r"http://a\.b,https?://c.*")];

async fn ask(rest: &Rest, method: &str, path: &str, headers: &[(&'static str, &str)]) -> HeaderMap {
    let mut request = request(method, path);
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    rest.send(request).await.headers
}

fn shown(headers: &HeaderMap) -> Vec<String> {
    let names = headers
        .iter()
        .filter(|(name, _)| !["content-type", "server"].contains(&name.as_str()));
    let mut lines: Vec<_> = names
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.retain(|it| !it.starts_with("content-length") && !it.starts_with("allow:"));
    lines.sort();
    lines
}

#[tokio::test]
async fn pages_of_allowed_origins_may_read_answers() {
    let rest = Rest::with(CORS);

    let allowed = ask(&rest, "GET", "/nope", &[("origin", "HTTP://A.B")]).await;
    let refused = ask(&rest, "GET", "/", &[("origin", "http://a.b.evil")]).await;
    let absent = ask(&rest, "GET", "/", &[]).await;

    assert_eq!(
        shown(&allowed),
        ["access-control-allow-origin: HTTP://A.B", "vary: Origin"]
    );
    assert_eq!(shown(&refused), ["vary: Origin"]);
    assert_eq!(shown(&absent), ["vary: Origin"]);
}

#[tokio::test]
async fn a_preflight_is_told_what_is_allowed() {
    let question = [
        ("origin", "https://c"),
        ("access-control-request-method", "PUT"),
    ];
    let rest = Rest::with(CORS);
    let lists = Rest::with(&[CORS[0], ("access.control.allow.methods", "GET,PUT")]);

    let usual = ask(&rest, "OPTIONS", "/connectors", &question).await;
    let listed = ask(&lists, "OPTIONS", "/connectors", &question).await;

    assert_eq!(
        shown(&usual),
        [
            "access-control-allow-headers: Content-Type",
            "access-control-allow-methods: GET,POST,HEAD",
            "access-control-allow-origin: https://c",
            "access-control-max-age: 60",
            "vary: Origin",
        ]
    );
    assert_eq!(listed["access-control-allow-methods"], "GET,PUT");
}

#[tokio::test]
async fn without_the_setting_there_is_nothing_to_see() {
    let headers = ask(&Rest::start(), "GET", "/", &[("origin", "http://a.b")]).await;

    assert_eq!(shown(&headers), [""; 0]);
}

#[tokio::test]
async fn configured_headers_are_added_to_every_answer() {
    let rules = "set X-A:1,add Vary:X,setDate Expires:0,add X-A:2";
    let rest = Rest::with(&[CORS[0], ("response.http.headers.config", rules)]);

    let mut headers = ask(&rest, "GET", "/nope", &[]).await;

    let date = headers.remove("expires").unwrap();
    assert!(date.to_str().unwrap().ends_with(" GMT"), "{date:?}");
    assert_eq!(
        shown(&headers),
        ["vary: Origin", "vary: X", "x-a: 1", "x-a: 2"]
    );
}

#[test]
fn settings_that_make_no_sense_are_refused_with_their_key() {
    let check = |key, value, message: &str| {
        let error = Decoration::of(&worker(&[(key, value)])).unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
    };

    check(
        "access.control.allow.origin",
        "a,a",
        "access.control.allow.origin: origin `a` is there twice",
    );
    check(
        "access.control.allow.origin",
        "(",
        "access.control.allow.origin: origin `(` is no regular expression: ",
    );
    check(
        "response.http.headers.config",
        "setDate A:soon",
        "response.http.headers.config: date `soon` of header A is not a number of milliseconds",
    );
    check(
        "response.http.headers.config",
        "set A\u{e4}:1",
        "response.http.headers.config: `A\u{e4}` is not the name of a header",
    );
}
