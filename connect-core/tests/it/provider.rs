//! Configuration providers.

use std::collections::BTreeSet;

use connect_core::config::Props;
use connect_core::plugin::{PluginEntry, PluginKind};
use connect_core::prelude::*;
use connect_core::registry::{LookupError, PluginRegistry};

/// What to answer with.
#[derive(Debug, ConnectorConfig)]
struct EchoConfig {
    /// How long answers are good.
    #[config(key = "ttl.ms")]
    ttl: Duration,
}

/// Answers with path and key.
#[config_provider(
    name = "org.example.EchoConfigProvider",
    alias = "org.example.MirrorConfigProvider"
)]
struct Echo {
    ttl: Duration,
}

impl ConfigProvider for Echo {
    type Config = EchoConfig;

    fn new(config: EchoConfig) -> Result<Self> {
        Ok(Self { ttl: config.ttl })
    }

    async fn get(&self, path: &str, keys: &BTreeSet<String>) -> Result<ConfigData> {
        let values = keys.iter().map(|key| (key, format!("{path}/{key}")));
        Ok(ConfigData::new(values.collect()).expiring_after(self.ttl))
    }
}

#[tokio::test]
async fn a_provider_is_found_by_its_names_and_answers() {
    let plugins = PluginRegistry::from_inventory().expect("names differ");
    let plugin = plugins.config_provider("Echo").unwrap();
    let PluginEntry::ConfigProvider { new } = plugin.entry else {
        panic!("it is a provider");
    };
    let provider = new(&Props::from_iter([("ttl.ms", "5")])).unwrap();

    let keys = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    let data = provider.get("p", &keys).await.unwrap();

    let expected = Props::from_iter([("a", "p/a"), ("b", "p/b")]);
    assert_eq!(data.values(), &expected);
    assert_eq!(data.ttl(), Some(Duration::from_millis(5)));
    assert_eq!(
        plugins
            .config_provider("MirrorConfigProvider")
            .unwrap()
            .info
            .name,
        "org.example.EchoConfigProvider"
    );
}

#[test]
fn other_plugins_are_no_providers() {
    let plugins = PluginRegistry::from_inventory().expect("names differ");

    let error = plugins.config_provider("DropAll").unwrap_err();

    let name = "DropAll".to_owned();
    let kind = PluginKind::Transform;
    assert_eq!(error, LookupError::WrongKind { name, kind });
}

#[test]
fn debugging_shows_no_values() {
    let data = ConfigData::new(Props::from_iter([("password", "hunter2")]));

    let shown = format!("{data:?}");

    assert!(
        shown.contains("password") && !shown.contains("hunter2"),
        "{shown}"
    );
}
