//! One connector: its configuration, what it is meant to do, and its running tasks.

mod operation;
mod planning;
mod tasks;

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_core::config::Props;
use connect_core::plugin::PluginDescriptor;
use connect_core::{ConnectError, Result};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(super) use self::operation::Operation;
use super::{
    ConnectorInfo, ConnectorStatus, HerderError, OffsetChange, OffsetsChanged, PutOutcome, Reply,
    TargetState, View, answer, offsets,
};
use crate::config::connector::CONNECTOR_CLASS;
use crate::herder::RestartScope;
use crate::identity::ConnectorName;
use crate::metrics::{ConnectorParts, Part, ShownConnector};
use crate::providers::Resolved;
use crate::storage::status::{State, Status};
use crate::worker::Worker;
use crate::worker::connector::{ConnectorInstance, InstanceEvent, InstanceEvents, InstanceId};
use crate::worker::task::TaskHandle;

/// What has become of the connector itself, apart from its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instance {
    NotStarted,
    Started,
    Failed,
}

/// Why a connector does not run.
enum NotBegun {
    /// Its configuration is of no use, and its code was not asked.
    Refused(ConnectError),
    /// It does not start, or makes no plan.
    Failed(ConnectError),
}

/// Configurations with what they refer to.
#[derive(Debug, PartialEq)]
struct Planned {
    connector: Props,
    tasks: Vec<Props>,
}

/// The division of the work.
#[derive(Debug)]
struct Plan {
    used: Planned,
    /// Configurations of the tasks as the connector writes its own.
    shown: Vec<Props>,
}

