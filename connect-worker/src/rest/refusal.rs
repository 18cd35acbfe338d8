//! Requests that are refused whatever they ask for, as the web server of the reference does it.
//!
//! They are no requests of HTTP, or their path can name nothing. Those who browse get a page that
//! says why, others an empty body.

use std::borrow::Cow;

use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, EXPECT, HOST, HeaderMap};
use axum::http::uri::{Authority, Uri};
use axum::http::{HeaderValue, Method, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

/// Longest head of a request, and within it of its first line.
const MAX_HEAD_BYTES: usize = 8 << 10;
const PAGE_TYPE: HeaderValue = HeaderValue::from_static("text/html;charset=iso-8859-1");
const UNCACHED: HeaderValue = HeaderValue::from_static("must-revalidate,no-cache,no-store");
/// Shown in place of a path that cannot be read.
const BAD_URI: &str = "/badURI";
const BAD_MESSAGE: &str = "/badMessage";

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refusal {
    status: StatusCode,
    reason: Cow<'static, str>,
    /// What is shown of the address.
    uri: String,
}

/// Answers requests that are refused, and passes on the others.
pub(super) async fn refuse(request: Request, next: Next) -> Response {
    match refusal(&request) {
        Some(refusal) => refusal.answer(request.method()),
        None => next.run(request).await,
    }
}

fn refusal(request: &Request) -> Option<Refusal> {
    let (uri, headers) = (request.uri(), request.headers());
    let refused = |status, reason: Cow<'static, str>, uri: &str| Refusal {
        status,
        reason,
        uri: uri.to_owned(),
    };
    let bad = |reason: &'static str, uri: &str| {
        Some(refused(StatusCode::BAD_REQUEST, reason.into(), uri))
    };
    if let Some(status) = too_long(request) {
        let reason = status.canonical_reason().unwrap_or_default();
        let shown = match status {
            StatusCode::URI_TOO_LONG => BAD_MESSAGE,
            _ => uri.path(),
        };
        return Some(refused(status, reason.into(), shown));
    }
    if has_broken_escape(uri.path()) {
        return bad("Bad Request", BAD_MESSAGE);
    }
    let shown = match uri.authority() {
        Some(_) => uri.to_string(),
        None => uri.path().to_owned(),
    };
    if let Some(reason) = bad_host(request.version(), uri, headers) {
        return bad(reason, &shown);
    }
    if let Some(reason) = bad_path(uri.path()) {
        let status = StatusCode::BAD_REQUEST;
        return Some(refused(status, reason.into(), BAD_URI));
    }
    let is_expected = |it: &HeaderValue| it.as_bytes().eq_ignore_ascii_case(b"100-continue");
    if headers.get(EXPECT).is_some_and(|it| !is_expected(it)) {
        let status = StatusCode::EXPECTATION_FAILED;
        return Some(refused(status, "Expectation Failed".into(), uri.path()));
    }
    None
}

/// The status for a head that is too long.
fn too_long(request: &Request) -> Option<StatusCode> {
    const BETWEEN: usize = " HTTP/1.1\r\n".len() + 1;
    const AROUND: usize = ": \r\n".len();
    let uri = request.uri();
    let authority = uri.authority().map_or(0, |it| it.as_str().len());
    let target = uri.path_and_query().map_or(1, |it| it.as_str().len());
    let line = request.method().as_str().len() + authority + target;
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + AROUND);
    let head = line + BETWEEN + headers.sum::<usize>();
    match () {
        () if line > MAX_HEAD_BYTES - BETWEEN => Some(StatusCode::URI_TOO_LONG),
        () if head > MAX_HEAD_BYTES => Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        () => None,
    }
}

/// A percent sign that no two digits follow, or that stands for nothing at all.
fn has_broken_escape(path: &str) -> bool {
    path.split('%').skip(1).any(|it| {
        let digits = it.as_bytes().get(..2).unwrap_or_default();
        let is_wide = it.starts_with('u');
        let is_hex = digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit);
        !is_wide && (!is_hex || digits == b"00")
    })
}

