//! A configuration provider whose values expire at once.

use std::collections::BTreeSet;

use connect_core::config::properties;
use connect_core::prelude::*;

/// How long values are good.
#[derive(Clone, Debug, ConnectorConfig)]
pub(crate) struct ExpiringFileConfig {
    /// Time after which values are looked up again.
    #[config(key = "ttl.ms", default = "100ms")]
    ttl: Duration,
}

/// Looks properties up in a file, again and again.
#[config_provider(name = "org.example.ExpiringFile")]
#[derive(Debug)]
pub(crate) struct ExpiringFile {
    ttl: Duration,
}

impl ConfigProvider for ExpiringFile {
    type Config = ExpiringFileConfig;

    fn new(config: ExpiringFileConfig) -> Result<Self> {
        Ok(Self { ttl: config.ttl })
    }

    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<ConfigData> {
        let failed = |error: std::io::Error| ConnectError::config("no file").caused_by(error);
        let text = tokio::fs::read_to_string(path).await.map_err(failed)?;
        let mut found = properties::parse(&text)
            .map_err(|error| ConnectError::config("no properties").caused_by(error))?;
        let wanted = keys
            .iter()
            .filter_map(|key| Some((key, found.remove(key)?)));
        Ok(ConfigData::new(wanted.collect()).expiring_after(self.ttl))
    }
}
