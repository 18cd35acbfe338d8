//! What connectors may change of the Kafka clients that work for them.

use connect_core::config::{ConfigType, Props};

use super::client_keys::ClientKind;
use super::definition::{Parsed, parse_text};

const ALLOWLIST: &str = "connector.client.config.override.allowlist";
const PRINCIPAL_KEYS: [&str; 3] = ["sasl.jaas.config", "sasl.mechanism", "security.protocol"];

/// What connectors may change of their clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OverridePolicy {
    /// Everything.
    #[default]
    All,
    /// Nothing.
    None,
    /// As whom they connect.
    Principal,
    /// These keys, for every kind of client.
    Allowlist(Vec<String>),
}

/// The policy that a worker asks for cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// There is none of that name.
    #[error(
        "Failed to find any class that implements interface \
         org.apache.kafka.connect.connector.policy.ConnectorClientConfigOverridePolicy \
         and which name matches {0}"
    )]
    Unknown(String),
    /// The list of allowed keys is malformed.
    #[error("Configuration '{ALLOWLIST}' values must not be empty.")]
    EmptyKey,
}

impl OverridePolicy {
    /// The policy of a worker with these properties, by its class name or a short one.
    ///
    /// # Errors
    /// When there is no such policy, or its own settings are malformed.
    pub fn from_worker(name: &str, worker: &Props) -> Result<Self, PolicyError> {
        const PACKAGE: &str = "org.apache.kafka.connect.connector.policy.";
        const SUFFIX: &str = "ConnectorClientConfigOverridePolicy";
        let simple = name.strip_prefix(PACKAGE).unwrap_or(name);
        let short = simple.strip_suffix(SUFFIX).unwrap_or(simple);
        // A full name is never a short name in a package.
        let is_full = simple.len() != name.len();
        match short {
            _ if is_full && short.len() == simple.len() => {
                Err(PolicyError::Unknown(name.to_owned()))
            }
            "All" => Ok(Self::All),
            "None" => Ok(Self::None),
            "Principal" => Ok(Self::Principal),
            "Allowlist" => allowlist(worker).map(Self::Allowlist),
            _ => Err(PolicyError::Unknown(name.to_owned())),
        }
    }

    /// Whether there is a policy of that name, whatever its settings.
    #[must_use]
    pub fn is_class(name: &str) -> bool {
        let policy = Self::from_worker(name, &Props::new());
        !matches!(policy, Err(PolicyError::Unknown(_)))
    }

    /// The short name, by which messages call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::All => "All",
            Self::None => "None",
            Self::Principal => "Principal",
            Self::Allowlist(_) => "Allowlist",
        }
    }

    /// Whether a connector may override a key of a client.
    #[must_use]
    pub fn allows(&self, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Principal => PRINCIPAL_KEYS.contains(&key),
            Self::Allowlist(keys) => keys.iter().any(|it| it == key),
        }
    }

    /// Why a connector may not override a key, if so.
    #[must_use]
    pub fn refusal(&self, key: &str) -> Option<String> {
        let message = || {
            format!(
                "The '{}' policy does not allow '{key}' to be overridden in the connector \
                 configuration.",
                self.name()
            )
        };
        (!self.allows(key)).then(message)
    }

    /// Checks the overrides of a connector that is about to use a client: the policy may have
    /// become stricter since they were accepted.
    ///
    /// # Errors
    /// The message for the user, with every override that is refused.
    pub fn check(&self, kind: ClientKind, connector: &Props) -> Result<(), OverrideRefused> {
        let overrides = connector.with_prefix_stripped(kind.override_prefix());
        let refused = overrides.iter().filter_map(|(key, value)| {
            let refusal = self.refusal(key)?;
            let is_secret = kind
                .key(key)
                .is_some_and(|it| it.kind == ConfigType::Password);
            let value = if is_secret {
                "[hidden]"
            } else {
                value.unwrap_or("null")
            };
            Some(format!("[{key},{value},[],[{refusal}],true]"))
        });
        let refused: Vec<String> = refused.collect();
        match refused.is_empty() {
            true => Ok(()),
            false => Err(OverrideRefused(refused.join(", "))),
        }
    }
}