/// What is wrong with the host that a request is for.
fn bad_host(version: Version, uri: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    let mut hosts = headers.get_all(HOST).iter();
    let Some(host) = hosts.next() else {
        return (version >= Version::HTTP_11).then_some("No Host");
    };
    if hosts.next().is_some() {
        return Some("Duplicate Host Header");
    }
    if host.is_empty() {
        return Some("Blank Host");
    }
    let text = host.to_str().ok().filter(|it| is_host(it));
    let Some(text) = text else {
        return Some("Bad HostPort");
    };
    let is_other = uri.authority().is_some_and(|it| it.as_str() != text);
    is_other.then_some("Authority!=Host")
}

/// A name or address, with or without a port.
fn is_host(text: &str) -> bool {
    let Ok(authority) = text.parse::<Authority>() else {
        // An address with colons may stand without brackets.
        return text.parse::<std::net::Ipv6Addr>().is_ok();
    };
    let has_port = text.ends_with(']') || !text.contains(':') || authority.port_u16() > Some(0);
    has_port && !authority.host().is_empty() && !text.contains('@')
}

/// Why a path can name nothing: all that is wrong with it, in the reference's order.
fn bad_path(path: &str) -> Option<String> {
    let names: Vec<_> = path
        .split('/')
        .map(|it| it.split(';').next().unwrap_or_default())
        .collect();
    let has = |escape: &str| {
        let mut names = names.iter();
        names.any(|it| it.to_ascii_lowercase().contains(escape))
    };
    let is_dots = |it: &&str| {
        it.contains('%') && [b".".as_slice(), b".."].contains(&&*Cow::from(percent_decode_str(it)))
    };
    let is_utf_8 = |it: &&str| percent_decode_str(it).decode_utf8().is_ok();
    let is_control = |it: u8| it < b' ' || it == 0x7f;
    // Around the path, and of a slash at its end, nothing is expected.
    let inner = names.get(1..names.len() - 1).unwrap_or_default();
    let is_empty = inner.iter().any(|it| it.is_empty());
    let is_wide = path.contains("%u");
    let is_garbled = !names.iter().all(is_utf_8);
    let is_suspicious = percent_decode_str(path).any(is_control);
    if !(is_empty || is_wide || is_garbled || is_suspicious) {
        // The rest is no reason: a connector may well be called so.
        return None;
    }
    let found = [
        (names.iter().any(is_dots), "Ambiguous URI path segment"),
        (is_empty, "Ambiguous URI empty segment"),
        (has("%2f"), "Ambiguous URI path separator"),
        (has("%25"), "Ambiguous URI path encoding"),
        (is_wide, "UTF-16 encoding"),
        (is_garbled, "Bad UTF-8 encoding"),
        (is_suspicious || has("%5c"), "Suspicious Path Character"),
    ];
    let found = found.iter().filter(|(is_so, _)| *is_so);
    Some(
        found
            .map(|(_, reason)| *reason)
            .collect::<Vec<_>>()
            .join(", "),
    )
}

impl Refusal {
    fn answer(&self, method: &Method) -> Response {
        let mut response = self.status.into_response();
        let is_read = [Method::GET, Method::POST, Method::HEAD].contains(method);
        if is_read || self.uri == BAD_MESSAGE {
            response = (self.status, self.page()).into_response();
            response.headers_mut().insert(CONTENT_TYPE, PAGE_TYPE);
        }
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, UNCACHED);
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }

    fn page(&self) -> String {
        let status = self.status.as_u16();
        let (reason, uri) = (&self.reason, escaped(&self.uri));
        format!(
            "<html>\n<head>\n\
             <meta http-equiv=\"Content-Type\" content=\"text/html;charset=ISO-8859-1\"/>\n\
             <title>Error {status} {reason}</title>\n</head>\n<body>\n\
             <h2>HTTP ERROR {status} {reason}</h2>\n<table>\n\
             <tr><th>URI:</th><td>{uri}</td></tr>\n\
             <tr><th>STATUS:</th><td>{status}</td></tr>\n\
             <tr><th>MESSAGE:</th><td>{reason}</td></tr>\n\
             </table>\n\n</body>\n</html>\n"
        )
    }
}

