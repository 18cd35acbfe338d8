//! A member of a group that gives and takes partitions at random.

use std::collections::{BTreeMap, BTreeSet};

use connect_kafka::{ErrorKind, GroupOffset, KafkaError, StartOffset};
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use super::*;

type Partition = connect_kafka::TopicPartition;
type Outcome<T> = std::result::Result<T, KafkaError>;

/// The consumer of one life.
pub(super) struct Member {
    cluster: Cluster,
    life: Arc<Life>,
    case: Case,
    stop: CancellationToken,
    assigned: BTreeSet<Partition>,
    paused: BTreeSet<Partition>,
    /// Where fetching goes on.
    positions: BTreeMap<Partition, u32>,
    pending: Option<Pending>,
    /// Polls since something was fetched.
    idle: u64,
}

enum Pending {
    Assign(Vec<Partition>),
    Revoke(Vec<Partition>),
}

fn partition(number: u8) -> Partition {
    Partition::new("t", i32::from(number))
}

fn number(partition: &Partition) -> u8 {
    u8::try_from(partition.partition).unwrap()
}

impl Member {
    pub(super) fn new(
        cluster: &Cluster,
        life: &Arc<Life>,
        case: Case,
        stop: CancellationToken,
    ) -> Self {
        Self {
            cluster: cluster.clone(),
            life: Arc::clone(life),
            case,
            stop,
            assigned: BTreeSet::new(),
            paused: BTreeSet::new(),
            positions: BTreeMap::new(),
            pending: None,
            idle: 0,
        }
    }

    /// What the group wants, if it wants something.
    fn rebalance(&mut self) -> Option<Polled> {
        let missing: Vec<Partition> = (0..PARTITIONS)
            .map(partition)
            .filter(|it| !self.assigned.contains(it))
            .collect();
        if !missing.is_empty() {
            self.pending = Some(Pending::Assign(missing.clone()));
            return Some(Polled::Assigned(missing));
        }
        if !self.life.once_in(self.case.rebalances) {
            return None;
        }
        let some = self.assigned.iter().filter(|_| self.life.once_in(2));
        let partitions: Vec<Partition> = some.cloned().collect();
        self.pending = Some(Pending::Revoke(partitions.clone()));
        let lost = self.life.once_in(3);
        Some(Polled::Revoked { partitions, lost })
    }

    fn fetch(&mut self) -> Option<FetchedBatch> {
        let mut lines = Vec::new();
        for it in self.assigned.difference(&self.paused) {
            let next = self.positions.get_mut(it).unwrap();
            for _ in 0..self.life.below(4).min(u64::from(RECORDS - *next)) {
                lines.push((number(it), *next));
                *next += 1;
            }
        }
        (!lines.is_empty()).then(|| cluster::fetched(&lines))
    }
}

impl GroupConsumer for Member {
    async fn poll(&mut self, limit: Duration) -> Outcome<Polled> {
        self.complete_assign()?;
        self.complete_revoke()?;
        self.life.stepped().await;
        if let Some(change) = self.rebalance() {
            return Ok(change);
        }
        let wait = limit.min(Duration::from_millis(self.life.below(12)));
        sleep(wait).await;
        if let Some(batch) = self.fetch() {
            self.idle = 0;
            self.life.stepped().await;
            return Ok(Polled::Records(batch));
        }
        self.idle += 1;
        if self.idle > 5 + self.life.below(20) {
            self.stop.cancel();
        }
        sleep(limit.saturating_sub(wait)).await;
        Ok(Polled::Nothing)
    }

    async fn position(
        &mut self,
        partitions: &[Partition],
        _: Duration,
    ) -> Outcome<Vec<(Partition, i64)>> {
        self.life.stepped().await;
        self.cluster.settle_late();
        let known = partitions.iter().map(|it| {
            let position = self.cluster.committed(number(it));
            self.positions.insert(it.clone(), position);
            (it.clone(), i64::from(position))
        });
        Ok(known.collect())
    }

    async fn seek(&mut self, targets: &[(Partition, StartOffset)], _: Duration) -> Outcome<()> {
        self.life.stepped().await;
        for (partition, target) in targets {
            let StartOffset::At(offset) = target else {
                panic!("{target:?} is no offset");
            };
            assert!(
                self.assigned.contains(partition),
                "{partition} is not assigned"
            );
            self.positions
                .insert(partition.clone(), u32::try_from(*offset).unwrap());
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
        self.paused.extend(partitions.iter().cloned());
        Ok(())
    }

    fn resume(&mut self, partitions: &[Partition]) -> Outcome<()> {
        self.paused.retain(|it| !partitions.contains(it));
        Ok(())
    }

    fn complete_assign(&mut self) -> Outcome<()> {
        if let Some(Pending::Assign(partitions)) =
            self.pending.take_if(|it| matches!(it, Pending::Assign(_)))
        {
            self.assigned.extend(partitions);
        }
        Ok(())
    }

    fn complete_revoke(&mut self) -> Outcome<()> {
        if let Some(Pending::Revoke(partitions)) =
            self.pending.take_if(|it| matches!(it, Pending::Revoke(_)))
        {
            self.assigned.retain(|it| !partitions.contains(it));
            self.paused.retain(|it| !partitions.contains(it));
        }
        Ok(())
    }

    fn commit(
        &mut self,
        offsets: &[GroupOffset],
        limit: Duration,
    ) -> Outcome<BoxFuture<'static, Outcome<()>>> {
        let offsets: Vec<(u8, u32)> = offsets
            .iter()
            .map(|it| (number(&it.partition), u32::try_from(it.offset).unwrap()))
            .collect();
        // Whatever was asked before comes to pass before, as on one connection.
        self.cluster.settle_late();
        if !self.life.step() {
            return Ok(Box::pin(std::future::pending()));
        }
        let is_bad = self.life.once_in(self.case.bad_commits);
        let refused = KafkaError::new(ErrorKind::Timeout, "not committed, perhaps");
        match self.life.below(3) {
            0 if is_bad => return Err(refused),
            1 if is_bad => return Ok(Box::pin(async { Err(refused) })),
            _ => self.cluster.commit_late(&offsets),
        }
        let (cluster, life) = (self.cluster.clone(), Arc::clone(&self.life));
        Ok(Box::pin(async move {
            if is_bad {
                sleep(limit).await;
                return Err(refused);
            }
            sleep(Duration::from_millis(life.below(30))).await;
            life.stepped().await;
            cluster.settle_late();
            life.stepped().await;
            Ok(())
        }))
    }

    async fn close(self, _: Duration) -> Outcome<()> {
        self.life.stepped().await;
        Ok(())
    }
}
