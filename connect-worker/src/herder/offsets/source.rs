//! Offsets of sources, in the offset store.

use std::sync::Arc;

use connect_core::data::Value;
use connect_core::offset::{OffsetMap, StoredChange};
use connect_core::plugin::AlterSourceOffsetsFn;
use indexmap::IndexMap;

use super::{Connector, ConnectorOffset, OffsetChange, OffsetsChanged};
use crate::herder::HerderError;
use crate::identity::ConnectorName;
use crate::storage::offsets::StoredOffsets;
use crate::worker::Worker;

pub(super) async fn read(
    worker: &Worker,
    name: &ConnectorName,
) -> Result<Vec<ConnectorOffset>, HerderError> {
    let stored = stored(worker, name).all().await.map_err(|error| {
        let text = format!("Failed to retrieve offsets for source connector {name}");
        tracing::error!(connector = %name, error = error.trace(), "offsets cannot be read");
        HerderError::Failed(text)
    })?;
    let offset = |(partition, offset)| ConnectorOffset { partition, offset };
    Ok(stored.into_iter().map(offset).collect())
}

pub(super) async fn change(
    connector: &Connector<'_>,
    ask: AlterSourceOffsetsFn,
    change: OffsetChange,
) -> Result<OffsetsChanged, HerderError> {
    let name = connector.name;
    let stored = stored(connector.worker, name);
    let failed = |error: connect_core::ConnectError| {
        let trace = error.trace();
        tracing::error!(connector = %name, error = trace, "offsets cannot be changed");
        HerderError::Failed(format!(
            "Failed to modify offsets for source connector {name}"
        ))
    };
    let changes = match change {
        OffsetChange::Reset => {
            let known = stored.all().await.map_err(failed)?.into_iter();
            known.map(|(partition, _)| (partition, None)).collect()
        }
        OffsetChange::Alter(offsets) => parsed(&offsets)?,
    };
    let question = ask(connector.config.clone(), changes.clone());
    let said = connector.ask("source", question).await?;
    if !changes.is_empty() {
        stored.store(&changes).await.map_err(failed)?;
    }
    Ok(said)
}

fn stored(worker: &Worker, name: &ConnectorName) -> StoredOffsets {
    StoredOffsets::new(name.clone(), Arc::clone(&worker.parts.offsets))
}

/// Partitions and offsets in their stored form, each partition once. Nothing is stored of a partition
/// that is null, so there is nothing to reset.
fn parsed(offsets: &[(Value, Value)]) -> Result<Vec<StoredChange>, HerderError> {
    let mut parsed = IndexMap::new();
    for (partition, offset) in offsets {
        let offset = flat(offset)?;
        match (flat(partition)?, offset) {
            (Some(partition), offset) => drop(parsed.insert(partition, offset)),
            (None, None) => {}
            (None, Some(_)) => {
                let text = "Partition objects cannot be null".to_owned();
                return Err(HerderError::Failed(text));
            }
        }
    }
    Ok(parsed.into_iter().collect())
}

fn flat(value: &Value) -> Result<Option<OffsetMap>, HerderError> {
    match value {
        Value::Null => Ok(None),
        value => OffsetMap::from_value(value)
            .map(Some)
            .map_err(|error| HerderError::Failed(error.to_string())),
    }
}
