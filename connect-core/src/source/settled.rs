//! What became of records: which the task is told of, and how they are found again.

use std::collections::VecDeque;
use std::fmt;

use super::{Batch, SourceTask};
use crate::record::SourceRecord;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The broker has it.
    Written,
    /// A transform dropped it, or it failed and that is tolerated.
    Dropped,
}

/// A record that needs no more attention.
pub struct Settled<T: SourceTask> {
    /// The record as it was polled.
    pub record: SourceRecord<T::Partition, T::Offset>,
    /// What became of it.
    pub fate: Fate,
}

impl<T: SourceTask> fmt::Debug for Settled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settled")
            .field("topic", &self.record.record().topic)
            .field("fate", &self.fate)
            .finish_non_exhaustive()
    }
}

/// The same for the worker, which knows records by their place in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledRecord {
    /// Number of the batch.
    pub batch: u64,
    /// Index of the record in its batch.
    pub record: usize,
    /// What became of it.
    pub fate: Fate,
}

/// Polled records of a task that wants to hear of them again.
pub(super) struct Unsettled<T: SourceTask> {
    /// Number of the first batch; the others follow without gaps.
    first: u64,
    batches: VecDeque<Vec<Option<RecordOf<T>>>>,
}

type RecordOf<T> = SourceRecord<<T as SourceTask>::Partition, <T as SourceTask>::Offset>;

impl<T: SourceTask> Unsettled<T> {
    pub(super) fn new() -> Self {
        Self {
            first: 0,
            batches: VecDeque::new(),
        }
    }

    /// Keeps the records of a batch and numbers it.
    pub(super) fn add(&mut self, batch: &Batch<T>) -> u64 {
        let records = batch.iter().map(|record| {
            let is_sent = !record.is_offset_only;
            is_sent.then(|| record.clone())
        });
        self.batches.push_back(records.collect());
        self.first + self.batches.len() as u64 - 1
    }

    /// Takes records out; those that are not there are left out.
    pub(super) fn take(&mut self, settled: &[SettledRecord]) -> Vec<Settled<T>> {
        let mut taken = Vec::with_capacity(settled.len());
        for SettledRecord {
            batch,
            record,
            fate,
        } in settled
        {
            let record = batch
                .checked_sub(self.first)
                .and_then(|index| usize::try_from(index).ok())
                .and_then(|index| self.batches.get_mut(index)?.get_mut(*record)?.take());
            taken.extend(record.map(|record| Settled {
                record,
                fate: *fate,
            }));
        }
        while let Some(batch) = self.batches.front()
            && batch.iter().all(Option::is_none)
        {
            self.batches.pop_front();
            self.first += 1;
        }
        taken
    }
}
