//! A connector that runs on this worker, apart from its tasks: what it is started with, what has
//! become of it, and the plans that it makes.
//!
//! Both herders drive one: what is done with a plan is theirs.

mod planning;
mod tasks;

use std::sync::Arc;

use connect_core::config::Props;
use connect_core::plugin::{PluginDescriptor, PluginKind};
use connect_core::{ConnectError, Result};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(super) use self::tasks::{LiveTasks, TaskParts};
use super::{HerderError, TargetState};
use crate::config::connector::CONNECTOR_CLASS;
use crate::identity::ConnectorName;
use crate::metrics::{ConnectorParts, Part, ShownConnector};
use crate::providers::Resolved;
use crate::storage::status::{State, Status};
use crate::worker::Worker;
use crate::worker::connector::{ConnectorInstance, InstanceEvent, InstanceEvents, InstanceId};

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
pub(super) struct Planned {
    pub(super) connector: Props,
    pub(super) tasks: Vec<Props>,
}

/// The division of the work.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) used: Planned,
    /// Configurations of the tasks as the connector writes its own.
    pub(super) shown: Vec<Props>,
}

/// A connector without its tasks.
#[derive(Debug)]
pub(super) struct LiveConnector {
    worker: Arc<Worker>,
    name: ConnectorName,
    /// As it was sent, plus `name`.
    config: Props,
    /// The configuration with what it refers to, as it was looked up last.
    resolved: Resolved,
    /// When a value that it refers to expires.
    reload_at: Option<Instant>,
    target: TargetState,
    instance: Instance,
    /// The instance that plans, unless the connector is only declared.
    running: Option<ConnectorInstance>,
    events: InstanceEvents,
    /// Cancelled when an operation waits that needs no longer what is under way.
    interrupt: CancellationToken,
    /// Shows the connector in metrics, once it is known what it is.
    shown: Option<ShownConnector>,
}

impl LiveConnector {
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
            target,
            instance: Instance::NotStarted,
            running: None,
            events,
            interrupt: CancellationToken::new(),
            shown: None,
        }
    }

    pub(super) fn name(&self) -> &ConnectorName {
        &self.name
    }

    /// The configuration as it was sent.
    pub(super) fn config(&self) -> &Props {
        &self.config
    }

    pub(super) fn target(&self) -> TargetState {
        self.target
    }

    /// When the connector is to be restarted, because a value expires.
    pub(super) fn reload_at(&self) -> Option<Instant> {
        self.reload_at
    }

    /// Source or sink, if its class is known.
    pub(super) fn kind(&self) -> Option<PluginKind> {
        self.plugin().ok().map(|it| it.entry.kind())
    }

    /// From now on, what takes long ends early once the token is cancelled.
    pub(super) fn interrupted_by(&mut self, interrupt: CancellationToken) {
        self.interrupt = interrupt;
    }

    /// Takes another configuration, for the next start.
    pub(super) fn set_config(&mut self, config: Props) {
        self.resolved = Resolved::unchanged(&config);
        self.config = config;
    }

    /// Takes another target, for the next start.
    pub(super) fn aim_at(&mut self, target: TargetState) {
        self.target = target;
    }

    /// Starts the connector as its target says: from the beginning, or anew. A connector that is not
    /// meant to run has no plan.
    ///
    /// # Errors
    /// When it does not start; its status shows why.
    pub(super) async fn start(&mut self) -> Result<Option<Plan>, HerderError> {
        self.end_instance_logged().await;
        self.instance = Instance::NotStarted;
        self.reload_at = None;
        match self.target {
            TargetState::Started => {}
            TargetState::Paused => {
                self.report(State::Paused, None);
                return Ok(None);
            }
            TargetState::Stopped => {
                self.report(State::Stopped, None);
                return Ok(None);
            }
        }
        let running = self.run().await;
        self.worker.metrics.connector_started(running.is_ok());
        running.map(Some)
    }

    /// Lets the connector run, and shows whether it does.
    async fn run(&mut self) -> Result<Plan, HerderError> {
        match self.begin().await {
            Ok(plan) => {
                self.instance = Instance::Started;
                self.report(State::Running, None);
                Ok(plan)
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
    pub(super) fn fail(&mut self, error: &ConnectError) -> HerderError {
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

    /// Does what an instance asks for, if it is still the one that runs: another plan, or none.
    pub(super) async fn follow(&mut self, id: InstanceId, event: InstanceEvent) -> Option<Plan> {
        if self.running.as_ref().map(ConnectorInstance::id) != Some(id) {
            return None;
        }
        let outcome = match event {
            InstanceEvent::Replan => self.plan_again().await,
            InstanceEvent::Failed(error) => Err(error),
        };
        match outcome {
            Ok(plan) => Some(plan),
            Err(error) => {
                self.end_instance_logged().await;
                // The failure is logged and shown as the connector's status.
                let _ = self.fail(&error);
                None
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
    pub(super) async fn end_instance_logged(&mut self) {
        if let Err(error) = self.end_instance().await {
            let trace = error.trace();
            tracing::warn!(
                connector = %self.name,
                error = %self.resolved.secrets.hide(&trace),
                "connector reported an error while stopping"
            );
        }
    }

    /// Lets the connector itself run, pause or stop. One that runs again has another plan.
    pub(super) async fn set_target(&mut self, target: TargetState) -> Option<Plan> {
        self.target = target;
        match (target, self.instance) {
            (TargetState::Stopped, _) => {
                self.end_instance_logged().await;
                self.instance = Instance::NotStarted;
                self.report(State::Stopped, None);
                None
            }
            // What failed waits for a restart or another configuration.
            (TargetState::Paused | TargetState::Started, Instance::Failed)
            | (TargetState::Started, Instance::Started) => None,
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
                None
            }
            // The reference does not count this as a start. A failure is logged and shown as the
            // connector's status.
            (TargetState::Started, Instance::NotStarted) => self.run().await.ok(),
        }
    }

    /// Ends the connector on this worker.
    pub(super) async fn end(&mut self) {
        self.end_instance_logged().await;
        self.instance = Instance::NotStarted;
        self.report(State::Unassigned, None);
    }

    pub(super) fn plugin(&self) -> Result<PluginDescriptor> {
        let class = self.resolved.props.get(CONNECTOR_CLASS).unwrap_or_default();
        let found = self.worker.parts.plugins.connector(class);
        found
            .copied()
            .map_err(|error| ConnectError::config("connector.class is not usable").caused_by(error))
    }

    fn version(&self) -> Option<String> {
        self.plugin().ok().map(|it| it.info.version.to_owned())
    }

    pub(super) fn report(&mut self, state: State, trace: Option<String>) {
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

impl LiveConnector {
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
