//! What the leader of a group computes: who runs which connectors and tasks.
//!
//! A function of what the members report, of what is configured, and of what the leader remembers
//! of earlier rounds. The time is an argument, too.

mod balance;
mod eager;
mod incremental;
mod lost;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::protocol::{Assignment, AssignmentError, Subprotocol, Work, WorkerMetadata};
use crate::identity::{ConnectorName, TaskId};
use incremental::Incremental;

/// What the coordinator told the leader when it made it the leader.
#[derive(Clone, Debug)]
pub struct Election {
    /// All members by id, the leader among them.
    pub members: BTreeMap<String, WorkerMetadata>,
    /// Member id of the leader, which is this worker.
    pub leader: String,
    /// The generation that is being made.
    pub generation: i32,
    /// The last generation whose assignment reached this worker; -1 when none did.
    pub last_completed_generation: i32,
}

/// What is configured, as the leader read it from the config topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterWork {
    /// Up to where the topic was read.
    pub config_offset: i64,
    /// Every connector with its number of tasks: none while these are inconsistent.
    pub connectors: Vec<(ConnectorName, u32)>,
}

impl ClusterWork {
    /// All connectors by name and their tasks by number.
    fn configured(&self) -> Work {
        let tasks = self.connectors.iter().flat_map(|(connector, count)| {
            (0..*count).map(|task| TaskId {
                connector: connector.clone(),
                task,
            })
        });
        let connectors = self.connectors.iter().map(|(name, _)| name.clone());
        Work {
            connectors: connectors.collect(),
            tasks: tasks.collect(),
        }
        .sorted()
    }
}

/// The result of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignments {
    /// What each member is told, by member id.
    pub by_member: BTreeMap<String, Assignment>,
    /// Who runs what once everybody has done what it is told.
    pub owners: Owners,
}

/// Advertised addresses of the workers that run connectors and tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// By connector.
    pub connectors: BTreeMap<ConnectorName, Arc<str>>,
    /// By task.
    pub tasks: BTreeMap<TaskId, Arc<str>>,
}

impl Owners {
    fn new(election: &Election, held: &Held) -> Self {
        let mut owners = Self::default();
        for (member, work) in held {
            let Some(metadata) = election.members.get(member) else {
                continue;
            };
            let url: Arc<str> = metadata.url.as_str().into();
            let connectors = work.connectors.iter().cloned();
            let connectors = connectors.map(|it| (it, Arc::clone(&url)));
            owners.connectors.extend(connectors);
            let tasks = work.tasks.iter().cloned();
            owners.tasks.extend(tasks.map(|it| (it, Arc::clone(&url))));
        }
        owners
    }
}

/// Work by member id. Members are always gone through in the order of their ids.
type Held = BTreeMap<String, Work>;

/// What a way of assigning comes to.
#[derive(Debug, Default)]
struct Plan {
    /// What each member has when it has done what it is told.
    held: Held,
    /// What it is told to start; members with nothing may be left out.
    assigned: Held,
    /// What it is told to stop; members with nothing may be left out.
    revoked: Held,
    delay: Duration,
}

/// Makes assignments as long as this worker is the leader, and remembers what it has to.
#[derive(Debug)]
pub struct Assignor {
    incremental: Incremental,
}

impl Assignor {
    /// An assignor that leaves work of lost members alone for `max_delay`, in whole milliseconds,
    /// so that they can come back to it. Zero gives it to others at once.
    #[must_use]
    pub fn new(max_delay: Duration) -> Self {
        Self {
            incremental: Incremental::new(max_delay),
        }
    }

    /// Assigns what is configured.
    ///
    /// `work` is what this worker knew when it joined, or, when some member has read more of the
    /// config topic since, a fresh look at it. If even that is behind what members know, nobody
    /// is assigned anything and everybody is told so.
    #[must_use]
    pub fn assign(
        &mut self,
        subprotocol: Subprotocol,
        election: &Election,
        work: &ClusterWork,
        now: Instant,
    ) -> Assignments {
        let offsets = election.members.values().map(|member| member.config_offset);
        let known = offsets.max().unwrap_or(work.config_offset);
        if work.config_offset < known {
            let mismatch = AssignmentError::ConfigMismatch;
            return spell_out(election, mismatch, known, Plan::default());
        }

        let configured = work.configured();
        let plan = match subprotocol.is_incremental() {
            true => self.incremental.plan(election, &configured, now),
            false => eager::plan(election, configured),
        };
        spell_out(election, AssignmentError::None, work.config_offset, plan)
    }
}

/// Writes a plan out as what each member is told.
fn spell_out(
    election: &Election,
    error: AssignmentError,
    config_offset: i64,
    mut plan: Plan,
) -> Assignments {
    let leader = election.members.get(&election.leader);
    let leader_url = leader.map_or("", |it| it.url.as_str());
    let by_member = election.members.keys().map(|member| {
        let assignment = Assignment {
            error,
            leader: election.leader.clone(),
            leader_url: leader_url.to_owned(),
            config_offset,
            assigned: plan.assigned.remove(member).unwrap_or_default(),
            revoked: plan.revoked.remove(member).unwrap_or_default(),
            delay: plan.delay,
        };
        (member.clone(), assignment)
    });
    Assignments {
        by_member: by_member.collect(),
        owners: Owners::new(election, &plan.held),
    }
}
