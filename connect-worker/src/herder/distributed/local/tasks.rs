//! The tasks of a connector that this worker has.

use std::sync::Arc;

use connect_core::config::Props;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Surroundings, is_chosen, moved};
use crate::config::connector::CONNECTOR_CLASS;
use crate::herder::distributed::lane::Part;
use crate::herder::distributed::shared::TaskSet;
use crate::herder::live::{LiveTasks, TaskParts};
use crate::herder::{HerderError, Reply, TargetState};
use crate::identity::ConnectorName;
use crate::storage::status::State;

/// What is to be done with tasks that run here.
pub(in crate::herder::distributed) enum TaskOperation {
    /// Starts those of them that do not run, if the connector still has this set of tasks.
    Start { tasks: Vec<u32>, generation: u64 },
    /// Stops those of them that run; the sender is dropped when they have.
    Stop(Vec<u32>, mpsc::Sender<()>),
    /// Stops all, likewise.
    StopAll(mpsc::Sender<()>),
    /// Lets them follow the target that their connector has now.
    FollowTarget,
    /// Restarts them, or those alone that have failed.
    Restart { only_failed: bool },
    /// Restarts one, and says what became of it.
    RestartNow(u32, Reply<()>),
}

impl TaskOperation {
    /// Whether somebody waits for an end.
    pub(in crate::herder::distributed) fn is_stop(&self) -> bool {
        matches!(self, Self::Stop(..) | Self::StopAll(_))
    }

    /// Answers that it is not done, because the task does not run here any more.
    pub(in crate::herder::distributed) fn refuse(self) {
        if let Self::RestartNow(_, reply) = self {
            // Nobody may be waiting any more.
            let _ = reply.send(Err(moved()));
        }
    }
}

/// The tasks on this worker.
pub(in crate::herder::distributed) struct LocalTasks {
    around: Surroundings,
    live: LiveTasks,
    /// The set of tasks that they are of. Those of another one start when all workers have stopped these.
    generation: u64,
}

impl Part for LocalTasks {
    type Operation = TaskOperation;

    fn interrupts(_: &TaskOperation) -> bool {
        false
    }

    /// Tasks start beside this, and the wait for their end has a limit: nothing needs to be interrupted.
    async fn carry_out(&mut self, operation: TaskOperation, _: CancellationToken) {
        match operation {
            TaskOperation::Start { tasks, generation } => {
                self.generation = generation;
                self.start(&tasks);
            }
            TaskOperation::Stop(tasks, _done) => self.stop(&tasks).await,
            TaskOperation::StopAll(_done) => self.stop(&self.live.numbers()).await,
            TaskOperation::FollowTarget => self.follow_target(),
            TaskOperation::Restart { only_failed } => self.restart(only_failed).await,
            TaskOperation::RestartNow(task, reply) => {
                let restarted = self.restart_now(task).await;
                // Nobody may be waiting any more.
                let _ = reply.send(restarted);
            }
        }
    }

    fn is_gone(&self) -> bool {
        self.live.numbers().is_empty()
    }
}

impl LocalTasks {
    pub(in crate::herder::distributed) fn new(around: Surroundings) -> Self {
        let (worker, name) = (Arc::clone(&around.worker), around.name.clone());
        Self {
            live: LiveTasks::new(worker, name),
            generation: 0,
            around,
        }
    }

    pub(in crate::herder::distributed) fn name(&self) -> &ConnectorName {
        &self.around.name
    }

    async fn stop(&mut self, tasks: &[u32]) {
        self.live.end(tasks).await;
        self.around.forget_deleted();
    }

    fn follow_target(&mut self) {
        let target = self.around.connector().map(|it| it.1);
        // The empty set of tasks of a connector that stops comes first and ends them.
        if let Some(target) = target.filter(|it| *it != TargetState::Stopped) {
            self.live.set_target(target);
        }
    }

    /// Starts tasks, unless the connector has other ones by now. Whether it has these.
    fn start(&mut self, tasks: &[u32]) -> bool {
        let set = self.around.configs.task_set(&self.around.name);
        let Some(mut set) = set.filter(|it| it.generation == self.generation) else {
            return false;
        };
        for (task, config) in std::mem::take(&mut set.configs) {
            if tasks.contains(&task) {
                self.start_one(task, config, &set);
            }
        }
        true
    }

    fn start_one(&mut self, task: u32, config: Props, set: &TaskSet) {
        let class = set.connector.get(CONNECTOR_CLASS).unwrap_or_default();
        match self.around.worker.parts.plugins.connector(class).copied() {
            Ok(plugin) => {
                let parts = TaskParts {
                    plugin,
                    connector: set.connector.clone(),
                    config,
                    siblings: set.count as usize,
                };
                self.live.start(task, parts, set.target);
            }
            Err(error) => {
                let id = self.live.id(task);
                tracing::error!(task = %id, %error, "task cannot be started on this worker");
                let status = self.around.status(State::Failed, Some(error.to_string()));
                self.around.worker.statuses.put_task(id, status);
            }
        }
    }

    async fn restart(&mut self, only_failed: bool) {
        let statuses = Arc::clone(&self.around.worker.statuses);
        let known = statuses.tasks(&self.around.name).into_iter();
        let chosen: Vec<u32> = known
            .filter(|(task, it)| self.live.is_running(*task) && is_chosen(only_failed, it.state))
            .map(|(task, _)| task)
            .collect();
        self.live.end(&chosen).await;
        for task in &chosen {
            let status = self.around.status(State::Restarting, None);
            statuses.put_task(self.live.id(*task), status);
        }
        self.start(&chosen);
    }

    /// A task that is not here any more must not be started: somebody else has it.
    async fn restart_now(&mut self, task: u32) -> Result<(), HerderError> {
        if !self.live.is_running(task) {
            return Err(moved());
        }
        self.live.end(&[task]).await;
        match self.start(&[task]) {
            true => Ok(()),
            false => Err(moved()),
        }
    }
}
