//! The address at which a client has reached this worker, from which it is told where things are.

use std::convert::Infallible;
use std::net::Ipv6Addr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::{Authority, Scheme};

use super::Api;

/// Scheme, host and port as the client wrote them, with a slash at the end.
#[derive(Debug)]
pub(super) struct BaseUrl(pub(super) String);

impl FromRequestParts<Arc<Api>> for BaseUrl {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Infallible> {
        // A client of HTTP/1.0 need not name a host.
        Ok(Self::of(parts, api))
    }
}

impl BaseUrl {
    /// The address that a request was sent to.
    pub(super) fn of(parts: &Parts, api: &Api) -> Self {
        Self(reached(parts).unwrap_or_else(|| api.base_url.clone()))
    }
}

/// The address that a request names; its scheme, if it names none, is that of the listener.
fn reached(parts: &Parts) -> Option<String> {
    let of_listener = || parts.extensions.get::<Scheme>();
    let scheme = parts.uri.scheme().or_else(of_listener)?;
    let host = parts.headers.get(HOST)?.to_str().ok()?;
    if host.parse::<Ipv6Addr>().is_ok() {
        return Some(format!("{scheme}://[{host}]/"));
    }
    let authority: Authority = host.parse().ok()?;
    let host = authority.host();
    Some(match authority.port_u16() {
        Some(port) if Some(port) != default_port(scheme) => format!("{scheme}://{host}:{port}/"),
        _ => format!("{scheme}://{host}/"),
    })
}

fn default_port(scheme: &Scheme) -> Option<u16> {
    match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[track_caller]
    fn check(scheme: Scheme, target: &str, host: &str, expected: &str) {
        let request = Request::post(target).header(HOST, host).extension(scheme);
        let (parts, ()) = request.body(()).unwrap().into_parts();

        assert_eq!(reached(&parts).as_deref(), Some(expected));
    }

    #[test]
    fn a_client_is_told_the_address_that_it_used() {
        let plain = |host, expected| check(Scheme::HTTP, "/connectors", host, expected);

        plain("worker", "http://worker/");
        plain("My_Host.:8083", "http://My_Host.:8083/");
        plain("[::1]:99", "http://[::1]:99/");
        plain("::1", "http://[::1]/");
    }

    #[test]
    fn a_port_that_goes_without_saying_is_not_said() {
        let secure = |host, expected| check(Scheme::HTTPS, "/connectors", host, expected);

        check(Scheme::HTTP, "/", "h:80", "http://h/");
        check(Scheme::HTTP, "/", "h:443", "http://h:443/");
        secure("h:443", "https://h/");
        secure("h:80", "https://h:80/");
    }

    #[test]
    fn a_whole_address_names_its_scheme() {
        check(Scheme::HTTP, "https://h:5/", "h:5", "https://h:5/");
        check(Scheme::HTTP, "https://h:443/", "h:443", "https://h/");
    }

    #[test]
    fn no_host_is_no_address() {
        let request = Request::post("/connectors").extension(Scheme::HTTP);
        let (parts, ()) = request.body(()).unwrap().into_parts();

        assert_eq!(reached(&parts), None);
    }
}
