//! The policies of the reference, as the plugins that they are there.

use connect_core::prelude::*;

const PRINCIPAL_KEYS: [&str; 3] = ["sasl.jaas.config", "sasl.mechanism", "security.protocol"];

/// Connectors may change everything.
#[client_config_policy(
    name = "org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy",
    version = "4.3.1"
)]
pub(super) struct All;

impl ClientConfigPolicy for All {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn check(&self, _: &ClientOverrides<'_>, _: &mut ConfigErrors) {}
}

/// Connectors may change nothing.
#[client_config_policy(
    name = "org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy",
    version = "4.3.1"
)]
struct Nothing;

impl ClientConfigPolicy for Nothing {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn check(&self, overrides: &ClientOverrides<'_>, errors: &mut ConfigErrors) {
        refuse("None", overrides, errors, |_| false);
    }
}

/// Connectors may change as whom they connect.
#[client_config_policy(
    name = "org.apache.kafka.connect.connector.policy.PrincipalConnectorClientConfigOverridePolicy",
    version = "4.3.1"
)]
struct Principal;

impl ClientConfigPolicy for Principal {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn check(&self, overrides: &ClientOverrides<'_>, errors: &mut ConfigErrors) {
        refuse("Principal", overrides, errors, |key| {
            PRINCIPAL_KEYS.contains(&key)
        });
    }
}

/// Connectors may change the settings in a list.
#[client_config_policy(
    name = "org.apache.kafka.connect.connector.policy.AllowlistConnectorClientConfigOverridePolicy",
    version = "4.3.1"
)]
struct Allowlist(AllowlistConfig);

/// What connectors may change.
#[derive(Debug, ConnectorConfig)]
#[config(check = AllowlistConfig::check)]
struct AllowlistConfig {
    /// Settings of clients that connectors may override.
    #[config(key = "connector.client.config.override.allowlist", default = "")]
    keys: Vec<String>,
}

impl AllowlistConfig {
    fn check(&self, errors: &mut ConfigErrors) {
        const KEY: &str = "connector.client.config.override.allowlist";
        if self.keys.iter().any(String::is_empty) {
            errors.push(
                KEY,
                format!("Configuration '{KEY}' values must not be empty."),
            );
        }
    }
}

impl ClientConfigPolicy for Allowlist {
    type Config = AllowlistConfig;

    fn new(config: AllowlistConfig) -> Result<Self> {
        Ok(Self(config))
    }

    fn check(&self, overrides: &ClientOverrides<'_>, errors: &mut ConfigErrors) {
        let is_listed = |key: &str| self.0.keys.iter().any(|it| it == key);
        refuse("Allowlist", overrides, errors, is_listed);
    }
}

/// Refuses what is not allowed, in the words of the reference.
fn refuse(
    policy: &str,
    overrides: &ClientOverrides<'_>,
    errors: &mut ConfigErrors,
    is_allowed: impl Fn(&str) -> bool,
) {
    for (key, _) in overrides
        .settings
        .iter()
        .filter(|(key, _)| !is_allowed(key))
    {
        errors.push(
            key,
            format!(
                "The '{policy}' policy does not allow '{key}' to be overridden in the connector \
                 configuration."
            ),
        );
    }
}
