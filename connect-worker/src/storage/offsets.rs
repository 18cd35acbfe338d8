//! Where the offsets of source connectors are stored, and in which bytes.
//!
//! Keys and values are the same in every store: the JSON array `["connector",{partition}]` and the
//! JSON object of the offset, as the internal converter writes them.

pub mod file;
mod java_map;

use std::sync::Arc;

use connect_converters::JsonConverter;
use connect_core::converter::ErasedConverter;
use connect_core::data::{Blob, Value};
use connect_core::offset::OffsetMap;
use connect_core::source::{BoxFuture, OffsetReader};
use connect_core::{ConnectError, Result};

use crate::identity::ConnectorName;

/// One entry of an offset store: key bytes, and value bytes or `None` for a reset.
pub type OffsetEntry = (Vec<u8>, Option<Vec<u8>>);

/// Keeps source offsets beyond the life of the worker.
pub trait OffsetStore: Send + Sync {
    /// The value stored under a key.
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>>>;

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
        let data = ErasedConverter::to_connect(&self.0, "", Some(&Blob::from(bytes)))?;
        match data.value {
            Value::Null => Ok(None),
            value => OffsetMap::from_value(&value)
                .map(Some)
                .map_err(|err| ConnectError::fatal("stored offset is not usable").caused_by(err)),
        }
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
