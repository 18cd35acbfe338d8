//! What can be asked of a connector, and how it is refused.

use connect_core::config::Props;

use crate::herder::standalone::answer;
use crate::herder::{
    ConnectorInfo, ConnectorStatus, HerderError, OffsetChange, OffsetsChanged, PutOutcome, Reply,
    RestartScope, TargetState,
};
use crate::identity::ConnectorName;
use crate::worker::connector::{InstanceEvent, InstanceId};

/// What is to be done with a connector, and who waits for it.
pub(in crate::herder::standalone) enum Operation {
    Create(Reply<ConnectorInfo>),
    CreateByPut(Reply<PutOutcome>),
    Reconfigure(Props, Reply<PutOutcome>),
    Replace {
        present: Props,
        config: Props,
        reply: Reply<Option<ConnectorInfo>>,
    },
    Delete(Reply<()>),
    SetTarget(TargetState, Reply<()>),
    RestartInstance(Reply<()>),
    Restart(RestartScope, Reply<ConnectorStatus>),
    RestartTask(u32, Reply<()>),
    /// What a running instance of the connector asks for.
    Follow(InstanceId, InstanceEvent),
    ChangeOffsets(OffsetChange, Reply<OffsetsChanged>),
}

impl Operation {
    /// Whether it ends a start or a plan that is under way.
    pub(in crate::herder::standalone) fn interrupts(&self) -> bool {
        match self {
            Self::Reconfigure(..)
            | Self::Replace { .. }
            | Self::Delete(_)
            | Self::SetTarget(TargetState::Stopped, _)
            | Self::RestartInstance(_)
            | Self::Restart(..) => true,
            Self::Create(_)
            | Self::CreateByPut(_)
            | Self::SetTarget(TargetState::Started | TargetState::Paused, _)
            | Self::RestartTask(..)
            | Self::ChangeOffsets(..)
            | Self::Follow(..) => false,
        }
    }

    /// Whether the connector itself asks for it, which it does twice at most.
    pub(in crate::herder::standalone) fn is_news(&self) -> bool {
        matches!(self, Self::Follow(..))
    }

    /// Answers that there is no such connector.
    pub(in crate::herder::standalone) fn refuse(self, name: &ConnectorName) {
        let text = match &self {
            Self::SetTarget(..) => format!("Unknown connector {name}"),
            Self::Restart(..) => format!("Unknown connector: {name}"),
            _ => format!("Connector {name} not found"),
        };
        self.fail(HerderError::NotFound(text));
    }

    /// Answers that it is not done.
    pub(in crate::herder::standalone) fn fail(self, error: HerderError) {
        match self {
            Self::Create(reply) => answer(reply, Err(error)),
            Self::Replace { reply, .. } => answer(reply, Err(error)),
            Self::ChangeOffsets(_, reply) => answer(reply, Err(error)),
            Self::CreateByPut(reply) | Self::Reconfigure(_, reply) => answer(reply, Err(error)),
            Self::Delete(reply)
            | Self::SetTarget(_, reply)
            | Self::RestartInstance(reply)
            | Self::RestartTask(_, reply) => answer(reply, Err(error)),
            Self::Restart(_, reply) => answer(reply, Err(error)),
            // The instance ended with its connector.
            Self::Follow(..) => {}
        }
    }
}
