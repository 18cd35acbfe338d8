//! What is asked of the other side.

#![expect(clippy::unused_async, reason = "questions to the other side are async")]

use connect_core::config::{ConnectorConfig as _, Draft, Recommendation};
use connect_core::plugin::ConfigFns;
use connect_core::prelude::*;

/// Reads tables.
#[derive(Debug, ConnectorConfig)]
#[config(probe = TablesConfig::probe)]
struct TablesConfig {
    /// Host name of the server.
    #[config(alias("hostname"))]
    host: String,
    /// Port of the server.
    #[config(default = 5432)]
    port: u16,
    /// Tables to read.
    #[config(recommend = list_tables, depends_on(host, port))]
    tables: Vec<String>,
    #[config(nested)]
    auth: Auth,
    #[config(flatten)]
    pool: Pool,
}

/// How to log in.
#[derive(Debug, ConnectorConfig)]
#[config(tag = "type", default = "user")]
enum Auth {
    /// Not at all.
    Trust,
    /// By name.
    User {
        #[config(flatten)]
        user: User,
    },
}

/// Who logs in.
#[derive(Debug, ConnectorConfig)]
#[config(probe = probe_user)]
struct User {
    /// Name of the user.
    #[config(recommend = list_users)]
    login: Option<String>,
}

/// How many connections there are.
#[derive(Debug, ConnectorConfig)]
struct Pool {
    /// Longest wait for one.
    #[config(key = "wait.ms", default = "1s", recommend = list_waits)]
    wait: Duration,
}

impl TablesConfig {
    async fn probe(&self) -> Result<()> {
        match self.host.as_str() {
            "down" => Err(ConnectError::retriable("nobody answers")),
            _ => Ok(()),
        }
    }
}

async fn list_tables(draft: Draft<TablesConfig>) -> Result<Vec<String>> {
    let (Some(host), Some(port)) = (draft.host, draft.port) else {
        return Ok(vec![]);
    };
    Ok(vec![format!("{host}:{port}/orders")])
}

async fn list_users(draft: Draft<User>) -> Result<Vec<String>> {
    Err(ConnectError::fatal(format!("{:?} is unknown", draft.login)))
}

async fn list_waits(_: Draft<Pool>) -> Result<Vec<Duration>> {
    Ok(vec![Duration::from_secs(1), Duration::from_secs(60)])
}

async fn probe_user(user: &User) -> Result<()> {
    match user.login.as_deref() {
        Some("nobody") => Err(ConnectError::config("nobody cannot log in")),
        _ => Ok(()),
    }
}

const CONFIG: ConfigFns = ConfigFns::of::<TablesConfig>();

async fn answers(entries: &[(&str, &str)]) -> Vec<String> {
    let questions = (CONFIG.recommend)(&Props::from_iter(entries.iter().copied()));
    let mut answers = Vec::new();
    for Recommendation { key, values } in questions {
        answers.push(match values.await {
            Ok(values) => format!("{key}: {}", values.join(" ")),
            Err(error) => format!("{key} failed: {error}"),
        });
    }
    answers
}

async fn probe(entries: &[(&str, &str)]) -> Result<(), String> {
    let props = Props::from_iter(entries.iter().chain(&[("tables", "a")]).copied());
    let outcome = (CONFIG.probe)(props).await;
    outcome.map_err(|error| error.to_string())
}

#[tokio::test]
async fn recommendations_are_made_from_what_is_good_so_far() {
    let user = "auth.login failed: Some(None) is unknown";
    let wait = "wait.ms: 1000 60000";

    let asked = answers(&[("hostname", "db"), ("port", "1"), ("auth.type", "trust")]).await;
    assert_eq!(asked, [wait, "tables: db:1/orders"]);
    assert_eq!(answers(&[]).await, [user, wait, "tables: "]);
    let asked = answers(&[("host", "db"), ("port", "many"), ("auth.login", "me")]).await;
    let named = "auth.login failed: Some(Some(\"me\")) is unknown";
    assert_eq!(asked, [named, wait, "tables: "]);
}

#[tokio::test]
async fn a_configuration_is_tried_with_all_that_is_in_it() {
    assert_eq!(probe(&[("host", "db")]).await, Ok(()));
    let down = probe(&[("host", "down")]).await;
    assert_eq!(down, Err("nobody answers".to_owned()));
    let nobody = probe(&[("host", "db"), ("auth.login", "nobody")]).await;
    assert_eq!(nobody, Err("nobody cannot log in".to_owned()));
}

#[test]
fn clients_are_told_which_keys_can_be_asked_about() {
    let definition = TablesConfig::definition();
    let asked = definition.keys().iter().map(|it| &*it.name);
    let asked = asked.filter(|it| definition.details(it).is_some_and(|it| it.is_recommended));

    assert_eq!(
        asked.collect::<Vec<_>>(),
        ["tables", "auth.login", "wait.ms"]
    );
}
