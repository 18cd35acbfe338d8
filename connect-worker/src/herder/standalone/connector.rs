//! One connector of a standalone worker: what it is meant to do, and everything that runs for it.

mod operation;

use std::sync::Arc;

use connect_core::config::Props;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(super) use self::operation::Operation;
use super::{
    ConnectorInfo, ConnectorStatus, HerderError, OffsetChange, OffsetsChanged, PutOutcome, Reply,
    TargetState, View, answer, offsets,
};
use crate::herder::RestartScope;
use crate::herder::live::{LiveConnector, LiveTasks, Plan, Planned, TaskParts};
use crate::identity::ConnectorName;
use crate::storage::status::{State, Status};
use crate::worker::Worker;
use crate::worker::connector::InstanceEvents;

/// A connector and everything that runs for it.
#[derive(Debug)]
pub(super) struct Connector {
    worker: Arc<Worker>,
    live: LiveConnector,
    tasks: LiveTasks,
    /// What the tasks were started with.
    planned: Option<Planned>,
    task_configs: Vec<Props>,
    is_deleted: bool,
}

impl Connector {
    pub(super) fn new(
        worker: Arc<Worker>,
        name: ConnectorName,
        config: Props,
        target: TargetState,
        events: InstanceEvents,
    ) -> Self {
        let tasks = LiveTasks::new(Arc::clone(&worker), name.clone());
        let live = LiveConnector::new(Arc::clone(&worker), name, config, target, events);
        Self {
            worker,
            live,
            tasks,
            planned: None,
            task_configs: Vec::new(),
            is_deleted: false,
        }
    }

    pub(super) fn name(&self) -> &ConnectorName {
        self.live.name()
    }

    /// When the connector is to be restarted, because a value expires.
    pub(super) fn reload_at(&self) -> Option<Instant> {
        self.live.reload_at()
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    pub(super) fn view(&self) -> View {
        View {
            info: self.info(),
            task_configs: self.task_configs.clone(),
        }
    }

    fn info(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: self.name().clone(),
            config: self.live.config().clone(),
            task_count: u32::try_from(self.task_configs.len()).unwrap_or(u32::MAX),
            kind: self.live.kind(),
        }
    }

    /// Does what is asked and answers. What takes long ends early once `interrupt` is cancelled.
    pub(super) async fn carry_out(&mut self, operation: Operation, interrupt: CancellationToken) {
        self.live.interrupted_by(interrupt);
        match operation {
            Operation::Create(reply) => {
                let started = self.create().await;
                answer(reply, self.accepted(started).map(|()| self.info()));
            }
            Operation::CreateByPut(reply) => {
                let started = self.create().await;
                let created = self.accepted(started);
                answer(reply, created.map(|()| PutOutcome::Created(self.info())));
            }
            Operation::Reconfigure(config, reply) => {
                let started = self.reconfigure(config).await;
                answer(reply, started.map(|()| PutOutcome::Updated(self.info())));
            }
            Operation::Replace { present, reply, .. } if present != *self.live.config() => {
                answer(reply, Ok(None));
            }
            Operation::Replace { config, reply, .. } => {
                let started = self.reconfigure(config).await;
                answer(reply, started.map(|()| Some(self.info())));
            }
            Operation::Delete(reply) => {
                self.live.end_instance_logged().await;
                self.stop_tasks().await;
                self.live.tell_deleted().await;
                self.worker.statuses.remove_connector(self.live.name());
                self.worker.topics.reset(self.live.name());
                self.is_deleted = true;
                answer(reply, Ok(()));
            }
            // That all tasks are gone is waited for; pausing and resuming are answered at once.
            Operation::SetTarget(target @ TargetState::Stopped, reply) => {
                self.set_target(target).await;
                answer(reply, Ok(()));
            }
            Operation::SetTarget(target, reply) => {
                answer(reply, Ok(()));
                self.set_target(target).await;
            }
            Operation::RestartInstance(reply) => {
                let started = self.start().await;
                answer(reply, started);
            }
            Operation::Restart(scope, reply) => self.restart(scope, reply).await,
            Operation::ChangeOffsets(change, reply) => {
                let changed = self.change_offsets(change).await;
                answer(reply, changed);
            }
            Operation::RestartTask(task, reply) => {
                let restarted = self.restart_task(task).await;
                answer(reply, restarted);
            }
            Operation::Follow(id, event) => {
                let plan = self.live.follow(id, event).await;
                self.apply(plan).await;
            }
        }
    }

    async fn create(&mut self) -> Result<(), HerderError> {
        match self.live.tell_created().await {
            Ok(()) => self.start().await,
            Err(error) => Err(self.live.fail(&error)),
        }
    }

    async fn reconfigure(&mut self, config: Props) -> Result<(), HerderError> {
        self.live.set_config(config);
        let started = self.start().await;
        self.accepted(started)
    }

