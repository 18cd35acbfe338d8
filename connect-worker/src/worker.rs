//! Runs connectors' tasks; what runs is decided by the [herder](crate::herder).
//!
//! | module | owns |
//! | --- | --- |
//! | `task` | one task from start to end: states, stop, panics |
//! | `source` | the life of a source record |
//! | `sink` | the life of a sink record |
//! | `converters` | the three converters of a task |
//! | `transforms` | the transforms of a task and their predicates |
//! | `errors` | what follows when a record fails: retries, tolerance, log, dead letter queue |
//! | `topics` | creation of topics for sources |

mod converters;
mod errors;
mod sink;
mod source;
pub(crate) mod task;
mod topics;
mod transforms;

use std::sync::Arc;

use connect_core::ConnectError;
use connect_core::registry::PluginRegistry;
use connect_kafka::KafkaError;
use tokio_util::task::TaskTracker;

use crate::config::worker::WorkerConfig;
use crate::storage::offsets::OffsetStore;
use crate::storage::status::StatusStore;

/// What a worker is made of.
pub struct WorkerParts {
    /// Its settings.
    pub config: WorkerConfig,
    /// The plugins that it can use.
    pub plugins: PluginRegistry,
    /// `host:port` by which clients know it.
    pub worker_id: String,
    /// Where source offsets are kept.
    pub offsets: Arc<dyn OffsetStore>,
}

impl std::fmt::Debug for WorkerParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorkerParts")
            .field("worker_id", &self.worker_id)
            .finish_non_exhaustive()
    }
}

/// What all tasks of a worker share.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) parts: WorkerParts,
    pub(crate) statuses: Arc<StatusStore>,
    /// Every task that was started.
    pub(crate) running: TaskTracker,
}

impl Worker {
    pub(crate) fn new(parts: WorkerParts) -> Self {
        Self {
            parts,
            statuses: Arc::default(),
            running: TaskTracker::new(),
        }
    }
}

/// An error of a Kafka client as one of the task that uses it.
fn client_error(doing: impl std::fmt::Display, error: KafkaError) -> ConnectError {
    match error.is_retriable() {
        true => ConnectError::retriable(doing),
        false => ConnectError::fatal(doing),
    }
    .caused_by(error)
}
