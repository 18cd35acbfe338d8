//! What runs of one connector on this worker: the connector itself, some of its tasks, or both.

use std::fmt;
use std::sync::Arc;

use connect_core::config::Props;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::shared::Configs;
use crate::config::connector::CONNECTOR_CLASS;
use crate::herder::live::{LiveConnector, LiveTasks, Plan, TaskParts};
use crate::herder::{HerderError, Reply, RestartScope, TargetState};
use crate::identity::ConnectorName;
use crate::storage::status::{State, Status};
use crate::worker::Worker;
use crate::worker::connector::{InstanceEvent, InstanceEvents, InstanceId};

/// What is to be done with the part of a connector that runs here.
pub(super) enum Operation {
    /// Starts what of this does not run.
    Start {
        connector: bool,
        tasks: Vec<u32>,
    },
    /// Stops what of this runs; the sender is dropped when it has.
    Stop {
        connector: bool,
        tasks: Vec<u32>,
        done: mpsc::Sender<()>,
    },
    /// Stops all tasks, likewise.
    StopTasks(mpsc::Sender<()>),
    /// Stops everything, likewise.
    StopAll(mpsc::Sender<()>),
    /// Starts the connector anew, with the configuration that it has now.
    Reconfigure,
    /// Follows the target that the connector has now.
    FollowTarget,
    /// Restarts what runs here of what a scope covers.
    Restart(RestartScope),
    RestartInstance(Reply<()>),
    RestartTask(u32, Reply<()>),
    /// What a running instance of the connector asks for.
    Follow(InstanceId, InstanceEvent),
}

impl Operation {
    /// Whether it ends a start or a plan that is under way.
    pub(super) fn interrupts(&self) -> bool {
        match self {
            Self::Stop { connector, .. } => *connector,
            Self::StopAll(_)
            | Self::Reconfigure
            | Self::FollowTarget
            | Self::Restart(_)
            | Self::RestartInstance(_) => true,
            Self::Start { .. } | Self::StopTasks(_) | Self::RestartTask(..) | Self::Follow(..) => {
                false
            }
        }
    }

    /// Answers that it is not done, because nothing of the connector runs here any more.
    pub(super) fn refuse(self, name: &ConnectorName) {
        if let Self::RestartInstance(reply) | Self::RestartTask(_, reply) = self {
            // Nobody may be waiting any more.
            let _ = reply.send(Err(moved(name)));
        }
    }
}

/// The answer about something that was here when it was asked for.
fn moved(what: &dyn fmt::Display) -> HerderError {
    HerderError::Conflict(format!("{what} has just been given to another worker"))
}

/// The part of a connector that runs on this worker.
pub(super) struct Local {
    worker: Arc<Worker>,
    configs: Arc<Configs>,
    name: ConnectorName,
    /// The connector itself, if this worker has it.
    live: Option<LiveConnector>,
    tasks: LiveTasks,
    events: InstanceEvents,
    plans: mpsc::UnboundedSender<(ConnectorName, Plan)>,
}

impl Local {
    pub(super) fn new(
        worker: Arc<Worker>,
        configs: Arc<Configs>,
        name: ConnectorName,
        events: InstanceEvents,
        plans: mpsc::UnboundedSender<(ConnectorName, Plan)>,
    ) -> Self {
        Self {
            tasks: LiveTasks::new(Arc::clone(&worker), name.clone()),
            live: None,
            worker,
            configs,
            name,
            events,
            plans,
        }
    }

    pub(super) fn name(&self) -> &ConnectorName {
        &self.name
    }

    /// When the connector is to be restarted, because a value expires.
    pub(super) fn reload_at(&self) -> Option<Instant> {
        self.live.as_ref().and_then(LiveConnector::reload_at)
    }

    /// Whether nothing of the connector is here.
    pub(super) fn is_gone(&self) -> bool {
        self.live.is_none() && self.tasks.numbers().is_empty()
    }

    /// Does what is asked. What takes long ends early once `interrupt` is cancelled.
    pub(super) async fn carry_out(&mut self, operation: Operation, interrupt: CancellationToken) {
        if let Some(live) = &mut self.live {
            live.interrupted_by(interrupt.clone());
        }
        match operation {
            Operation::Start { connector, tasks } => {
                self.start_tasks(&tasks);
                if connector && self.live.is_none() {
                    self.begin(interrupt).await;
                }
            }
            Operation::Stop {
                connector,
                tasks,
                done: _done,
            } => self.stop(connector, &tasks).await,
            Operation::StopAll(_done) => self.stop(true, &self.tasks.numbers()).await,
            Operation::StopTasks(_done) => self.tasks.end_all().await,
            Operation::Reconfigure => {
                // A failure is logged and shown as the connector's status.
                let _ = self.restart_instance().await;
            }
            Operation::FollowTarget => self.follow_target().await,
            Operation::Restart(scope) => self.restart(scope).await,
            Operation::RestartInstance(reply) => {
                let restarted = self.restart_instance().await;
                let _ = reply.send(restarted);
            }
            Operation::RestartTask(task, reply) => {
                let restarted = self.restart_task(task).await;
                let _ = reply.send(restarted);
            }
            Operation::Follow(id, event) => {
                let plan = match &mut self.live {
                    Some(live) => live.follow(id, event).await,
                    None => None,
                };
                self.hand_over(plan);
            }
        }
    }

