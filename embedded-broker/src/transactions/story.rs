//! The journal of transactions: what its lines say, and what they say together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Identity, State, Transaction};
use crate::batch::Outcome;
use crate::groups::offsets::{Committed, Place};

/// One line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Fact {
    /// A transactional id has a new producer.
    Producer {
        id: String,
        producer_id: i64,
        epoch: i16,
        previous: Option<(i64, i16)>,
        timeout_ms: i32,
        at: i64,
    },
    /// Partitions and groups take part in its transaction.
    Added {
        id: String,
        partitions: Vec<Place>,
        group: Option<String>,
        at: i64,
    },
    /// Offsets are to be committed with it.
    Offsets {
        id: String,
        group: String,
        commits: Vec<(Place, Committed)>,
    },
    /// The outcome is decided, under this epoch.
    Ending {
        id: String,
        epoch: i16,
        outcome: Outcome,
        at: i64,
    },
    /// Markers and offsets are written.
    Ended { id: String },
    /// The id is not used any more.
    Forgotten { id: String },
}

/// Adds a fact to what is known.
///
/// # Errors
/// A sentence when the fact is about an id that does not exist.
pub(super) fn apply(known: &mut BTreeMap<String, Transaction>, fact: Fact) -> Result<(), String> {
    match fact {
        Fact::Producer {
            id,
            producer_id,
            epoch,
            previous,
            timeout_ms,
            at,
        } => {
            let transaction = Transaction {
                identity: Identity { producer_id, epoch },
                previous: previous.map(|(producer_id, epoch)| Identity { producer_id, epoch }),
                timeout_ms,
                state: State::Empty,
                since: -1,
                used: at,
                partitions: BTreeSet::new(),
                groups: BTreeMap::new(),
            };
            known.insert(id, transaction);
        }
        Fact::Added {
            id,
            partitions,
            group,
            at,
        } => {
            let found = find(known, &id)?;
            if found.state != State::Ongoing {
                found.state = State::Ongoing;
                found.since = at;
            }
            found.used = at;
            found.partitions.extend(partitions);
            if let Some(group) = group {
                found.groups.entry(group).or_default();
            }
        }
        Fact::Offsets { id, group, commits } => {
            let pending = find(known, &id)?.groups.entry(group).or_default();
            pending.extend(commits);
        }
        Fact::Ending {
            id,
            epoch,
            outcome,
            at,
        } => {
            let found = find(known, &id)?;
            found.identity.epoch = epoch;
            found.state = State::Ending(outcome);
            found.used = at;
        }
        Fact::Ended { id } => {
            let found = find(known, &id)?;
            if let State::Ending(outcome) = found.state {
                found.state = State::Ended(outcome);
            }
            found.since = -1;
            found.partitions.clear();
            found.groups.clear();
        }
        Fact::Forgotten { id } => {
            known.remove(&id);
        }
    }
    Ok(())
}

fn find<'a>(
    known: &'a mut BTreeMap<String, Transaction>,
    id: &str,
) -> Result<&'a mut Transaction, String> {
    let found = known.get_mut(id);
    found.ok_or_else(|| format!("an entry is about transactional id {id}, which does not exist"))
}

/// Everything that is true now.
pub(super) fn facts(known: &BTreeMap<String, Transaction>) -> Vec<Fact> {
    known.iter().flat_map(|(id, it)| tell(id, it)).collect()
}

fn tell(id: &str, transaction: &Transaction) -> Vec<Fact> {
    let id = || id.to_owned();
    let Transaction {
        identity,
        previous,
        timeout_ms,
        state,
        since,
        used,
        partitions,
        groups,
    } = transaction;
    let mut facts = vec![Fact::Producer {
        id: id(),
        producer_id: identity.producer_id,
        epoch: identity.epoch,
        previous: previous.map(|it| (it.producer_id, it.epoch)),
        timeout_ms: *timeout_ms,
        at: *used,
    }];
    if matches!(state, State::Ongoing | State::Ending(_)) {
        facts.push(Fact::Added {
            id: id(),
            partitions: partitions.iter().cloned().collect(),
            group: None,
            at: *since,
        });
    }
    for (group, commits) in groups {
        facts.push(Fact::Added {
            id: id(),
            partitions: Vec::new(),
            group: Some(group.clone()),
            at: *used,
        });
        facts.push(Fact::Offsets {
            id: id(),
            group: group.clone(),
            commits: commits.clone().into_iter().collect(),
        });
    }
    if let State::Ending(outcome) | State::Ended(outcome) = state {
        facts.push(Fact::Ending {
            id: id(),
            epoch: identity.epoch,
            outcome: *outcome,
            at: *used,
        });
    }
    if matches!(state, State::Ended(_)) {
        facts.push(Fact::Ended { id: id() });
    }
    facts
}
