//! Records without a value.

use connect_core::config::NoConfig;
use connect_core::record::Record;
use connect_core::{Predicate, Result, predicate};

/// Records whose value is null.
#[predicate(
    name = "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone",
    version = "4.3.1"
)]
#[derive(Debug)]
pub struct RecordIsTombstone;

impl Predicate for RecordIsTombstone {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        Ok(record.value.is_null())
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}
