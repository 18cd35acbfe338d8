//! What the records of the topic of configurations mean, applied one after the other.
//!
//! Configurations of tasks count together, at the commit behind them, and only if none is missing:
//! a connector of which some are missing is *inconsistent* and has no tasks until it plans anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connect_core::config::Props;

use super::record::{ConfigRecord, Unreadable};
use super::session_key::SessionKey;
use crate::herder::{RestartScope, TargetState};
use crate::identity::{ConnectorName, TaskId};

/// What workers do something about.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigChange {
    /// A connector is new or has another configuration.
    ConnectorChanged(ConnectorName),
    /// A connector is no more.
    ConnectorRemoved(ConnectorName),
    /// A connector has other tasks.
    TasksCommitted(ConnectorName),
    /// A connector is meant to do something else.
    TargetChanged(ConnectorName),
    /// Parts of a connector are to be restarted.
    Restart(ConnectorName, RestartScope),
    /// A logger has another level.
    Logger {
        /// The logger.
        namespace: String,
        /// Its level, as it was written.
        level: String,
    },
}

/// Tasks of a connector, by number.
type TaskConfigs = BTreeMap<u32, Arc<Props>>;

/// What the topic says, up to a position.
#[derive(Clone, Debug, Default)]
pub struct ConfigState {
    /// Position behind the last record that was applied.
    next: Option<i64>,
    /// Position behind the last record that changed what there is to run.
    work_changed: Option<i64>,
    connectors: BTreeMap<ConnectorName, Arc<Props>>,
    targets: BTreeMap<ConnectorName, TargetState>,
    task_counts: BTreeMap<ConnectorName, u32>,
    task_configs: BTreeMap<ConnectorName, TaskConfigs>,
    /// Configurations of tasks that wait for their commit.
    deferred: BTreeMap<ConnectorName, TaskConfigs>,
    inconsistent: BTreeSet<ConnectorName>,
    /// The connectors' configurations at their last commits.
    applied: BTreeMap<ConnectorName, Arc<Props>>,
    generations: BTreeMap<ConnectorName, u64>,
    session_key: Option<SessionKey>,
}

impl ConfigState {
    /// Applies the record at an offset; `live` ones are new, others are what was there at the start.
    ///
    /// # Errors
    /// Why it is passed over. The position moves all the same, but for values that are no JSON.
    pub fn apply(
        &mut self,
        offset: i64,
        key: &[u8],
        value: Option<&[u8]>,
        live: bool,
    ) -> Result<Option<ConfigChange>, Unreadable> {
        let record = ConfigRecord::parse(key, value);
        if !matches!(record, Err(Unreadable::NotJson(_))) {
            self.next = Some(offset + 1);
        }
        let change = self.take(record?);
        Ok(change.filter(|_| live))
    }

    fn take(&mut self, record: ConfigRecord) -> Option<ConfigChange> {
        match record {
            ConfigRecord::TargetState(name, target) => self.take_target(name, target),
            ConfigRecord::Connector(name, Some(config)) => {
                let before = self.connectors.insert(name.clone(), Arc::new(config));
                if before.is_none() {
                    self.work_changed = self.next;
                }
                let target = self.targets.entry(name.clone());
                target.or_insert(TargetState::Started);
                Some(ConfigChange::ConnectorChanged(name))
            }
            ConfigRecord::Connector(name, None) => {
                self.forget(&name);
                Some(ConfigChange::ConnectorRemoved(name))
            }
            ConfigRecord::Task(TaskId { connector, task }, config) => {
                let deferred = self.deferred.entry(connector).or_default();
                deferred.insert(task, Arc::new(config));
                None
            }
            ConfigRecord::Commit(name, tasks) => self.commit(name, tasks),
            // Older tasks are fenced by whoever supports exactly-once, which this worker does not.
            ConfigRecord::Fencing(..) => None,
            ConfigRecord::Restart(name, scope) => Some(ConfigChange::Restart(name, scope)),
            ConfigRecord::SessionKey(key) => {
                self.session_key = Some(key);
                None
            }
            ConfigRecord::Logger { namespace, level } => {
                Some(ConfigChange::Logger { namespace, level })
            }
        }
    }

    fn take_target(
        &mut self,
        name: ConnectorName,
        target: Option<TargetState>,
    ) -> Option<ConfigChange> {
        let exists = self.connectors.contains_key(&name);
        match target {
            None => {
                self.targets.remove(&name);
                if exists {
                    self.targets.insert(name, TargetState::Started);
                }
                None
            }
            Some(target) => {
                let before = self.targets.insert(name.clone(), target);
                (exists && before != Some(target)).then_some(ConfigChange::TargetChanged(name))
            }
        }
    }

