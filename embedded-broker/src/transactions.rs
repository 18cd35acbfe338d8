//! The coordinator of transactions: which transactional ids there are, who may use them, and what
//! belongs to their transactions.
//!
//! Whatever a client is told stands in the journal before. A transaction that is to end is written
//! down with its outcome first; then the markers go into the partitions and the offsets to their
//! groups, and at last the end is written down. A start after a crash finishes what was begun.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::Path;
use std::time::Duration;

use kafka_protocol::ResponseError;

use crate::batch::Outcome;
use crate::config::SyncPolicy;
use crate::error::BrokerError;
use crate::groups::offsets::{Committed, Place};
use crate::journal::Journal;
use crate::refusal::Refusal;
use story::{Fact, apply};

mod ending;
mod story;

pub(crate) use ending::{end, fence, recover, tidy};

/// A transaction may not stay open longer.
const MAX_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// A transactional id that is not used is forgotten after this time.
const FORGOTTEN_AFTER_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// A producer and its epoch, as a client says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) producer_id: i64,
    pub(crate) epoch: i16,
}

/// Where a transactional id stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// No transaction was begun yet.
    Empty,
    /// A transaction is open.
    Ongoing,
    /// The outcome is decided; markers are being written.
    Ending(Outcome),
    /// The last transaction has ended.
    Ended(Outcome),
}

impl State {
    /// The name that tools show.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::Ending(Outcome::Commit) => "PrepareCommit",
            Self::Ending(Outcome::Abort) => "PrepareAbort",
            Self::Ended(Outcome::Commit) => "CompleteCommit",
            Self::Ended(Outcome::Abort) => "CompleteAbort",
        }
    }

    /// All names that tools may ask for.
    pub(crate) fn is_name(name: &str) -> bool {
        const NAMES: [&str; 8] = [
            "Empty",
            "Ongoing",
            "PrepareCommit",
            "PrepareAbort",
            "CompleteCommit",
            "CompleteAbort",
            "Dead",
            "PrepareEpochFence",
        ];
        NAMES.contains(&name)
    }
}

/// What is known of a transactional id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transaction {
    pub(crate) identity: Identity,
    /// Who had the id before, for a client that did not get the answer when it became the next.
    previous: Option<Identity>,
    pub(crate) timeout_ms: i32,
    pub(crate) state: State,
    /// When the open transaction began, in milliseconds.
    pub(crate) since: i64,
    /// When the id was used last.
    used: i64,
    pub(crate) partitions: BTreeSet<Place>,
    /// The groups that take part, and what is to be committed for them.
    groups: BTreeMap<String, BTreeMap<Place, Committed>>,
}

impl Transaction {
    /// When an open transaction has taken too long.
    fn deadline(&self) -> Option<i64> {
        let is_open = self.state == State::Ongoing;
        is_open.then(|| self.since.saturating_add(i64::from(self.timeout_ms)))
    }
}

/// The coordinator.
#[derive(Debug)]
pub(crate) struct Transactions {
    journal: Journal<Fact>,
    by_id: BTreeMap<String, Transaction>,
    by_producer: HashMap<i64, String>,
}

impl Transactions {
    /// Opens the transactions in a broker's data folder.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged.
    pub(crate) fn open(data_dir: &Path, sync: SyncPolicy) -> Result<Self, BrokerError> {
        let path = data_dir.join("transactions");
        let (journal, facts) = Journal::open(path.clone(), sync)?;
        let mut by_id = BTreeMap::new();
        for fact in facts {
            apply(&mut by_id, fact).map_err(|reason| BrokerError::Format {
                file: path.clone(),
                reason,
            })?;
        }
        let producers = by_id.iter();
        let by_producer = producers
            .map(|(id, it)| (it.identity.producer_id, id.clone()))
            .collect();
        Ok(Self {
            journal,
            by_id,
            by_producer,
        })
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Transaction> {
        self.by_id.get(id)
    }

    /// All transactional ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Transaction)> {
        self.by_id.iter().map(|(id, it)| (id.as_str(), it))
    }

