//! Topics of the records that the brokers have acknowledged.

use std::ops::Range;

use connect_core::data::Topic;

use super::in_flight::TopicRuns;
use crate::storage::topics::TopicUse;

/// Reports each topic with the first record in it that was acknowledged.
#[derive(Debug)]
pub(super) struct AckedTopics {
    /// `None` when nobody wants to know.
    used: Option<TopicUse>,
    /// Topics that are not reported yet, with the number of a record on its way there.
    on_the_way: Vec<(u64, Topic)>,
}

impl AckedTopics {
    pub(super) fn new(used: Option<TopicUse>) -> Self {
        Self {
            used,
            on_the_way: Vec::new(),
        }
    }

    /// Notes the topics of records that are about to be sent.
    pub(super) fn sending(&mut self, topics: &TopicRuns) {
        let Some(used) = &self.used else {
            return;
        };
        for (number, topic) in topics {
            if used.is_reported(topic) {
                continue;
            }
            if self.on_the_way.iter().all(|(_, it)| it != topic) {
                self.on_the_way.push((*number, topic.clone()));
            }
        }
    }

    /// Takes note of records that the brokers have, or have not, written.
    pub(super) fn settled(&mut self, range: &Range<u64>, is_written: bool) {
        let Some(used) = self.used.as_mut().filter(|_| !self.on_the_way.is_empty()) else {
            return;
        };
        for (_, topic) in self.on_the_way.extract_if(.., |it| range.contains(&it.0)) {
            if is_written {
                used.report(&topic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::identity::TaskId;
    use crate::storage::topics::ActiveTopics;
    use crate::worker::source::in_flight::tests::topic_runs;

    #[test]
    fn a_topic_counts_when_a_record_is_in_it() {
        let topics = Arc::new(ActiveTopics::default());
        let used = TopicUse::new(
            TaskId {
                connector: "c".into(),
                task: 0,
            },
            Arc::clone(&topics),
        );
        let mut acked = AckedTopics::new(Some(used));
        let (a, b) = (Topic::from("a"), Topic::from("b"));
        let seen = || topics.of(&"c".into());

        acked.sending(&topic_runs(&[&a, &a, &b], 10));
        assert_eq!(seen(), [""; 0]);
        acked.settled(&(10..12), true);
        assert_eq!(seen(), ["a"]);
        acked.settled(&(12..13), false);
        assert_eq!(seen(), ["a"]);
        acked.sending(&topic_runs(&[&b], 13));
        acked.settled(&(13..14), true);

        assert_eq!(seen(), ["a", "b"]);
        topics.reset(&"c".into());
        acked.sending(&topic_runs(&[&a], 14));
        acked.settled(&(14..15), true);
        assert_eq!(seen(), ["a"]);
    }
}
