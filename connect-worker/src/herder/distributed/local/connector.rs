//! The connector itself, if this worker has it.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Surroundings, is_chosen, moved};
use crate::herder::distributed::lane::Part;
use crate::herder::live::{LiveConnector, Plan};
use crate::herder::{HerderError, Reply};
use crate::identity::ConnectorName;
use crate::storage::status::State;
use crate::worker::connector::{InstanceEvent, InstanceEvents, InstanceId};

/// What is to be done with a connector that runs here.
pub(in crate::herder::distributed) enum ConnectorOperation {
    /// Starts it, unless it runs.
    Start,
    /// Stops it; the sender is dropped when it has. A plugin hears of the end of its connector when the tasks that
    /// stop with it have stopped, which the end of a channel tells.
    Stop {
        tasks: mpsc::Receiver<()>,
        done: mpsc::Sender<()>,
    },
    /// Starts it anew, with the configuration that it has now.
    Reconfigure,
    /// Follows the target that it has now.
    FollowTarget,
    /// Restarts it, or does so only if it has failed.
    Restart { only_failed: bool },
    /// Restarts it, and says what became of it.
    RestartNow(Reply<()>),
    /// What a running instance asks for.
    Follow(InstanceId, InstanceEvent),
}

impl ConnectorOperation {
    /// Whether somebody waits for an end.
    pub(in crate::herder::distributed) fn is_stop(&self) -> bool {
        matches!(self, Self::Stop { .. })
    }

    /// Answers that it is not done, because the connector does not run here any more.
    pub(in crate::herder::distributed) fn refuse(self) {
        if let Self::RestartNow(reply) = self {
            // Nobody may be waiting any more.
            let _ = reply.send(Err(moved()));
        }
    }
}

/// The connector on this worker.
pub(in crate::herder::distributed) struct LocalConnector {
    around: Surroundings,
    live: Option<LiveConnector>,
    events: InstanceEvents,
    plans: mpsc::UnboundedSender<(ConnectorName, Plan)>,
}

impl Part for LocalConnector {
    type Operation = ConnectorOperation;

    fn interrupts(operation: &ConnectorOperation) -> bool {
        match operation {
            ConnectorOperation::Stop { .. }
            | ConnectorOperation::Reconfigure
            | ConnectorOperation::FollowTarget
            | ConnectorOperation::Restart { .. }
            | ConnectorOperation::RestartNow(_) => true,
            ConnectorOperation::Start | ConnectorOperation::Follow(..) => false,
        }
    }

    async fn carry_out(&mut self, operation: ConnectorOperation, interrupt: CancellationToken) {
        if let Some(live) = &mut self.live {
            live.interrupted_by(interrupt.clone());
        }
        match operation {
            ConnectorOperation::Start => self.begin(interrupt).await,
            ConnectorOperation::Stop {
                mut tasks,
                done: _done,
            } => {
                let ended = self.end().await;
                let _ = tasks.recv().await;
                self.tell_deleted(ended).await;
            }
            ConnectorOperation::Reconfigure => {
                // A failure is logged and shown as the connector's status.
                let _ = self.restart_now().await;
            }
            ConnectorOperation::FollowTarget => self.follow_target().await,
            ConnectorOperation::Restart { only_failed } => self.restart(only_failed).await,
            ConnectorOperation::RestartNow(reply) => {
                let restarted = self.restart_now().await;
                // Nobody may be waiting any more.
                let _ = reply.send(restarted);
            }
            ConnectorOperation::Follow(id, event) => {
                if let Some(live) = &mut self.live {
                    let plan = live.follow(id, event).await;
                    self.hand_over(plan);
                }
            }
        }
    }

    fn is_gone(&self) -> bool {
        self.live.is_none()
    }
}

impl LocalConnector {
    pub(in crate::herder::distributed) fn new(
        around: Surroundings,
        events: InstanceEvents,
        plans: mpsc::UnboundedSender<(ConnectorName, Plan)>,
    ) -> Self {
        Self {
            around,
            live: None,
            events,
            plans,
        }
    }

    pub(in crate::herder::distributed) fn name(&self) -> &ConnectorName {
        &self.around.name
    }

    /// When the connector is to be restarted, because a value expires.
    pub(in crate::herder::distributed) fn reload_at(&self) -> Option<Instant> {
        self.live.as_ref().and_then(LiveConnector::reload_at)
    }

    /// Ends the connector, if it runs.
    async fn end(&mut self) -> Option<LiveConnector> {
        let mut live = self.live.take()?;
        live.end().await;
        Some(live)
    }

    /// Tells the plugin of a connector that has ended that it is no more, if that is so and nothing of it runs here.
    async fn tell_deleted(&self, ended: Option<LiveConnector>) {
        if let Some(ended) = ended
            && self.around.forget_deleted()
        {
            ended.tell_deleted().await;
        }
    }

    /// Starts the connector, which has come to this worker.
    async fn begin(&mut self, interrupt: CancellationToken) {
        if self.live.is_some() {
            return;
        }
        let Some((config, target)) = self.around.connector() else {
            return;
        };
        let (worker, name) = (Arc::clone(&self.around.worker), self.around.name.clone());
        let mut live = LiveConnector::new(worker, name, config, target, self.events.clone());
        live.interrupted_by(interrupt);
        let started = match live.tell_created().await {
            Ok(()) => live.start().await,
            Err(error) => Err(live.fail(&error)),
        };
        self.live = Some(live);
        // A failure is logged and shown as the connector's status.
        self.hand_over(started.ok().flatten());
    }

    async fn restart_now(&mut self) -> Result<(), HerderError> {
        let Some(live) = &mut self.live else {
            return Err(moved());
        };
        if let Some((config, target)) = self.around.connector() {
            live.set_config(config);
            // The target of one that was created again has changed without a word.
            live.aim_at(target);
        }
        let started = live.start().await;
        let plan = started.map_err(|_| {
            HerderError::Failed(format!("Failed to start connector: {}", self.around.name))
        })?;
        self.hand_over(plan);
        Ok(())
    }

    async fn follow_target(&mut self) {
        let Some((_, target)) = self.around.connector() else {
            return;
        };
        if let Some(live) = &mut self.live {
            let plan = live.set_target(target).await;
            self.hand_over(plan);
        }
    }

    async fn restart(&mut self, only_failed: bool) {
        let (statuses, name) = (&self.around.worker.statuses, &self.around.name);
        let shown = statuses.connector(name);
        let Some(live) = &mut self.live else {
            return;
        };
        if !shown.is_some_and(|it| is_chosen(only_failed, it.state)) {
            return;
        }
        live.end().await;
        let status = self.around.status(State::Restarting, None);
        statuses.put_connector(name.clone(), status);
        // A failure is logged and shown as the connector's status.
        let _ = self.restart_now().await;
    }

    /// What becomes of a plan is not decided here: the leader writes it.
    fn hand_over(&self, plan: Option<Plan>) {
        if let Some(plan) = plan {
            // Without a herder nobody wants to know.
            let _ = self.plans.send((self.around.name.clone(), plan));
        }
    }
}
