//! Where the offsets of source connectors are stored, and in which bytes.
//!
//! Keys and values are the same in every store: the JSON array `["connector",{partition}]` and the
//! JSON object of the offset, as the internal converter writes them.

pub mod file;
mod java_map;
pub mod kafka;

use std::sync::Arc;

use connect_converters::JsonConverter;
use connect_core::converter::ErasedConverter;
use connect_core::data::{Blob, Value};
use connect_core::offset::{OffsetMap, StoredChange};
use connect_core::source::{BoxFuture, OffsetReader};
use connect_core::{ConnectError, Result};

use crate::identity::ConnectorName;

/// One entry of an offset store: key bytes, and value bytes or `None` for a reset.
pub type OffsetEntry = (Vec<u8>, Option<Vec<u8>>);

/// One entry that is stored: key bytes and value bytes.
pub type StoredEntry = (Vec<u8>, Vec<u8>);

/// Keeps source offsets beyond the life of the worker.
pub trait OffsetStore: Send + Sync {
    /// The value stored under a key.
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>>>;

    /// All keys and their values; what was reset is left out.
    fn entries(&self) -> BoxFuture<'_, Result<Vec<StoredEntry>>>;

    /// Stores entries, all or none. When this returns they survive the end of the process.
    fn set(&self, entries: Vec<OffsetEntry>) -> BoxFuture<'_, Result<()>>;
}

/// The internal converter: JSON without schemas.
#[derive(Debug)]
pub struct OffsetCodec(JsonConverter);

impl Default for OffsetCodec {
    fn default() -> Self {
        Self(JsonConverter::schemaless())
    }
}

impl OffsetCodec {
    /// Key of a connector's source partition.
    ///
    /// # Errors
    /// When the partition cannot be written as JSON.
    pub fn key(&self, connector: &ConnectorName, partition: &OffsetMap) -> Result<Vec<u8>> {
        self.write(&Value::Array(vec![
            Value::from(connector.as_str()),
            partition.to_value(),
        ]))
    }

    /// Reads a key; `None` when its bytes are not those of a source partition.
    #[must_use]
    pub fn read_key(&self, bytes: &[u8]) -> Option<(ConnectorName, OffsetMap)> {
        match self.read(bytes.to_vec()).ok()? {
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(connector), partition] => {
                    let partition = OffsetMap::from_value(partition).ok()?;
                    Some((connector.as_str().into(), partition))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Bytes of an offset.
    ///
    /// # Errors
    /// When the offset cannot be written as JSON.
    pub fn value(&self, offset: &OffsetMap) -> Result<Vec<u8>> {
        self.write(&offset.to_value())
    }

    /// Reads the bytes of an offset; `None` when the offset was reset.
    ///
    /// # Errors
    /// When the bytes are not a flat JSON object.
    pub fn read_value(&self, bytes: Vec<u8>) -> Result<Option<OffsetMap>> {
        match self.read(bytes)? {
            Value::Null => Ok(None),
            value => OffsetMap::from_value(&value)
                .map(Some)
                .map_err(|err| ConnectError::fatal("stored offset is not usable").caused_by(err)),
        }
    }

    /// A JSON document as data.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn read(&self, bytes: Vec<u8>) -> Result<Value> {
        let data = ErasedConverter::to_connect(&self.0, "", Some(&Blob::from(bytes)))?;
        Ok(data.value)
    }

    fn write(&self, value: &Value) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(64);
        ErasedConverter::from_connect(&self.0, "", None, value, &mut bytes)?;
        Ok(bytes)
    }
}

/// Reads the stored offsets of one connector.
pub struct StoredOffsets {
    connector: ConnectorName,
    store: Arc<dyn OffsetStore>,
    codec: OffsetCodec,
}

impl StoredOffsets {
    /// A reader for one connector.
    #[must_use]
    pub fn new(connector: ConnectorName, store: Arc<dyn OffsetStore>) -> Self {
        Self {
            connector,
            store,
            codec: OffsetCodec::default(),
        }
    }

    /// All source partitions with their offsets. One that cannot be read is left out with a
    /// warning, so that the others can be seen.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn all(&self) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        let mut offsets = Vec::new();
        for (key, value) in self.store.entries().await? {
            let Some((connector, partition)) = self.codec.read_key(&key) else {
                continue;
            };
            if connector != self.connector {
                continue;
            }
            match self.codec.read_value(value) {
                Ok(Some(offset)) => offsets.push((partition, offset)),
                Ok(None) => {}
                Err(error) => tracing::warn!(
                    %connector,
                    %partition,
                    error = error.trace(),
                    "a stored offset cannot be read and is not listed"
                ),
            }
        }
        Ok(offsets)
    }

    /// Stores changed offsets of source partitions.
    ///
    /// # Errors
    /// When they cannot be written as JSON or the store fails.
    pub async fn store(&self, changes: &[StoredChange]) -> Result<()> {
        let entry = |(partition, offset): &StoredChange| {
            let key = self.codec.key(&self.connector, partition)?;
            let value = offset.as_ref().map(|it| self.codec.value(it)).transpose()?;
            Ok((key, value))
        };
        let entries = changes.iter().map(entry).collect::<Result<_>>()?;
        self.store.set(entries).await
    }
}

impl std::fmt::Debug for StoredOffsets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredOffsets")
            .field("connector", &self.connector)
            .finish_non_exhaustive()
    }
}

impl OffsetReader for StoredOffsets {
    fn read<'a>(&'a self, partition: &'a OffsetMap) -> BoxFuture<'a, Result<Option<OffsetMap>>> {
        Box::pin(async move {
            let key = self.codec.key(&self.connector, partition)?;
            let Some(bytes) = self.store.get(&key).await? else {
                return Ok(None);
            };
            self.codec.read_value(bytes).map_err(|err| {
                let partition = partition.to_string();
                err.context(format_args!(
                    "stored offset of source partition {partition}"
                ))
            })
        })
    }
}
