//! The consumer: a batch of records at a time, group membership as events.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    error::{KafkaError, Result},
    settings::{ClientSettings, Untranslated},
    topic::{GroupOffset, TopicPartition},
};

pub use batch::{FetchedBatch, FetchedHeader, FetchedRecord, TimestampType};

mod batch;

/// What [`Consumer::poll`] found.
#[derive(Debug)]
#[must_use]
pub enum Polled {
    /// Records; never an empty batch.
    Records(FetchedBatch),
    /// The group gives these partitions to this consumer (with cooperative assignment: in addition).
    ///
    /// Not yet in effect: look up positions, [`seek`](Consumer::seek) and [`pause`](Consumer::pause) as
    /// needed, then call [`complete_assign`](Consumer::complete_assign). The set may be empty.
    Assigned(Vec<TopicPartition>),
    /// The group takes these partitions away.
    ///
    /// Not yet in effect: flush and commit, then call [`complete_revoke`](Consumer::complete_revoke).
    Revoked {
        /// The partitions; all of them with eager assignment.
        partitions: Vec<TopicPartition>,
        /// They already belong to somebody else: do not commit.
        lost: bool,
    },
    /// Nothing happened in time.
    Nothing,
}

/// Where a partition without a usable offset starts, or what an offset lookup asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StartOffset {
    /// The first record that is still there.
    Earliest,
    /// Behind the last record.
    Latest,
    /// This offset.
    At(i64),
    /// The offset committed for the group; without one, as `auto.offset.reset` says.
    Committed,
}

/// A consumer, driven by one task.
///
/// All `async` methods are cancel-safe unless they say otherwise. Offsets are committed only through
/// [`commit`](Self::commit), unless `enable.auto.commit` is set.
///
/// Dropping a consumer ends it without leaving the group; [`close`](Self::close) leaves it.
#[derive(Debug)]
pub struct Consumer {
    untranslated: Vec<Untranslated>,
}

impl Consumer {
    /// Creates a consumer. Connects in the background.
    ///
    /// Settings without effect are logged as warnings and kept in [`untranslated`](Self::untranslated).
    ///
    /// # Errors
    /// A setting with an invalid value, or one that contradicts another.
    pub fn new(settings: &ClientSettings) -> Result<Self> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Settings that were given and have no effect, or another one than asked for.
    #[must_use]
    pub fn untranslated(&self) -> &[Untranslated] {
        &self.untranslated
    }

    /// Joins the group and asks for partitions of these topics, instead of those asked for before.
    ///
    /// # Errors
    /// `group.id` is not set, a name is not a topic's, or the client has failed.
    pub fn subscribe(&mut self, topics: &[&str]) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Joins the group and asks for partitions of all topics whose whole name matches.
    ///
    /// Topics that come or go are noticed every `metadata.max.age.ms`. Internal topics of the broker match
    /// only when `exclude.internal.topics` is `false`.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe), and a pattern that is not a regular expression.
    pub fn subscribe_pattern(&mut self, pattern: &str) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Reads exactly these partitions, without a group's doing, instead of those read before.
    ///
    /// # Errors
    /// A name is not a topic's, or the client has failed.
    pub fn assign(&mut self, partitions: &[(TopicPartition, StartOffset)]) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Waits for records or a rebalance event, at most `timeout`. Cancel-safe.
    ///
    /// Returns what is there at once, up to `max.poll.records` and a limit of bytes, and never waits for a batch to fill.
    /// A rebalance event that the caller has not completed is completed by the next call.
    ///
    /// # Errors
    /// Fatal errors, refused credentials, missing permissions, and an offset that is out of range when
    /// `auto.offset.reset` is `none`. Transient ones are logged and polling goes on.
    pub async fn poll(&mut self, timeout: Duration) -> Result<Polled> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Puts the partitions of [`Polled::Assigned`] into effect: fetching starts.
    ///
    /// # Errors
    /// The client has failed, or the group moved on meanwhile.
    pub fn complete_assign(&mut self) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Gives up the partitions of [`Polled::Revoked`]; the group's rebalance goes on.
    ///
    /// # Errors
    /// As [`complete_assign`](Self::complete_assign).
    pub fn complete_revoke(&mut self) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Partitions in effect, in order; those of an event that is not completed are as before it.
    #[must_use]
    pub fn assignment(&self) -> &BTreeSet<TopicPartition> {
        const EMPTY: &BTreeSet<TopicPartition> = &BTreeSet::new();
        EMPTY
    }

    /// Offset of the next record of each partition: a seek, else the last record polled, else the committed
    /// offset, else as `auto.offset.reset` says. Works for partitions of a pending [`Polled::Assigned`] too.
    ///
    /// # Errors
    /// The brokers do not answer in time, or `auto.offset.reset` is `none` and there is no offset.
    pub async fn position(
        &self,
        partitions: &[TopicPartition],
        timeout: Duration,
    ) -> Result<Vec<(TopicPartition, i64)>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Offsets committed for the group; partitions without one are left out.
    ///
    /// # Errors
    /// The brokers do not answer in time, or the group may not be read.
    pub async fn committed(
        &self,
        partitions: &[TopicPartition],
        timeout: Duration,
    ) -> Result<Vec<GroupOffset>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Continues a partition elsewhere. Records already fetched are dropped.
    ///
    /// Inside a pending [`Polled::Assigned`] it sets where the partition starts.
    ///
    /// # Errors
    /// The partition is not assigned.
    pub fn seek(&mut self, partition: &TopicPartition, to: StartOffset) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Stops fetching these partitions; membership goes on. Remembered for a pending [`Polled::Assigned`].
    ///
    /// # Errors
    /// A partition is not assigned.
    pub fn pause(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Fetches these partitions again, from where they stopped.
    ///
    /// # Errors
    /// A partition is not assigned.
    pub fn resume(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Starts committing offsets for the group and returns a handle to await, at once or later.
    ///
    /// # Errors
    /// `group.id` is not set, or a name is not a topic's.
    pub fn commit(&self, offsets: &[GroupOffset]) -> Result<PendingCommit> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Leaves the group and ends the client. Commit before: partitions are given up without an event.
    ///
    /// # Errors
    /// [`Timeout`](crate::ErrorKind::Timeout): the group was not left in time; the client has ended all the same.
    pub async fn close(self, timeout: Duration) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }
}

/// A commit under way. Dropping it does not stop the commit.
#[derive(Debug)]
#[must_use]
pub struct PendingCommit {}

impl PendingCommit {
    /// Waits for the outcome, at most `timeout`. Cancel-safe; once it has returned `Ok` or an error other than
    /// a timeout, later calls return the same.
    ///
    /// # Errors
    /// The group moved on without this member, a partition was refused, or the broker did not answer.
    pub async fn wait(&mut self, timeout: Duration) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// The outcome, if it is known. Never blocks.
    pub fn try_result(&mut self) -> Option<Result<()>> {
        None
    }
}