/// A connector and everything that runs for it.
#[derive(Debug)]
pub(super) struct Connector {
    worker: Arc<Worker>,
    name: ConnectorName,
    /// As it was sent, plus `name`.
    config: Props,
    /// The configuration with what it refers to, as it was looked up last.
    resolved: Resolved,
    /// When a value that it refers to expires.
    reload_at: Option<Instant>,
    /// What the tasks were started with.
    planned: Option<Planned>,
    target: TargetState,
    instance: Instance,
    /// The instance that plans, unless the connector is only declared.
    running: Option<ConnectorInstance>,
    events: InstanceEvents,
    /// Cancelled when an operation waits that needs no longer what is under way.
    interrupt: CancellationToken,
    task_configs: Vec<Props>,
    tasks: BTreeMap<u32, TaskHandle>,
    /// Shows the connector in metrics, once it is known what it is.
    shown: Option<ShownConnector>,
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
        Self {
            worker,
            name,
            resolved: Resolved::unchanged(&config),
            config,
            reload_at: None,
            planned: None,
            target,
            instance: Instance::NotStarted,
            running: None,
            events,
            interrupt: CancellationToken::new(),
            task_configs: Vec::new(),
            tasks: BTreeMap::new(),
            shown: None,
            is_deleted: false,
        }
    }

    pub(super) fn name(&self) -> &ConnectorName {
        &self.name
    }

    /// When the connector is to be restarted, because a value expires.
    pub(super) fn reload_at(&self) -> Option<Instant> {
        self.reload_at
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
            name: self.name.clone(),
            config: self.config.clone(),
            task_count: u32::try_from(self.task_configs.len()).unwrap_or(u32::MAX),
            kind: self.plugin().ok().map(|it| it.entry.kind()),
        }
    }

    /// Does what is asked and answers. What takes long ends early once `interrupt` is cancelled.
    pub(super) async fn carry_out(&mut self, operation: Operation, interrupt: CancellationToken) {
        self.interrupt = interrupt;
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
            Operation::Replace { present, reply, .. } if present != self.config => {
                answer(reply, Ok(None));
            }
            Operation::Replace { config, reply, .. } => {
                let started = self.reconfigure(config).await;
                answer(reply, started.map(|()| Some(self.info())));
            }
            Operation::Delete(reply) => {
                self.end_instance_logged().await;
                self.stop_tasks().await;
                self.tell_deleted().await;
                self.worker.statuses.remove_connector(&self.name);
                self.worker.topics.reset(&self.name);
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
            Operation::Follow(id, event) => self.follow(id, event).await,
        }
    }

    async fn create(&mut self) -> Result<(), HerderError> {
        match self.tell_created().await {
            Ok(()) => self.start().await,
            Err(error) => Err(self.fail(&error)),
        }
    }

    async fn reconfigure(&mut self, config: Props) -> Result<(), HerderError> {
        self.resolved = Resolved::unchanged(&config);
        self.config = config;
        let started = self.start().await;
        self.accepted(started)
    }

    /// A configuration with null is taken whatever becomes of it, as by distributed workers of the
    /// reference: that its connector cannot do without a value shows in its status.
    fn accepted(&self, started: Result<(), HerderError>) -> Result<(), HerderError> {
        let has_null = self.config.iter().any(|(_, value)| value.is_none());
        match started {
            Err(HerderError::Failed(_)) if has_null => Ok(()),
            started => started,
        }
    }

    /// Starts the connector as its target says: from the beginning, or anew with another
    /// configuration. Tasks are restarted only if their plan changed.
    async fn start(&mut self) -> Result<(), HerderError> {
        self.end_instance_logged().await;
        self.instance = Instance::NotStarted;
        self.reload_at = None;
        match self.target {
            TargetState::Started => {}
            TargetState::Paused => {
                self.report(State::Paused, None);
                return Ok(());
            }
            TargetState::Stopped => {
                self.report(State::Stopped, None);
                return Ok(());
            }
        }
        let running = self.run().await;
        self.worker.metrics.connector_started(running.is_ok());
        running
    }

    /// Lets the connector run, and shows whether it does.
    async fn run(&mut self) -> Result<(), HerderError> {
        match self.begin().await {
            Ok(plan) => {
                self.instance = Instance::Started;
                self.report(State::Running, None);
                self.apply_plan(plan).await;
                Ok(())
            }
            Err(error) => {
                self.end_instance_logged().await;
                Err(match error {
                    NotBegun::Refused(error) => {
                        HerderError::Failed(self.show_failure(&error, None))
                    }
                    NotBegun::Failed(error) => self.fail(&error),
                })
            }
        }
    }

    /// Shows that the connector has failed, and says so to who started it.
    fn fail(&mut self, error: &ConnectError) -> HerderError {
        let version = self.version();
        let text = self.show_failure(error, version);
        HerderError::Failed(format!(
            "Failed to transition connector {} to state STARTED: {text}",
            self.name
        ))
    }

    /// Shows that the connector has failed. Its tasks go on. The text of the error is returned.
    fn show_failure(&mut self, error: &ConnectError, version: Option<String>) -> String {
        self.instance = Instance::Failed;
        let secrets = &self.resolved.secrets;
        let trace = secrets.hide(&error.trace()).into_owned();
        let text = secrets.hide(&error.to_string()).into_owned();
        tracing::error!(connector = %self.name, error = trace, "connector failed");
        self.report_as(State::Failed, Some(trace), version);
        text
    }

    /// Does what an instance asks for, if it is still the one that runs.
    async fn follow(&mut self, id: InstanceId, event: InstanceEvent) {
        if self.running.as_ref().map(ConnectorInstance::id) != Some(id) {
            return;
        }
        let outcome = match event {
            InstanceEvent::Replan => self.plan_again().await,
            InstanceEvent::Failed(error) => Err(error),
        };
        match outcome {
            Ok(plan) => self.apply_plan(plan).await,
            Err(error) => {
                self.end_instance_logged().await;
                // The failure is logged and shown as the connector's status.
                let _ = self.fail(&error);
            }
        }
    }

    /// Ends the instance that plans, if there is one.
    ///
    /// # Errors
    /// When the connector could not stop as it wanted to.
    async fn end_instance(&mut self) -> Result<()> {
        match self.running.take() {
            Some(instance) => instance.stop().await,
            None => Ok(()),
        }
    }

    /// The same where a failure changes nothing.
    async fn end_instance_logged(&mut self) {
        if let Err(error) = self.end_instance().await {
            let trace = error.trace();
            tracing::warn!(
                connector = %self.name,
                error = %self.resolved.secrets.hide(&trace),
                "connector reported an error while stopping"
            );
        }
    }

    async fn set_target(&mut self, target: TargetState) {
        self.target = target;
        // Tasks follow whatever has become of the connector itself; if it is to stop, they are ended below.
        for task in self
            .tasks
            .values()
            .filter(|_| target != TargetState::Stopped)
        {
            task.set_target(target);
        }
        match (target, self.instance) {
            (TargetState::Stopped, _) => {
                self.end_instance_logged().await;
                self.stop_tasks().await;
                self.instance = Instance::NotStarted;
                self.report(State::Stopped, None);
            }
            // What failed waits for a restart or another configuration.
            (TargetState::Paused | TargetState::Started, Instance::Failed)
            | (TargetState::Started, Instance::Started) => {}
            (TargetState::Paused, _) => {
                match self.end_instance().await {
                    Ok(()) => {
                        self.instance = Instance::NotStarted;
                        self.report(State::Paused, None);
                    }
                    Err(error) => {
                        // The failure is logged and shown as the connector's status.
                        let _ = self.fail(&error);
                    }
                }
            }
            // The reference does not count this as a start.
            (TargetState::Started, Instance::NotStarted) => {
                // The failure is logged and shown as the connector's status.
                let _ = self.run().await;
            }
        }
    }

    async fn restart(&mut self, scope: RestartScope, reply: Reply<ConnectorStatus>) {
        let statuses = Arc::clone(&self.worker.statuses);
        let Some(mut connector) = statuses.connector(&self.name) else {
            let text = format!("Status for connector {} not found", self.name);
            return answer(reply, Err(HerderError::NotFound(text)));
        };
        let is_chosen = |status: &Status| !scope.only_failed || status.state == State::Failed;
        let restarts_connector = is_chosen(&connector);
        if restarts_connector {
            statuses.put_connector(self.name.clone(), restarting(&connector));
            connector.state = State::Restarting;
        }
        let mut tasks = statuses.tasks(&self.name);
        let mut chosen = Vec::new();
        for (task, status) in tasks.iter_mut().filter(|(_, status)| is_chosen(status)) {
            if scope.include_tasks {
                statuses.put_task(self.task_id(*task), restarting(status));
                status.state = State::Restarting;
                chosen.push(*task);
            }
        }
        let plan = ConnectorStatus {
            name: self.name.clone(),
            connector,
            tasks,
            kind: self.info().kind,
        };
        answer(reply, Ok(plan));

        self.end_tasks(&chosen).await;
        if restarts_connector {
            // The failure is logged and shown as the connector's status.
            let _ = self.start().await;
        }
        for task in chosen {
            if !self.tasks.contains_key(&task) {
                self.start_task(task);
            }
        }
    }

    async fn change_offsets(&self, change: OffsetChange) -> Result<OffsetsChanged, HerderError> {
        let name = &self.name;
        if self.target != TargetState::Stopped || !self.task_configs.is_empty() {
            return Err(HerderError::BadRequest(format!(
                "Connectors must be in the STOPPED state before their offsets can be modified. This \
                 can be done for the specified connector by issuing a 'PUT' request to the \
                 '/connectors/{name}/stop' endpoint"
            )));
        }
        offsets::change(&self.worker, name, &self.config, change).await
    }

    /// Stops everything at the end of the worker.
    pub(super) async fn shutdown(&mut self) {
        let tasks: Vec<u32> = self.tasks.keys().copied().collect();
        self.end_instance_logged().await;
        self.end_tasks(&tasks).await;
        self.report(State::Unassigned, None);
    }

    fn plugin(&self) -> Result<PluginDescriptor> {
        let class = self.resolved.props.get(CONNECTOR_CLASS).unwrap_or_default();
        let found = self.worker.parts.plugins.connector(class);
        found
            .copied()
            .map_err(|error| ConnectError::config("connector.class is not usable").caused_by(error))
    }

    fn version(&self) -> Option<String> {
        self.plugin().ok().map(|it| it.info.version.to_owned())
    }

    fn report(&mut self, state: State, trace: Option<String>) {
        let version = self.version();
        self.report_as(state, trace, version);
    }

    /// The version is that of the instance, if there is or was one.
    fn report_as(&mut self, state: State, trace: Option<String>, version: Option<String>) {
        let plugin = self.plugin().ok();
        self.show(plugin.as_ref());
        let status = Status {
            state,
            trace,
            worker_id: self.worker.parts.worker_id.clone(),
            version,
        };
        self.worker
            .statuses
            .put_connector(self.name.clone(), status);
    }
}

impl Connector {
    /// Shows in metrics what the connector is.
    fn show(&mut self, plugin: Option<&PluginDescriptor>) {
        let parts = plugin.map(|plugin| ConnectorParts {
            part: Part {
                class: plugin.info.name,
                version: plugin.info.version,
            },
            kind: plugin.entry.kind().as_str(),
        });
        let (metrics, name) = (&self.worker.metrics, &self.name);
        self.shown = parts.map(|it| metrics.show_connector(name.clone(), it));
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
