//! What clients send and accept: JSON.

mod media;

use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::error::RestError;
use media::MediaType;

/// The type of all answers but text.
pub(super) const JSON: &str = "application/json";

/// Refuses requests whose body is of no type at all, whatever they ask for.
pub(super) async fn well_typed(request: Request, next: Next) -> Result<Response, RestError> {
    match sent(request.headers()) {
        Ok(_) => Ok(next.run(request).await),
        Err(error) => Err(error),
    }
}

/// Refuses requests that send or want something other than JSON.
pub(super) async fn json_only(request: Request, next: Next) -> Result<Response, RestError> {
    if sent(request.headers())?.is_some_and(|it| !it.covers_json()) {
        return Err(RestError::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    json_out(request, next).await
}

/// Refuses requests that want something other than JSON.
pub(super) async fn json_out(request: Request, next: Next) -> Result<Response, RestError> {
    let wanted = wanted(request.headers())?;
    let mut response = next.run(request).await;
    if let Some(content_type) = wanted
        && response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|it| it == JSON)
    {
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    Ok(response)
}

/// The type of a list of methods: the one that the client likes best, text where it leaves that open.
pub(super) fn type_of_methods(headers: &HeaderMap) -> HeaderValue {
    const TEXT: HeaderValue = HeaderValue::from_static("text/plain");
    let accepted = joined(headers, &ACCEPT).unwrap_or_default();
    let ranges: Vec<_> = media::elements(&accepted)
        .filter_map(MediaType::parse)
        .collect();
    // Of ranges of the same weight the first counts: the last one here.
    let best = ranges.into_iter().rev().max_by_key(|it| it.weight);
    let named = best.filter(|it| !it.covers_text());
    named.map_or(TEXT, |it| {
        HeaderValue::try_from(it.to_string()).unwrap_or(TEXT)
    })
}

/// Whether the body of a request is said to be JSON, and nothing else.
pub(super) fn declares_json(headers: &HeaderMap) -> bool {
    sent(headers).is_ok_and(|it| it.is_some_and(|it| it.is_json()))
}

/// The type that is declared for a body. It counts even where no body is read.
fn sent(headers: &HeaderMap) -> Result<Option<MediaType>, RestError> {
    let malformed = || RestError::plain(StatusCode::BAD_REQUEST);
    let Some(text) = joined(headers, &CONTENT_TYPE) else {
        return Ok(None);
    };
    let media_type = MediaType::parse(&text).ok_or_else(malformed)?;
    match media_type.has_subkind {
        true => Ok(Some(media_type)),
        false => Err(malformed()),
    }
}

/// The type of the answer, if the client has said more of it than that it is JSON.
///
/// Weights decide among the forms of JSON that a client names; a weight of 0 forbids none of them.
fn wanted(headers: &HeaderMap) -> Result<Option<HeaderValue>, RestError> {
    let malformed = || RestError::plain(StatusCode::BAD_REQUEST);
    let Some(text) = joined(headers, &ACCEPT).filter(|it| !it.trim().is_empty()) else {
        return Ok(None);
    };
    let elements = media::elements(&text).filter(|it| !it.trim().is_empty());
    let ranges = elements.map(|it| MediaType::parse(it).filter(|it| it.weight.is_some()));
    let ranges: Vec<_> = ranges.collect::<Option<_>>().ok_or_else(malformed)?;
    if ranges.is_empty() {
        return Err(malformed());
    }
    let fitting = ranges.into_iter().rev().filter(MediaType::covers_json);
    // Of ranges of the same weight the first counts: the last one here.
    let best = fitting.max_by_key(|it| it.weight);
    let best = best.ok_or_else(|| RestError::plain(StatusCode::NOT_ACCEPTABLE))?;
    if !best.is_json() || best.parameters.is_empty() {
        return Ok(None);
    }
    Ok(HeaderValue::try_from(best.to_string()).ok())
}

/// All values of a header; `None` when it is absent.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers
        .get_all(name)
        .iter()
        .map(|it| String::from_utf8_lossy(it.as_bytes()))
        .peekable();
    values.peek()?;
    Some(values.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let entries = values.iter().map(|it| (name.clone(), it.parse().unwrap()));
        HeaderMap::from_iter(entries)
    }

    #[track_caller]
    fn check_sent(content_type: &str, covers: Result<bool, u16>) {
        let sent = sent(&headers(&CONTENT_TYPE, &[content_type]));

        let found = sent.map(|it| it.unwrap().covers_json());
        assert_eq!(found, covers.map_err(plain), "{content_type}");
    }

    #[track_caller]
    fn check_wanted(accept: &[&str], expected: Result<Option<&str>, u16>) {
        let wanted = wanted(&headers(&ACCEPT, accept));

        let wanted = wanted.map(|it| it.map(|it| it.to_str().unwrap().to_owned()));
        let expected = expected.map(|it| it.map(str::to_owned));
        assert_eq!(wanted, expected.map_err(plain), "{accept:?}");
    }

    fn plain(status: u16) -> RestError {
        RestError::plain(StatusCode::from_u16(status).unwrap())
    }

    #[test]
    fn only_json_is_taken() {
        check_sent("application/json", Ok(true));
        check_sent("Application/JSON; charset=utf-8;", Ok(true));
        check_sent("*/*", Ok(true));
        check_sent("application/*", Ok(true));
        check_sent("application/vnd.x+json", Ok(false));
        check_sent("application/*+json", Ok(false));
        check_sent("text/json", Ok(false));
        for malformed in [
            "",
            "garbage",
            "/json",
            "application/",
            "application/json; x",
            "application/json, text/plain",
        ] {
            check_sent(malformed, Err(400));
        }
        assert!(sent(&HeaderMap::new()).unwrap().is_none());
        let twice = headers(&CONTENT_TYPE, &[JSON, JSON]);
        assert_eq!(sent(&twice).unwrap_err(), plain(400));
        assert!(!declares_json(&headers(&CONTENT_TYPE, &["*/*"])));
    }

    #[test]
    fn only_json_is_given() {
        for accept in [
            "application/json",
            "application/json;q=0",
            "application/json,",
            "text/html, */*;q=0.1",
            "application/*",
            "application",
            "*/json",
            "text/html, *; q=.2",
            "",
        ] {
            check_wanted(&[accept], Ok(None));
        }
        for accept in [
            "text/plain",
            "garbage",
            "application/x+json",
            "application/*+json",
        ] {
            check_wanted(&[accept], Err(406));
        }
        for accept in [",", "a/b/c", "application/json;q=x", "application/json;q=2"] {
            check_wanted(&[accept], Err(400));
        }
        check_wanted(&["text/plain", "application/json"], Ok(None));
        check_wanted(&[], Ok(None));
    }

    #[test]
    fn a_list_of_methods_is_of_the_type_that_is_liked_best() {
        for (accept, expected) in [
            (&[][..], "text/plain"),
            (&["*/*"], "text/plain"),
            (&["text/*;q=0.5, image/png;q=0.4"], "text/plain"),
            (&["application/json"], "application/json"),
            (&["text/html, */*"], "text/html"),
            (&["text/html;q=0.5, text/plain"], "text/plain"),
            (&["TEXT/html;level=1"], "text/html;level=1"),
            (&["application"], "application/*"),
            (&["a/b/c"], "text/plain"),
        ] {
            let found = type_of_methods(&headers(&ACCEPT, accept));

            assert_eq!(found, expected, "{accept:?}");
        }
    }

    #[test]
    fn parameters_of_the_accepted_type_come_back() {
        check_wanted(
            &["application/json; version=1"],
            Ok(Some("application/json;version=1")),
        );
        check_wanted(
            &["application/json;a=1;q=0.5, text/plain, application/json;q=0.7;charset=\"x,y\""],
            Ok(Some("application/json;charset=\"x,y\"")),
        );
        check_wanted(
            &["application/json;a=1, application/json;b=2"],
            Ok(Some("application/json;a=1")),
        );
        check_wanted(&["application/*;a=1"], Ok(None));
        check_wanted(
            &["application/json;V=1;charset=UTF-8;v=2"],
            Ok(Some("application/json;charset=UTF-8;v=2")),
        );
    }

    #[test]
    fn well_known_character_sets_are_written_in_one_way() {
        for charset in ["utf-8", "UTF-8", "\"Utf-8\""] {
            check_wanted(
                &[&format!("application/json; Charset={charset}")],
                Ok(Some("application/json;charset=utf-8")),
            );
        }
        check_wanted(
            &["application/json;charset=ISO-8859-1"],
            Ok(Some("application/json;charset=iso-8859-1")),
        );
        check_wanted(
            &["application/json;charset=UTF-16"],
            Ok(Some("application/json;charset=UTF-16")),
        );
    }
}
