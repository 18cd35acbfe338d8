//! Where a consumer is, where it may continue, and what the group knows of it.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Consumer, StartOffset};
use crate::{
    error::{ErrorKind, KafkaError, Result},
    librdkafka::{Event, PartitionList, Queue, Request, ask},
    topic::{GroupOffset, TopicPartition},
};

/// Pause between two attempts to seek in a partition whose fetching has just been started.
const SEEK_RETRY: Duration = Duration::from_millis(20);

/// Error codes of a seek that comes too early: the partition is not fetched yet, or it is just being stopped.
const TOO_EARLY: [&str; 2] = ["_STATE", "_PREV_IN_PROGRESS"];

impl Consumer {
    /// Offset of the next record of each partition: a seek, else the last record polled, else the committed
    /// offset, else as `auto.offset.reset` says. Works for partitions of a pending
    /// [`Polled::Assigned`](super::Polled::Assigned) too. Cancel-safe.
    ///
    /// # Errors
    /// The brokers do not answer in time, or `auto.offset.reset` is `none` and there is no offset.
    pub async fn position(
        &self,
        partitions: &[TopicPartition],
        timeout: Duration,
    ) -> Result<Vec<(TopicPartition, i64)>> {
        let started = Instant::now();
        let mut known = self.known_positions(partitions)?;
        let unread: Vec<TopicPartition> = partitions
            .iter()
            .filter(|it| !known.contains_key(*it))
            .cloned()
            .collect();
        let without_start: Vec<TopicPartition> = unread
            .iter()
            .filter(|it| self.logical_start(it).is_none())
            .cloned()
            .collect();
        for committed in self.committed(&without_start, timeout).await? {
            known.insert(committed.partition, committed.offset);
        }
        let mut lookups = Vec::new();
        for partition in unread.iter().filter(|it| !known.contains_key(*it)) {
            let start = self
                .logical_start(partition)
                .or(self.offset_reset)
                .ok_or_else(|| {
                    let text = format!(
                        "partition {partition} has no offset and auto.offset.reset is none"
                    );
                    KafkaError::new(ErrorKind::Refused, text)
                })?;
            lookups.push((partition.clone(), start));
        }
        let left = timeout.saturating_sub(started.elapsed());
        known.extend(self.look_up(&lookups, left).await?);
        Ok(partitions
            .iter()
            .filter_map(|partition| {
                known
                    .get(partition)
                    .map(|offset| (partition.clone(), *offset))
            })
            .collect())
    }

