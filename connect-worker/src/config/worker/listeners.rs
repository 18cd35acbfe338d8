//! Listeners of the REST server, and the address that other programs are told.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, ToSocketAddrs};
use std::str::FromStr;

/// How a listener is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// The scheme as in a URL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// How it is spoken to.
    pub scheme: Scheme,
    /// Name or address of an interface, without brackets; `None` is all of them.
    pub host: Option<String>,
    /// Port; 0 is any that is free.
    pub port: u16,
}

/// As a user writes it.
impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, port) = (self.scheme.as_str(), self.port);
        match self.host.as_deref().unwrap_or_default() {
            host if host.contains(':') => write!(f, "{scheme}://[{host}]:{port}"),
            host => write!(f, "{scheme}://{host}:{port}"),
        }
    }
}

/// A listener is not written as the reference wants.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListenerError {
    /// It is not `protocol://hostname:port`.
    #[error("Listener doesn't have the right format (protocol://hostname:port).")]
    Format,
    /// It is neither http nor https.
    #[error("Listener protocol must be either \"http\" or \"https\".")]
    Protocol,
    /// There is no such port.
    #[error("port out of range:{0}")]
    Port(String),
}

impl FromStr for Listener {
    type Err = ListenerError;

    fn from_str(text: &str) -> Result<Self, ListenerError> {
        let (scheme, address) = text.rsplit_once("://").ok_or(ListenerError::Format)?;
        let (host, port) = address.rsplit_once(':').ok_or(ListenerError::Format)?;
        let host = host.strip_prefix('[').unwrap_or(host);
        let host = host.strip_suffix(']').unwrap_or(host);
        let digits = port.strip_prefix('-').unwrap_or(port);
        let is_host = |it: char| it.is_ascii_alphanumeric() || "-%._:".contains(it);
        let is_number = !digits.is_empty() && digits.chars().all(|it| it.is_ascii_digit());
        if !host.chars().all(is_host) || !is_number {
            return Err(ListenerError::Format);
        }
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(ListenerError::Protocol),
        };
        Ok(Self {
            scheme,
            host: Some(host.to_owned()).filter(|it| !it.is_empty()),
            port: port
                .parse()
                .map_err(|_| ListenerError::Port(port.to_owned()))?,
        })
    }
}

/// What the user wants other programs to be told; the rest follows from the listeners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdvertisedParts {
    /// `rest.advertised.host.name`.
    pub host: Option<String>,
    /// `rest.advertised.port`.
    pub port: Option<u16>,
    /// `rest.advertised.listener`: the scheme, as it was written.
    pub listener: Option<String>,
}

impl AdvertisedParts {
    /// The address of a worker with these listeners.
    ///
    /// `bound` are listeners with the ports that the system gave them; `local_host` is the host
    /// where none is said.
    #[must_use]
    pub fn complete(&self, bound: &[Listener], local_host: &str) -> Advertised {
        let has = |scheme| bound.iter().any(|it| it.scheme == scheme);
        let scheme = match &self.listener {
            Some(listener) => listener.to_ascii_lowercase(),
            None if has(Scheme::Https) && !has(Scheme::Http) => Scheme::Https.as_str().to_owned(),
            None => Scheme::Http.as_str().to_owned(),
        };
        let listener = bound.iter().find(|it| it.scheme.as_str() == scheme);
        let listening_host = || listener.and_then(|it| it.host.clone());
        let host = self.host.clone().or_else(listening_host);
        let port = self.port.or(listener.map(|it| it.port));
        Advertised {
            scheme,
            host: host.unwrap_or_else(|| local_host.to_owned()),
            port: port.unwrap_or_default(),
        }
    }
}

/// The address of a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertised {
    scheme: String,
    host: String,
    port: u16,
}

impl Advertised {
    /// What tells this worker from others: `host:port`.
    #[must_use]
    pub fn worker_id(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

/// The URL of the root, with a slash at its end.
impl fmt::Display for Advertised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/", self.scheme, self.worker_id())
    }
}

/// The address of this machine by its own name, else the loopback address.
#[must_use]
pub fn local_host_address() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let addresses = (name.trim(), 0).to_socket_addrs().ok();
    let address = addresses.and_then(|mut it| it.next()).map(|it| it.ip());
    address
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener(text: &str) -> Listener {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(text: &str, scheme: Scheme, host: Option<&str>, port: u16) {
        assert_eq!(
            listener(text),
            Listener {
                scheme,
                host: host.map(str::to_owned),
                port
            }
        );
    }

    #[track_caller]
    fn check_error(text: &str, error: &ListenerError) {
        assert_eq!(text.parse::<Listener>().as_ref(), Err(error), "{text}");
    }

    #[test]
    fn a_listener_has_scheme_host_and_port() {
        check("http://:8083", Scheme::Http, None, 8083);
        check("HTTPS://a.b-c_d:0", Scheme::Https, Some("a.b-c_d"), 0);
        check("http://[::1]:80", Scheme::Http, Some("::1"), 80);
        check(
            "http://[fe80::1%eth0]:80",
            Scheme::Http,
            Some("fe80::1%eth0"),
            80,
        );
    }

    #[test]
    fn a_listener_is_shown_as_it_is_written() {
        for text in ["http://:8083", "https://a:0", "http://[::1]:80"] {
            assert_eq!(listener(text).to_string(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "a:1",
            "http://a",
            "http://a b:1",
            "http://a:",
            "http://a:x",
            "http://a:1/",
        ] {
            check_error(text, &ListenerError::Format);
        }
        check_error("ftp://a:1", &ListenerError::Protocol);
        check_error("http://a:99999", &ListenerError::Port("99999".to_owned()));
        check_error("http://a:-5", &ListenerError::Port("-5".to_owned()));
    }

    #[track_caller]
    fn check_advertised(parts: &AdvertisedParts, bound: &[&str], url: &str, worker_id: &str) {
        let bound: Vec<_> = bound.iter().map(|it| listener(it)).collect();

        let advertised = parts.complete(&bound, "10.0.0.1");

        assert_eq!(advertised.to_string(), url);
        assert_eq!(advertised.worker_id(), worker_id);
    }

    #[test]
    fn http_is_advertised_before_https() {
        let parts = AdvertisedParts::default();

        let both = ["https://a:1", "http://b:2"];
        check_advertised(&parts, &both, "http://b:2/", "b:2");
        check_advertised(&parts, &["https://a:1"], "https://a:1/", "a:1");
        check_advertised(&parts, &["http://:2"], "http://10.0.0.1:2/", "10.0.0.1:2");
        check_advertised(&parts, &["http://[::1]:2"], "http://[::1]:2/", "[::1]:2");
    }

    #[test]
    fn the_user_can_say_every_part() {
        let parts = AdvertisedParts {
            host: Some("worker".to_owned()),
            port: Some(9),
            listener: Some("HTTPS".to_owned()),
        };

        check_advertised(&parts, &["http://a:1"], "https://worker:9/", "worker:9");
    }

    #[test]
    fn this_machine_has_an_address() {
        assert!(local_host_address().parse::<IpAddr>().is_ok());
    }
}
