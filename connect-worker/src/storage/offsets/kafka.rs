//! Source offsets in a compacted topic of Kafka, which all workers of a cluster share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use connect_core::source::BoxFuture;
use connect_core::{ConnectError, Result};
use connect_kafka::KafkaError;
use tokio::sync::watch;

use super::{OffsetEntry, OffsetStore, StoredEntry};
use crate::storage::topic_log::{LogRecord, Reader, TopicLogs};

type Offsets = HashMap<Vec<u8>, Vec<u8>>;

/// Offsets as the topic has them. It can be used before the topic has been read: then it waits.
#[derive(Debug)]
pub struct KafkaOffsetStore {
    topic: String,
    offsets: Arc<Mutex<Offsets>>,
    logs: watch::Sender<Option<TopicLogs>>,
}

impl KafkaOffsetStore {
    /// Offsets in this topic.
    #[must_use]
    pub fn new(topic: impl Into<String>) -> Self {
        Self {
            topic: topic.into(),
            offsets: Arc::default(),
            logs: watch::Sender::new(None),
        }
    }

    /// What takes the records of the topic.
    #[must_use]
    pub fn reader(&self) -> Reader {
        let offsets = Arc::clone(&self.offsets);
        Box::new(move |record: LogRecord<'_>| {
            let Some(key) = record.key else {
                return;
            };
            let mut offsets = lock(&offsets);
            match record.value {
                Some(value) => drop(offsets.insert(key.to_vec(), value.to_vec())),
                None => drop(offsets.remove(key)),
            }
        })
    }

    /// From now on offsets can be read and written.
    pub fn open(&self, logs: TopicLogs) {
        self.logs.send_replace(Some(logs));
    }

    async fn logs(&self) -> Result<TopicLogs> {
        let mut logs = self.logs.subscribe();
        let opened = logs.wait_for(Option::is_some).await;
        let logs = opened.ok().and_then(|it| it.clone());
        logs.ok_or_else(|| ConnectError::fatal("the offset store is closed"))
    }

    async fn read_to_end(&self) -> Result<()> {
        let logs = self.logs().await?;
        let read = logs.read_to_end(&self.topic).await;
        read.map_err(|error| failed("the offset topic cannot be read", error))
    }
}

fn lock(offsets: &Mutex<Offsets>) -> MutexGuard<'_, Offsets> {
    // Nothing that holds the lock can leave the map half changed.
    offsets.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(what: &'static str, error: KafkaError) -> ConnectError {
    match error.is_retriable() {
        true => ConnectError::retriable(what),
        false => ConnectError::fatal(what),
    }
    .caused_by(error)
}

impl OffsetStore for KafkaOffsetStore {
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async move {
            self.read_to_end().await?;
            Ok(lock(&self.offsets).get(key).cloned())
        })
    }

    fn entries(&self) -> BoxFuture<'_, Result<Vec<StoredEntry>>> {
        Box::pin(async move {
            self.read_to_end().await?;
            let offsets = lock(&self.offsets);
            let entries = offsets.iter();
            Ok(entries
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect())
        })
    }

    fn set(&self, entries: Vec<OffsetEntry>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let logs = self.logs().await?;
            let sent = logs.send(&self.topic, entries).await;
            sent.map_err(|error| failed("offsets cannot be written", error))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_record_of_a_key_counts_and_a_tombstone_forgets() {
        let store = KafkaOffsetStore::new("offsets");
        let mut reader = store.reader();
        let mut read = |key: &'static str, value: Option<&'static str>| {
            reader(LogRecord {
                offset: 0,
                key: Some(key.as_bytes()),
                value: value.map(str::as_bytes),
                is_live: false,
            });
        };
        read("a", Some("1"));
        read("b", Some("1"));
        read("a", Some("2"));
        read("b", None);

        let offsets = lock(&store.offsets);
        assert_eq!(offsets.len(), 1);
        assert_eq!(offsets["a".as_bytes()], b"2");
    }
}
