//! What connectors may change of the Kafka clients that work for them.

use std::fmt;

use crate::config::{ConfigErrors, ConnectorConfig, Props};
use crate::error::Result;

/// Says which settings of its Kafka clients a connector may override.
///
/// The worker has one instance. It is asked when a connector is validated, and again before a
/// client is made. Implement it under `#[client_config_policy]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy for client settings",
    label = "does not implement `ClientConfigPolicy`",
    note = "implement `ClientConfigPolicy` for `{Self}`"
)]
pub trait ClientConfigPolicy: Sized + Send + Sync + 'static {
    /// The configuration: keys of the worker.
    type Config: ConnectorConfig;

    /// Makes the policy.
    ///
    /// # Errors
    /// When the configuration, though well-formed, cannot be used.
    fn new(config: Self::Config) -> Result<Self>;

    /// Adds a message for each setting that must not be overridden, under its own name.
    fn check(&self, overrides: &ClientOverrides<'_>, errors: &mut ConfigErrors);
}

/// The settings of a client that a connector overrides.
#[derive(Clone, Copy, Debug)]
pub struct ClientOverrides<'a> {
    /// Which client.
    pub client: ClientType,
    /// Name of the connector, as far as it has one.
    pub connector: Option<&'a str>,
    /// Name of the connector's plugin.
    pub class: &'a str,
    /// The settings, without the prefix that marks them as overrides.
    pub settings: &'a Props,
}

/// The Kafka clients that work for connectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientType {
    /// Writes what sources read.
    Producer,
    /// Reads what sinks write.
    Consumer,
    /// Creates topics.
    Admin,
}

/// What the worker calls. Not for authors: implemented for every [`ClientConfigPolicy`].
pub trait ErasedClientConfigPolicy: Send + Sync {
    /// See [`ClientConfigPolicy::check`].
    fn check(&self, overrides: &ClientOverrides<'_>, errors: &mut ConfigErrors);
}

impl<T: ClientConfigPolicy> ErasedClientConfigPolicy for T {
    fn check(&self, overrides: &ClientOverrides<'_>, errors: &mut ConfigErrors) {
        ClientConfigPolicy::check(self, overrides, errors);
    }
}

impl fmt::Debug for dyn ErasedClientConfigPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientConfigPolicy")
    }
}

pub(crate) fn new_policy<T: ClientConfigPolicy>(
    props: &Props,
) -> Result<Box<dyn ErasedClientConfigPolicy>> {
    Ok(Box::new(T::new(T::Config::parse(props)?)?))
}