    /// A configuration with null is taken whatever becomes of it, as by distributed workers of the
    /// reference: that its connector cannot do without a value shows in its status.
    fn accepted(&self, started: Result<(), HerderError>) -> Result<(), HerderError> {
        let has_null = self.live.config().iter().any(|(_, value)| value.is_none());
        match started {
            Err(HerderError::Failed(_)) if has_null => Ok(()),
            started => started,
        }
    }

    /// Starts the connector anew. Tasks are restarted only if their plan changed.
    async fn start(&mut self) -> Result<(), HerderError> {
        let plan = self.live.start().await?;
        self.apply(plan).await;
        Ok(())
    }

    async fn set_target(&mut self, target: TargetState) {
        if target == TargetState::Stopped {
            self.live.end_instance_logged().await;
            self.stop_tasks().await;
        } else {
            // Tasks follow whatever has become of the connector itself.
            self.tasks.set_target(target);
        }
        let plan = self.live.set_target(target).await;
        self.apply(plan).await;
    }

    /// Runs the tasks of a plan; those that run already go on if nothing changed.
    async fn apply(&mut self, plan: Option<Plan>) {
        let Some(plan) = plan else {
            return;
        };
        if self.planned.as_ref() != Some(&plan.used) {
            self.stop_tasks().await;
            self.planned = Some(plan.used);
        }
        self.task_configs = plan.shown;
        for task in self.task_numbers() {
            self.start_task(task);
        }
        self.tasks.wait_for_reports().await;
    }

    fn task_numbers(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.task_configs.len()).unwrap_or(u32::MAX)
    }

    fn start_task(&mut self, task: u32) {
        let (Ok(plugin), Some(config)) = (self.live.plugin(), self.task_configs.get(task as usize))
        else {
            return;
        };
        let parts = TaskParts {
            plugin,
            connector: self.live.config().clone(),
            config: config.clone(),
            siblings: self.task_configs.len(),
        };
        self.tasks.start(task, parts, self.live.target());
    }

    /// Stops all tasks and forgets them with their statuses.
    async fn stop_tasks(&mut self) {
        self.tasks.end_all().await;
        for task in self.task_numbers() {
            self.worker.statuses.remove_task(&self.tasks.id(task));
        }
        self.task_configs.clear();
        self.planned = None;
    }

    async fn restart_task(&mut self, task: u32) -> Result<(), HerderError> {
        if !self.task_numbers().contains(&task) {
            let text = format!("Task {} not found", self.tasks.id(task));
            return Err(HerderError::NotFound(text));
        }
        self.tasks.end(&[task]).await;
        self.start_task(task);
        Ok(())
    }

    async fn restart(&mut self, scope: RestartScope, reply: Reply<ConnectorStatus>) {
        let statuses = Arc::clone(&self.worker.statuses);
        let Some(mut connector) = statuses.connector(self.name()) else {
            let text = format!("Status for connector {} not found", self.name());
            return answer(reply, Err(HerderError::NotFound(text)));
        };
        let is_chosen = |status: &Status| !scope.only_failed || status.state == State::Failed;
        let restarts_connector = is_chosen(&connector);
        if restarts_connector {
            statuses.put_connector(self.name().clone(), restarting(&connector));
            connector.state = State::Restarting;
        }
        let mut tasks = statuses.tasks(self.name());
        let mut chosen = Vec::new();
        for (task, status) in tasks.iter_mut().filter(|(_, status)| is_chosen(status)) {
            if scope.include_tasks {
                statuses.put_task(self.tasks.id(*task), restarting(status));
                status.state = State::Restarting;
                chosen.push(*task);
            }
        }
        let plan = ConnectorStatus {
            name: self.name().clone(),
            connector,
            tasks,
            kind: self.live.kind(),
        };
        answer(reply, Ok(plan));

        self.tasks.end(&chosen).await;
        if restarts_connector {
            // The failure is logged and shown as the connector's status.
            let _ = self.start().await;
        }
        for task in chosen {
            if !self.tasks.is_running(task) {
                self.start_task(task);
            }
        }
    }

    async fn change_offsets(&self, change: OffsetChange) -> Result<OffsetsChanged, HerderError> {
        let name = self.name();
        if self.live.target() != TargetState::Stopped || !self.task_configs.is_empty() {
            return Err(offsets::not_stopped(name));
        }
        offsets::change(&self.worker, name, self.live.config(), change).await
    }

    /// Stops everything at the end of the worker.
    pub(super) async fn shutdown(&mut self) {
        self.live.end_instance_logged().await;
        self.tasks.end_all().await;
        self.live.end().await;
    }
}

/// What is stored of something that is about to be restarted: there is no instance of it.
fn restarting(status: &Status) -> Status {
    Status {
        state: State::Restarting,
        version: None,
        ..status.clone()
    }
}
