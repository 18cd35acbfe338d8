//! Records that have some header.

use connect_core::record::Record;
use connect_core::{ConnectorConfig, Predicate, Result, predicate};

/// The header that [`HasHeaderKey`] looks for.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(under_alias)]
pub struct HasHeaderKeyConfig {
    /// Name of the header.
    #[config(non_empty, example = "trace-id")]
    pub name: String,
}

/// Records that have a header of some name.
#[predicate(
    name = "org.apache.kafka.connect.transforms.predicates.HasHeaderKey",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct HasHeaderKey {
    name: String,
}

impl Predicate for HasHeaderKey {
    type Config = HasHeaderKeyConfig;

    fn new(config: HasHeaderKeyConfig) -> Result<Self> {
        let name = config.name;
        Ok(Self { name })
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        let mut names = record.headers.iter().map(|it| it.key().as_str());
        Ok(names.any(|it| it == self.name))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}
