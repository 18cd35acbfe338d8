//! The tracker against a model that looks at every record one by one.

use std::any::Any;
use std::collections::BTreeMap;

use connect_core::offset::OffsetMap;

use super::*;
use crate::worker::dying::Chance;

/// Source partition of each record; the offset of a record is its own number.
#[derive(Debug)]
pub(in crate::worker::source) struct Batch {
    partitions: Vec<u8>,
    /// Distinct partitions in order of appearance.
    distinct: Vec<u8>,
    first_offset: u32,
}

#[derive(Debug)]
struct At(u8, u32);

impl Batch {
    pub(in crate::worker::source) fn positions(
        partitions: &[u8],
        first_offset: u32,
    ) -> Arc<dyn BatchPositions> {
        let mut distinct = Vec::new();
        for partition in partitions {
            if !distinct.contains(partition) {
                distinct.push(*partition);
            }
        }
        Arc::new(Self {
            partitions: partitions.to_vec(),
            distinct,
            first_offset,
        })
    }
}

impl BatchPositions for Batch {
    fn partition_count(&self) -> usize {
        self.distinct.len()
    }

    fn partition_of(&self, record: usize) -> usize {
        let mut distinct = self.distinct.iter();
        distinct
            .position(|it| *it == self.partitions[record])
            .unwrap()
    }

    fn detach(&self, record: usize) -> Box<dyn Position> {
        let offset = self.first_offset + u32::try_from(record).unwrap();
        Box::new(At(self.partitions[record], offset))
    }
}

impl Position for At {
    fn partition(&self) -> OffsetMap {
        OffsetMap::new().with("p", u32::from(self.0))
    }

    fn offset(&self) -> OffsetMap {
        OffsetMap::new().with("o", self.1)
    }

    fn same_partition(&self, other: &dyn Position) -> bool {
        let other: &dyn Any = other;
        other
            .downcast_ref::<Self>()
            .is_some_and(|it| it.0 == self.0)
    }

    fn partition_hash(&self) -> u64 {
        // Two partitions share each hash, so that equality decides.
        u64::from(self.0 / 2)
    }
}

fn taken(tracker: &mut OffsetTracker) -> BTreeMap<u8, u32> {
    let positions = tracker.take_committable().into_iter();
    let typed = positions.map(|it| {
        let any: Box<dyn Any> = it;
        *any.downcast::<At>().unwrap()
    });
    typed
        .map(|At(partition, offset)| (partition, offset))
        .collect()
}

#[test]
fn nothing_is_committable_before_its_acknowledgement() {
    let mut tracker = OffsetTracker::default();
    tracker.sending(&Batch::positions(&[0, 0, 0], 10), SentRecords::Run(0..3), 0);

    assert_eq!(taken(&mut tracker), BTreeMap::new());
    tracker.acknowledge(1..3);
    assert_eq!(taken(&mut tracker), BTreeMap::new());
    tracker.acknowledge(0..1);
    assert_eq!(taken(&mut tracker), BTreeMap::from([(0, 12)]));
    assert_eq!(taken(&mut tracker), BTreeMap::new());
}

#[test]
fn a_partly_acknowledged_chunk_moves_the_offset_to_its_prefix() {
    let mut tracker = OffsetTracker::default();
    tracker.sending(&Batch::positions(&[0, 0, 0], 0), SentRecords::Run(0..3), 0);
    tracker.sending(&Batch::positions(&[0, 0], 3), SentRecords::Run(0..2), 3);

    tracker.acknowledge(3..5);
    tracker.acknowledge(0..2);

    assert_eq!(taken(&mut tracker), BTreeMap::from([(0, 1)]));
}

#[test]
fn a_slow_partition_does_not_hold_back_others() {
    let mut tracker = OffsetTracker::default();
    tracker.sending(&Batch::positions(&[0], 0), SentRecords::Run(0..1), 0);
    tracker.sending(&Batch::positions(&[1, 0, 1], 1), SentRecords::Run(0..3), 1);

    tracker.acknowledge(1..4);

    assert_eq!(taken(&mut tracker), BTreeMap::from([(1, 3)]));
}

