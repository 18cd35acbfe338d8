//! How far a sink task has come in each of its partitions; pure bookkeeping.
//!
//! A position moves when `put` succeeded. It is committed only as far as the task allows, and never
//! ahead of what was delivered.

use std::collections::BTreeMap;

use connect_core::sink::{SinkOffsets, TopicPartition};

/// Offsets of the next record, in the partitions that are assigned.
#[derive(Debug, Default)]
pub(super) struct Progress {
    partitions: BTreeMap<TopicPartition, Positions>,
}

#[derive(Clone, Copy, Debug)]
struct Positions {
    delivered: i64,
    committed: i64,
}

impl Progress {
    /// Starts a partition behind what was committed for it.
    pub(super) fn assign(&mut self, partition: TopicPartition, offset: i64) {
        let start = Positions {
            delivered: offset,
            committed: offset,
        };
        self.partitions.insert(partition, start);
    }

    /// Forgets partitions.
    pub(super) fn revoke(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.partitions.remove(partition);
        }
    }

    /// Whether a partition is assigned.
    pub(super) fn holds(&self, partition: &TopicPartition) -> bool {
        self.partitions.contains_key(partition)
    }

    /// How many partitions are assigned.
    pub(super) fn len(&self) -> usize {
        self.partitions.len()
    }

    /// Records that were read and are not committed, if reading has come to `ends` where that is
    /// further than what was delivered.
    pub(super) fn uncommitted(&self, ends: &[(TopicPartition, i64)]) -> u64 {
        let partitions = self.partitions.iter();
        let records = partitions.map(|(partition, positions)| {
            let of_partition = ends.iter().filter(|(it, _)| it == partition);
            let read = of_partition.map(|(_, end)| *end);
            let read = read.fold(positions.delivered, i64::max);
            u64::try_from(read - positions.committed).unwrap_or_default()
        });
        records.sum()
    }

    /// All partitions, in order.
    pub(super) fn assignment(&self) -> Vec<TopicPartition> {
        self.partitions.keys().cloned().collect()
    }

    /// Notes that everything before `next` was delivered.
    pub(super) fn delivered(&mut self, partition: &TopicPartition, next: i64) {
        if let Some(positions) = self.partitions.get_mut(partition) {
            positions.delivered = next;
        }
    }

    /// Continues partitions where the task wants to; it counts as committed up to there. Returns
    /// those that are assigned.
    pub(super) fn seek(
        &mut self,
        wanted: BTreeMap<TopicPartition, i64>,
    ) -> Vec<(TopicPartition, i64)> {
        let mut sought = Vec::with_capacity(wanted.len());
        for (partition, offset) in wanted {
            if !self.holds(&partition) {
                tracing::warn!(%partition, offset, "seek ignored: partition not assigned");
                continue;
            }
            self.assign(partition.clone(), offset);
            sought.push((partition, offset));
        }
        sought
    }

    /// What the task is asked about before a commit.
    pub(super) fn candidates(&self, partitions: &[TopicPartition]) -> SinkOffsets {
        let known = partitions.iter().filter_map(|partition| {
            let positions = self.partitions.get(partition)?;
            Some((partition.clone(), positions.delivered))
        });
        known.collect()
    }

    /// What of the task's answer is to be committed: nothing that was not asked about, is ahead of
    /// delivery, or is committed already.
    pub(super) fn committable(
        &self,
        asked: &SinkOffsets,
        answer: SinkOffsets,
    ) -> Vec<(TopicPartition, i64)> {
        let mut committable = Vec::with_capacity(answer.len());
        for (partition, offset) in answer {
            let Some(delivered) = asked.get(&partition) else {
                tracing::warn!(%partition, offset, "offset ignored: partition not requested");
                continue;
            };
            if offset > *delivered {
                tracing::warn!(%partition, offset, delivered, "offset ignored: not yet consumed");
                continue;
            }
            let committed = self.partitions.get(&partition).map(|it| it.committed);
            if committed != Some(offset) {
                committable.push((partition, offset));
            }
        }
        committable
    }

    /// Notes what the brokers have committed.
    pub(super) fn committed(&mut self, offsets: &[(TopicPartition, i64)]) {
        for (partition, offset) in offsets {
            if let Some(positions) = self.partitions.get_mut(partition) {
                positions.committed = *offset;
            }
        }
    }

    /// Goes back to what is committed; returns where to continue.
    pub(super) fn rewind(&mut self) -> Vec<(TopicPartition, i64)> {
        let rewound = self.partitions.iter_mut().map(|(partition, positions)| {
            positions.delivered = positions.committed;
            (partition.clone(), positions.committed)
        });
        rewound.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(number: i32) -> TopicPartition {
        TopicPartition {
            topic: "orders".into(),
            partition: number,
        }
    }

    fn progress() -> Progress {
        let mut progress = Progress::default();
        progress.assign(partition(0), 10);
        progress.assign(partition(1), 20);
        progress.delivered(&partition(0), 15);
        progress
    }

    fn committable(progress: &Progress, answer: &[(i32, i64)]) -> Vec<(TopicPartition, i64)> {
        let asked = progress.candidates(&progress.assignment());
        let answer = answer
            .iter()
            .map(|(number, offset)| (partition(*number), *offset));
        progress.committable(&asked, answer.collect())
    }

    #[test]
    fn only_what_moved_is_committed() {
        let mut progress = progress();

        let all = committable(&progress, &[(0, 15), (1, 20)]);
        assert_eq!(all, [(partition(0), 15)]);

        progress.committed(&all);
        assert_eq!(committable(&progress, &[(0, 15), (1, 20)]), []);
    }

    #[test]
    fn a_task_may_hold_back_and_not_run_ahead() {
        let progress = progress();

        assert_eq!(committable(&progress, &[(0, 12)]), [(partition(0), 12)]);
        assert_eq!(committable(&progress, &[(0, 16)]), []);
        assert_eq!(committable(&progress, &[(7, 1)]), []);
    }

    #[test]
    fn rewinding_returns_to_the_committed_offsets() {
        let mut progress = progress();

        assert_eq!(progress.rewind(), [(partition(0), 10), (partition(1), 20)]);
        assert_eq!(committable(&progress, &[(0, 10)]), []);
    }

    #[test]
    fn a_task_continues_where_it_wants_to_in_its_own_partitions() {
        let mut progress = progress();

        let sought = progress.seek(BTreeMap::from([(partition(0), 3), (partition(7), 1)]));

        assert_eq!(sought, [(partition(0), 3)]);
        assert_eq!(committable(&progress, &[(0, 3), (1, 20)]), []);
        assert_eq!(progress.rewind()[0], (partition(0), 3));
    }

    #[test]
    fn what_was_read_counts_until_it_is_committed() {
        let mut progress = progress();
        assert_eq!(progress.uncommitted(&[]), 5);
        let ends = [(partition(0), 12), (partition(1), 23), (partition(7), 9)];
        assert_eq!(progress.uncommitted(&ends), 8);

        // A task may go back behind what is committed.
        progress.committed(&[(partition(0), 18)]);
        assert_eq!(progress.uncommitted(&[]), 0);
    }

    #[test]
    fn revoked_partitions_are_forgotten() {
        let mut progress = progress();
        progress.revoke(&[partition(0)]);
        progress.delivered(&partition(0), 99);

        assert!(!progress.holds(&partition(0)));
        assert_eq!(progress.assignment(), [partition(1)]);
    }
}
