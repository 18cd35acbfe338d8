//! The index of a segment: where in the file to begin looking for an offset or a time.
//!
//! A growing segment has its index in memory. When it is sealed, the index goes into a file beside
//! it, together with the producers as they were at the segment's end. Start-up reads that file
//! instead of the segment.

use bytes::{Buf, BufMut};

use crate::producers::Producers;

/// Bytes of a segment between two entries of its index.
const INTERVAL: u64 = 16 * 1024;
const MAGIC: u32 = 0x4542_4901;

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
}

/// What the file beside a sealed segment holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seal {
    pub(super) length: u64,
    pub(super) next_offset: i64,
    pub(super) max_timestamp: i64,
    pub(super) index: Index,
    pub(super) producers: Producers,
}

impl Seal {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + self.index.entries.len() * 24);
        out.put_u32(MAGIC);
        out.put_u64(self.length);
        out.put_i64(self.next_offset);
        out.put_i64(self.max_timestamp);
        let count = u32::try_from(self.index.entries.len());
        out.put_u32(count.expect("a segment has fewer entries than 2^32"));
        for entry in &self.index.entries {
            out.put_i64(entry.offset);
            out.put_u64(entry.position);
            out.put_i64(entry.max_timestamp);
        }
        self.producers.encode(&mut out);
        let crc = crc32c::crc32c(&out);
        out.put_u32(crc);
        out
    }

    /// `None` when the bytes are not exactly what [`encode`](Self::encode) wrote.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (mut body, mut crc) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
        if crc.get_u32() != crc32c::crc32c(body) || body.try_get_u32().ok()? != MAGIC {
            return None;
        }
        let length = body.try_get_u64().ok()?;
        let next_offset = body.try_get_i64().ok()?;
        let max_timestamp = body.try_get_i64().ok()?;
        let mut entries = Vec::new();
        for _ in 0..body.try_get_u32().ok()? {
            entries.push(Entry {
                offset: body.try_get_i64().ok()?,
                position: body.try_get_u64().ok()?,
                max_timestamp: body.try_get_i64().ok()?,
            });
        }
        let producers = Producers::decode(&mut body)?;
        Some(Self {
            length,
            next_offset,
            max_timestamp,
            index: Index { entries },
            producers,
        })
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

    #[test]
    fn a_seal_survives_its_file_and_a_changed_byte_does_not() {
        let seal = Seal {
            length: 100_000,
            next_offset: 1_000,
            max_timestamp: 63,
            index: index(),
            producers: Producers::default(),
        };
        let bytes = seal.encode();

        assert_eq!(Seal::decode(&bytes), Some(seal));
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            assert_eq!(Seal::decode(&changed), None, "byte {position}");
        }
    }
}
