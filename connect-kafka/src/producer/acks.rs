//! Acknowledgements on their way to the caller: single numbers in, ranges out.

use super::AckRange;
use crate::{error::KafkaError, librdkafka::error_of};

/// Acknowledgements that the caller has not taken yet.
#[derive(Debug, Default)]
pub(crate) struct Acks {
    delivered: Vec<u64>,
    failed: Vec<(u64, i32)>,
}

impl Acks {
    /// Notes the outcome of one record: an error code, or 0.
    pub(crate) fn push(&mut self, sequence: u64, code: i32) {
        match code {
            0 => self.delivered.push(sequence),
            _ => self.failed.push((sequence, code)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.delivered.is_empty() && self.failed.is_empty()
    }

    /// Moves all into `out`, as ranges. `explain` may replace an error by one that says more.
    pub(crate) fn take(
        &mut self,
        out: &mut Vec<AckRange>,
        explain: impl Fn(KafkaError) -> KafkaError,
    ) {
        // Numbers of one partition arrive in order, so there is little or nothing to sort.
        self.delivered.sort_unstable();
        for range in self.delivered.chunk_by(|a, b| a + 1 == *b) {
            out.push(AckRange {
                first: range[0],
                end: range[range.len() - 1] + 1,
                result: Ok(()),
            });
        }
        self.delivered.clear();
        self.failed.sort_unstable();
        for range in self.failed.chunk_by(|a, b| a.0 + 1 == b.0 && a.1 == b.1) {
            let (first, code) = range[0];
            let result = error_of(code, None).map_or(Ok(()), |error| Err(explain(error)));
            out.push(AckRange {
                first,
                end: range[range.len() - 1].0 + 1,
                result,
            });
        }
        self.failed.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(outcomes: &[(u64, i32)]) -> Vec<(u64, u64, bool)> {
        let mut acks = Acks::default();
        for (sequence, code) in outcomes {
            acks.push(*sequence, *code);
        }
        let mut out = Vec::new();
        acks.take(&mut out, |error| error);
        assert!(acks.is_empty());
        out.iter()
            .map(|range| (range.first, range.end, range.result.is_ok()))
            .collect()
    }

    #[test]
    fn neighbours_become_one_range() {
        assert_eq!(ranges(&[(0, 0), (1, 0), (2, 0)]), [(0, 3, true)]);
    }

    #[test]
    fn partitions_that_answer_out_of_order_are_put_together() {
        assert_eq!(
            ranges(&[(1, 0), (3, 0), (0, 0), (2, 0), (9, 0)]),
            [(0, 4, true), (9, 10, true)]
        );
    }

    #[test]
    fn failures_are_ranges_of_their_own_by_error() {
        let outcomes = [(0, 0), (1, -192), (2, -192), (3, 10), (4, 0)];

        let expected = [(0, 1, true), (4, 5, true), (1, 3, false), (3, 4, false)];
        assert_eq!(ranges(&outcomes), expected);
    }

    #[test]
    fn nothing_gives_no_range() {
        assert_eq!(ranges(&[]), []);
    }
}
