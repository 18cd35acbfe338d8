//! Drops records.

use connect_core::config::NoConfig;
use connect_core::record::Record;
use connect_core::{Result, Transform, transform};

/// Drops every record that it is applied to; a predicate decides which those are.
#[transform(name = "org.apache.kafka.connect.transforms.Filter", version = "4.3.1")]
#[derive(Debug)]
pub struct Filter;

impl Transform for Filter {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn apply(&mut self, _: Record) -> Result<Option<Record>> {
        Ok(None)
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}
