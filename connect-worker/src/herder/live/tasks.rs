//! The tasks of one connector that run on this worker.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use connect_core::config::Props;
use connect_core::plugin::PluginDescriptor;
use tokio::time::Instant;

use super::TargetState;
use crate::identity::{ConnectorName, TaskId};
use crate::providers::Secrets;
use crate::worker::Worker;
use crate::worker::task::{TaskHandle, TaskSpec};

/// Longest wait for tasks that have been started to show how they are.
const REPORT_LIMIT: Duration = Duration::from_millis(200);

/// What a task is started with, besides its number.
pub(in crate::herder) struct TaskParts {
    pub(in crate::herder) plugin: PluginDescriptor,
    /// Configuration of the connector.
    pub(in crate::herder) connector: Props,
    /// Configuration of the task.
    pub(in crate::herder) config: Props,
    /// How many tasks the connector has.
    pub(in crate::herder) siblings: usize,
}

/// Tasks of one connector, by number.
#[derive(Debug)]
pub(in crate::herder) struct LiveTasks {
    worker: Arc<Worker>,
    connector: ConnectorName,
    tasks: BTreeMap<u32, TaskHandle>,
}

impl LiveTasks {
    pub(in crate::herder) fn new(worker: Arc<Worker>, connector: ConnectorName) -> Self {
        Self {
            worker,
            connector,
            tasks: BTreeMap::new(),
        }
    }

    pub(in crate::herder) fn is_running(&self, task: u32) -> bool {
        self.tasks.contains_key(&task)
    }

    pub(in crate::herder) fn numbers(&self) -> Vec<u32> {
        self.tasks.keys().copied().collect()
    }

    /// Starts a task, or lets one that runs follow the target.
    pub(in crate::herder) fn start(&mut self, task: u32, parts: TaskParts, target: TargetState) {
        if let Some(running) = self.tasks.get(&task) {
            return running.set_target(target);
        }
        let spec = TaskSpec {
            id: self.id(task),
            plugin: parts.plugin,
            connector: parts.connector,
            config: parts.config,
            siblings: parts.siblings,
            secrets: Secrets::default(),
        };
        let handle = TaskHandle::start(&self.worker, spec, target);
        self.tasks.insert(task, handle);
    }

    /// Lets all tasks pause or go on, each in its own time.
    pub(in crate::herder) fn set_target(&self, target: TargetState) {
        self.tasks.values().for_each(|it| it.set_target(target));
    }

    /// Gives tasks that have been started a moment to show how they are: to whoever asks next there
    /// would be no tasks.
    pub(in crate::herder) async fn wait_for_reports(&self) {
        let deadline = Instant::now() + REPORT_LIMIT;
        for task in self.tasks.values() {
            task.has_reported(deadline).await;
        }
    }

    /// Asks tasks to stop and waits for them, all until one deadline.
    pub(in crate::herder) async fn end(&mut self, tasks: &[u32]) {
        let ending: Vec<TaskHandle> = tasks
            .iter()
            .filter_map(|task| self.tasks.remove(task))
            .collect();
        ending.iter().for_each(TaskHandle::request_stop);
        let deadline = Instant::now() + self.worker.parts.config.task_shutdown_timeout;
        futures::future::join_all(ending.into_iter().map(|it| it.stopped(deadline))).await;
    }

    /// The same for all of them.
    pub(in crate::herder) async fn end_all(&mut self) {
        self.end(&self.numbers()).await;
    }

    pub(in crate::herder) fn id(&self, task: u32) -> TaskId {
        TaskId {
            connector: self.connector.clone(),
            task,
        }
    }
}
