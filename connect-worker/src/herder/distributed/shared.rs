//! What the topic of configurations says, as far as it was read.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use connect_core::config::Props;
use connect_core::registry::PluginRegistry;
use connect_kafka::{ErrorKind, KafkaError};
use tokio::sync::mpsc;

use super::assignor::ClusterWork;
use crate::config::connector::CONNECTOR_CLASS;
use crate::herder::{ConnectorInfo, HerderError, TargetState};
use crate::identity::ConnectorName;
use crate::storage::configs::record::ConfigRecord;
use crate::storage::configs::session_key::SessionKey;
use crate::storage::configs::state::ConfigState;
use crate::storage::topic_log::{Entry, LogRecord, Reader, TopicLogs};

pub(super) use crate::storage::configs::state::ConfigChange;

/// The tasks of a connector, as they are at one moment.
pub(super) struct TaskSet {
    /// Which set of tasks this is.
    pub(super) generation: u64,
    /// Configuration of the connector.
    pub(super) connector: Props,
    pub(super) target: TargetState,
    /// How many there are.
    pub(super) count: u32,
    /// Their configurations, by number.
    pub(super) configs: Vec<(u32, Props)>,
}

/// Configurations, which follow their topic.
pub(super) struct Configs {
    topic: String,
    plugins: PluginRegistry,
    state: Mutex<ConfigState>,
    logs: OnceLock<TopicLogs>,
}

impl Configs {
    pub(super) fn new(topic: String, plugins: PluginRegistry) -> Self {
        Self {
            topic,
            plugins,
            state: Mutex::default(),
            logs: OnceLock::new(),
        }
    }

    /// What takes the records of the topic. A change is told before the position moves on.
    pub(super) fn reader(self: &Arc<Self>, changes: mpsc::UnboundedSender<ConfigChange>) -> Reader {
        let configs = Arc::clone(self);
        Box::new(move |record: LogRecord<'_>| {
            let Some(key) = record.key else {
                return;
            };
            let mut state = configs.lock();
            match state.apply(record.offset, key, record.value, record.is_live) {
                Ok(Some(change)) => {
                    // Without a herder nobody wants to know.
                    let _ = changes.send(change);
                }
                Ok(None) => {}
                Err(reason) => tracing::warn!(
                    offset = record.offset,
                    key = %String::from_utf8_lossy(key),
                    %reason,
                    "a record of the config topic is passed over"
                ),
            }
        })
    }

    /// From now on the topic can be written and waited for.
    pub(super) fn open(&self, logs: TopicLogs) {
        // It is opened once.
        let _ = self.logs.set(logs);
    }

    fn logs(&self) -> Result<&TopicLogs, KafkaError> {
        let closed = || KafkaError::new(ErrorKind::Closed, "the config topic is not open");
        self.logs.get().ok_or_else(closed)
    }

    pub(super) async fn read_to_end(&self) -> Result<(), KafkaError> {
        self.logs()?.read_to_end(&self.topic).await
    }

    pub(super) async fn write(&self, records: &[ConfigRecord]) -> Result<(), KafkaError> {
        let entries: Vec<Entry> = records.iter().map(|it| (it.key(), it.value())).collect();
        self.logs()?.send(&self.topic, entries).await
    }

    fn lock(&self) -> MutexGuard<'_, ConfigState> {
        // Nothing that holds the lock leaves the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which set of tasks each connector has, if there is still to run what there was at a position.
    pub(super) fn generations_of(&self, offset: i64) -> Option<BTreeMap<ConnectorName, u64>> {
        let state = self.lock();
        let generation = |name: &ConnectorName| (name.clone(), state.generation(name));
        let generations = || state.connectors().map(generation).collect();
        state.has_work_of(offset).then(generations)
    }

    /// The tasks of a connector that exists.
    pub(super) fn task_set(&self, name: &ConnectorName) -> Option<TaskSet> {
        let state = self.lock();
        let connector = state.connector(name)?.clone();
        let count = state.task_count(name);
        // There may be configurations of tasks that the connector has no more.
        let configs = state.task_configs(name).filter(|(task, _)| *task < count);
        Some(TaskSet {
            generation: state.generation(name),
            target: state.target(name),
            configs: configs.map(|(task, it)| (task, it.clone())).collect(),
            connector,
            count,
        })
    }

    /// Position behind the last record; -1 before any.
    pub(super) fn offset(&self) -> i64 {
        self.lock().offset()
    }

    /// What there is to run, and up to where that was read.
    pub(super) fn work(&self) -> ClusterWork {
        let state = self.lock();
        let connectors = state.connectors();
        ClusterWork {
            config_offset: state.offset(),
            connectors: connectors
                .map(|name| (name.clone(), state.task_count(name)))
                .collect(),
        }
    }

    pub(super) fn names(&self) -> Vec<ConnectorName> {
        self.lock().connectors().cloned().collect()
    }

    pub(super) fn contains(&self, name: &ConnectorName) -> bool {
        self.lock().connector(name).is_some()
    }

    /// Configuration and target of a connector.
    pub(super) fn connector(&self, name: &ConnectorName) -> Option<(Props, TargetState)> {
        let state = self.lock();
        let config = state.connector(name)?.clone();
        Some((config, state.target(name)))
    }

    /// A connector as clients see it.
    pub(super) fn info(&self, name: &ConnectorName) -> Result<ConnectorInfo, HerderError> {
        let state = self.lock();
        let Some(config) = state.connector(name).cloned() else {
            let text = format!("Connector {name} not found");
            return Err(HerderError::NotFound(text));
        };
        let class = config.get(CONNECTOR_CLASS).unwrap_or_default();
        let plugin = self.plugins.connector(class);
        Ok(ConnectorInfo {
            name: name.clone(),
            task_count: state.task_count(name),
            kind: plugin.ok().map(|it| it.entry.kind()),
            config,
        })
    }

    /// How many tasks a connector has that exists.
    pub(super) fn task_count(&self, name: &ConnectorName) -> Option<u32> {
        let state = self.lock();
        state.connector(name)?;
        Some(state.task_count(name))
    }

    /// Whether tasks with these configurations are other ones than the connector has.
    pub(super) fn has_other_tasks(&self, name: &ConnectorName, tasks: &[Props]) -> bool {
        self.lock().has_other_tasks(name, tasks)
    }

    /// The connector's configuration when its tasks were written, and which set of tasks that is.
    pub(super) fn applied(&self, name: &ConnectorName) -> Option<(u64, Props)> {
        let state = self.lock();
        let (generation, config) = state.applied(name)?;
        Some((generation, config.clone()))
    }

    pub(super) fn session_key(&self) -> Option<SessionKey> {
        self.lock().session_key().cloned()
    }
}
