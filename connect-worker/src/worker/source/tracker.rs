//! Which source offsets may be stored; a function of what was sent and acknowledged.
//!
//! An offset becomes committable only when the broker has acknowledged every record of its source
//! partition up to it. Positions stay in the author's types; memory is bounded by what is in
//! flight, plus one position for each source partition that moved since the last commit.

mod acked;
mod latest;

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use connect_core::source::{BatchPositions, Position};

use acked::AckedSequences;
use latest::LatestPositions;

/// Records of one batch that were handed to the producer together.
#[derive(Debug)]
struct Chunk {
    positions: Arc<dyn BatchPositions>,
    records: SentRecords,
    /// Sequence number of the first of them; the others follow without gaps.
    first: u64,
}

/// Which records of a batch were sent, by index and in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SentRecords {
    /// Neighbours.
    Run(Range<usize>),
    /// With gaps, because some were dropped.
    Chosen(Vec<usize>),
    /// None; only the offset of this one counts.
    OffsetOnly(usize),
}

impl SentRecords {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Run(range) => range.len(),
            Self::Chosen(indexes) => indexes.len(),
            Self::OffsetOnly(_) => 0,
        }
    }

    /// Index in the batch of the record that was sent as this one.
    pub(super) fn get(&self, index: usize) -> usize {
        match self {
            Self::Run(range) => range.start + index,
            Self::Chosen(indexes) => indexes[index],
            Self::OffsetOnly(record) => *record,
        }
    }
}

impl Chunk {
    fn end(&self) -> u64 {
        self.first + self.records.len() as u64
    }

    /// Number of acknowledged records at the front.
    fn acked_prefix(&self, acked: &AckedSequences) -> usize {
        let end = acked.acked_from(self.first).min(self.end());
        usize::try_from(end - self.first).expect("a chunk fits in memory")
    }
}

/// What was sent and not acknowledged, and what may be committed.
#[derive(Debug, Default)]
pub(crate) struct OffsetTracker {
    acked: AckedSequences,
    /// In the order of sending; acknowledged ones are removed from the front.
    in_flight: VecDeque<Chunk>,
    committable: LatestPositions,
    /// How many of those in flight are offsets without a record.
    offsets_alone: usize,
}

impl OffsetTracker {
    /// Notes records that are about to be sent with sequence numbers from `first` on.
    pub(crate) fn sending(
        &mut self,
        positions: &Arc<dyn BatchPositions>,
        records: SentRecords,
        first: u64,
    ) {
        self.offsets_alone += usize::from(matches!(records, SentRecords::OffsetOnly(_)));
        self.in_flight.push_back(Chunk {
            positions: Arc::clone(positions),
            records,
            first,
        });
    }

    /// Notes that the broker has the records with these sequence numbers.
    pub(crate) fn acknowledge(&mut self, sequences: Range<u64>) {
        self.acked.add(sequences);
        self.settle_front();
    }

    /// Lets go of what is acknowledged with everything before it.
    fn settle_front(&mut self) {
        while let Some(chunk) = self
            .in_flight
            .pop_front_if(|chunk| chunk.end() <= self.acked.prefix())
        {
            if let SentRecords::OffsetOnly(record) = chunk.records {
                self.offsets_alone -= 1;
                self.committable.put(chunk.positions.detach(record));
                continue;
            }
            let sent = chunk.records.len();
            last_of_each_partition(&chunk, sent, |_, record| {
                self.committable.put(chunk.positions.detach(record));
            });
        }
    }

    /// Takes the newest offset of each source partition that may be stored and was not taken yet.
    pub(crate) fn take_committable(&mut self) -> Vec<Box<dyn Position>> {
        self.settle_front();
        self.look_into_in_flight();
        self.committable.take()
    }

    /// Returns offsets that could not be stored; newer ones of the same partition win.
    pub(crate) fn give_back(&mut self, positions: Vec<Box<dyn Position>>) {
        for position in positions {
            self.committable.put_if_absent(position);
        }
    }

    /// Finds offsets behind which everything is acknowledged although older chunks are not, because
    /// those hold other source partitions.
    fn look_into_in_flight(&mut self) {
        let acked_end = self.acked.end();
        let mut blocked = LatestPositions::default();
        for chunk in &self.in_flight {
            if let SentRecords::OffsetOnly(record) = chunk.records {
                let position = chunk.positions.detach(record);
                if !blocked.contains(position.as_ref()) {
                    self.committable.put(position);
                }
                continue;
            }
            if chunk.records.len() == 0 {
                continue;
            }
            if chunk.first >= acked_end && self.offsets_alone == 0 {
                break;
            }
            match chunk.positions.partition_count() {
                1 => self.committable.put_prefix(
                    chunk,
                    chunk.acked_prefix(&self.acked),
                    &mut blocked,
                ),
                _ => self
                    .committable
                    .put_prefixes(chunk, &self.acked, &mut blocked),
            }
        }
    }
}

impl LatestPositions {
    /// The offset of the last acknowledged record at the front of a chunk of one source partition.
    fn put_prefix(&mut self, chunk: &Chunk, acked: usize, blocked: &mut Self) {
        let last = chunk.records.get(acked.saturating_sub(1));
        let position = chunk.positions.detach(last);
        let is_blocked = blocked.contains(position.as_ref());
        if acked < chunk.records.len() && !is_blocked {
            blocked.put(chunk.positions.detach(last));
        }
        if acked > 0 && !is_blocked {
            self.put(position);
        }
    }

    /// The same for a chunk of several source partitions.
    fn put_prefixes(&mut self, chunk: &Chunk, acked: &AckedSequences, blocked: &mut Self) {
        let mut states = vec![Prefix::Unseen; chunk.positions.partition_count()];
        for (index, sequence) in (0..chunk.records.len()).zip(chunk.first..) {
            let record = chunk.records.get(index);
            let state = &mut states[chunk.positions.partition_of(record)];
            if *state == Prefix::Unseen {
                let position = chunk.positions.detach(record);
                let is_blocked = blocked.contains(position.as_ref());
                *state = match is_blocked {
                    true => Prefix::Ended(None),
                    false => Prefix::Growing(None),
                };
            }
            if let Prefix::Growing(last) = *state {
                if acked.contains(sequence) {
                    *state = Prefix::Growing(Some(record));
                } else {
                    *state = Prefix::Ended(last);
                    blocked.put(chunk.positions.detach(record));
                }
            }
        }
        for state in states {
            if let Prefix::Growing(Some(last)) | Prefix::Ended(Some(last)) = state {
                self.put(chunk.positions.detach(last));
            }
        }
    }
}

/// The acknowledged records at the front of one source partition; the last of them, if any.
#[derive(Clone, Copy, PartialEq)]
enum Prefix {
    Unseen,
    Growing(Option<usize>),
    Ended(Option<usize>),
}

/// Calls `found` with each source partition of the first `sent` records and its last record.
fn last_of_each_partition(chunk: &Chunk, sent: usize, mut found: impl FnMut(usize, usize)) {
    let partitions = chunk.positions.partition_count();
    let mut missing = partitions;
    let mut seen = vec![false; if partitions > 1 { partitions } else { 0 }];
    for index in (0..sent).rev() {
        let record = chunk.records.get(index);
        if partitions == 1 {
            return found(0, record);
        }
        let partition = chunk.positions.partition_of(record);
        if !std::mem::replace(&mut seen[partition], true) {
            found(partition, record);
            missing -= 1;
        }
        if missing == 0 {
            return;
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
