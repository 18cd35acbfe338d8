//! Where the records came from that are on their way, so that one which cannot be written is named.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use connect_core::data::Topic;
use connect_core::source::BatchPositions;

use super::tracker::SentRecords;

/// Topics of numbered records: each with the number of the first record behind which only that
/// topic comes, up to the next one.
pub(super) type TopicRuns = Vec<(u64, Topic)>;

/// Goes on with the topic of the next record.
#[inline(always)]
pub(super) fn note_topic(runs: &mut TopicRuns, number: u64, topic: &Topic) {
    if runs.last().is_none_or(|(_, last)| last != topic) {
        runs.push((number, topic.clone()));
    }
}

/// Records that were handed to the producer together.
#[derive(Debug)]
struct Sent {
    numbers: Range<u64>,
    records: SentRecords,
    /// `None` if the source does not say where it read them.
    positions: Option<Arc<dyn BatchPositions>>,
    topics: TopicRuns,
    unanswered: u64,
}

/// What was sent and is not answered.
#[derive(Debug, Default)]
pub(super) struct InFlight(VecDeque<Sent>);

impl InFlight {
    /// Notes records that are about to be sent with sequence numbers from `first` on.
    pub(super) fn sending(
        &mut self,
        first: u64,
        records: SentRecords,
        positions: Option<&Arc<dyn BatchPositions>>,
        topics: TopicRuns,
    ) {
        let count = records.len() as u64;
        self.0.push_back(Sent {
            numbers: first..first + count,
            records,
            positions: positions.cloned(),
            topics,
            unanswered: count,
        });
    }

    /// Notes that it is known what became of these records. Each is answered once.
    pub(super) fn answered(&mut self, numbers: &Range<u64>) {
        for sent in &mut self.0 {
            if sent.numbers.start >= numbers.end {
                break;
            }
            let first = sent.numbers.start.max(numbers.start);
            let end = sent.numbers.end.min(numbers.end);
            sent.unanswered -= end.saturating_sub(first);
        }
        while self.0.pop_front_if(|it| it.unanswered == 0).is_some() {}
    }

    /// What messages call these records, which are not answered yet.
    pub(super) fn describe(&self, numbers: &Range<u64>) -> Description<'_> {
        let first = numbers.start;
        let sent = self.0.iter().find(|it| it.numbers.contains(&first));
        let topic = sent.and_then(|it| {
            let mut runs = it.topics.iter().rev();
            runs.find(|(from, _)| *from <= first)
        });
        let read_at = sent.and_then(|it| {
            let index = usize::try_from(first - it.numbers.start).ok()?;
            Some((it.positions.as_deref()?, it.records.get(index)))
        });
        Description {
            topic: topic.map(|(_, topic)| topic),
            read_at,
            others: (numbers.end - first).saturating_sub(1),
        }
    }
}

/// A record in messages: `the record for topic t from source partition {…} at offset {…}`.
#[derive(Debug)]
pub(super) struct Description<'a> {
    pub(super) topic: Option<&'a Topic>,
    /// Its batch, and its index there.
    pub(super) read_at: Option<(&'a dyn BatchPositions, usize)>,
    /// How many follow that share its fate.
    pub(super) others: u64,
}

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the record")?;
        if let Some(topic) = self.topic {
            write!(f, " for topic {topic}")?;
        }
        if let Some((positions, record)) = self.read_at {
            let position = positions.detach(record);
            let (partition, offset) = (position.partition(), position.offset());
            write!(f, " from source partition {partition} at offset {offset}")?;
        }
        match self.others {
            0 => Ok(()),
            1 => f.write_str(" and the next one"),
            others => write!(f, " and the next {others}"),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::worker::source::tracker::tests::Batch;

    /// The topics of records that are numbered from `first` on.
    pub(in super::super) fn topic_runs(topics: &[&Topic], first: u64) -> TopicRuns {
        let mut runs = TopicRuns::new();
        for (number, topic) in (first..).zip(topics) {
            note_topic(&mut runs, number, topic);
        }
        runs
    }

    #[test]
    fn a_record_is_named_until_it_is_answered() {
        let mut in_flight = InFlight::default();
        let (a, b) = (Topic::from("a"), Topic::from("b"));
        let runs = topic_runs(&[&a, &a, &b], 10);
        let positions = Batch::positions(&[0, 0, 1, 0], 5);
        let records = SentRecords::Chosen(vec![0, 2, 3]);
        in_flight.sending(10, records, Some(&positions), runs);
        in_flight.sending(13, SentRecords::Run(0..1), None, topic_runs(&[&a], 13));
        let name = |in_flight: &InFlight, numbers| in_flight.describe(&numbers).to_string();

        assert_eq!(
            name(&in_flight, 11..14),
            "the record for topic a from source partition {p: 1} at offset {o: 7} and the next 2"
        );
        in_flight.answered(&(10..12));
        assert_eq!(
            name(&in_flight, 12..13),
            "the record for topic b from source partition {p: 0} at offset {o: 8}"
        );
        assert_eq!(
            name(&in_flight, 13..15),
            "the record for topic a and the next one"
        );
        in_flight.answered(&(12..14));
        assert!(in_flight.0.is_empty());
        assert_eq!(name(&in_flight, 13..14), "the record");
    }
}
