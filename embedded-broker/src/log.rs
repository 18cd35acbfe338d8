//! The log of one partition: a row of segments, of which only the last one grows.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use kafka_protocol::ResponseError;

use crate::batch::{self, BatchHeader};
use crate::error::{BrokerError, at};
use crate::producers::{Producers, Verdict};
use segment::{Extent, Segment};

mod index;
mod scan;
mod segment;

/// A segment is sealed at this size, even if its topic allows more: start-up reads the last one.
const MAX_SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// The log of one partition. A partition that was never written has no folder.
#[derive(Debug)]
pub(crate) struct Log {
    dir: PathBuf,
    sealed: VecDeque<Extent>,
    active: Option<Active>,
    /// Sealed segments that may not be on the disk yet.
    unsynced: Vec<i64>,
    /// The sealed segment that was read last.
    reading: Option<Segment>,
    /// Where the last read ended: the offset and the place in the segment.
    ended_at: Option<(i64, i64, u64)>,
    start_offset: i64,
    next_offset: i64,
    producers: Producers,
}

#[derive(Debug)]
struct Active {
    segment: Segment,
    /// When the first batch came, in milliseconds.
    since: i64,
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

/// What a read is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    /// The first offset.
    pub(crate) offset: i64,
    /// At most this many bytes.
    pub(crate) max_bytes: u64,
    /// Whether one batch comes even if it is larger.
    pub(crate) at_least_one: bool,
}

impl Log {
    /// Opens the log in a folder, which need not exist. `start_offset` is where clients deleted
    /// records up to.
    ///
    /// # Errors
    /// When a file cannot be read or is damaged; then nothing was changed.
    pub(crate) fn open(dir: PathBuf, start_offset: i64) -> Result<Self, BrokerError> {
        let mut bases = segment_bases(&dir)?;
        let mut log = Self {
            dir,
            sealed: VecDeque::new(),
            active: None,
            unsynced: Vec::new(),
            reading: None,
            ended_at: None,
            start_offset,
            next_offset: start_offset,
            producers: Producers::default(),
        };
        let Some(last) = bases.pop() else {
            return Ok(log);
        };
        for base in bases {
            let extent = Segment::open_sealed(&log.dir, base, &mut log.producers)?;
            log.sealed.push_back(extent);
        }
        let segment = Segment::open_last(&log.dir, last, &mut log.producers)?;
        log.check_row(&segment.extent)?;
        let first = log.sealed.front().map_or(last, |it| it.base);
        let Extent {
            next_offset,
            max_timestamp,
            ..
        } = segment.extent;
        log.start_offset = start_offset.max(first);
        log.next_offset = next_offset.max(log.start_offset);
        log.active = Some(Active {
            segment,
            since: max_timestamp,
        });
        if log.next_offset > next_offset {
            // The end is lost that records were deleted up to; offsets go on behind it.
            log.roll(max_timestamp).map_err(at(&log.dir.clone()))?;
        }
        Ok(log)
    }

    fn check_row(&self, last: &Extent) -> Result<(), BrokerError> {
        let followers = self.sealed.iter().skip(1).chain([last]);
        for (before, after) in self.sealed.iter().zip(followers) {
            let is_next = before.next_offset == after.base;
            let is_behind_deleted =
                before.next_offset < after.base && after.base <= self.start_offset;
            if !is_next && !is_behind_deleted {
                return Err(BrokerError::Damaged {
                    file: segment::log_path(&self.dir, after.base),
                    position: 0,
                    reason: format!(
                        "the segment before it ends at offset {}",
                        before.next_offset
                    ),
                });
            }
        }
        Ok(())
    }

    /// The first offset that can be read.
    pub(crate) fn start_offset(&self) -> i64 {
        self.start_offset
    }

    /// The offset that the next record gets.
    pub(crate) fn next_offset(&self) -> i64 {
        self.next_offset
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
        match self.producers.judge(header) {
            Verdict::Append => {}
            Verdict::Duplicate(offset) => return Ok(Appended::Again(offset)),
            Verdict::Refuse(error) => return Ok(Appended::Refused(error)),
        }
        let offset = self.next_offset;
        let active = self.writable(header.size() as u64, rolling, now)?;
        active.segment.append(header, offset, batch)?;
        self.next_offset = offset + header.offset_count();
        self.producers.remember(header, offset);
        Ok(Appended::At(offset))
    }

