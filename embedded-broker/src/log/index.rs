//! The index of a segment: where in the file to begin looking for an offset or a time.
//!
//! A growing segment has its index in memory. When the segment is on the disk, the index goes into
//! a file beside it.

use bytes::{Buf, BufMut};

/// Bytes of a segment between two entries of its index.
const INTERVAL: u64 = 16 * 1024;

/// One place in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    offset: i64,
    position: u64,
    /// The largest timestamp before this place.
    max_timestamp: i64,
}

/// The index of one segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    entries: Vec<Entry>,
}

impl Index {
    /// Notes a batch, if the last entry is far enough away.
    pub(super) fn note(&mut self, offset: i64, position: u64, max_timestamp: i64) {
        let last = self.entries.last().map_or(0, |it| it.position);
        if position >= last + INTERVAL {
            self.entries.push(Entry {
                offset,
                position,
                max_timestamp,
            });
        }
    }

    /// Where to begin looking for the batch that holds an offset.
    pub(super) fn before_offset(&self, offset: i64) -> u64 {
        let after = self.entries.partition_point(|it| it.offset <= offset);
        self.position_before(after)
    }

    /// Where to begin looking for the first batch that reaches a timestamp.
    pub(super) fn before_time(&self, timestamp: i64) -> u64 {
        let after = self
            .entries
            .partition_point(|it| it.max_timestamp < timestamp);
        self.position_before(after)
    }

    fn position_before(&self, after: usize) -> u64 {
        after
            .checked_sub(1)
            .map_or(0, |it| self.entries[it].position)
    }

    /// Writes the index in a form that [`decode`](Self::decode) reads.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let count = u32::try_from(self.entries.len());
        out.put_u32(count.expect("a segment has fewer entries than 2^32"));
        for entry in &self.entries {
            out.put_i64(entry.offset);
            out.put_u64(entry.position);
            out.put_i64(entry.max_timestamp);
        }
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` when it is something else.
    pub(super) fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let mut entries = Vec::new();
        for _ in 0..bytes.try_get_u32().ok()? {
            entries.push(Entry {
                offset: bytes.try_get_i64().ok()?,
                position: bytes.try_get_u64().ok()?,
                max_timestamp: bytes.try_get_i64().ok()?,
            });
        }
        Some(Self { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut index = Index::default();
        for step in 0..10_u32 {
            let position = u64::from(step) * 10_000;
            index.note(i64::from(step) * 100, position, i64::from(step) * 7);
        }
        index
    }

    #[test]
    fn a_place_is_never_behind_what_is_looked_for() {
        let index = index();

        assert_eq!(index.before_offset(0), 0);
        assert_eq!(index.before_offset(199), 0);
        assert_eq!(index.before_offset(200), 20_000);
        assert_eq!(index.before_offset(399), 20_000);
        assert_eq!(index.before_offset(10_000), 80_000);
        assert_eq!(index.before_time(0), 0);
        assert_eq!(index.before_time(15), 20_000);
    }
}
