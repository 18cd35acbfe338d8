//! Where records were read, in messages: `orders-0@10 to @12, orders-1@4`.

use std::fmt;

use connect_core::sink::TopicPartition;
use connect_kafka::FetchedBatch;

/// How many runs of records, or partitions, a message names.
const MOST_NAMED: usize = 3;

/// The records of a batch, by runs of one partition.
pub(super) struct Places<'a>(pub(super) &'a FetchedBatch);

impl fmt::Display for Places<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut runs: Vec<(&str, i32, i64, i64)> = Vec::new();
        for record in self.0.iter() {
            let (topic, partition) = (record.topic().as_str(), record.partition());
            match runs.last_mut() {
                Some(run) if run.0 == topic && run.1 == partition => run.3 = record.offset(),
                _ => runs.push((topic, partition, record.offset(), record.offset())),
            }
        }
        let named = runs.iter().map(|(topic, partition, first, last)| {
            let end = (first != last).then(|| format!(" to @{last}"));
            format!("{topic}-{partition}@{first}{}", end.unwrap_or_default())
        });
        f.write_str(&listed(named))
    }
}

/// Partitions in messages.
pub(super) fn partitions(partitions: &[TopicPartition]) -> String {
    listed(partitions.iter().map(ToString::to_string))
}

fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    let others = names.len().saturating_sub(MOST_NAMED);
    let mut named: Vec<String> = names.take(MOST_NAMED).collect();
    if others > 0 {
        named.push(format!("and {others} more"));
    }
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::sink::tests::cluster::fetched;

    #[test]
    fn records_are_named_by_runs() {
        let batch = fetched(&[(0, 3), (0, 4), (1, 7), (0, 5), (2, 1), (1, 8)]);
        let places = Places(&batch).to_string();
        assert_eq!(places, "t-0@3 to @4, t-1@7, t-0@5, and 2 more");

        assert_eq!(Places(&fetched(&[(0, 3)])).to_string(), "t-0@3");
    }
}
