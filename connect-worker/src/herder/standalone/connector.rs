//! One connector: its configuration, what it is meant to do, and its running tasks.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use connect_core::config::Props;
use connect_core::plugin::{PluginDescriptor, PluginEntry, PluginKind};
use connect_core::{ConnectError, Result};
use tokio::time::Instant;

use super::{
    ConnectorInfo, ConnectorStatus, HerderError, PutOutcome, Reply, TargetState, View, answer,
};
use crate::config::connector::settings::ConnectorSettings;
use crate::config::connector::{CONNECTOR_CLASS, TOPICS, TOPICS_REGEX};
use crate::herder::RestartScope;
use crate::identity::{ConnectorName, TaskId};
use crate::storage::status::{State, Status};
use crate::worker::Worker;
use crate::worker::task::{TaskHandle, TaskSpec};

/// Class of a task, which the worker adds to its configuration.
const TASK_CLASS: &str = "task.class";

/// What is to be done with a connector, and who waits for it.
pub(super) enum Operation {
    Create(Reply<ConnectorInfo>),
    CreateByPut(Reply<PutOutcome>),
    Reconfigure(Props, Reply<PutOutcome>),
    Delete(Reply<()>),
    SetTarget(TargetState, Reply<()>),
    RestartInstance(Reply<()>),
    Restart(RestartScope, Reply<ConnectorStatus>),
    RestartTask(u32, Reply<()>),
}

impl Operation {
    /// Answers that there is no such connector.
    pub(super) fn refuse(self, name: &ConnectorName) {
        let not_found = || HerderError::NotFound(format!("Connector {name} not found"));
        match self {
            Self::Create(reply) => answer(reply, Err(not_found())),
            Self::CreateByPut(reply) | Self::Reconfigure(_, reply) => {
                answer(reply, Err(not_found()));
            }
            Self::Delete(reply) | Self::RestartInstance(reply) | Self::RestartTask(_, reply) => {
                answer(reply, Err(not_found()));
            }
            Self::SetTarget(_, reply) => {
                let text = format!("Unknown connector {name}");
                answer(reply, Err(HerderError::NotFound(text)));
            }
            Self::Restart(_, reply) => {
                let text = format!("Unknown connector: {name}");
                answer(reply, Err(HerderError::NotFound(text)));
            }
        }
    }
}

/// What has become of the connector itself, apart from its tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Instance {
    NotStarted,
    Started,
    Failed,
}

/// A connector and everything that runs for it.
#[derive(Debug)]
pub(super) struct Connector {
    worker: Arc<Worker>,
    name: ConnectorName,
    /// As it was sent, plus `name`.
    config: Props,
    /// The configuration that the tasks were planned from.
    planned: Option<Props>,
    target: TargetState,
    instance: Instance,
    task_configs: Vec<Props>,
    tasks: BTreeMap<u32, TaskHandle>,
    is_deleted: bool,
}

impl Connector {
    pub(super) fn new(
        worker: Arc<Worker>,
        name: ConnectorName,
        config: Props,
        target: TargetState,
    ) -> Self {
        Self {
            worker,
            name,
            config,
            planned: None,
            target,
            instance: Instance::NotStarted,
            task_configs: Vec::new(),
            tasks: BTreeMap::new(),
            is_deleted: false,
        }
    }

