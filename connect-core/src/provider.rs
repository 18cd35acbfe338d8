//! Configuration providers: where a worker looks up what `${provider:path:key}` stands for.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::config::{ConnectorConfig, Props};
use crate::error::Result;
use crate::source::BoxFuture;

/// Looks up values that configurations only refer to: passwords in a file, for example.
///
/// A worker has one instance for each name in `config.providers` and calls it from many places.
/// Implement it under `#[config_provider]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a configuration provider",
    label = "does not implement `ConfigProvider`",
    note = "implement `ConfigProvider` for `{Self}`"
)]
pub trait ConfigProvider: Sized + Send + Sync + 'static {
    /// The configuration: the keys below `config.providers.NAME.param.`, with that prefix removed.
    type Config: ConnectorConfig;

    /// Makes a provider.
    ///
    /// # Errors
    /// When the configuration, though well-formed, cannot be used.
    fn new(config: Self::Config) -> Result<Self>;

    /// What is known of these keys. Those that are not known are left out: a reference to them
    /// stays as it is written. `path` is empty when a reference names none.
    ///
    /// # Errors
    /// When it cannot be told; the message holds no value.
    fn get(
        &self,
        path: &str,
        keys: &BTreeSet<String>,
    ) -> impl Future<Output = Result<ConfigData>> + Send;
}

/// What a provider knows of some keys. `Debug` shows no values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigData {
    values: Props,
    ttl: Option<Duration>,
}

impl ConfigData {
    /// Values that stay as they are.
    #[must_use]
    pub fn new(values: Props) -> Self {
        Self { values, ttl: None }
    }

    /// Says for how long the values are good; connectors are restarted with new ones then, but not
    /// sooner than after a second.
    #[must_use]
    pub fn expiring_after(self, ttl: Duration) -> Self {
        Self {
            ttl: Some(ttl),
            ..self
        }
    }

    /// Keys and their values.
    #[must_use]
    pub fn values(&self) -> &Props {
        &self.values
    }

    /// For how long the values are good; `None` is forever.
    #[must_use]
    pub fn ttl(&self) -> Option<Duration> {
        self.ttl
    }
}

/// What the worker calls. Not for authors: implemented for every [`ConfigProvider`].
pub trait ErasedConfigProvider: Send + Sync {
    /// See [`ConfigProvider::get`].
    fn get<'a>(
        &'a self,
        path: &'a str,
        keys: &'a BTreeSet<String>,
    ) -> BoxFuture<'a, Result<ConfigData>>;
}

struct Known<T>(T);

impl<T: ConfigProvider> ErasedConfigProvider for Known<T> {
    fn get<'a>(
        &'a self,
        path: &'a str,
        keys: &'a BTreeSet<String>,
    ) -> BoxFuture<'a, Result<ConfigData>> {
        Box::pin(self.0.get(path, keys))
    }
}

pub(crate) fn new_config_provider<T: ConfigProvider>(
    props: &Props,
) -> Result<Box<dyn ErasedConfigProvider>> {
    Ok(Box::new(Known(T::new(T::Config::parse(props)?)?)))
}
