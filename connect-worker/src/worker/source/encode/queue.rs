//! The records of a batch, and how far they have come.

use connect_core::record::Record;
use connect_core::source::BatchRecords;

use super::Partial;
use crate::worker::errors::Failure;
use crate::worker::transforms::TransformChain;

/// The records of a batch, each transformed in its place when its turn comes.
#[derive(Debug)]
pub(in crate::worker::source) struct RecordQueue {
    pub(super) records: Box<dyn BatchRecords>,
    /// Number of the records.
    count: usize,
    /// Whether the producer stamps them, because nobody sees the time that they have.
    forgets_time: bool,
    /// Indexes of records that are none.
    offset_only: Vec<usize>,
    next: usize,
    /// Step of the transforms with which the next record goes on.
    step: usize,
    /// Whether the next record has only to be encoded.
    is_transformed: bool,
    /// What of the next record is encoded already, if it has failed since.
    pub(super) partial: Option<Box<Partial>>,
    keeps_failed: bool,
    /// Indexes of records that a transform dropped.
    dropped: Vec<usize>,
}

impl RecordQueue {
    /// A queue that gives up records that a transform consumed and failed for, unless it has to
    /// keep them.
    pub(in crate::worker::source) fn new(
        records: Box<dyn BatchRecords>,
        keeps_failed: bool,
    ) -> Self {
        Self {
            count: records.len(),
            records,
            forgets_time: false,
            offset_only: Vec::new(),
            next: 0,
            step: 0,
            is_transformed: false,
            partial: None,
            keeps_failed,
            dropped: Vec::new(),
        }
    }

    /// The same with records that are none, by index and in order.
    pub(in crate::worker::source) fn with_offsets_alone(self, offset_only: Vec<usize>) -> Self {
        Self {
            offset_only,
            ..self
        }
    }

    /// The same, whose records are of the time at which they are sent.
    pub(in crate::worker::source) fn without_time(self) -> Self {
        Self {
            forgets_time: true,
            ..self
        }
    }

    /// Index of the next record; `None` at the end.
    pub(in crate::worker::source) fn next_index(&self) -> Option<usize> {
        (self.next < self.count).then_some(self.next)
    }

    /// Whether the next record is none, and only its offset counts.
    pub(in crate::worker::source) fn next_is_offset_only(&self) -> bool {
        !self.offset_only.is_empty() && self.offset_only.binary_search(&self.next).is_ok()
    }

    /// The next record. Nothing but its topic is left if it failed and is not kept.
    pub(in crate::worker::source) fn next_record(&self) -> Option<&Record> {
        self.next_index().map(|index| self.records.record(index))
    }

    /// The time with which a record is sent, if that is not left to the producer.
    pub(super) fn time_of(&self, record: &Record) -> Option<i64> {
        record.timestamp.filter(|_| !self.forgets_time)
    }

    /// Moves behind the next record.
    pub(in crate::worker::source) fn advance(&mut self) {
        self.next += 1;
        self.step = 0;
        self.is_transformed = false;
        self.partial = None;
    }

    /// Takes the indexes of records that were dropped since the last time.
    pub(in crate::worker::source) fn take_dropped(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.dropped)
    }

    /// Transforms the next record; a step that was done before is not repeated. `false` when the
    /// record is dropped.
    pub(super) fn transform_next(
        &mut self,
        transforms: &mut TransformChain,
    ) -> Result<bool, Failure> {
        if transforms.is_empty() || self.is_transformed {
            return Ok(true);
        }
        let record = self.records.record_mut(self.next);
        match transforms.apply(record, self.step, self.keeps_failed) {
            Ok(true) => {
                self.is_transformed = true;
                Ok(true)
            }
            Ok(false) => {
                self.dropped.push(self.next);
                Ok(false)
            }
            Err(failed) => {
                self.step = failed.step;
                Err(failed.failure)
            }
        }
    }
}
