//! What the group wants and what is in effect: the consumer's side of a rebalance.

use std::collections::{BTreeMap, BTreeSet};

use super::{Consumer, Polled, StartOffset};
use crate::{
    error::{ErrorKind, KafkaError, Result},
    librdkafka::{PartitionList, Rebalance},
    topic::TopicPartition,
};

/// Partitions of a consumer.
#[derive(Debug, Default)]
pub(super) struct Membership {
    /// Partitions in effect.
    pub(super) assigned: BTreeSet<TopicPartition>,
    /// A change that the caller knows of and that is not in effect yet.
    pub(super) pending: Option<Pending>,
    /// Partitions that the caller paused, pending ones included.
    pub(super) paused: BTreeSet<TopicPartition>,
    /// Where partitions start that nothing was read of since the caller said so.
    pub(super) starts: BTreeMap<TopicPartition, StartOffset>,
}

#[derive(Debug)]
pub(super) enum Pending {
    Assign(Vec<TopicPartition>),
    Revoke(Vec<TopicPartition>),
}

impl Membership {
    /// Whether a partition is in effect, or about to be.
    pub(super) fn holds(&self, partition: &TopicPartition) -> bool {
        self.assigned.contains(partition) || self.is_coming(partition)
    }

    /// Whether a partition is about to be in effect.
    pub(super) fn is_coming(&self, partition: &TopicPartition) -> bool {
        match &self.pending {
            Some(Pending::Assign(coming)) => coming.contains(partition),
            Some(Pending::Revoke(_)) | None => false,
        }
    }

    /// `Ok` if all partitions are held.
    pub(super) fn require(&self, partitions: &[TopicPartition]) -> Result<()> {
        match partitions.iter().find(|partition| !self.holds(partition)) {
            Some(partition) => {
                let text = format!("partition {partition} is not assigned to this consumer");
                Err(KafkaError::new(ErrorKind::Refused, text))
            }
            None => Ok(()),
        }
    }

    fn forget(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.assigned.remove(partition);
            self.paused.remove(partition);
            self.starts.remove(partition);
        }
    }

    /// Forgets everything, for a new assignment.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Consumer {
    /// Puts the partitions of [`Polled::Assigned`] into effect: fetching starts. Does nothing without one.
    ///
    /// # Errors
    /// The client has failed, or the group moved on meanwhile.
    pub fn complete_assign(&mut self) -> Result<()> {
        let Some(Pending::Assign(partitions)) = self
            .membership
            .pending
            .take_if(|it| matches!(it, Pending::Assign(_)))
        else {
            return Ok(());
        };
        let starts = partitions.iter().map(|partition| {
            let start = self.membership.starts.get(partition).copied();
            (partition, start.unwrap_or(StartOffset::Committed))
        });
        let list = PartitionList::starting(starts)?;
        if self.client.is_cooperative() {
            self.client.incremental_assign(&list)?;
        } else {
            self.client.assign(Some(&list))?;
            self.membership.assigned.clear();
        }
        self.membership.assigned.extend(partitions);
        let paused: Vec<_> = self
            .membership
            .paused
            .intersection(&self.membership.assigned)
            .collect();
        if !paused.is_empty() {
            // Nothing has been polled since, so nothing of these partitions gets through.
            self.client.pause(&mut PartitionList::of(paused)?)?;
        }
        Ok(())
    }

    /// Gives up the partitions of [`Polled::Revoked`]; the group's rebalance goes on. Does nothing without one.
    ///
    /// # Errors
    /// As [`complete_assign`](Self::complete_assign).
    pub fn complete_revoke(&mut self) -> Result<()> {
        let Some(Pending::Revoke(partitions)) = self
            .membership
            .pending
            .take_if(|it| matches!(it, Pending::Revoke(_)))
        else {
            return Ok(());
        };
        let paused: Vec<_> = partitions
            .iter()
            .filter(|partition| self.membership.paused.contains(*partition))
            .collect();
        if !paused.is_empty() {
            // The engine would remember the pause when the partition comes back.
            self.client.resume(&mut PartitionList::of(paused)?)?;
        }
        if self.client.is_cooperative() {
            self.client
                .incremental_unassign(&PartitionList::of(&partitions)?)?;
            self.membership.forget(&partitions);
        } else {
            self.client.assign(None)?;
            self.membership.clear();
        }
        Ok(())
    }

    pub(super) fn complete_pending(&mut self) -> Result<()> {
        self.complete_assign()?;
        self.complete_revoke()
    }

    /// The next change that the group wants, made pending.
    pub(super) fn take_rebalance(&mut self) -> Option<Polled> {
        Some(match self.client.take_rebalance()? {
            Rebalance::Assign(partitions) => {
                self.membership.pending = Some(Pending::Assign(partitions.clone()));
                Polled::Assigned(partitions)
            }
            Rebalance::Revoke { partitions, lost } => {
                self.membership.pending = Some(Pending::Revoke(partitions.clone()));
                Polled::Revoked { partitions, lost }
            }
        })
    }
}
