//! Removes headers.

use connect_core::data::Header;
use connect_core::record::Record;
use connect_core::{ConnectorConfig, Result, Transform, transform};

use crate::names::GivenNames;

/// Which headers [`DropHeaders`] removes.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct DropHeadersConfig {
    /// Names of the headers to remove.
    #[config(importance = high, example = "trace-id")]
    pub headers: GivenNames,
}

/// Removes every header that has one of the names.
#[transform(
    name = "org.apache.kafka.connect.transforms.DropHeaders",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct DropHeaders {
    names: GivenNames,
}

impl Transform for DropHeaders {
    type Config = DropHeadersConfig;

    fn new(config: DropHeadersConfig) -> Result<Self> {
        let names = config.headers;
        Ok(Self { names })
    }

    fn apply(&mut self, mut record: Record) -> Result<Option<Record>> {
        let is_dropped = |header: &Header| self.names.contains(header.key().as_str());
        if record.headers.iter().any(is_dropped) {
            let kept = record.headers.into_iter().filter(|it| !is_dropped(it));
            record.headers = kept.collect();
        }
        Ok(Some(record))
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}