    pub(super) fn name(&self) -> &ConnectorName {
        &self.name
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

    /// Does what is asked and answers.
    pub(super) async fn carry_out(&mut self, operation: Operation) {
        match operation {
            Operation::Create(reply) => {
                let started = self.start().await;
                answer(reply, started.map(|()| self.info()));
            }
            Operation::CreateByPut(reply) => {
                let started = self.start().await;
                answer(reply, started.map(|()| PutOutcome::Created(self.info())));
            }
            Operation::Reconfigure(config, reply) => {
                self.config = config;
                let started = self.start().await;
                answer(reply, started.map(|()| PutOutcome::Updated(self.info())));
            }
            Operation::Delete(reply) => {
                self.stop_tasks().await;
                self.worker.statuses.remove_connector(&self.name);
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
            Operation::RestartTask(task, reply) => {
                let restarted = self.restart_task(task).await;
                answer(reply, restarted);
            }
        }
    }

    /// Starts the connector as its target says: from the beginning, or anew with another
    /// configuration. Tasks are restarted only if their plan changed.
    async fn start(&mut self) -> Result<(), HerderError> {
        self.instance = Instance::NotStarted;
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
        match self.plan().await {
            Ok(configs) => {
                self.instance = Instance::Started;
                self.report(State::Running, None);
                self.apply_plan(configs).await;
                Ok(())
            }
            Err(error) => {
                self.instance = Instance::Failed;
                self.report(State::Failed, Some(error.trace()));
                tracing::error!(connector = %self.name, error = error.trace(), "connector failed");
                let name = &self.name;
                Err(HerderError::Failed(format!(
                    "Failed to transition connector {name} to state STARTED: {error}"
                )))
            }
        }
    }

    /// Checks the configuration and divides the work.
    async fn plan(&self) -> Result<Vec<Props>> {
        let plugin = self.plugin()?;
        let kind = plugin.entry.kind();
        let plan = match plugin.entry {
            PluginEntry::Source { plan, .. } | PluginEntry::Sink { plan, .. } => plan,
            PluginEntry::Converter { .. }
            | PluginEntry::Transform { .. }
            | PluginEntry::Predicate { .. }
            | PluginEntry::ConfigProvider { .. } => {
                let class = plugin.info.name;
                return Err(ConnectError::config(format_args!(
                    "{class} is not a connector"
                )));
            }
        };
        let (config, worker) = (self.config.clone(), Arc::clone(&self.worker));
        let check = plugin.config.check;
        // A plugin may block or panic here; neither reaches the herder.
        let planned = self.worker.running.spawn_blocking(move || {
            let settings = ConnectorSettings::parse(&config, kind, &worker.parts.plugins)?;
            let tasks_max = NonZeroUsize::try_from(settings.tasks_max)
                .map_err(|error| ConnectError::config("tasks.max is too large").caused_by(error))?;
            check(&config)?;
            let configs = plan(&config, tasks_max)?;
            Ok::<_, ConnectError>((configs, tasks_max, settings.tasks_max_enforce))
        });
        let (mut configs, tasks_max, is_enforced) = planned
            .await
            .map_err(|panic| ConnectError::fatal("the connector panicked").caused_by(panic))??;
        if configs.len() > tasks_max.get() && is_enforced {
            return Err(too_many_tasks(&self.name, configs.len(), tasks_max));
        }
        for config in &mut configs {
            self.complete(config, &plugin);
        }
        Ok(configs)
    }

    /// Adds to a task's configuration what the worker knows of it.
    fn complete(&self, config: &mut Props, plugin: &PluginDescriptor) {
        config.insert(TASK_CLASS, Some(task_class(plugin.info.name)));
        if plugin.entry.kind() == PluginKind::Sink {
            for key in [TOPICS, TOPICS_REGEX] {
                if let Some(topics) = self.config.get(key) {
                    config.insert(key, Some(topics.to_owned()));
                }
            }
        }
    }

    /// Runs the tasks of a plan; those that run already go on if nothing changed.
    async fn apply_plan(&mut self, configs: Vec<Props>) {
        let is_same = self.planned.as_ref() == Some(&self.config) && self.task_configs == configs;
        if !is_same {
            self.stop_tasks().await;
            self.planned = Some(self.config.clone());
            self.task_configs = configs;
        }
        for task in self.task_numbers() {
            match self.tasks.get(&task) {
                Some(running) => running.set_target(self.target),
                None => self.start_task(task),
            }
        }
    }

    fn task_numbers(&self) -> std::ops::Range<u32> {
        0..u32::try_from(self.task_configs.len()).unwrap_or(u32::MAX)
    }

    fn start_task(&mut self, task: u32) {
        let (Ok(plugin), Some(config)) = (self.plugin(), self.task_configs.get(task as usize))
        else {
            return;
        };
        let spec = TaskSpec {
            id: self.task_id(task),
            plugin,
            connector: self.config.clone(),
            config: config.clone(),
        };
        let handle = TaskHandle::start(&self.worker, spec, self.target);
        self.tasks.insert(task, handle);
    }

    /// Stops all tasks and forgets them with their statuses.
    async fn stop_tasks(&mut self) {
        let tasks: Vec<u32> = self.tasks.keys().copied().collect();
        self.end_tasks(&tasks).await;
        for task in self.task_numbers() {
            self.worker.statuses.remove_task(&self.task_id(task));
        }
        self.task_configs.clear();
        self.planned = None;
    }

    /// Asks tasks to stop and waits for them, all until one deadline.
    async fn end_tasks(&mut self, tasks: &[u32]) {
        let ending: Vec<TaskHandle> = tasks
            .iter()
            .filter_map(|task| self.tasks.remove(task))
            .collect();
        ending.iter().for_each(TaskHandle::request_stop);
        let deadline = Instant::now() + self.worker.parts.config.task_shutdown_timeout;
        futures::future::join_all(ending.into_iter().map(|it| it.stopped(deadline))).await;
    }

    async fn set_target(&mut self, target: TargetState) {
        self.target = target;
        match (target, self.instance) {
            (TargetState::Stopped, _) => {
                self.stop_tasks().await;
                self.instance = Instance::NotStarted;
                self.report(State::Stopped, None);
            }
            // What failed waits for a restart or another configuration.
            (TargetState::Paused | TargetState::Started, Instance::Failed)
            | (TargetState::Started, Instance::Started) => {}
            (TargetState::Paused, _) => {
                for task in self.tasks.values() {
                    task.set_target(target);
                }
                self.instance = Instance::NotStarted;
                self.report(State::Paused, None);
            }
            (TargetState::Started, Instance::NotStarted) => {
                // The failure is logged and shown as the connector's status.
                let _ = self.start().await;
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
            connector = restarting(connector);
            statuses.put_connector(self.name.clone(), connector.clone());
        }
        let mut tasks = statuses.tasks(&self.name);
        let mut chosen = Vec::new();
        for (task, status) in tasks.iter_mut().filter(|(_, status)| is_chosen(status)) {
            if scope.include_tasks {
                *status = restarting(status.clone());
                statuses.put_task(self.task_id(*task), status.clone());
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

    async fn restart_task(&mut self, task: u32) -> Result<(), HerderError> {
        if !self.task_numbers().contains(&task) {
            let text = format!("Task {} not found", self.task_id(task));
            return Err(HerderError::NotFound(text));
        }
        self.end_tasks(&[task]).await;
        self.start_task(task);
        Ok(())
    }

    /// Stops everything at the end of the worker.
    pub(super) async fn shutdown(&mut self) {
        let tasks: Vec<u32> = self.tasks.keys().copied().collect();
        self.end_tasks(&tasks).await;
        self.report(State::Unassigned, None);
    }

    fn plugin(&self) -> Result<PluginDescriptor> {
        let class = self.config.get(CONNECTOR_CLASS).unwrap_or_default();
        let found = self.worker.parts.plugins.connector(class);
        found
            .copied()
            .map_err(|error| ConnectError::config("connector.class is not usable").caused_by(error))
    }

    fn task_id(&self, task: u32) -> TaskId {
        TaskId {
            connector: self.name.clone(),
            task,
        }
    }

    fn report(&self, state: State, trace: Option<String>) {
        let version = self.plugin().ok().map(|it| it.info.version.to_owned());
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

fn restarting(status: Status) -> Status {
    Status {
        state: State::Restarting,
        version: None,
        ..status
    }
}

/// The class that the reference names for the tasks of a connector.
fn task_class(connector: &str) -> String {
    let stem = connector.strip_suffix("Connector").unwrap_or(connector);
    format!("{stem}Task")
}

fn too_many_tasks(name: &ConnectorName, planned: usize, allowed: NonZeroUsize) -> ConnectError {
    ConnectError::fatal(format_args!(
        "The connector {name} has generated {planned} tasks, which is greater than {allowed}, the \
         maximum number of tasks it is configured to create. This behaviour should be considered a \
         bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector \
         with 'tasks.max.enforce' set to false; however, this option will be removed in a future \
         release of Kafka Connect."
    ))
}
