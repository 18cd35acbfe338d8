//! A member of a group, and what it waits for.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_protocol::ResponseError;
use tokio::sync::oneshot;

/// How much longer than a rebalance may take a member can wait for the answer to its join.
const JOIN_GRACE: Duration = Duration::from_secs(300);

/// One way of assigning that a member offers, and what the leader needs to know for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Protocol {
    pub(crate) name: String,
    pub(crate) metadata: Bytes,
}

/// What a client says when it joins.
#[derive(Clone, Debug)]
pub(crate) struct Join {
    /// Empty for a client that has none yet.
    pub(crate) member_id: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: IpAddr,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
    pub(crate) protocol_type: String,
    pub(crate) protocols: Vec<Protocol>,
    /// Whether the client can be sent back to come again with the id it got.
    pub(crate) id_first: bool,
    /// Whether the client understands that it leads but need not assign.
    pub(crate) can_skip_assignment: bool,
}

/// The answer to a join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) generation: i32,
    pub(crate) protocol_type: String,
    pub(crate) protocol: String,
    pub(crate) leader: String,
    pub(crate) member_id: String,
    pub(crate) skip_assignment: bool,
    /// For the leader alone: every member with its metadata.
    pub(crate) members: Vec<(String, Option<String>, Bytes)>,
}

/// A join that failed, and the member id that goes with the error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JoinError {
    pub(crate) error: ResponseError,
    pub(crate) member_id: String,
}

/// The answer to a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Synced {
    pub(crate) protocol_type: String,
    pub(crate) protocol: String,
    pub(crate) assignment: Bytes,
}

pub(crate) type JoinReply = oneshot::Sender<Result<Joined, JoinError>>;
pub(crate) type SyncReply = oneshot::Sender<Result<Synced, ResponseError>>;

/// A member.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) instance_id: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: IpAddr,
    pub(crate) session_timeout: Duration,
    pub(crate) rebalance_timeout: Duration,
    pub(crate) protocols: Vec<Protocol>,
    pub(crate) assignment: Bytes,
    /// When the member is dead unless it says something.
    pub(crate) deadline: Instant,
    pub(crate) joining: Option<JoinReply>,
    pub(crate) syncing: Option<SyncReply>,
}

impl Member {
    pub(crate) fn new(id: String, join: Join, reply: JoinReply, now: Instant) -> Self {
        let mut member = Self {
            id,
            instance_id: join.instance_id,
            client_id: join.client_id,
            client_host: join.client_host,
            session_timeout: join.session_timeout,
            rebalance_timeout: join.rebalance_timeout,
            protocols: join.protocols,
            assignment: Bytes::new(),
            deadline: now,
            joining: None,
            syncing: None,
        };
        member.wait_for_join(reply, now);
        member
    }

    /// The member waits until the others have joined too; meanwhile it cannot say that it lives.
    pub(crate) fn wait_for_join(&mut self, reply: JoinReply, now: Instant) {
        self.joining = Some(reply);
        self.deadline = now + self.rebalance_timeout + JOIN_GRACE;
    }

    /// Takes over what the member says anew.
    pub(crate) fn update(&mut self, join: Join) {
        self.client_id = join.client_id;
        self.client_host = join.client_host;
        self.session_timeout = join.session_timeout;
        self.rebalance_timeout = join.rebalance_timeout;
        self.protocols = join.protocols;
    }

    /// The member was heard of.
    pub(crate) fn touch(&mut self, now: Instant) {
        self.deadline = now + self.session_timeout;
    }

    /// Whether the member is dead. Who waits for an assignment is alive.
    pub(crate) fn is_expired(&self, now: Instant) -> bool {
        self.syncing.is_none() && self.deadline <= now
    }

    pub(crate) fn metadata(&self, protocol: &str) -> Bytes {
        let found = self.protocols.iter().find(|it| it.name == protocol);
        found.map(|it| it.metadata.clone()).unwrap_or_default()
    }

    pub(crate) fn answer_join(&mut self, answer: Result<Joined, JoinError>) {
        if let Some(reply) = self.joining.take() {
            // A client that is gone needs no answer.
            _ = reply.send(answer);
        }
    }

    pub(crate) fn answer_sync(&mut self, answer: Result<Synced, ResponseError>) {
        if let Some(reply) = self.syncing.take() {
            // A client that is gone needs no answer.
            _ = reply.send(answer);
        }
    }
}
