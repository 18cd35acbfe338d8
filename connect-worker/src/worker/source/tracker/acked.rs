//! The set of acknowledged sequence numbers: everything below a mark, and ranges ahead of it.

use std::collections::BTreeMap;
use std::ops::Range;

/// Acknowledged sequence numbers. Each is added once.
#[derive(Debug, Default)]
pub(super) struct AckedSequences {
    /// Everything below is acknowledged.
    prefix: u64,
    /// Start and end of ranges behind the first gap; they do not touch each other.
    ahead: BTreeMap<u64, u64>,
}

impl AckedSequences {
    /// Adds a range.
    pub(super) fn add(&mut self, sequences: Range<u64>) {
        if sequences.start > self.prefix {
            return self.add_ahead(sequences);
        }
        self.prefix = self.prefix.max(sequences.end);
        while let Some(entry) = self.ahead.first_entry() {
            if *entry.key() > self.prefix {
                break;
            }
            self.prefix = self.prefix.max(entry.remove());
        }
    }

    fn add_ahead(&mut self, Range { mut start, mut end }: Range<u64>) {
        if let Some((&before, &touching)) = self.ahead.range(..start).next_back()
            && touching == start
        {
            start = before;
        }
        if let Some(behind) = self.ahead.remove(&end) {
            end = behind;
        }
        self.ahead.insert(start, end);
    }

    /// Everything below this number is acknowledged.
    pub(super) fn prefix(&self) -> u64 {
        self.prefix
    }

    /// Nothing from this number on is acknowledged.
    pub(super) fn end(&self) -> u64 {
        self.ahead
            .last_key_value()
            .map_or(self.prefix, |(_, end)| *end)
    }

    /// Where the acknowledged numbers end that begin with `sequence`; `sequence` itself if it is
    /// not acknowledged.
    pub(super) fn acked_from(&self, sequence: u64) -> u64 {
        if sequence < self.prefix {
            return self.prefix;
        }
        let range = self.ahead.range(..=sequence).next_back();
        range.map_or(sequence, |(_, end)| (*end).max(sequence))
    }

    /// Whether a number is acknowledged.
    pub(super) fn contains(&self, sequence: u64) -> bool {
        self.acked_from(sequence) > sequence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ranges: &[Range<u64>]) -> AckedSequences {
        let mut set = AckedSequences::default();
        ranges.iter().cloned().for_each(|range| set.add(range));
        set
    }

    #[test]
    fn ranges_join_when_the_gap_between_them_is_filled() {
        let mut set = set(&[4..6, 8..9, 0..2]);
        assert_eq!((set.prefix(), set.end()), (2, 9));

        set.add(6..8);
        assert_eq!(set.ahead, BTreeMap::from([(4, 9)]));

        set.add(2..4);
        assert_eq!((set.prefix(), set.end()), (9, 9));
        assert!(set.ahead.is_empty());
    }

    #[test]
    fn a_number_is_followed_to_the_end_of_its_range() {
        let set = set(&[0..2, 5..7]);

        let ends = [0, 1, 2, 4, 5, 6, 7, 8].map(|it| set.acked_from(it));
        assert_eq!(ends, [2, 2, 2, 4, 7, 7, 7, 8]);
        assert!(set.contains(6) && !set.contains(7) && !set.contains(2));
    }
}
