//! The file beside a segment: its index, and what the log remembered when it was written.
//!
//! It is written when everything that it covers is on the disk. Start-up reads it instead of the
//! segment.

use bytes::{Buf, BufMut};

use super::history::{Aborted, decode_aborted, encode_aborted};
use super::index::Index;
use super::segment::Cleaned;
use crate::producers::Producers;

const MAGIC: u32 = 0x4542_4902;

/// What the file beside a segment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seal {
    /// Bytes of the segment that are covered.
    pub(super) length: u64,
    /// The offset after the last one that is covered, or that compaction removed.
    pub(super) next_offset: i64,
    pub(super) max_timestamp: i64,
    pub(super) cleaned: Cleaned,
    pub(super) index: Index,
    /// All producers of the log, as they were at the end of what is covered.
    pub(super) producers: Producers,
    /// The aborted transactions whose markers lie in the segment.
    pub(super) aborted: Vec<Aborted>,
}

impl Seal {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        out.put_u32(MAGIC);
        out.put_u64(self.length);
        out.put_i64(self.next_offset);
        out.put_i64(self.max_timestamp);
        self.cleaned.encode(&mut out);
        self.index.encode(&mut out);
        self.producers.encode(&mut out);
        encode_aborted(&self.aborted, &mut out);
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
        Some(Self {
            length: body.try_get_u64().ok()?,
            next_offset: body.try_get_i64().ok()?,
            max_timestamp: body.try_get_i64().ok()?,
            cleaned: Cleaned::decode(&mut body)?,
            index: Index::decode(&mut body)?,
            producers: Producers::decode(&mut body)?,
            aborted: decode_aborted(&mut body)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_survives_its_file_and_a_changed_byte_does_not() {
        let mut index = Index::default();
        index.note(10, 20_000, 7);
        let seal = Seal {
            length: 100_000,
            next_offset: 1_000,
            max_timestamp: 63,
            cleaned: Cleaned::Until(17),
            index,
            producers: Producers::default(),
            aborted: vec![Aborted {
                producer_id: 1,
                first_offset: 2,
                marker_offset: 3,
            }],
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
