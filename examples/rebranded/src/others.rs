//! The plugins that are seldom written.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use acme_connectors::sdk::prelude::*;

use crate::{CountConfig, CountSource};

/// Counts to several topics.
#[source_connector(task = CountSource, crate = ::acme_connectors::sdk)]
struct CountsSource {
    config: CountConfig,
}

impl SourceConnector for CountsSource {
    type Task = CountSource;

    async fn start(config: CountConfig, _: ConnectorContext<Self>) -> Result<Self> {
        Ok(Self { config })
    }

    async fn plan(&self, max_tasks: NonZeroUsize) -> Result<Vec<CountConfig>> {
        let plans = (0..max_tasks.get()).map(|task| CountConfig {
            topic: format!("{}-{task}", self.config.topic).into(),
            ..self.config.clone()
        });
        Ok(plans.collect())
    }
}

/// Writes nothing, reads nothing.
#[converter(crate = ::acme_connectors::sdk)]
struct NullConverter;

impl Converter for NullConverter {
    type Config = NoConfig;

    fn new(_: NoConfig, _: Role) -> Result<Self> {
        Ok(Self)
    }

    fn from_connect(
        &self,
        _: &str,
        _: Option<&SchemaRef>,
        _: &Value,
        _: &mut Vec<u8>,
    ) -> Result<bool> {
        Ok(false)
    }

    fn to_connect(&self, _: &str, _: Option<&Blob>) -> Result<SchemaAndValue> {
        Ok(SchemaAndValue::NULL)
    }
}

/// Does the same for headers.
#[header_converter(crate = ::acme_connectors::sdk)]
struct NullHeaderConverter;

impl HeaderConverter for NullHeaderConverter {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn from_connect(
        &self,
        _: &str,
        _: &str,
        _: Option<&SchemaRef>,
        _: &Value,
        _: &mut Vec<u8>,
    ) -> Result<bool> {
        Ok(false)
    }

    fn to_connect(&self, _: &str, _: &str, _: Option<&Blob>) -> Result<SchemaAndValue> {
        Ok(SchemaAndValue::NULL)
    }
}

/// Knows nothing.
#[config_provider(crate = ::acme_connectors::sdk)]
struct NoConfigProvider;

impl ConfigProvider for NoConfigProvider {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    async fn get(&self, _: &str, _: &BTreeSet<String>) -> Result<ConfigData> {
        Ok(ConfigData::default())
    }
}

/// Allows everything.
#[client_config_policy(crate = ::acme_connectors::sdk)]
struct LaxPolicy;

impl ClientConfigPolicy for LaxPolicy {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn check(&self, _: &ClientOverrides<'_>, _: &mut ConfigErrors) {}
}

/// Leaves every request to the worker.
#[rest_extension(crate = ::acme_connectors::sdk)]
struct Bystander;

impl RestExtension for Bystander {
    type Config = NoConfig;

    fn new(_: NoConfig, _: ClusterState) -> Result<Self> {
        Ok(Self)
    }

    async fn handle(&self, _: &RestRequest) -> Result<Option<RestResponse>> {
        Ok(None)
    }
}