/// Text within a page.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, it| {
        match it {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&apos;"),
            ' '..='~' => shown.push(it),
            _ => shown.push('?'),
        }
        shown
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[track_caller]
    fn check(path: &str, headers: &[(&str, &str)], expected: Option<(u16, &str)>) {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let refusal = refusal(&request.body(Body::empty()).unwrap());

        let found = refusal
            .as_ref()
            .map(|it| (it.status.as_u16(), it.reason.as_ref()));
        assert_eq!(found, expected, "{path} {headers:?}");
    }

    #[test]
    fn a_request_is_for_one_host() {
        for host in ["x", "x:80", "[::1]:80", "::1", "a_b", "127.0.0.1:8083"] {
            check("/connectors", &[("host", host)], None);
        }
        for host in ["x:0", "x:", "a b", "x:65536", "[::1", ":80", "a@b", "a/b"] {
            check(
                "/connectors",
                &[("host", host)],
                Some((400, "Bad HostPort")),
            );
        }
        check("/connectors", &[], Some((400, "No Host")));
        check("/connectors", &[("host", "")], Some((400, "Blank Host")));
        let twice = [("host", "x"), ("host", "x")];
        check("/connectors", &twice, Some((400, "Duplicate Host Header")));
        let other = Some((400, "Authority!=Host"));
        check("http://y/connectors", &[("host", "x")], other);
        check("http://x/connectors", &[("host", "x")], None);
    }

    #[test]
    fn a_path_has_names() {
        let check = |path: &str, reason: Option<&str>| {
            check(path, &[("host", "x")], reason.map(|it| (400, it)));
        };
        for path in [
            "/",
            "/connectors/",
            "/connectors/a%2Fb%25%5C",
            "/connectors/;x",
            "/a%20%C3%A4",
        ] {
            check(path, None);
        }
        for path in ["//", "//connectors", "/connectors//", "/connectors/;/x"] {
            check(path, Some("Ambiguous URI empty segment"));
        }
        for path in [
            "/connectors/%",
            "/connectors/%zz",
            "/connectors/%a",
            "/connectors/%00",
        ] {
            check(path, Some("Bad Request"));
        }
        check("/connectors/%0a", Some("Suspicious Path Character"));
        check("/connectors/%ff", Some("Bad UTF-8 encoding"));
        check("/connectors/%u0041", Some("UTF-16 encoding"));
        check(
            "/%2f%25//%2E/%5c%ff%u0041;x/..",
            Some(
                "Ambiguous URI path segment, Ambiguous URI empty segment, Ambiguous URI path \
                 separator, Ambiguous URI path encoding, UTF-16 encoding, Bad UTF-8 encoding, \
                 Suspicious Path Character",
            ),
        );
    }

    #[test]
    fn heads_are_limited() {
        let long = "a".repeat(MAX_HEAD_BYTES);
        let host = ("host", "x");
        check(&format!("/{long}"), &[host], Some((414, "URI Too Long")));
        let fields = Some((431, "Request Header Fields Too Large"));
        check("/connectors", &[host, ("x", &long)], fields);
        let expected = Some((417, "Expectation Failed"));
        check("/connectors", &[host, ("expect", "x")], expected);
        check("/connectors", &[host, ("expect", "100-Continue")], None);
    }

    #[test]
    fn a_page_shows_what_was_asked_for() {
        let refusal = Refusal {
            status: StatusCode::BAD_REQUEST,
            reason: "No Host".into(),
            uri: "/a<b>&'c\"\u{e4}".to_owned(),
        };

        let page = refusal.page();

        assert!(
            page.contains("<td>/a&lt;b&gt;&amp;&apos;c&quot;?</td>"),
            "{page}"
        );
        assert!(page.contains("<title>Error 400 No Host</title>"), "{page}");
    }
}
