//! Dead letters on their way: which records they are, and what became of those that the task reported.

use std::collections::BTreeMap;
use std::sync::Arc;

use connect_core::{ConnectError, Result};
use connect_kafka::{AckRange, KafkaError};

use crate::metrics::TaskFigures;

/// How many lost letters a line of the log names.
const MOST_NAMED: usize = 5;

/// A letter that is not answered.
#[derive(Debug)]
struct Sent {
    /// Where the record was read.
    place: String,
    /// Whether the task itself has reported it.
    is_reported: bool,
}

/// The letters of a task.
#[derive(Debug)]
pub(super) struct SentLetters {
    figures: Arc<TaskFigures>,
    topic: String,
    unanswered: BTreeMap<u64, Sent>,
    /// The first letter that the task has reported and that could not be written, and why.
    lost: Option<(String, KafkaError)>,
}

impl SentLetters {
    pub(super) fn new(figures: &Arc<TaskFigures>, topic: &str) -> Self {
        Self {
            figures: Arc::clone(figures),
            topic: topic.to_owned(),
            unanswered: BTreeMap::new(),
            lost: None,
        }
    }

    /// Notes a letter that was handed to the producer.
    pub(super) fn sent(&mut self, number: u64, place: String, is_reported: bool) {
        let sent = Sent { place, is_reported };
        self.unanswered.insert(number, sent);
    }

    /// Notes what became of some letters.
    pub(super) fn answered(&mut self, range: AckRange) {
        let later = self.unanswered.split_off(&range.end);
        let answered = self.unanswered.split_off(&range.first);
        self.unanswered.extend(later);
        let Err(error) = range.result else {
            return;
        };
        let letters = range.end - range.first;
        self.figures.errors.dead_letters_lost(letters);
        let places: Vec<&str> = answered.values().map(|it| it.place.as_str()).collect();
        let named = places.len().min(MOST_NAMED);
        tracing::error!(
            task = %self.figures.id(),
            topic = self.topic,
            letters,
            records = places[..named].join(", "),
            %error,
            "dead letters could not be written"
        );
        if let Some(lost) = answered.into_values().find(|it| it.is_reported) {
            self.lost.get_or_insert((lost.place, error));
        }
    }

    /// Fails if a letter was lost that the task has reported.
    ///
    /// # Errors
    /// Which, and why.
    pub(super) fn lost(&self) -> Result<()> {
        let Some((place, error)) = &self.lost else {
            return Ok(());
        };
        let topic = &self.topic;
        let text =
            format_args!("record {place}, which the task reported, was not written to {topic}");
        Err(ConnectError::fatal(text).caused_by(error.clone()))
    }
}

#[cfg(test)]
mod tests {
    use connect_core::plugin::PluginKind;
    use connect_kafka::ErrorKind;

    use super::*;
    use crate::metrics::tests::task_figures;

    fn answer(first: u64, end: u64, result: connect_kafka::Result<()>) -> AckRange {
        AckRange { first, end, result }
    }

    #[test]
    fn a_lost_letter_counts_when_the_task_has_reported_it() {
        let mut letters = SentLetters::new(&task_figures(PluginKind::Sink), "dead");
        for (number, is_reported) in [(0, true), (1, false), (2, true), (3, true)] {
            letters.sent(number, format!("orders-0@{number}"), is_reported);
        }
        let refused = || Err(KafkaError::new(ErrorKind::Refused, "too large"));

        letters.answered(answer(0, 1, Ok(())));
        letters.answered(answer(1, 2, refused()));
        assert!(letters.lost().is_ok());
        letters.answered(answer(2, 3, refused()));
        letters.answered(answer(3, 4, refused()));

        assert_eq!(
            letters.lost().unwrap_err().trace(),
            "record orders-0@2, which the task reported, was not written to dead\nCaused by: too large"
        );
        assert!(letters.unanswered.is_empty());
    }
}