    /// The growing segment, a new one if need be.
    fn writable(&mut self, more: u64, rolling: Rolling, now: i64) -> io::Result<&mut Active> {
        let full = self.active.as_ref().is_some_and(|it| {
            let length = it.segment.extent.length;
            let limit = rolling.bytes.min(MAX_SEGMENT_BYTES);
            let too_large = length + more > limit;
            let too_old = now.saturating_sub(it.since) >= rolling.age_ms;
            length > 0 && (too_large || too_old)
        });
        if full {
            self.roll(now)?;
        }
        if self.active.is_none() {
            self.begin_segment(now)?;
        }
        Ok(self.active.as_mut().expect("was just made"))
    }

    /// Seals the growing segment and begins the next one.
    fn roll(&mut self, now: i64) -> io::Result<()> {
        let Some(active) = &self.active else {
            return Ok(());
        };
        self.producers.forget_silent(now);
        active.segment.seal(&self.dir, &self.producers)?;
        let sealed = active.segment.extent;
        self.begin_segment(now)?;
        self.sealed.push_back(sealed);
        self.unsynced.push(sealed.base);
        Ok(())
    }

    fn begin_segment(&mut self, now: i64) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        let segment = Segment::create(&self.dir, self.next_offset)?;
        self.active = Some(Active {
            segment,
            since: now,
        });
        Ok(())
    }

    /// Waits until the system has put everything on the disk.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        while let Some(base) = self.unsynced.last() {
            segment::sync(&self.dir, *base)?;
            self.unsynced.pop();
        }
        self.active.as_ref().map_or(Ok(()), |it| it.segment.sync())
    }

    /// How many bytes there are from an offset on, at most `enough`.
    pub(crate) fn available(&mut self, offset: i64, enough: u64) -> io::Result<u64> {
        if offset >= self.next_offset {
            return Ok(0);
        }
        let later: u64 = self
            .extents()
            .filter(|it| it.base > offset)
            .map(|it| it.length)
            .sum();
        if later >= enough {
            return Ok(enough);
        }
        let Some((segment, position)) = self.locate(offset)? else {
            return Ok(0);
        };
        let here = segment.extent.length - position;
        Ok(enough.min(later + here))
    }

    /// Appends whole batches from the offset on to `out`: those of one segment that fit.
    pub(crate) fn read(&mut self, range: Range, out: &mut Vec<u8>) -> io::Result<()> {
        if range.offset >= self.next_offset {
            return Ok(());
        }
        let Some((segment, position)) = self.locate(range.offset)? else {
            return Ok(());
        };
        let Some(first) = segment.header_at(position)? else {
            return Ok(());
        };
        let first_size = first.size() as u64;
        if first_size > range.max_bytes && !range.at_least_one {
            return Ok(());
        }
        let wanted = range.max_bytes.max(first_size);
        let count = wanted.min(segment.extent.length - position);
        let from = out.len();
        segment.read_into(position, count, out)?;

        let mut whole = 0;
        let mut next_offset = range.offset;
        let bytes = &out[from..];
        while let Some(header) = BatchHeader::parse(&bytes[whole..]) {
            if whole + header.size() > bytes.len() {
                break;
            }
            whole += header.size();
            next_offset = header.next_offset();
        }
        out.truncate(from + whole);
        let base = segment.extent.base;
        self.ended_at = Some((next_offset, base, position + whole as u64));
        Ok(())
    }

    /// The segment and the place where the batch with an offset begins, or the first one behind.
    fn locate(&mut self, offset: i64) -> io::Result<Option<(&mut Segment, u64)>> {
        let hint = self.ended_at.filter(|(at, ..)| *at == offset);
        let Some(base) = self
            .extents()
            .find(|it| it.next_offset > offset)
            .map(|it| it.base)
        else {
            return Ok(None);
        };
        let segment = self.segment(base)?;
        if let Some((_, hinted, position)) = hint
            && hinted == base
        {
            return Ok(Some((segment, position)));
        }
        let found = segment.find_offset(offset)?;
        Ok(found.map(|it| (segment, it.position)))
    }

    /// Opens a segment for reading, or takes the one that is open.
    fn segment(&mut self, base: i64) -> io::Result<&mut Segment> {
        let is_active = |it: &Active| it.segment.extent.base == base;
        if self.active.as_ref().is_some_and(is_active) {
            return Ok(&mut self.active.as_mut().expect("was just seen").segment);
        }
        let is_open = |it: &Segment| it.extent.base == base;
        if !self.reading.as_ref().is_some_and(is_open) {
            let extent = self.sealed.iter().find(|it| it.base == base);
            let extent = *extent.ok_or(io::ErrorKind::NotFound)?;
            self.reading = Some(Segment::reopen(&self.dir, extent)?);
        }
        Ok(self.reading.as_mut().expect("was just opened"))
    }

    /// The first record that reaches a timestamp, as offset and timestamp.
    pub(crate) fn offset_of_time(&mut self, timestamp: i64) -> io::Result<Option<(i64, i64)>> {
        let start = self.start_offset;
        let bases: Vec<i64> = self
            .extents()
            .filter(|it| it.max_timestamp >= timestamp && it.next_offset > start)
            .map(|it| it.base)
            .collect();
        for base in bases {
            let segment = self.segment(base)?;
            if let Some(found) = segment.find_time(timestamp, start)? {
                return segment.find_time_in(found, timestamp, start).map(Some);
            }
        }
        Ok(None)
    }

    /// The first record with the largest timestamp, as offset and timestamp.
    pub(crate) fn offset_of_newest(&mut self) -> io::Result<Option<(i64, i64)>> {
        let newest = self.extents().map(|it| it.max_timestamp).max();
        match newest {
            Some(newest) if newest >= 0 => self.offset_of_time(newest),
            _ => Ok(None),
        }
    }

    /// Makes everything before an offset unreadable and removes the segments that lie before it.
    /// The caller remembers the offset.
    pub(crate) fn delete_before(&mut self, offset: i64) -> io::Result<()> {
        self.start_offset = self.start_offset.max(offset);
        while let Some(first) = self.sealed.front().copied()
            && first.next_offset <= self.start_offset
        {
            self.remove(first.base)?;
            self.sealed.pop_front();
        }
        Ok(())
    }

    fn remove(&mut self, base: i64) -> io::Result<()> {
        if self
            .reading
            .as_ref()
            .is_some_and(|it| it.extent.base == base)
        {
            self.reading = None;
        }
        self.unsynced.retain(|it| *it != base);
        match fs::remove_file(segment::index_path(&self.dir, base)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::remove_file(segment::log_path(&self.dir, base))
    }

    /// Looks after the age and the size of the log: whole segments go, oldest first. Says whether
    /// the log begins elsewhere now.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub(crate) fn retain(&mut self, retention: Retention, now: i64) -> io::Result<bool> {
        let before = self.start_offset;
        loop {
            let Some(first) = self.extents().next().copied() else {
                break;
            };
            let age = now.saturating_sub(first.max_timestamp);
            let too_old = retention.age_ms.is_some_and(|limit| age > limit);
            let rest = self.size() - first.length;
            let too_large = retention.bytes.is_some_and(|limit| rest >= limit);
            if first.length == 0 || !(too_old || too_large) {
                break;
            }
            if self.sealed.is_empty() {
                if !too_old {
                    break;
                }
                // The name of the next segment tells a later start where the log stands.
                self.roll(now)?;
            }
            self.delete_before(first.next_offset)?;
        }
        Ok(self.start_offset != before)
    }
}

/// What a topic keeps; `None` is without limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retention {
    pub(crate) age_ms: Option<i64>,
    pub(crate) bytes: Option<u64>,
}

fn segment_bases(dir: &Path) -> Result<Vec<i64>, BrokerError> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(at(dir))?,
    };
    let mut bases = Vec::new();
    for entry in entries {
        let path = entry.map_err(at(dir))?.path();
        bases.extend(segment::base_of(&path));
    }
    bases.sort_unstable();
    Ok(bases)
}

/// The time of the batch's arrival, or the bytes as they came.
pub(crate) fn stamped(header: &BatchHeader, batch: &[u8], now: i64) -> (BatchHeader, Vec<u8>) {
    let bytes = batch::with_append_time(batch, header, now);
    let header = BatchHeader::parse(&bytes).expect("a stamped batch is as sound as the original");
    (header, bytes)
}

#[cfg(test)]
mod tests;
