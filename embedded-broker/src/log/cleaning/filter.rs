//! Which records of a batch stay.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::io;

use crate::batch::{BatchHeader, each_record, outcome, with_records};
use crate::log::history::Aborted;

/// The newest offset of every key. Keys are known by 128 bits that nobody can foresee.
#[derive(Debug, Default)]
pub(super) struct Keys {
    hashers: [RandomState; 2],
    newest: HashMap<u128, i64>,
}

impl Keys {
    fn id(&self, key: &[u8]) -> u128 {
        let [high, low] = self
            .hashers
            .each_ref()
            .map(|it| u128::from(it.hash_one(key)));
        high << 64 | low
    }

    fn note(&mut self, key: &[u8], offset: i64) {
        let id = self.id(key);
        self.newest.insert(id, offset);
    }

    fn is_superseded(&self, key: &[u8], offset: i64) -> bool {
        let newest = self.newest.get(&self.id(key));
        newest.is_some_and(|it| *it > offset)
    }
}

/// The transactions that were aborted, by their producers.
#[derive(Debug)]
pub(super) struct AbortedRanges(HashMap<i64, Vec<(i64, i64)>>);

impl AbortedRanges {
    pub(super) fn of(aborted: &[Aborted]) -> Self {
        let mut ranges: HashMap<i64, Vec<(i64, i64)>> = HashMap::new();
        for it in aborted {
            let of_producer = ranges.entry(it.producer_id).or_default();
            of_producer.push((it.first_offset, it.marker_offset));
        }
        Self(ranges)
    }

    fn contain(&self, batch: &BatchHeader) -> bool {
        let of_producer = self.0.get(&batch.producer_id);
        batch.is_transactional()
            && of_producer.is_some_and(|ranges| {
                let is_in = |(from, to): &(i64, i64)| (from..to).contains(&&batch.base_offset);
                ranges.iter().any(is_in)
            })
    }
}

/// Notes the keys of a batch, unless its records do not count.
pub(super) fn note_keys(
    keys: &mut Keys,
    aborted: &AbortedRanges,
    header: &BatchHeader,
    batch: &[u8],
) {
    if header.is_control() || aborted.contain(header) {
        return;
    }
    // A batch that cannot be opened stays as it is, and so does what it may supersede.
    _ = each_record(header, batch, |_, record| {
        if let Some(key) = record.key {
            keys.note(key, header.base_offset + record.offset_delta);
        }
    });
}

/// What stays of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Whole,
    Part(Vec<u8>),
    Nothing,
}

/// Decides about one batch after the other, in the order of their offsets.
#[derive(Debug)]
pub(super) struct Filter<'a> {
    pub(super) keys: &'a Keys,
    pub(super) aborted: &'a AbortedRanges,
    /// Batches that tell the last sequence number of a producer; at least their header stays.
    pub(super) last_batches: &'a BTreeSet<i64>,
    /// Whether deletions and markers have been there for long enough.
    pub(super) drops_deletions: bool,
    /// Whether something stays only for so long.
    pub(super) has_deletions: bool,
    /// The producers of whose current transaction something stays.
    holding: BTreeSet<i64>,
    pub(super) gone_markers: BTreeSet<i64>,
}

impl<'a> Filter<'a> {
    pub(super) fn new(
        keys: &'a Keys,
        aborted: &'a AbortedRanges,
        last_batches: &'a BTreeSet<i64>,
    ) -> Self {
        Self {
            keys,
            aborted,
            last_batches,
            drops_deletions: false,
            has_deletions: false,
            holding: BTreeSet::new(),
            gone_markers: BTreeSet::new(),
        }
    }

    pub(super) fn apply(&mut self, header: &BatchHeader, batch: &[u8]) -> io::Result<Kept> {
        if header.is_control() {
            return Ok(self.marker(header, batch));
        }
        let kept = self.records(header, batch)?;
        if header.is_transactional() && kept != Kept::Nothing {
            self.holding.insert(header.producer_id);
        }
        Ok(kept)
    }

    /// A marker stays as long as something of its transaction does, and then for a while.
    fn marker(&mut self, header: &BatchHeader, batch: &[u8]) -> Kept {
        let is_needed = self.holding.remove(&header.producer_id) || outcome(batch).is_none();
        if is_needed {
            return Kept::Whole;
        }
        if self.drops_deletions {
            self.gone_markers.insert(header.base_offset);
            return Kept::Nothing;
        }
        self.has_deletions = true;
        Kept::Whole
    }

    fn records(&mut self, header: &BatchHeader, batch: &[u8]) -> io::Result<Kept> {
        let mut kept = Vec::new();
        let mut count = 0;
        let mut has_deletions = false;
        if !self.aborted.contain(header) {
            let opened = each_record(header, batch, |bytes, record| {
                let offset = header.base_offset + record.offset_delta;
                let is_newest = |key| !self.keys.is_superseded(key, offset);
                let has_expired = record.is_deletion && self.drops_deletions;
                if record.key.is_some_and(is_newest) && !has_expired {
                    kept.extend(bytes);
                    count += 1;
                    has_deletions |= record.is_deletion;
                }
            });
            if opened.is_err() {
                return Ok(Kept::Whole);
            }
        }
        self.has_deletions |= has_deletions;
        if count == header.count() && count > 0 {
            return Ok(Kept::Whole);
        }
        if count > 0 {
            return with_records(header, count, &kept).map(Kept::Part);
        }
        if !self.last_batches.contains(&header.base_offset) {
            return Ok(Kept::Nothing);
        }
        with_records(header, 0, &[]).map(Kept::Part)
    }
}
