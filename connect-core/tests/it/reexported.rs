//! A crate may pass the SDK on under a name of its own.

mod sdk {
    pub(crate) use ::connect_core as connectors;
}

use sdk::connectors::config::{ConnectorConfig as _, Props};
use sdk::connectors::offset::{OffsetMap, SourceOffset as _};
use sdk::connectors::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
#[config(crate = crate::reexported::sdk::connectors)]
struct Config {
    /// A number.
    #[config(default = 5, range = 1..=9)]
    number: u16,
    /// A choice.
    choice: Switch,
}

/// A switch.
#[derive(ConfigEnum)]
#[config(crate = crate::reexported::sdk::connectors)]
enum Switch {
    /// It is on.
    On,
}

#[derive(Clone, SourceOffset)]
#[offset(crate = crate::reexported::sdk::connectors)]
struct Row {
    id: i64,
}

/// A sink.
#[sink_connector(name = "ReexportedSink", crate = crate::reexported::sdk::connectors)]
struct Sink;

#[sink_task]
impl SinkTask for Sink {
    type Config = Config;

    async fn start(_: Config, _: SinkContext) -> Result<Self> {
        Ok(Self)
    }

    async fn put(&mut self, _: Vec<SinkRecord>) -> Result<()> {
        Ok(())
    }
}

#[test]
fn derived_code_finds_the_sdk() {
    let config = Config::parse(&Props::from_iter([("choice", "on")])).unwrap();
    let row = Row::from_stored(&OffsetMap::new().with("id", 7_i64)).unwrap();

    assert_eq!(config.number, 5);
    assert!(matches!(config.choice, Switch::On));
    assert_eq!(row.id, 7);
}
