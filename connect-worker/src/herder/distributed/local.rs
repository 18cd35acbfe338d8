//! What runs of one connector on this worker: the connector itself, some of its tasks, or both. Each has a queue of
//! its own, so that tasks stop in time whatever the connector hangs in.

mod connector;
mod tasks;

use std::sync::Arc;

use connect_core::config::Props;

use super::shared::Configs;
use crate::herder::{HerderError, TargetState};
use crate::identity::ConnectorName;
use crate::storage::status::{State, Status};
use crate::worker::Worker;

pub(super) use connector::{ConnectorOperation, LocalConnector};
pub(super) use tasks::{LocalTasks, TaskOperation};

/// The answer about something that was here when it was asked for, in the words of the reference.
fn moved() -> HerderError {
    HerderError::Conflict(
        "Cannot complete request because of a conflicting operation (e.g. worker rebalance)"
            .to_owned(),
    )
}

/// What the parts of a connector share.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub(super) worker: Arc<Worker>,
    pub(super) configs: Arc<Configs>,
    pub(super) name: ConnectorName,
}

impl Surroundings {
    /// The configuration and the target that the connector has now.
    fn connector(&self) -> Option<(Props, TargetState)> {
        self.configs.connector(&self.name)
    }

    /// Forgets the topics of a connector that is no more. Whether it is.
    fn forget_deleted(&self) -> bool {
        let is_deleted = !self.configs.contains(&self.name);
        if is_deleted {
            self.worker.topics.reset(&self.name);
        }
        is_deleted
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
}

/// Whether a restart covers something in this state.
fn is_chosen(only_failed: bool, state: State) -> bool {
    !only_failed || state == State::Failed
}