    /// Whether a producer could use an id: with the identity that it has, or as a new one.
    pub(crate) fn check_init(
        &self,
        id: &str,
        timeout_ms: i32,
        claimed: Option<Identity>,
    ) -> Result<(), ResponseError> {
        if id.is_empty() {
            return Err(ResponseError::InvalidRequest);
        }
        let timeout = u64::try_from(timeout_ms).unwrap_or(0);
        if timeout == 0 || Duration::from_millis(timeout) > MAX_TIMEOUT {
            return Err(ResponseError::InvalidTransactionTimeout);
        }
        let (Some(claimed), Some(known)) = (claimed, self.get(id)) else {
            return Ok(());
        };
        if claimed == known.identity || Some(claimed) == known.previous {
            Ok(())
        } else {
            Err(ResponseError::ProducerFenced)
        }
    }

    /// Gives an id to a producer, whose predecessor is fenced off. `new_producer_id` is for an id
    /// that has no producer, or none with an epoch left. No transaction may be open.
    pub(crate) fn init(
        &mut self,
        id: &str,
        timeout_ms: i32,
        claimed: Option<Identity>,
        new_producer_id: impl FnOnce() -> Result<i64, Refusal>,
        now: i64,
    ) -> Result<Identity, Refusal> {
        let known = self.get(id);
        if let (Some(claimed), Some(known)) = (claimed, known)
            && Some(claimed) == known.previous
            && claimed != known.identity
        {
            // The client did not get the answer when it asked before.
            return Ok(known.identity);
        }
        let next = known.and_then(|it| it.identity.next());
        let identity = match next {
            Some(next) => next,
            None => Identity {
                producer_id: new_producer_id()?,
                epoch: 0,
            },
        };
        self.record(Fact::Producer {
            id: id.to_owned(),
            producer_id: identity.producer_id,
            epoch: identity.epoch,
            previous: claimed.map(|it| (it.producer_id, it.epoch)),
            timeout_ms,
            at: now,
        })?;
        Ok(identity)
    }

    /// Whether a client is the one that an id belongs to. The error is that of the newest versions.
    pub(crate) fn check(&self, id: &str, client: Identity) -> Result<&Transaction, ResponseError> {
        if id.is_empty() {
            return Err(ResponseError::InvalidRequest);
        }
        let found = self
            .get(id)
            .ok_or(ResponseError::InvalidProducerIdMapping)?;
        if found.identity.producer_id != client.producer_id {
            return Err(ResponseError::InvalidProducerIdMapping);
        }
        if found.identity.epoch != client.epoch {
            return Err(ResponseError::ProducerFenced);
        }
        match found.state {
            State::Ending(_) => Err(ResponseError::ConcurrentTransactions),
            State::Empty | State::Ongoing | State::Ended(_) => Ok(found),
        }
    }

    /// Adds partitions and groups to the transaction of an id, which begins if none is open.
    pub(crate) fn add(
        &mut self,
        id: &str,
        partitions: Vec<Place>,
        group: Option<&str>,
        now: i64,
    ) -> Result<(), Refusal> {
        let is_known = self.get(id).is_some_and(|it| {
            it.state == State::Ongoing
                && partitions.iter().all(|place| it.partitions.contains(place))
                && group.is_none_or(|group| it.groups.contains_key(group))
        });
        if is_known {
            return Ok(());
        }
        self.record(Fact::Added {
            id: id.to_owned(),
            partitions,
            group: group.map(str::to_owned),
            at: now,
        })
    }

    /// Remembers what is to be committed for a group when the transaction is.
    pub(crate) fn add_offsets(
        &mut self,
        id: &str,
        group: &str,
        commits: Vec<(Place, Committed)>,
    ) -> Result<(), Refusal> {
        self.record(Fact::Offsets {
            id: id.to_owned(),
            group: group.to_owned(),
            commits,
        })
    }

