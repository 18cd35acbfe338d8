//! What connectors may change of the Kafka clients that work for them.

mod built_in;

use std::sync::Arc;

use connect_core::client_config::{ClientOverrides, ErasedClientConfigPolicy};
use connect_core::config::{ConfigErrors, ConfigType, Props};
use connect_core::plugin::PluginEntry;
use connect_core::registry::PluginRegistry;

use super::client_keys::ClientKind;
use super::connector::{CONNECTOR_CLASS, NAME};

/// The policy of a worker, which is a plugin.
#[derive(Clone, Debug)]
pub struct OverridePolicy(Arc<dyn ErasedClientConfigPolicy>);

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
    /// It refuses the settings of the worker.
    #[error("{0}")]
    Settings(String),
}

impl OverridePolicy {
    /// The policy of a worker with these properties, by one of its names.
    ///
    /// # Errors
    /// When there is no such policy, or its own settings are malformed.
    pub fn from_worker(
        name: &str,
        worker: &Props,
        plugins: &PluginRegistry,
    ) -> Result<Self, PolicyError> {
        let unknown = || PolicyError::Unknown(name.to_owned());
        let plugin = plugins.client_config_policy(name).map_err(|_| unknown())?;
        let PluginEntry::ClientConfigPolicy { new } = plugin.entry else {
            return Err(unknown());
        };
        let policy = new(worker).map_err(|error| PolicyError::Settings(error.to_string()))?;
        Ok(Self(policy.into()))
    }

    /// What a connector overrides and must not, by the names of the client's settings.
    pub fn refusals(&self, kind: ClientKind, connector: &Props) -> ConfigErrors {
        let settings = connector.with_prefix_stripped(kind.override_prefix());
        let mut errors = ConfigErrors::default();
        let overrides = ClientOverrides {
            client: kind.client_type(),
            connector: connector.get(NAME),
            class: connector.get(CONNECTOR_CLASS).unwrap_or_default(),
            settings: &settings,
        };
        self.0.check(&overrides, &mut errors);
        errors
    }

    /// Checks the overrides of a connector that is about to use a client: the policy may have
    /// become stricter since they were accepted.
    ///
    /// # Errors
    /// The message for the user, with every override that is refused.
    pub fn check(&self, kind: ClientKind, connector: &Props) -> Result<(), OverrideRefused> {
        let overrides = connector.with_prefix_stripped(kind.override_prefix());
        let refusals = self.refusals(kind, connector);
        let refused = refusals.iter().map(|(key, refusal)| {
            let is_secret = kind
                .key(key)
                .is_some_and(|it| it.kind == ConfigType::Password);
            let value = if is_secret {
                "[hidden]"
            } else {
                overrides.get(key).unwrap_or("null")
            };
            format!("[{key},{value},[],[{refusal}],true]")
        });
        let refused: Vec<String> = refused.collect();
        match refused.is_empty() {
            true => Ok(()),
            false => Err(OverrideRefused(refused.join(", "))),
        }
    }
}

/// Everything may be changed.
impl Default for OverridePolicy {
    fn default() -> Self {
        Self(Arc::new(built_in::All))
    }
}

/// A connector overrides what the policy does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Client Config Overrides not allowed [{0}]")]
pub struct OverrideRefused(String);

#[cfg(test)]
mod tests;