/// A connector overrides what the policy does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Client Config Overrides not allowed [{0}]")]
pub struct OverrideRefused(String);

fn allowlist(worker: &Props) -> Result<Vec<String>, PolicyError> {
    let Some(text) = worker.get(ALLOWLIST) else {
        return Ok(Vec::new());
    };
    match parse_text(ConfigType::List, text) {
        Ok(Parsed::List(keys)) if !keys.iter().any(String::is_empty) => Ok(keys),
        _ => Err(PolicyError::EmptyKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(name: &str) -> Result<OverridePolicy, String> {
        let worker = Props::from_iter([(ALLOWLIST, "acks, linger.ms")]);
        OverridePolicy::from_worker(name, &worker).map_err(|err| err.to_string())
    }

    #[test]
    fn policies_have_short_and_full_names() {
        let full = "org.apache.kafka.connect.connector.policy.\
                    NoneConnectorClientConfigOverridePolicy";

        assert_eq!(policy("All"), Ok(OverridePolicy::All));
        assert_eq!(policy(full), Ok(OverridePolicy::None));
        assert_eq!(
            policy("PrincipalConnectorClientConfigOverridePolicy"),
            Ok(OverridePolicy::Principal)
        );
        let keys = vec!["acks".to_owned(), "linger.ms".to_owned()];
        assert_eq!(policy("Allowlist"), Ok(OverridePolicy::Allowlist(keys)));
    }

    #[test]
    fn unknown_policies_are_refused() {
        for name in [
            "Foo",
            "all",
            "",
            "org.apache.kafka.connect.connector.policy.All",
        ] {
            assert_eq!(
                policy(name).unwrap_err(),
                format!(
                    "Failed to find any class that implements interface org.apache.kafka.connect\
                     .connector.policy.ConnectorClientConfigOverridePolicy and which name \
                     matches {name}"
                )
            );
        }
    }

    #[test]
    fn a_hole_in_the_allowlist_is_refused() {
        let worker = Props::from_iter([(ALLOWLIST, "acks,,x")]);

        assert_eq!(
            OverridePolicy::from_worker("Allowlist", &worker),
            Err(PolicyError::EmptyKey)
        );
        assert_eq!(
            OverridePolicy::from_worker("Allowlist", &Props::default()),
            Ok(OverridePolicy::Allowlist(Vec::new()))
        );
    }

    #[test]
    fn each_policy_allows_its_keys() {
        assert!(OverridePolicy::All.allows("acks"));
        assert!(!OverridePolicy::None.allows("acks"));
        assert!(OverridePolicy::Principal.allows("sasl.mechanism"));
        assert!(!OverridePolicy::Principal.allows("acks"));
        assert!(policy("Allowlist").unwrap().allows("acks"));
        assert!(!policy("Allowlist").unwrap().allows("Acks"));
    }

    #[test]
    fn overrides_are_checked_once_more_at_start() {
        let connector = Props::from_iter([
            ("producer.override.acks", "1"),
            ("producer.override.sasl.jaas.config", "secret"),
            ("consumer.override.group.id", "g"),
        ]);

        assert_eq!(
            OverridePolicy::All.check(ClientKind::Producer, &connector),
            Ok(())
        );
        assert_eq!(
            OverridePolicy::None.check(ClientKind::Admin, &connector),
            Ok(())
        );
        let refused = OverridePolicy::None
            .check(ClientKind::Producer, &connector)
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "Client Config Overrides not allowed [[acks,1,[],[The 'None' policy does not allow \
             'acks' to be overridden in the connector configuration.],true], \
             [sasl.jaas.config,[hidden],[],[The 'None' policy does not allow 'sasl.jaas.config' \
             to be overridden in the connector configuration.],true]]"
        );
    }
}
