//! What outlives a process: the topic and the offset store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use connect_core::offset::{OffsetMap, OffsetValue};
use connect_core::source::BoxFuture;
use tokio::time::sleep;

use super::reader::is_written;
use super::*;
use crate::storage::offsets::{OffsetCodec, OffsetEntry, StoredEntry};

/// What is durable.
#[derive(Clone, Default)]
pub(super) struct Brokers {
    pub(super) topic: Topic,
    offsets: Arc<Mutex<BTreeMap<Vec<u8>, Vec<u8>>>>,
}

impl Brokers {
    /// Number of the next record of a partition, as a task finds it at its start.
    pub(super) fn next(&self, partition: u8) -> u32 {
        let codec = OffsetCodec::default();
        let stored_partition = OffsetMap::new().with("p", u32::from(partition));
        let key = codec
            .key(&dying::task_id().connector, &stored_partition)
            .unwrap();
        let Some(bytes) = self.offsets.lock().unwrap().get(&key).cloned() else {
            return 0;
        };
        let offset = codec.read_value(bytes).unwrap().unwrap();
        match offset.get("o") {
            Some(OffsetValue::Integer(number)) => u32::try_from(*number).unwrap() + 1,
            other => panic!("no number: {other:?}"),
        }
    }

    /// So many lines of each partition are in the topic.
    #[track_caller]
    pub(super) fn check_lines(&self, count: impl Fn(u8) -> u32, what: &str) {
        for partition in 0..PARTITIONS {
            for number in 0..count(partition) {
                let line = (partition, number);
                let is_there = self.topic.has(line);
                assert!(is_there || !is_written(line), "{what}: {line:?} is missing");
            }
        }
    }

    pub(super) fn store(&self, life: &Arc<Life>) -> Arc<Offsets> {
        Arc::new(Offsets {
            brokers: self.clone(),
            life: Arc::clone(life),
        })
    }
}

/// The offset store of one life. A write may fail, or take longer than it may.
pub(super) struct Offsets {
    brokers: Brokers,
    life: Arc<Life>,
}

impl OffsetStore for Offsets {
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async { Ok(self.brokers.offsets.lock().unwrap().get(key).cloned()) })
    }

    fn entries(&self) -> BoxFuture<'_, Result<Vec<StoredEntry>>> {
        let offsets = self.brokers.offsets.lock().unwrap().clone();
        Box::pin(async { Ok(offsets.into_iter().collect()) })
    }

    fn set(&self, entries: Vec<OffsetEntry>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.life.stepped().await;
            match self.life.below(12) {
                0 => return Err(ConnectError::retriable("disk full")),
                1 => sleep(Duration::from_secs(60)).await,
                _ => sleep(Duration::from_millis(self.life.below(30))).await,
            }
            self.life.stepped().await;
            let entries = entries.into_iter();
            let entries = entries.map(|(key, value)| (key, value.expect("nothing is reset")));
            self.brokers.offsets.lock().unwrap().extend(entries);
            self.life.stepped().await;
            Ok(())
        })
    }
}
