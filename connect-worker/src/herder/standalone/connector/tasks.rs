//! The tasks of a connector: started by its plan, ended together.

use std::time::Duration;

use tokio::time::Instant;

use super::{Connector, Plan};
use crate::herder::HerderError;
use crate::identity::TaskId;
use crate::providers::Secrets;
use crate::worker::task::{TaskHandle, TaskSpec};

/// Longest wait for tasks that have been started to show how they are.
const REPORT_LIMIT: Duration = Duration::from_millis(200);

impl Connector {
    /// Runs the tasks of a plan; those that run already go on if nothing changed.
    pub(super) async fn apply_plan(&mut self, plan: Plan) {
        if self.planned.as_ref() != Some(&plan.used) {
            self.stop_tasks().await;
            self.planned = Some(plan.used);
        }
        self.task_configs = plan.shown;
        for task in self.task_numbers() {
            match self.tasks.get(&task) {
                Some(running) => running.set_target(self.target),
                None => self.start_task(task),
            }
        }
        self.wait_for_reports().await;
    }

    /// Gives tasks that have been started a moment to show how they are: to whoever asks next there
    /// would be no tasks.
    async fn wait_for_reports(&self) {
        let deadline = Instant::now() + REPORT_LIMIT;
        for task in self.tasks.values() {
            task.has_reported(deadline).await;
        }
    }

    pub(super) fn task_numbers(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.task_configs.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn start_task(&mut self, task: u32) {
        let (Ok(plugin), Some(config)) = (self.plugin(), self.task_configs.get(task as usize))
        else {
            return;
        };
        let spec = TaskSpec {
            id: self.task_id(task),
            plugin,
            connector: self.config.clone(),
            config: config.clone(),
            siblings: self.task_configs.len(),
            secrets: Secrets::default(),
        };
        let handle = TaskHandle::start(&self.worker, spec, self.target);
        self.tasks.insert(task, handle);
    }

    /// Stops all tasks and forgets them with their statuses.
    pub(super) async fn stop_tasks(&mut self) {
        let tasks: Vec<u32> = self.tasks.keys().copied().collect();
        self.end_tasks(&tasks).await;
        for task in self.task_numbers() {
            self.worker.statuses.remove_task(&self.task_id(task));
        }
        self.task_configs.clear();
        self.planned = None;
    }

    /// Asks tasks to stop and waits for them, all until one deadline.
    pub(super) async fn end_tasks(&mut self, tasks: &[u32]) {
        let ending: Vec<TaskHandle> = tasks
            .iter()
            .filter_map(|task| self.tasks.remove(task))
            .collect();
        ending.iter().for_each(TaskHandle::request_stop);
        let deadline = Instant::now() + self.worker.parts.config.task_shutdown_timeout;
        futures::future::join_all(ending.into_iter().map(|it| it.stopped(deadline))).await;
    }

    pub(super) async fn restart_task(&mut self, task: u32) -> Result<(), HerderError> {
        if !self.task_numbers().contains(&task) {
            let text = format!("Task {} not found", self.task_id(task));
            return Err(HerderError::NotFound(text));
        }
        self.end_tasks(&[task]).await;
        self.start_task(task);
        Ok(())
    }

    pub(super) fn task_id(&self, task: u32) -> TaskId {
        TaskId {
            connector: self.name.clone(),
            task,
        }
    }
}
