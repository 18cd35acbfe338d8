//! What the batches of a log tell together: its producers, their open transactions, and those that
//! were aborted.

use bytes::{Buf, BufMut};

use crate::batch::{BatchHeader, Outcome, outcome};
use crate::producers::Producers;

/// A transaction that was aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Aborted {
    pub(crate) producer_id: i64,
    /// The offset of its first record.
    pub(crate) first_offset: i64,
    /// The offset of its marker.
    pub(crate) marker_offset: i64,
}

/// What a log remembers of its batches.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) producers: Producers,
    /// In the order of their markers.
    aborted: Vec<Aborted>,
}

impl History {
    /// Notes a stored batch; `batch` is the whole of it.
    pub(super) fn note(&mut self, header: &BatchHeader, base_offset: i64, batch: &[u8]) {
        if !header.is_control() {
            self.producers.remember(header, base_offset);
            return;
        }
        let Some(ended) = outcome(batch) else {
            return;
        };
        let first_offset = self.producers.end_transaction(header);
        if let (Outcome::Abort, Some(first_offset)) = (ended, first_offset) {
            self.aborted.push(Aborted {
                producer_id: header.producer_id,
                first_offset,
                marker_offset: base_offset,
            });
        }
    }

    /// Takes over what the index of the next sealed segment says.
    pub(super) fn take_over(&mut self, producers: Producers, aborted: Vec<Aborted>) {
        self.producers = producers;
        self.aborted.extend(aborted);
    }

    /// The aborted transactions whose markers lie in a range of offsets.
    pub(super) fn aborted_in(&self, from: i64, until: i64) -> &[Aborted] {
        let at = |offset| self.aborted.partition_point(|it| it.marker_offset < offset);
        self.aborted.get(at(from)..at(until)).unwrap_or_default()
    }

    /// The aborted transactions that have records in a range of offsets.
    pub(super) fn aborted_among(
        &self,
        from: i64,
        until: i64,
    ) -> impl Iterator<Item = &Aborted> + '_ {
        let later = self.aborted_in(from, i64::MAX).iter();
        later.filter(move |it| it.first_offset < until)
    }

    /// Forgets aborted transactions whose markers are gone.
    pub(super) fn retain_aborted(&mut self, is_there: impl Fn(&Aborted) -> bool) {
        self.aborted.retain(is_there);
    }
}

/// Writes aborted transactions in a form that [`decode_aborted`] reads.
pub(super) fn encode_aborted(aborted: &[Aborted], out: &mut Vec<u8>) {
    out.put_u32(u32::try_from(aborted.len()).expect("fewer transactions than 2^32"));
    for it in aborted {
        out.put_i64(it.producer_id);
        out.put_i64(it.first_offset);
        out.put_i64(it.marker_offset);
    }
}

/// Reads what [`encode_aborted`] wrote; `None` when it is something else.
pub(super) fn decode_aborted(bytes: &mut &[u8]) -> Option<Vec<Aborted>> {
    let mut aborted = Vec::new();
    for _ in 0..bytes.try_get_u32().ok()? {
        aborted.push(Aborted {
            producer_id: bytes.try_get_i64().ok()?,
            first_offset: bytes.try_get_i64().ok()?,
            marker_offset: bytes.try_get_i64().ok()?,
        });
    }
    Some(aborted)
}
