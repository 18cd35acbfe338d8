//! HTTP basic authentication for the REST API.
//!
#![doc = include_str!("../README.md")]

mod jaas;
mod passwords;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_core::rest_extension::{ClusterState, RestExtension, RestRequest, RestResponse};
use connect_core::{ConnectorConfig, Result, rest_extension};

use passwords::Passwords;

const SCHEME: &str = "basic";

/// Where the extension finds who may come in.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct BasicAuthConfig {
    /// File of the login configuration, in the form of JAAS; its entry `KafkaConnect` names the file
    /// of the passwords.
    #[config(key = "java.security.auth.login.config")]
    pub login_config: String,
}

/// Refuses clients that do not send a name with its password.
#[rest_extension(
    name = "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct BasicAuthSecurityRestExtension {
    passwords: Passwords,
}

impl RestExtension for BasicAuthSecurityRestExtension {
    type Config = BasicAuthConfig;

    fn new(config: BasicAuthConfig, _: ClusterState) -> Result<Self> {
        let file = jaas::passwords_file(config.login_config.as_ref())?;
        let passwords = Passwords::read(&file)?;
        Ok(Self { passwords })
    }

    async fn handle(&self, request: &RestRequest) -> Result<Option<RestResponse>> {
        // As in the reference, whoever asks for what does not exist is told so.
        if !request.is_known || is_among_workers(request) || self.admits(request) {
            return Ok(None);
        }
        Ok(Some(RestResponse {
            status: 401,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: "User cannot access the resource.".into(),
        }))
    }
}

impl BasicAuthSecurityRestExtension {
    fn admits(&self, request: &RestRequest) -> bool {
        if self.passwords.is_empty() {
            return true;
        }
        let credentials = request.header("authorization").and_then(credentials);
        credentials.is_some_and(|(user, password)| self.passwords.admit(&user, &password))
    }
}

/// Name and password of a header; a password may be empty and hold colons.
fn credentials(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    (!user.is_empty()).then(|| (user.to_owned(), password.to_owned()))
}

/// Requests that are signed with a key that workers share.
fn is_among_workers(request: &RestRequest) -> bool {
    let path = request.path.trim_matches('/');
    let segments: Vec<_> = path.split('/').collect();
    matches!(
        (request.method.as_str(), &segments[..]),
        ("POST", ["connectors", _, "tasks"]) | ("PUT", ["connectors", _, "fence"])
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use connect_core::config::Props;
    use connect_core::rest_extension::{ClusterView, ConnectorHealth};
    use connect_core::source::BoxFuture;

    use super::*;

    struct Nobody;

    impl ClusterView for Nobody {
        fn connectors(&self) -> BoxFuture<'_, Result<Vec<String>>> {
            Box::pin(async { Ok(Vec::new()) })
        }

        fn health<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<ConnectorHealth>>> {
            Box::pin(async { Ok(None) })
        }

        fn config<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Props>>> {
            Box::pin(async { Ok(None) })
        }
    }

    fn extension(dir: &Path, passwords: &str) -> Result<BasicAuthSecurityRestExtension> {
        let file = dir.join("passwords");
        let login = dir.join("login.conf");
        std::fs::write(&file, passwords).unwrap();
        let module = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule";
        let entry = format!(
            "KafkaConnect {{ {module} required file=\"{}\"; }};",
            file.display()
        );
        std::fs::write(&login, entry).unwrap();
        let config = BasicAuthConfig {
            login_config: login.to_str().unwrap().to_owned(),
        };
        BasicAuthSecurityRestExtension::new(config, ClusterState::new(Arc::new(Nobody)))
    }

    fn request(line: &str, authorization: Option<&str>) -> RestRequest {
        let (method, path) = line.split_once(' ').unwrap();
        let header = |it: &str| ("authorization".to_owned(), it.to_owned());
        RestRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: None,
            headers: authorization.map(header).into_iter().collect(),
            body: "".into(),
            is_known: true,
        }
    }

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    async fn is_admitted(extension: &BasicAuthSecurityRestExtension, header: &str) -> bool {
        let answer = extension.handle(&request("GET /", Some(header))).await;
        answer.unwrap().is_none()
    }

    #[tokio::test]
    async fn only_known_names_with_their_passwords_are_admitted() {
        let dir = tempfile::tempdir().unwrap();
        let extension = extension(dir.path(), "me=pass:word\nyou=\n").unwrap();

        for good in ["me:pass:word", "you:"] {
            assert!(is_admitted(&extension, &basic(good)).await, "{good}");
        }
        let lower = basic("me:pass:word").replace("Basic", "bAsIc");
        assert!(is_admitted(&extension, &lower).await);
        for bad in ["me:", "me:pass", "me", ":pass:word", "other:x", ""] {
            assert!(!is_admitted(&extension, &basic(bad)).await, "{bad}");
        }
        for bad in ["Basic", "Basic !", "Bearer bWU6cGFzczp3b3Jk", ""] {
            assert!(!is_admitted(&extension, bad).await, "{bad}");
        }
    }

    #[tokio::test]
    async fn a_refusal_is_that_of_the_reference() {
        let dir = tempfile::tempdir().unwrap();
        let extension = extension(dir.path(), "me=x").unwrap();

        let answer = extension.handle(&request("GET /connectors", None)).await;

        let answer = answer.unwrap().unwrap();
        assert_eq!(answer.status, 401);
        assert_eq!(&answer.body[..], b"User cannot access the resource.");
        assert_eq!(
            answer.headers,
            [("content-type".to_owned(), "application/json".to_owned())]
        );
    }

    #[tokio::test]
    async fn workers_and_those_who_are_lost_pass() {
        let dir = tempfile::tempdir().unwrap();
        let extension = extension(dir.path(), "me=x").unwrap();
        let passes = async |request: RestRequest| {
            let answer = extension.handle(&request).await;
            answer.unwrap().is_none()
        };

        assert!(passes(request("POST /connectors/a%2Fb/tasks", None)).await);
        assert!(passes(request("PUT /connectors/a/fence/", None)).await);
        assert!(!passes(request("GET /connectors/a/tasks", None)).await);
        assert!(!passes(request("PUT /connectors/a/b/fence", None)).await);
        let unknown = RestRequest {
            is_known: false,
            ..request("GET /nope", None)
        };
        assert!(passes(unknown).await);
    }

    #[tokio::test]
    async fn without_passwords_everybody_is_admitted() {
        let dir = tempfile::tempdir().unwrap();
        let extension = extension(dir.path(), "# nobody\n").unwrap();

        assert!(is_admitted(&extension, "").await);
    }
}
