//! The log of one partition: a row of segments, of which only the last one grows.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::PathBuf;

use kafka_protocol::ResponseError;

use crate::batch::{self, BatchHeader, Outcome};
use crate::producers::{ActiveProducer, Producers, Verdict};
use history::History;
use segment::{Extent, Segment};

pub(crate) use cleaning::CleaningRules;
pub(crate) use history::Aborted;
pub(crate) use read::Range;
pub(crate) use retention::Retention;

mod checkpoint;
mod cleaning;
mod history;
mod index;
mod open;
mod read;
mod retention;
mod scan;
mod seal;
mod segment;

/// A segment is sealed at this size, even if its topic allows more: start-up reads the last one.
const MAX_SEGMENT_BYTES: u64 = 64 * 1024 * 1024;
/// A segment is sealed at this many offsets, so that the keys in it fit into memory.
const MAX_SEGMENT_OFFSETS: i64 = 200_000;

/// The log of one partition. A partition that was never written has no folder.
#[derive(Debug)]
pub(crate) struct Log {
    dir: PathBuf,
    sealed: VecDeque<Extent>,
    active: Option<Active>,
    /// Sealed segments that may not be on the disk yet, and so have no index there.
    unsynced: Vec<Unsynced>,
    /// The sealed segment that was read last.
    reading: Option<Segment>,
    /// Where the last read ended: the offset and the place in the segment.
    ended_at: Option<(i64, i64, u64)>,
    start_offset: i64,
    next_offset: i64,
    history: History,
}

#[derive(Debug)]
struct Active {
    segment: Segment,
    /// When the first batch came, in milliseconds.
    since: i64,
    /// Bytes that the index on the disk covers.
    checkpointed: u64,
    /// Whether something was written since the system was last asked to put it on the disk.
    is_dirty: bool,
    /// Whether the file's name may not be on the disk either.
    is_new: bool,
}

/// A sealed segment with its file open, and the producers as they were at its end.
#[derive(Debug)]
struct Unsynced {
    segment: Segment,
    producers: Producers,
}

/// When a segment is sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rolling {
    /// At this size.
    pub(crate) bytes: u64,
    /// At this age.
    pub(crate) age_ms: i64,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Appended {
    /// It is stored from this offset on.
    At(i64),
    /// It was stored before, from this offset on.
    Again(i64),
    /// It was not stored.
    Refused(ResponseError),
}

impl Log {
    /// The first offset that can be read.
    pub(crate) fn start_offset(&self) -> i64 {
        self.start_offset
    }

    /// The offset that the next record gets.
    pub(crate) fn next_offset(&self) -> i64 {
        self.next_offset
    }

    /// The offset up to which every transaction has ended.
    pub(crate) fn stable_offset(&self) -> i64 {
        let first_open = self.history.producers.first_open_offset();
        first_open.unwrap_or(self.next_offset)
    }

    /// The aborted transactions that have records in a range of offsets.
    pub(crate) fn aborted(&self, from: i64, until: i64) -> Vec<Aborted> {
        self.history.aborted_among(from, until).copied().collect()
    }

    /// The producers with open transactions, and their epochs.
    pub(crate) fn open_transactions(&self) -> Vec<(i64, i16)> {
        self.history.producers.open()
    }

    /// Whether a producer has a transaction open here.
    pub(crate) fn has_open_transaction(&self, producer_id: i64) -> bool {
        self.history.producers.has_open(producer_id)
    }