#[test]
fn dropped_records_leave_no_gap() {
    let mut tracker = OffsetTracker::default();
    let batch = Batch::positions(&[0, 0, 0, 0], 0);
    tracker.sending(&batch, SentRecords::Chosen(vec![0, 2]), 0);

    tracker.acknowledge(0..2);

    assert_eq!(taken(&mut tracker), BTreeMap::from([(0, 2)]));
}

#[test]
fn what_could_not_be_stored_comes_again_unless_it_is_outdated() {
    let mut tracker = OffsetTracker::default();
    tracker.sending(&Batch::positions(&[0, 1], 0), SentRecords::Run(0..2), 0);
    tracker.acknowledge(0..2);
    let lost = tracker.take_committable();
    tracker.sending(&Batch::positions(&[1], 7), SentRecords::Run(0..1), 2);
    tracker.acknowledge(2..3);

    tracker.give_back(lost);

    assert_eq!(taken(&mut tracker), BTreeMap::from([(0, 0), (1, 7)]));
}

#[test]
fn an_offset_without_a_record_waits_for_the_records_before_it() {
    let mut tracker = OffsetTracker::default();
    let batch = Batch::positions(&[0, 1, 0, 1], 0);
    tracker.sending(&batch, SentRecords::Run(0..1), 0);
    tracker.sending(&batch, SentRecords::OffsetOnly(1), 1);
    tracker.sending(&batch, SentRecords::OffsetOnly(2), 1);

    // Nothing of the other partition is in flight.
    assert_eq!(taken(&mut tracker), BTreeMap::from([(1, 1)]));
    tracker.acknowledge(0..1);
    assert_eq!(taken(&mut tracker), BTreeMap::from([(0, 2), (1, 1)]));

    tracker.sending(&batch, SentRecords::OffsetOnly(3), 1);
    assert_eq!(taken(&mut tracker), BTreeMap::from([(1, 3)]));
    assert_eq!(taken(&mut tracker), BTreeMap::new());
}

#[test]
fn the_tracker_agrees_with_looking_at_every_record() {
    for seed in 0..300 {
        let mut chance = Chance::new(seed);
        let mut tracker = OffsetTracker::default();
        let mut sent: Vec<(u8, u32)> = Vec::new();
        let mut acked: Vec<bool> = Vec::new();
        let mut stored: BTreeMap<u8, u32> = BTreeMap::new();
        let mut offset = 0;
        for _ in 0..40 {
            let partitions: Vec<u8> = (0..chance.below(6))
                .map(|_| u8::try_from(chance.below(4)).unwrap())
                .collect();
            let batch = Batch::positions(&partitions, offset);
            let chosen: Vec<usize> = (0..partitions.len())
                .filter(|_| chance.below(4) > 0)
                .collect();
            let first = sent.len() as u64;
            for index in &chosen {
                sent.push((partitions[*index], offset + u32::try_from(*index).unwrap()));
                acked.push(false);
            }
            offset += u32::try_from(partitions.len()).unwrap();
            tracker.sending(&batch, SentRecords::Chosen(chosen), first);
            for (sequence, acked) in (0..).zip(&mut acked) {
                if !*acked && chance.below(3) == 0 {
                    *acked = true;
                    tracker.acknowledge(sequence..sequence + 1);
                }
            }

            stored.extend(taken(&mut tracker));

            let mut expected = BTreeMap::new();
            let mut blocked = [false; 4];
            for ((partition, offset), acked) in sent.iter().zip(&acked) {
                blocked[usize::from(*partition)] |= !acked;
                if !blocked[usize::from(*partition)] {
                    expected.insert(*partition, *offset);
                }
            }
            assert_eq!(stored, expected, "seed {seed}");
        }
    }
}