    /// Whether a group takes part in the open transaction of an id.
    pub(crate) fn has_group(&self, id: &str, group: &str) -> bool {
        let found = self.get(id).filter(|it| it.state == State::Ongoing);
        found.is_some_and(|it| it.groups.contains_key(group))
    }

    /// Whether an open transaction is going to change what a group has committed at a place.
    pub(crate) fn is_unstable(&self, group: &str, place: &Place) -> bool {
        let mut open = self.by_id.values().filter_map(|it| it.groups.get(group));
        open.any(|commits| commits.contains_key(place))
    }

    /// Whether a producer may write to a partition in a transaction.
    pub(crate) fn check_write(&self, client: Identity, place: &Place) -> Result<(), ResponseError> {
        let id = self.by_producer.get(&client.producer_id);
        let found = id.and_then(|id| self.get(id));
        let found = found.ok_or(ResponseError::InvalidProducerIdMapping)?;
        if client.epoch != found.identity.epoch {
            return Err(ResponseError::InvalidProducerEpoch);
        }
        if found.state == State::Ongoing && found.partitions.contains(place) {
            Ok(())
        } else {
            Err(ResponseError::InvalidTxnState)
        }
    }

    /// The transactions that have been open for too long.
    pub(crate) fn overdue(&self, now: i64) -> Vec<String> {
        let late = |it: &Transaction| it.deadline().is_some_and(|deadline| deadline <= now);
        let all = self.iter().filter(|(_, it)| late(it));
        all.map(|(id, _)| id.to_owned()).collect()
    }

    /// The transactions whose end was decided and not finished.
    pub(crate) fn unfinished(&self) -> Vec<String> {
        let all = self.iter();
        let unfinished = all.filter(|(_, it)| matches!(it.state, State::Ending(_)));
        unfinished.map(|(id, _)| id.to_owned()).collect()
    }

    /// When the next open transaction has taken too long.
    pub(crate) fn next_deadline(&self) -> Option<i64> {
        self.by_id.values().filter_map(Transaction::deadline).min()
    }

    fn record(&mut self, fact: Fact) -> Result<(), Refusal> {
        self.try_record(fact)
            .map_err(|error| Refusal::storage("the transactions", &error))
    }

    fn try_record(&mut self, fact: Fact) -> io::Result<()> {
        if self.journal.is_overgrown() {
            let facts = story::facts(&self.by_id);
            self.journal.rewrite(&facts)?;
        }
        self.journal.append([&fact])?;
        if let Fact::Producer {
            id, producer_id, ..
        } = &fact
        {
            if let Some(before) = self.by_id.get(id) {
                self.by_producer.remove(&before.identity.producer_id);
            }
            self.by_producer.insert(*producer_id, id.clone());
        }
        apply(&mut self.by_id, fact).map_err(io::Error::other)
    }

    /// Forgets the ids that have not been used for a week.
    pub(crate) fn forget_unused(&mut self, now: i64) -> Result<(), Refusal> {
        let oldest = now.saturating_sub(FORGOTTEN_AFTER_MS);
        let is_unused = |it: &Transaction| {
            it.used < oldest && matches!(it.state, State::Empty | State::Ended(_))
        };
        let unused = self.by_id.iter().filter(|(_, it)| is_unused(it));
        let unused: Vec<_> = unused
            .map(|(id, it)| (id.clone(), it.identity.producer_id))
            .collect();
        for (id, producer_id) in unused {
            self.record(Fact::Forgotten { id })?;
            self.by_producer.remove(&producer_id);
        }
        Ok(())
    }

    /// Waits until the system has put everything on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.journal.sync()
    }
}

impl Identity {
    /// The same producer in its next epoch; `None` if it had its last.
    pub(crate) fn next(self) -> Option<Self> {
        let epoch = self.epoch.checked_add(1).filter(|it| *it < i16::MAX);
        epoch.map(|epoch| Self { epoch, ..self })
    }
}

#[cfg(test)]
mod tests;
