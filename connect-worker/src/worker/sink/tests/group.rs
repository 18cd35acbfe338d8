//! A member of a group that does what the test says, and writes down what it is asked for.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Mutex;

use connect_kafka::{ErrorKind, GroupOffset, KafkaError, OutgoingRecord, StartOffset};
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::*;

type Partition = connect_kafka::TopicPartition;
type Outcome<T> = std::result::Result<T, KafkaError>;

/// What happened, in order.
#[derive(Clone, Default)]
pub(super) struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub(super) fn add(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }

    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// The consumer.
pub(super) struct Group {
    pub(super) notes: Notes,
    /// What polls answer; behind it there is nothing.
    pub(super) polls: VecDeque<Polled>,
    /// Polls without an answer after which the task is asked to stop.
    pub(super) patience: usize,
    /// Commits that the brokers refuse, counted from now.
    pub(super) refusals: usize,
    pub(super) assigned: BTreeSet<Partition>,
    pub(super) paused: BTreeSet<Partition>,
    pub(super) stop: CancellationToken,
}

fn refused() -> KafkaError {
    KafkaError::new(ErrorKind::Retriable, "not the coordinator")
}

fn listed(partitions: &[Partition]) -> String {
    let names: Vec<String> = partitions
        .iter()
        .map(|it| it.partition.to_string())
        .collect();
    names.join(" ")
}

impl GroupConsumer for Group {
    async fn poll(&mut self, limit: Duration) -> Outcome<Polled> {
        if let Some(polled) = self.polls.pop_front() {
            return Ok(polled);
        }
        sleep(limit).await;
        match self.patience.checked_sub(1) {
            Some(left) => self.patience = left,
            None => self.stop.cancel(),
        }
        Ok(Polled::Nothing)
    }

    async fn position(
        &mut self,
        partitions: &[Partition],
        _: Duration,
    ) -> Outcome<Vec<(Partition, i64)>> {
        Ok(partitions.iter().map(|it| (it.clone(), 0)).collect())
    }

    async fn seek(&mut self, targets: &[(Partition, StartOffset)], _: Duration) -> Outcome<()> {
        for (partition, target) in targets {
            let number = partition.partition;
            self.notes.add(format!("seek {number} {target:?}"));
        }
        Ok(())
    }

    fn assignment(&self) -> &BTreeSet<Partition> {
        &self.assigned
    }

    fn paused(&self) -> &BTreeSet<Partition> {
        &self.paused
    }

    fn pause(&mut self, partitions: &[Partition]) -> Outcome<()> {
        self.notes.add(format!("pause {}", listed(partitions)));
        self.paused.extend(partitions.iter().cloned());
        Ok(())
    }

    fn resume(&mut self, partitions: &[Partition]) -> Outcome<()> {
        self.notes.add(format!("resume {}", listed(partitions)));
        self.paused.retain(|it| !partitions.contains(it));
        Ok(())
    }

    fn complete_assign(&mut self) -> Outcome<()> {
        self.notes.add("assigned");
        Ok(())
    }

    fn complete_revoke(&mut self) -> Outcome<()> {
        self.notes.add("revoked");
        Ok(())
    }

    fn commit(
        &mut self,
        offsets: &[GroupOffset],
        _: Duration,
    ) -> Outcome<BoxFuture<'static, Outcome<()>>> {
        let offsets: Vec<String> = offsets
            .iter()
            .map(|it| format!("{}@{}", it.partition.partition, it.offset))
            .collect();
        self.notes.add(format!("commit {}", offsets.join(" ")));
        let is_refused = self.refusals > 0;
        self.refusals = self.refusals.saturating_sub(1);
        let notes = self.notes.clone();
        Ok(Box::pin(async move {
            tokio::task::yield_now().await;
            notes.add("answered");
            if is_refused { Err(refused()) } else { Ok(()) }
        }))
    }

    async fn close(self, _: Duration) -> Outcome<()> {
        self.notes.add("left");
        Ok(())
    }
}

/// A producer of dead letters that are never answered.
pub(super) struct Mute(u64);

impl Mute {
    pub(super) fn new() -> Self {
        Self(0)
    }
}

impl RecordProducer for Mute {
    fn next_sequence(&self) -> u64 {
        self.0
    }

    fn send<'a>(&mut self, records: impl IntoIterator<Item = OutgoingRecord<'a>>) -> usize {
        let count = records.into_iter().count();
        self.0 += count as u64;
        count
    }

    fn try_acks(&mut self, _: &mut Vec<connect_kafka::AckRange>) {}

    async fn acks(&mut self, _: &mut Vec<connect_kafka::AckRange>) {
        std::future::pending::<()>().await;
    }

    async fn wait_capacity(&mut self) -> Outcome<()> {
        Ok(())
    }

    async fn flush(&mut self, _: Duration) -> Outcome<()> {
        match self.0 {
            0 => Ok(()),
            _ => Err(KafkaError::new(ErrorKind::Timeout, "unanswered")),
        }
    }

    async fn close(self, _: Duration) -> (Vec<connect_kafka::AckRange>, Outcome<()>) {
        (Vec::new(), Ok(()))
    }
}
