//! Runs connectors' tasks; what runs is decided by the [herder](crate::herder).
//!
//! | module | owns |
//! | --- | --- |
//! | `task` | one task from start to end: states, stop, panics |
//! | `connector` | one instance of a connector that plans and watches |
//! | `threads` | threads for the code of plugins |
//! | `source` | the life of a source record |
//! | `sink` | the life of a sink record |
//! | `clients` | what the pipelines ask of Kafka's clients |
//! | `converters` | the three converters of a task |
//! | `discreet` | tasks whose errors tell no secret |
//! | `transforms` | the transforms of a task and their predicates |
//! | `errors` | what follows when a record fails: retries, tolerance, log, dead letter queue |
//! | `topics` | creation of topics for sources |

mod clients;
pub(crate) mod connector;
mod converters;
mod discreet;
#[cfg(test)]
mod dying;
mod errors;
mod memory;
mod sink;
mod source;
pub(crate) mod task;
pub(crate) mod threads;
mod topics;
pub(crate) mod transforms;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use connect_core::config::Props;
use connect_core::metrics::PluginMetrics;
use connect_core::registry::PluginRegistry;
use connect_core::threads::ThreadScope;
use connect_core::{ConnectError, Result};
use connect_kafka::{ClientSettings, KafkaError};
use tokio_util::task::TaskTracker;

use self::connector::InstanceId;
use self::threads::PluginThreads;
use crate::config::worker::{Client, WorkerConfig};
use crate::identity::{ConnectorName, TaskId};
use crate::metrics::Metrics;
use crate::providers::ConfigProviders;
use crate::storage::offsets::OffsetStore;
use crate::storage::status::StatusStore;
use crate::storage::topics::{ActiveTopics, TopicUse};

/// What a worker is made of.
pub struct WorkerParts {
    /// Its settings.
    pub config: WorkerConfig,
    /// The plugins that it can use.
    pub plugins: PluginRegistry,
    /// Where references in configurations are looked up.
    pub providers: Arc<ConfigProviders>,
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
    pub(crate) topics: Arc<ActiveTopics>,
    /// What runs for the herder.
    pub(crate) running: TaskTracker,
    /// Where the code of plugins runs.
    pub(crate) plugin_threads: PluginThreads,
    instances: AtomicU64,
    pub(crate) metrics: Arc<Metrics>,
}

impl Worker {
    pub(crate) fn new(parts: WorkerParts) -> Self {
        let statuses = Arc::default();
        let metrics = Metrics::new(&parts.config, &parts.worker_id, Arc::clone(&statuses));
        Self {
            parts,
            statuses,
            topics: Arc::default(),
            running: TaskTracker::new(),
            plugin_threads: PluginThreads::new(),
            instances: AtomicU64::new(0),
            metrics: Arc::new(metrics),
        }
    }

    /// A number for another instance of a connector.
    pub(crate) fn next_instance(&self) -> InstanceId {
        InstanceId(self.instances.fetch_add(1, Ordering::Relaxed))
    }

    /// The settings of a client of a connector.
    ///
    /// # Errors
    /// When the connector overrides what the policy of the worker does not allow.
    pub(crate) fn client_settings(
        &self,
        client: Client<'_>,
        connector: &Props,
    ) -> Result<ClientSettings> {
        let settings = self.parts.config.client_settings(client, connector);
        settings.map_err(ConnectError::config)
    }

    /// Where a task reports the topics that it uses; `None` when nobody wants to know.
    fn topic_use(&self, task: &TaskId) -> Option<TopicUse> {
        let topics = Arc::clone(&self.topics);
        let is_wanted = self.parts.config.topic_tracking;
        is_wanted.then(|| TopicUse::new(task.clone(), topics))
    }
}

/// The metrics of an instance of a connector, which are gone when this is.
#[derive(Debug)]
pub(crate) struct OwnMetrics(PluginMetrics);

impl OwnMetrics {
    pub(crate) fn of_connector(worker: &Worker, name: &ConnectorName) -> Self {
        let tags = [("connector", name.as_str())];
        Self(PluginMetrics::new(worker.metrics.plugins(), &tags))
    }
}

impl std::ops::Deref for OwnMetrics {
    type Target = PluginMetrics;

    fn deref(&self) -> &PluginMetrics {
        &self.0
    }
}

impl Drop for OwnMetrics {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Lets log lines of a task stand in its span on threads of its own, too.
fn thread_scope() -> ThreadScope {
    let span = tracing::Span::current();
    ThreadScope::new(move |work| span.in_scope(work))
}

/// An error of a Kafka client as one of the task that uses it.
fn client_error(doing: impl std::fmt::Display, error: KafkaError) -> ConnectError {
    match error.is_retriable() {
        true => ConnectError::retriable(doing),
        false => ConnectError::fatal(doing),
    }
    .caused_by(error)
}
