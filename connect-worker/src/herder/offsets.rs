//! Offsets of a connector as clients read and change them: of a source from the offset store, of a
//! sink from its consumer group.

mod sink;
mod source;

use std::time::Duration;

use connect_core::config::Props;
use connect_core::data::Value;
use connect_core::offset::{Alteration, OffsetMap};
use connect_core::plugin::{PluginDescriptor, PluginEntry};
use connect_core::source::BoxFuture;
use tokio::time::timeout;

use super::HerderError;
use crate::config::connector::CONNECTOR_CLASS;
use crate::identity::ConnectorName;
use crate::worker::Worker;

/// How far a connector has come in one partition of what it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorOffset {
    /// The partition.
    pub partition: OffsetMap,
    /// The offset.
    pub offset: OffsetMap,
}

/// What is to become of a connector's offsets.
#[derive(Clone, Debug, PartialEq)]
pub enum OffsetChange {
    /// All of them are forgotten.
    Reset,
    /// These partitions get other offsets; null forgets one. Nothing is known yet of the form of
    /// either, and the last of equal partitions counts.
    Alter(Vec<(Value, Value)>),
}

/// Who knows of changed offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetsChanged {
    /// The connector has agreed.
    Confirmed,
    /// The worker alone: the connector does not say whether it keeps offsets elsewhere.
    Unconfirmed,
}

/// Longest wait for what a connector says to new offsets.
const ASK_LIMIT: Duration = Duration::from_secs(60);

/// The answer to a change of a connector's offsets as long as it may have tasks.
pub(super) fn not_stopped(name: &ConnectorName) -> HerderError {
    HerderError::BadRequest(format!(
        "Connectors must be in the STOPPED state before their offsets can be modified. This can be \
         done for the specified connector by issuing a 'PUT' request to the \
         '/connectors/{name}/stop' endpoint"
    ))
}

/// Offsets of a connector.
pub(super) async fn read(
    worker: &Worker,
    name: &ConnectorName,
    config: &Props,
) -> Result<Vec<ConnectorOffset>, HerderError> {
    match plugin(worker, config)?.entry {
        PluginEntry::Sink { .. } => sink::read(worker, name, config).await,
        _ => source::read(worker, name).await,
    }
}

/// Changes the offsets of a connector without tasks.
pub(super) async fn change(
    worker: &Worker,
    name: &ConnectorName,
    config: &Props,
    change: OffsetChange,
) -> Result<OffsetsChanged, HerderError> {
    let connector = Connector {
        worker,
        name,
        config,
    };
    let changed = match plugin(worker, config)?.entry {
        PluginEntry::Source { alter_offsets, .. } => {
            source::change(&connector, alter_offsets, change).await
        }
        PluginEntry::Sink { alter_offsets, .. } => {
            sink::change(&connector, alter_offsets, change).await
        }
        PluginEntry::Converter { .. }
        | PluginEntry::Transform { .. }
        | PluginEntry::Predicate { .. }
        | PluginEntry::ConfigProvider { .. }
        | PluginEntry::ClientConfigPolicy { .. }
        | PluginEntry::RestExtension { .. } => Err(HerderError::Failed(format!(
            "{name} is not a connector any more"
        ))),
    };
    if let Err(error) = &changed {
        tracing::warn!(connector = %name, %error, "offsets were not changed");
    }
    changed
}

/// The connector whose offsets are changed.
#[derive(Clone, Copy)]
struct Connector<'a> {
    worker: &'a Worker,
    name: &'a ConnectorName,
    config: &'a Props,
}

impl Connector<'_> {
    /// Waits for what the plugin says to new offsets. It runs on its own: it may block or panic.
    async fn ask(
        &self,
        kind: &str,
        question: BoxFuture<'static, connect_core::Result<Alteration>>,
    ) -> Result<OffsetsChanged, HerderError> {
        let name = self.name;
        let answer = self.worker.plugin_threads.call(question);
        let said = match timeout(ASK_LIMIT, answer).await {
            Ok(Ok(Ok(said))) => said,
            Ok(Ok(Err(error))) => return Err(HerderError::Failed(error.to_string())),
            Ok(Err(panic)) => {
                tracing::error!(connector = %name, %panic, "the connector panicked");
                let text = format!("Failed to modify offsets for {kind} connector {name}");
                return Err(HerderError::Failed(text));
            }
            Err(_) => {
                return Err(HerderError::Failed(format!(
                    "Timed out while calling the 'alterOffsets' method for {kind} connector {name}"
                )));
            }
        };
        match said {
            Alteration::Confirmed => Ok(OffsetsChanged::Confirmed),
            Alteration::NotManaged => Ok(OffsetsChanged::Unconfirmed),
            Alteration::Unsupported => Err(HerderError::Failed(format!(
                "Failed to modify offsets for connector {name} because it doesn't support external \
                 modification of offsets"
            ))),
        }
    }
}

fn plugin(worker: &Worker, config: &Props) -> Result<PluginDescriptor, HerderError> {
    let class = config.get(CONNECTOR_CLASS).unwrap_or_default();
    let found = worker.parts.plugins.connector(class);
    found
        .copied()
        .map_err(|error| HerderError::Failed(error.to_string()))
}