    /// Positions that need no broker: records polled, and numbers given by the caller.
    fn known_positions(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<BTreeMap<TopicPartition, i64>> {
        let mut known = BTreeMap::new();
        let mut list = PartitionList::of(
            partitions
                .iter()
                .filter(|it| self.membership.assigned.contains(*it)),
        )?;
        for listed in self.client.positions(&mut list)? {
            if listed.offset >= 0 {
                known.insert(listed.partition, listed.offset);
            }
        }
        for partition in partitions
            .iter()
            .filter(|it| !known.contains_key(*it))
            .collect::<Vec<_>>()
        {
            if let Some(StartOffset::At(offset)) = self.membership.starts.get(partition) {
                known.insert(partition.clone(), *offset);
            }
        }
        Ok(known)
    }

    /// The end of the partition at which the caller wants it to start.
    fn logical_start(&self, partition: &TopicPartition) -> Option<StartOffset> {
        match self.membership.starts.get(partition)? {
            StartOffset::Committed => None,
            start => Some(*start),
        }
    }

    async fn look_up(
        &self,
        lookups: &[(TopicPartition, StartOffset)],
        timeout: Duration,
    ) -> Result<Vec<(TopicPartition, i64)>> {
        if lookups.is_empty() {
            return Ok(Vec::new());
        }
        let list =
            PartitionList::starting(lookups.iter().map(|(partition, start)| (partition, *start)))?;
        let request = Request::ListOffsets(&list, self.isolation);
        ask(&self.client, &request, timeout, |reply| {
            let found = reply.offsets()?.into_iter();
            found
                .map(|it| match it.error {
                    Some(error) => Err(error.during(&it.partition)),
                    None => Ok((it.partition, it.offset)),
                })
                .collect()
        })
        .await
    }

    /// Offsets committed for the group; partitions without one are left out. Cancel-safe.
    ///
    /// # Errors
    /// The brokers do not answer in time, or the group may not be read.
    pub async fn committed(
        &self,
        partitions: &[TopicPartition],
        timeout: Duration,
    ) -> Result<Vec<GroupOffset>> {
        let (Some(group), false) = (&self.group, partitions.is_empty()) else {
            return Ok(Vec::new());
        };
        let list = PartitionList::of(partitions)?;
        let request = Request::GroupOffsets {
            group,
            partitions: Some(&list),
        };
        ask(&self.client, &request, timeout, |reply| {
            crate::admin::committed(reply.group_partitions()?)
        })
        .await
    }

    /// Continues partitions elsewhere. Records that were fetched and not polled are dropped.
    ///
    /// Inside a pending [`Polled::Assigned`](super::Polled::Assigned) it sets where the partition starts and does not
    /// wait. When cancelled, it is open which partitions continue where; repeat the call.
    ///
    /// # Errors
    /// A partition is not assigned, [`StartOffset::Committed`] is asked for, or fetching has not started in time.
    pub async fn seek(
        &mut self,
        targets: &[(TopicPartition, StartOffset)],
        timeout: Duration,
    ) -> Result<()> {
        let partitions: Vec<TopicPartition> = targets.iter().map(|(it, _)| it.clone()).collect();
        self.membership.require(&partitions)?;
        let (coming, mut left): (Vec<_>, Vec<_>) = targets
            .iter()
            .cloned()
            .partition(|(partition, _)| self.membership.is_coming(partition));
        if left
            .iter()
            .any(|(_, start)| *start == StartOffset::Committed)
        {
            let text = "a seek needs an offset or an end of the partition";
            return Err(KafkaError::new(ErrorKind::Refused, text));
        }
        self.membership.starts.extend(coming);
        let deadline = Instant::now() + timeout;
        while !left.is_empty() {
            let slice = deadline.saturating_duration_since(Instant::now());
            left = self.seek_once(left, slice).await?;
            if !left.is_empty() && Instant::now() >= deadline {
                let text = format!(
                    "cannot seek in partition {}: it is not fetched yet",
                    left[0].0
                );
                return Err(KafkaError::new(ErrorKind::Timeout, text));
            }
            if !left.is_empty() {
                tokio::time::sleep(SEEK_RETRY).await;
            }
        }
        Ok(())
    }

    /// Returns the targets for which it is too early.
    async fn seek_once(
        &mut self,
        targets: Vec<(TopicPartition, StartOffset)>,
        timeout: Duration,
    ) -> Result<Vec<(TopicPartition, StartOffset)>> {
        let mut list =
            PartitionList::starting(targets.iter().map(|(partition, start)| (partition, *start)))?;
        let client = Arc::clone(&self.client);
        let seeking = tokio::task::spawn_blocking(move || {
            let outcome = client.seek(&mut list, timeout);
            outcome.map(|()| list.to_vec())
        });
        let listed = seeking
            .await
            .map_err(|_| KafkaError::new(ErrorKind::Closed, "the runtime is shutting down"))??;
        let mut too_early = Vec::new();
        for (target, listed) in targets.into_iter().zip(listed) {
            match listed.error {
                None => {
                    self.membership.starts.insert(target.0, target.1);
                }
                Some(error) if error.code().is_some_and(|it| TOO_EARLY.contains(&it.name)) => {
                    too_early.push(target);
                }
                Some(error) => {
                    return Err(error.during(format_args!("cannot seek in partition {}", target.0)));
                }
            }
        }
        Ok(too_early)
    }

    /// Starts committing offsets for the group and returns a handle to await, at once or later.
    ///
    /// # Errors
    /// `group.id` is not set, or a name is not a topic's.
    pub fn commit(&self, offsets: &[GroupOffset]) -> Result<PendingCommit> {
        self.require_group()?;
        if offsets.is_empty() {
            return Ok(PendingCommit {
                queue: None,
                outcome: Some(Ok(())),
            });
        }
        let list = PartitionList::of_offsets(offsets)?;
        let queue = Queue::of_commit(&self.client, &list)?;
        Ok(PendingCommit {
            queue: Some(queue),
            outcome: None,
        })
    }
}

/// A commit under way. Dropping it does not stop the commit.
#[derive(Debug)]
#[must_use]
pub struct PendingCommit {
    queue: Option<Queue>,
    outcome: Option<Result<()>>,
}

impl PendingCommit {
    /// Waits for the outcome, at most `timeout`. Cancel-safe; once the outcome is known, later calls return the same.
    ///
    /// # Errors
    /// The group moved on without this member, a partition was refused, or the broker did not answer.
    pub async fn wait(&mut self, timeout: Duration) -> Result<()> {
        if let (None, Some(queue)) = (&self.outcome, &self.queue) {
            let Ok(event) = tokio::time::timeout(timeout, queue.next()).await else {
                let text = format!("offsets are not committed within {timeout:?}");
                return Err(KafkaError::new(ErrorKind::Timeout, text));
            };
            self.settle(&event);
        }
        self.outcome.clone().unwrap_or(Ok(()))
    }

    /// The outcome, if it is known. Never blocks.
    pub fn try_result(&mut self) -> Option<Result<()>> {
        if let (None, Some(event)) = (&self.outcome, self.queue.as_ref().and_then(Queue::poll)) {
            self.settle(&event);
        }
        self.outcome.clone()
    }

    fn settle(&mut self, event: &Event) {
        let refused = event.partitions().into_iter().find_map(|it| {
            let error = it.error?;
            Some(error.during(format_args!(
                "offset of partition {} is not committed",
                it.partition
            )))
        });
        let whole = event
            .error()
            .map(|error| error.during("offsets are not committed"));
        self.outcome = Some(refused.or(whole).map_or(Ok(()), Err));
        self.queue = None;
    }
}