    async fn stop(&mut self, connector: bool, tasks: &[u32]) {
        let live = self.live.take_if(|_| connector);
        let ending = async {
            if let Some(mut live) = live {
                live.end().await;
                return Some(live);
            }
            None
        };
        let (ended, ()) = futures::join!(ending, self.tasks.end(tasks));
        if self.configs.connector(&self.name).is_some() {
            return;
        }
        self.worker.topics.reset(&self.name);
        if let Some(ended) = ended {
            ended.tell_deleted().await;
        }
    }

    /// Starts the connector, which has come to this worker.
    async fn begin(&mut self, interrupt: CancellationToken) {
        let Some((config, target)) = self.configs.connector(&self.name) else {
            return;
        };
        let (worker, events) = (Arc::clone(&self.worker), self.events.clone());
        let mut live = LiveConnector::new(worker, self.name.clone(), config, target, events);
        live.interrupted_by(interrupt);
        let started = match live.tell_created().await {
            Ok(()) => live.start().await,
            Err(error) => Err(live.fail(&error)),
        };
        self.live = Some(live);
        // A failure is logged and shown as the connector's status.
        self.hand_over(started.ok().flatten());
    }

    async fn restart_instance(&mut self) -> Result<(), HerderError> {
        let Some(live) = &mut self.live else {
            return Err(moved(&self.name));
        };
        if let Some((config, target)) = self.configs.connector(&self.name) {
            live.set_config(config);
            // The target of one that was created again has changed without a word.
            live.aim_at(target);
        }
        let started = live.start().await;
        let plan = started.map_err(|_| {
            HerderError::Failed(format!("Failed to start connector: {}", self.name))
        })?;
        self.hand_over(plan);
        Ok(())
    }

    async fn follow_target(&mut self) {
        let Some((_, target)) = self.configs.connector(&self.name) else {
            return;
        };
        // The empty set of tasks of a connector that stops comes first and ends them.
        if target != TargetState::Stopped {
            self.tasks.set_target(target);
        }
        if let Some(live) = &mut self.live {
            let plan = live.set_target(target).await;
            self.hand_over(plan);
        }
    }

    /// What becomes of a plan is not decided here: the leader writes it.
    fn hand_over(&self, plan: Option<Plan>) {
        if let Some(plan) = plan {
            // Without a herder nobody wants to know.
            let _ = self.plans.send((self.name.clone(), plan));
        }
    }

    fn start_tasks(&mut self, tasks: &[u32]) {
        let Some((connector, target)) = self.configs.connector(&self.name) else {
            return;
        };
        // There may be configurations of tasks that the connector has no more.
        let count = self.configs.task_count(&self.name).unwrap_or_default();
        let mut configs = self.configs.task_configs(&self.name);
        configs.retain(|(task, _)| *task < count && tasks.contains(task));
        for (task, config) in configs {
            self.start_task(task, &connector, config, count as usize, target);
        }
    }

    fn start_task(
        &mut self,
        task: u32,
        connector: &Props,
        config: Props,
        siblings: usize,
        target: TargetState,
    ) {
        let class = connector.get(CONNECTOR_CLASS).unwrap_or_default();
        match self.worker.parts.plugins.connector(class).copied() {
            Ok(plugin) => {
                let parts = TaskParts {
                    plugin,
                    connector: connector.clone(),
                    config,
                    siblings,
                };
                self.tasks.start(task, parts, target);
            }
            Err(error) => {
                let id = self.tasks.id(task);
                tracing::error!(task = %id, %error, "task cannot be started on this worker");
                let status = self.status(State::Failed, Some(error.to_string()));
                self.worker.statuses.put_task(id, status);
            }
        }
    }

    /// A status that this worker reports where no instance of its own does.
    fn status(&self, state: State, trace: Option<String>) -> Status {
        Status {
            state,
            trace,
            worker_id: self.worker.parts.worker_id.clone(),
            version: None,
        }
    }

    async fn restart(&mut self, scope: RestartScope) {
        let statuses = Arc::clone(&self.worker.statuses);
        let is_chosen = |state: State| !scope.only_failed || state == State::Failed;
        let connector = statuses.connector(&self.name);
        let restarts_connector =
            self.live.is_some() && connector.as_ref().is_some_and(|it| is_chosen(it.state));
        let mut chosen = Vec::new();
        for (task, status) in statuses.tasks(&self.name) {
            let is_here = self.tasks.is_running(task);
            if scope.include_tasks && is_here && is_chosen(status.state) {
                chosen.push(task);
            }
        }
        if restarts_connector {
            if let Some(live) = &mut self.live {
                live.end().await;
            }
            let status = self.status(State::Restarting, None);
            statuses.put_connector(self.name.clone(), status);
        }
        self.tasks.end(&chosen).await;
        for task in &chosen {
            let status = self.status(State::Restarting, None);
            statuses.put_task(self.tasks.id(*task), status);
        }
        if restarts_connector {
            // A failure is logged and shown as the connector's status.
            let _ = self.restart_instance().await;
        }
        self.start_tasks(&chosen);
    }

    /// A task that is not here any more must not be started: somebody else has it.
    async fn restart_task(&mut self, task: u32) -> Result<(), HerderError> {
        if !self.tasks.is_running(task) {
            return Err(moved(&self.tasks.id(task)));
        }
        self.tasks.end(&[task]).await;
        self.start_tasks(&[task]);
        Ok(())
    }

    /// Stops everything at the end of the worker.
    pub(super) async fn shutdown(&mut self) {
        self.stop(true, &self.tasks.numbers()).await;
    }
}