    /// The target stays until its own tombstone comes: a connector may be created with one.
    fn forget(&mut self, name: &ConnectorName) {
        self.work_changed = self.next;
        self.connectors.remove(name);
        self.task_counts.remove(name);
        self.task_configs.remove(name);
        self.deferred.remove(name);
        self.applied.remove(name);
    }

    fn commit(&mut self, name: ConnectorName, tasks: u32) -> Option<ConfigChange> {
        let Some(config) = self.connectors.get(&name).cloned() else {
            // Tasks of a connector that was deleted, of which the tombstone is gone.
            self.forget(&name);
            return None;
        };
        let deferred = self.deferred.remove(&name);
        let none = TaskConfigs::new();
        let is_complete =
            (0..tasks).all(|task| deferred.as_ref().unwrap_or(&none).contains_key(&task));
        if is_complete {
            if let Some(deferred) = deferred {
                self.task_configs
                    .entry(name.clone())
                    .or_default()
                    .extend(deferred);
            }
            *self.generations.entry(name.clone()).or_default() += 1;
            self.inconsistent.remove(&name);
            self.applied.insert(name.clone(), config);
        } else {
            tracing::warn!(
                connector = %name,
                tasks,
                "configurations of tasks are missing; the connector has none until it plans anew"
            );
            self.inconsistent.insert(name.clone());
        }
        self.task_counts.insert(name.clone(), tasks);
        self.work_changed = self.next;
        Some(ConfigChange::TasksCommitted(name))
    }

    /// Position behind the last record; -1 before any was there.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.next.unwrap_or(-1)
    }

    /// Whether there is still to run what there was at a position: the same connectors, with the same tasks.
    #[must_use]
    pub fn has_work_of(&self, offset: i64) -> bool {
        self.work_changed.is_none_or(|it| it <= offset) && offset <= self.offset()
    }

    /// Names of all connectors, sorted.
    pub fn connectors(&self) -> impl Iterator<Item = &ConnectorName> {
        self.connectors.keys()
    }

    /// The configuration of a connector.
    #[must_use]
    pub fn connector(&self, name: &ConnectorName) -> Option<&Props> {
        self.connectors.get(name).map(Arc::as_ref)
    }

    /// What a connector is meant to do.
    #[must_use]
    pub fn target(&self, name: &ConnectorName) -> TargetState {
        let target = self.targets.get(name).copied();
        target.unwrap_or(TargetState::Started)
    }

    /// How many tasks are to run; none of a connector that is inconsistent.
    #[must_use]
    pub fn task_count(&self, name: &ConnectorName) -> u32 {
        match self.inconsistent.contains(name) {
            true => 0,
            false => self.task_counts.get(name).copied().unwrap_or_default(),
        }
    }

    /// How many tasks were committed last, whether they were complete or not.
    #[must_use]
    pub fn committed_count(&self, name: &ConnectorName) -> Option<u32> {
        self.task_counts.get(name).copied()
    }

    /// The configuration of a task.
    #[must_use]
    pub fn task_config(&self, name: &ConnectorName, task: u32) -> Option<&Props> {
        self.task_configs.get(name)?.get(&task).map(Arc::as_ref)
    }

    /// The configurations of all tasks that are known of a connector, by number.
    pub fn task_configs(&self, name: &ConnectorName) -> impl Iterator<Item = (u32, &Props)> {
        let configs = self.task_configs.get(name).into_iter().flatten();
        configs.map(|(task, config)| (*task, config.as_ref()))
    }

    /// Which set of tasks a connector has: the reference counts from 0 and passes over sets of none, which does not
    /// matter to anybody but this worker.
    #[must_use]
    pub fn generation(&self, name: &ConnectorName) -> u64 {
        self.generations.get(name).copied().unwrap_or_default()
    }

    /// The connector's configuration when its tasks were committed, and which set of tasks that is.
    #[must_use]
    pub fn applied(&self, name: &ConnectorName) -> Option<(u64, &Props)> {
        let config = self.applied.get(name)?;
        Some((self.generation(name), config))
    }

    /// The key between workers.
    #[must_use]
    pub fn session_key(&self) -> Option<&SessionKey> {
        self.session_key.as_ref()
    }

    /// Whether tasks with these configurations are to be committed: there are more or fewer than
    /// before, or another one is, or those that were committed last were not all there.
    #[must_use]
    pub fn has_other_tasks(&self, name: &ConnectorName, tasks: &[Props]) -> bool {
        let count = u32::try_from(tasks.len()).unwrap_or(u32::MAX);
        self.inconsistent.contains(name)
            || self.committed_count(name) != Some(count)
            || (0..count)
                .zip(tasks)
                .any(|(task, config)| self.task_config(name, task) != Some(config))
    }
}

#[cfg(test)]
mod tests;