    /// The producers that are remembered.
    pub(crate) fn producers(&self) -> impl Iterator<Item = ActiveProducer> + '_ {
        self.history.producers.active()
    }

    /// Bytes of all segments.
    pub(crate) fn size(&self) -> u64 {
        self.extents().map(|it| it.length).sum()
    }

    fn extents(&self) -> impl DoubleEndedIterator<Item = &Extent> {
        let active = self.active.as_ref().map(|it| &it.segment.extent);
        self.sealed.iter().chain(active)
    }

    /// Appends a batch that was checked before.
    ///
    /// # Errors
    /// When the file cannot be written; then the log is as it was.
    pub(crate) fn append(
        &mut self,
        header: &BatchHeader,
        batch: &[u8],
        rolling: Rolling,
        now: i64,
    ) -> io::Result<Appended> {
        match self.history.producers.judge(header) {
            Verdict::Append => self.write(header, batch, rolling, now).map(Appended::At),
            Verdict::Duplicate(offset) => Ok(Appended::Again(offset)),
            Verdict::Refuse(error) => Ok(Appended::Refused(error)),
        }
    }

    /// Appends the marker that ends a producer's transaction.
    ///
    /// # Errors
    /// When the file cannot be written; then the transaction is as open as it was.
    pub(crate) fn append_marker(
        &mut self,
        outcome: Outcome,
        (producer_id, epoch): (i64, i16),
        rolling: Rolling,
        now: i64,
    ) -> io::Result<()> {
        let batch = batch::marker(outcome, producer_id, epoch, now);
        let header = BatchHeader::parse(&batch).expect("a marker is a sound batch");
        self.write(&header, &batch, rolling, now).map(|_| ())
    }

    fn write(
        &mut self,
        header: &BatchHeader,
        batch: &[u8],
        rolling: Rolling,
        now: i64,
    ) -> io::Result<i64> {
        let offset = self.next_offset;
        let active = self.writable(header, rolling, now)?;
        active.segment.append(header, offset, batch)?;
        active.is_dirty = true;
        self.next_offset = offset + header.offset_count();
        self.history.note(header, offset, batch);
        Ok(offset)
    }

    /// The growing segment, a new one if need be.
    fn writable(
        &mut self,
        header: &BatchHeader,
        rolling: Rolling,
        now: i64,
    ) -> io::Result<&mut Active> {
        let next_offset = self.next_offset + header.offset_count();
        let full = self.active.as_ref().is_some_and(|it| {
            let extent = &it.segment.extent;
            let limit = rolling.bytes.min(MAX_SEGMENT_BYTES);
            let too_large = extent.length + header.size() as u64 > limit;
            let too_long = next_offset - extent.base > MAX_SEGMENT_OFFSETS;
            let too_old = now.saturating_sub(it.since) >= rolling.age_ms;
            extent.length > 0 && (too_large || too_long || too_old)
        });
        if full {
            self.roll(now)?;
        }
        if self.active.is_none() {
            self.begin_segment(now)?;
        }
        Ok(self.active.as_mut().expect("was just made"))
    }

    /// Seals the growing segment and begins the next one. The index is written when the segment is
    /// on the disk.
    fn roll(&mut self, now: i64) -> io::Result<()> {
        if self.active.is_none() {
            return Ok(());
        }
        self.history.producers.forget_silent(now);
        let before = self.active.take();
        if let Err(error) = self.begin_segment(now) {
            self.active = before;
            return Err(error);
        }
        if let Some(Active { segment, .. }) = before {
            self.sealed.push_back(segment.extent);
            self.unsynced.push(Unsynced {
                segment,
                producers: self.history.producers.clone(),
            });
        }
        Ok(())
    }

    fn begin_segment(&mut self, now: i64) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let segment = Segment::create(&self.dir, self.next_offset)?;
        self.active = Some(Active {
            segment,
            since: now,
            checkpointed: 0,
            is_dirty: false,
            is_new: true,
        });
        Ok(())
    }

    /// Opens a segment for reading, or takes the one that is open.
    fn segment(&mut self, base: i64) -> io::Result<&mut Segment> {
        let is_wanted = |it: &Segment| it.extent.base == base;
        if self
            .active
            .as_ref()
            .is_some_and(|it| is_wanted(&it.segment))
        {
            return Ok(&mut self.active.as_mut().expect("was just seen").segment);
        }
        let unsynced = self.unsynced.iter().position(|it| is_wanted(&it.segment));
        if let Some(index) = unsynced {
            return Ok(&mut self.unsynced[index].segment);
        }
        if !self.reading.as_ref().is_some_and(is_wanted) {
            let extent = self.sealed.iter().find(|it| it.base == base);
            let extent = *extent.ok_or(io::ErrorKind::NotFound)?;
            self.reading = Some(Segment::reopen(&self.dir, extent)?);
        }
        Ok(self.reading.as_mut().expect("was just opened"))
    }
}

/// A batch that bears the time of its arrival.
pub(crate) fn stamped(header: &BatchHeader, batch: &[u8], now: i64) -> (BatchHeader, Vec<u8>) {
    let bytes = batch::with_append_time(batch, header, now);
    let header = BatchHeader::parse(&bytes).expect("a stamped batch is as sound as the original");
    (header, bytes)
}

#[cfg(test)]
mod tests;
