//! Reading a log: by offset and by time.

use std::io;

use super::Log;
use super::segment::{Extent, Segment};
use crate::batch::BatchHeader;

/// What a read is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    /// The first offset.
    pub(crate) offset: i64,
    /// The offset to stop before.
    pub(crate) until: i64,
    /// At most this many bytes.
    pub(crate) max_bytes: u64,
    /// Whether one batch comes even if it is larger.
    pub(crate) at_least_one: bool,
}

impl Log {
    /// How many bytes there are from an offset on, at most `enough`; nothing if the next batch
    /// does not begin before `until`.
    pub(crate) fn available(&mut self, offset: i64, until: i64, enough: u64) -> io::Result<u64> {
        if offset >= until {
            return Ok(0);
        }
        let Some((segment, position)) = self.locate(offset)? else {
            return Ok(0);
        };
        let base = segment.extent.base;
        let here = segment.extent.length - position;
        let next = segment.header_at(position)?;
        if next.is_none_or(|it| it.base_offset >= until) {
            return Ok(0);
        }
        let later = self.extents().rev().take_while(|it| it.base > base);
        let later: u64 = later.map(|it| it.length).sum();
        Ok(enough.min(later + here))
    }

    /// Appends whole batches to `out`: those of one segment that fit. Returns the offset behind
    /// them.
    pub(crate) fn read(&mut self, range: Range, out: &mut Vec<u8>) -> io::Result<i64> {
        if range.offset >= range.until {
            return Ok(range.offset);
        }
        let Some((segment, position)) = self.locate(range.offset)? else {
            return Ok(range.offset);
        };
        let Some(first) = segment.header_at(position)? else {
            return Ok(range.offset);
        };
        let first_size = first.size() as u64;
        if first_size > range.max_bytes && !range.at_least_one {
            return Ok(range.offset);
        }
        let wanted = range.max_bytes.max(first_size);
        let count = wanted.min(segment.extent.length - position);
        let from = out.len();
        segment.read_into(position, count, out)?;

        let mut whole = 0;
        let mut next_offset = range.offset;
        let bytes = &out[from..];
        while let Some(header) = BatchHeader::parse(&bytes[whole..]) {
            let is_cut = whole + header.size() > bytes.len();
            if is_cut || header.base_offset >= range.until {
                break;
            }
            whole += header.size();
            next_offset = header.next_offset();
        }
        out.truncate(from + whole);
        let base = segment.extent.base;
        self.ended_at = Some((next_offset, base, position + whole as u64));
        Ok(next_offset)
    }

    /// The segment and the place where the batch with an offset begins, or the first one behind.
    fn locate(&mut self, offset: i64) -> io::Result<Option<(&mut Segment, u64)>> {
        let hint = self.ended_at.filter(|(at, ..)| *at == offset);
        let mut from = offset;
        while let Some(extent) = self.extent_with(from) {
            let hinted = hint.filter(|(_, base, _)| *base == extent.base);
            let position = match hinted {
                Some((_, _, position)) => Some(position),
                None => self.segment(extent.base)?.find_offset(from)?,
            };
            if let Some(position) = position.filter(|it| *it < extent.length) {
                return Ok(Some((self.segment(extent.base)?, position)));
            }
            // Compaction may have removed the end of a segment.
            from = extent.next_offset;
        }
        Ok(None)
    }

    /// The first segment that ends behind an offset.
    fn extent_with(&self, offset: i64) -> Option<Extent> {
        let index = self.sealed.partition_point(|it| it.next_offset <= offset);
        let active = || self.active.as_ref().map(|it| it.segment.extent);
        let found = self.sealed.get(index).copied().or_else(active);
        found.filter(|it| it.next_offset > offset)
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
}
