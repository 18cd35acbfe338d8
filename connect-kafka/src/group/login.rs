//! Logging in over SASL, with a user's name and password.

use std::{fmt, time::Duration};

use bytes::Bytes;
use kafka_protocol::messages::{SaslAuthenticateRequest, SaslHandshakeRequest};
use kafka_protocol::protocol::{StrBytes, VersionRange};

#[cfg(feature = "tls")]
use super::scram::{Exchange, Hash};
use super::{connection::Connection, wire};
use crate::error::{ErrorKind, KafkaError, Result};
use crate::settings::Translated;

/// Versions in which messages of the login are requests of their own.
const HANDSHAKE: VersionRange = VersionRange { min: 1, max: 1 };
const AUTHENTICATE: VersionRange = VersionRange { min: 0, max: 2 };
/// A connection is given up before its login ends: after so many percent of the time.
const USED_PERCENT: u64 = 85;

/// How to log in.
pub(super) struct Login {
    mechanism: Mechanism,
    user: String,
    password: String,
}

#[derive(Clone, Copy, Debug)]
enum Mechanism {
    Plain,
    #[cfg(feature = "tls")]
    Scram(Hash),
}

impl Mechanism {
    fn parse(name: &str) -> Result<Self> {
        match name {
            "PLAIN" => Ok(Self::Plain),
            #[cfg(feature = "tls")]
            "SCRAM-SHA-256" => Ok(Self::Scram(Hash::Sha256)),
            #[cfg(feature = "tls")]
            "SCRAM-SHA-512" => Ok(Self::Scram(Hash::Sha512)),
            _ => Err(KafkaError::config(format!(
                "Invalid value {name} for configuration sasl.mechanism: members of groups log in by PLAIN, \
                 SCRAM-SHA-256 or SCRAM-SHA-512"
            ))),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            #[cfg(feature = "tls")]
            Self::Scram(Hash::Sha256) => "SCRAM-SHA-256",
            #[cfg(feature = "tls")]
            Self::Scram(Hash::Sha512) => "SCRAM-SHA-512",
        }
    }
}

impl fmt::Debug for Login {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("mechanism", &self.mechanism)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// The login that settings ask for, if any.
    ///
    /// # Errors
    /// A mechanism that is not supported here, by the setting's name.
    pub(super) fn new(settings: &Translated) -> Result<Option<Self>> {
        let get = |key: &str| settings.engine.get(key).cloned();
        if !get("security.protocol").is_some_and(|it| it.starts_with("sasl_")) {
            return Ok(None);
        }
        let mechanism = get("sasl.mechanism");
        Ok(Some(Self {
            mechanism: Mechanism::parse(mechanism.as_deref().unwrap_or("GSSAPI"))?,
            user: get("sasl.username").unwrap_or_default(),
            password: get("sasl.password").unwrap_or_default(),
        }))
    }

    /// Logs in over a new connection. Says how long it may be used, if the broker limits that.
    ///
    /// # Errors
    /// The broker, or what it says of itself, is not as it should be: [`ErrorKind::Authentication`].
    pub(super) async fn perform(&self, connection: &mut Connection) -> Result<Option<Duration>> {
        let version = connection.version::<SaslHandshakeRequest>(HANDSHAKE)?;
        let mechanism = StrBytes::from_static_str(self.mechanism.name());
        let request = SaslHandshakeRequest::default().with_mechanism(mechanism);
        connection.ask(version, &request)?;
        let answer = connection.answer::<SaslHandshakeRequest>().await?;
        if answer.error_code != 0 {
            let supported: Vec<&str> = answer.mechanisms.iter().map(|it| &**it).collect();
            let text = format!(
                "sasl.mechanism: the broker does not support {}, but {}",
                self.mechanism.name(),
                supported.join(", ")
            );
            return Err(KafkaError::new(ErrorKind::Authentication, text));
        }
        match self.mechanism {
            Mechanism::Plain => {
                let message = format!("\0{}\0{}", self.user, self.password);
                Ok(say(connection, message.into()).await?.1)
            }
            #[cfg(feature = "tls")]
            Mechanism::Scram(hash) => self.scram(connection, hash).await,
        }
    }

    #[cfg(feature = "tls")]
    async fn scram(&self, connection: &mut Connection, hash: Hash) -> Result<Option<Duration>> {
        let refused = |problem: &str| {
            let text = format!("the broker's side of {}: {problem}", self.mechanism.name());
            KafkaError::new(ErrorKind::Authentication, text)
        };
        let exchange = Exchange::new(hash, &self.user, &self.password).map_err(refused)?;
        let (challenge, _) = say(connection, exchange.first()).await?;
        let proof = exchange.prove(&challenge).map_err(refused)?;
        let (last, lasts) = say(connection, proof.message().into()).await?;
        proof.check(&last).map_err(refused)?;
        Ok(lasts)
    }
}

/// Sends one message of a mechanism; returns the broker's, and how long the login counts if that is limited.
async fn say(connection: &mut Connection, message: Bytes) -> Result<(Bytes, Option<Duration>)> {
    let version = connection.version::<SaslAuthenticateRequest>(AUTHENTICATE)?;
    let request = SaslAuthenticateRequest::default().with_auth_bytes(message);
    connection.ask(version, &request)?;
    let answer = connection.answer::<SaslAuthenticateRequest>().await?;
    if let Err(error) = wire::check(answer.error_code) {
        let said = answer.error_message.filter(|it| !it.is_empty());
        let text = said.map_or_else(|| error.to_string(), |it| it.to_string());
        return Err(match error.is_retriable() {
            true => error,
            false => KafkaError::new(ErrorKind::Authentication, text),
        });
    }
    let lifetime = u64::try_from(answer.session_lifetime_ms).unwrap_or(0);
    let lasts = Duration::from_millis(lifetime.saturating_mul(USED_PERCENT) / 100);
    Ok((answer.auth_bytes, (lifetime > 0).then_some(lasts)))
}

#[cfg(all(test, feature = "tls"))]
mod tests {
    use super::*;
    use crate::settings::{self, ClientSettings};

    fn login(protocol: &str, mechanism: &str) -> Result<Option<Login>> {
        let entry = "a.ScramLoginModule required username=alice password=hunter2;";
        let client: ClientSettings = [
            ("bootstrap.servers", "localhost:9092"),
            ("sasl.jaas.config", entry),
            ("sasl.mechanism", mechanism),
            ("security.protocol", protocol),
        ]
        .into_iter()
        .collect();
        Login::new(&settings::translate(&client, settings::ADMIN)?)
    }

    #[test]
    fn there_is_a_login_where_settings_ask_for_one() {
        assert!(login("PLAINTEXT", "PLAIN").unwrap().is_none());
        for protocol in ["SASL_PLAINTEXT", "SASL_SSL"] {
            for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
                let login = login(protocol, mechanism).unwrap().unwrap();
                assert_eq!(login.mechanism.name(), mechanism);
                assert_eq!((&*login.user, &*login.password), ("alice", "hunter2"));
                assert!(!format!("{login:?}").contains("hunter2"));
            }
        }
    }

    #[test]
    fn another_mechanism_is_refused_by_its_setting() {
        for mechanism in ["GSSAPI", "OAUTHBEARER"] {
            let error = login("SASL_SSL", mechanism).unwrap_err();
            let start = format!("Invalid value {mechanism} for configuration sasl.mechanism: ");
            assert!(error.to_string().starts_with(&start), "{error}");
            assert_eq!(error.kind(), ErrorKind::Config);
        }
    }
}
