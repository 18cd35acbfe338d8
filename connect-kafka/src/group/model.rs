//! What a member is told and tells.

use std::time::Duration;

use bytes::Bytes;

/// What a member is and how long things may take.
#[derive(Clone, Debug)]
pub struct GroupMemberSettings {
    /// Name of the group.
    pub group_id: String,
    /// What kind of group it is; all members name the same.
    pub protocol_type: String,
    /// What the broker calls this client, and begins the member's id with.
    pub client_id: String,
    /// Without a heartbeat for so long, a member is none any more.
    pub session_timeout: Duration,
    /// How long the broker waits for all members to join again.
    pub rebalance_timeout: Duration,
    /// Time between heartbeats, and for one attempt to find the coordinator. Less than the session.
    pub heartbeat_interval: Duration,
    /// How long an answer is waited for, except for joins, which take as long as a rebalance.
    pub request_timeout: Duration,
    /// The first pause before something is tried again.
    pub retry_backoff: Duration,
    /// The longest pause; each is twice as long as the one before.
    pub retry_backoff_max: Duration,
}

/// A protocol that a member could use, and what it tells the leader if that one is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Name of the protocol.
    pub name: String,
    /// For the leader, in the format of the protocol.
    pub metadata: Bytes,
}

/// What a member knows once all have joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Number of this round.
    pub generation: i32,
    /// Id of this member.
    pub member_id: String,
    /// Id of the member that assigns.
    pub leader_id: String,
    /// The protocol that was chosen among the offers of all.
    pub protocol: String,
    /// Ids and metadata of all members. Only the leader is told.
    pub members: Vec<(String, Bytes)>,
}

impl Joined {
    /// Whether this member assigns.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.member_id == self.leader_id
    }
}

/// How a round ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Synced {
    /// What the leader wrote for this member; empty if it wrote nothing.
    Assigned(Bytes),
    /// The round is void: join again.
    Rejoin,
}

/// Why a member does not stay as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// Another round has begun, or the coordinator does not know this member any more: join again.
    Rejoin,
    /// The coordinator cannot be reached, so others may be given this member's work. It may come back: staying or
    /// joining looks for it again.
    CoordinatorLost,
}
