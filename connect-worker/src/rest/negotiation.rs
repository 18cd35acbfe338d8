//! What clients send and accept: JSON.

use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::error::RestError;

/// Refuses requests that send or want something other than JSON.
pub(super) async fn json_only(request: Request, next: Next) -> Result<Response, RestError> {
    check_content_type(request.headers())?;
    check_accept(request.headers())?;
    Ok(next.run(request).await)
}

/// Refuses requests that want something other than JSON.
pub(super) async fn json_out(request: Request, next: Next) -> Result<Response, RestError> {
    check_accept(request.headers())?;
    Ok(next.run(request).await)
}

/// A declared type counts even where no body is read; without one, the reader of the body decides.
fn check_content_type(headers: &HeaderMap) -> Result<(), RestError> {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return Ok(());
    };
    let text = value.to_str().unwrap_or_default();
    let Some((kind, subkind)) = media_type(text) else {
        return Err(RestError::plain(StatusCode::BAD_REQUEST));
    };
    let is_json = kind.eq_ignore_ascii_case("application") && subkind.eq_ignore_ascii_case("json");
    match is_json {
        true => Ok(()),
        false => Err(RestError::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    }
}

fn check_accept(headers: &HeaderMap) -> Result<(), RestError> {
    let mut values = headers
        .get_all(ACCEPT)
        .iter()
        .map(|it| it.to_str().unwrap_or_default());
    let is_absent = headers
        .get_all(ACCEPT)
        .iter()
        .all(|it| it.as_bytes().trim_ascii().is_empty());
    match is_absent || values.any(accepts_json) {
        true => Ok(()),
        false => Err(RestError::plain(StatusCode::NOT_ACCEPTABLE)),
    }
}

/// Weights are not looked at: there is only one thing to choose from.
fn accepts_json(header: &str) -> bool {
    header.split(',').any(|range| match media_type(range) {
        Some((kind, subkind)) => {
            let is_kind = kind == "*" || kind.eq_ignore_ascii_case("application");
            is_kind && (subkind == "*" || subkind.eq_ignore_ascii_case("json"))
        }
        // Old Java clients write a lone asterisk for everything.
        None => range.split(';').next().is_some_and(|it| it.trim() == "*"),
    })
}

/// Type and subtype, without parameters.
fn media_type(text: &str) -> Option<(&str, &str)> {
    let (kind, subkind) = text.split(';').next()?.trim().split_once('/')?;
    let is_token = |it: &str| {
        let is_token_char = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        !it.is_empty() && it.chars().all(is_token_char)
    };
    (is_token(kind) && is_token(subkind)).then_some((kind, subkind))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[track_caller]
    fn check_sent(content_type: &str, error: Option<u16>) {
        let result = check_content_type(&headers(CONTENT_TYPE, content_type));

        assert_eq!(result.err(), error.map(plain), "{content_type}");
    }

    #[track_caller]
    fn check_wanted(accept: &str, error: Option<u16>) {
        let result = check_accept(&headers(ACCEPT, accept));

        assert_eq!(result.err(), error.map(plain), "{accept}");
    }

    fn plain(status: u16) -> RestError {
        RestError::plain(StatusCode::from_u16(status).unwrap())
    }

    #[test]
    fn only_json_is_taken() {
        check_sent("application/json", None);
        check_sent("Application/JSON; charset=utf-8", None);
        check_sent("application/vnd.x+json", Some(415));
        check_sent("text/plain", Some(415));
        check_sent("garbage", Some(400));
        assert_eq!(check_content_type(&HeaderMap::new()), Ok(()));
    }

    #[test]
    fn only_json_is_given() {
        for accept in [
            "application/json",
            "application/json;q=0",
            "text/html, */*;q=0.1",
            "application/*",
            "text/html, *; q=.2",
            "",
        ] {
            check_wanted(accept, None);
        }
        check_wanted("text/plain", Some(406));
        check_wanted("garbage", Some(406));
        assert_eq!(check_accept(&HeaderMap::new()), Ok(()));
    }
}
