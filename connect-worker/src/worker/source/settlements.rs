//! Which records were written or dropped, for tasks that want to hear of it.

use std::collections::VecDeque;
use std::ops::Range;

use connect_core::source::{Fate, SettledRecord};

/// Records of one batch that were handed to the producer together.
#[derive(Debug)]
struct Sent {
    batch: u64,
    /// Indexes in the batch, by sequence number.
    records: Vec<usize>,
    /// Sequence number of the first of them.
    first: u64,
    unanswered: usize,
}

/// What was sent and is not answered, and what the task does not know of yet.
#[derive(Debug, Default)]
pub(super) struct Settlements {
    sent: VecDeque<Sent>,
    settled: Vec<SettledRecord>,
}

impl Settlements {
    /// Notes records that are about to be sent with sequence numbers from `first` on.
    pub(super) fn sending(&mut self, batch: u64, records: Vec<usize>, first: u64) {
        self.sent.push_back(Sent {
            batch,
            unanswered: records.len(),
            records,
            first,
        });
    }

    /// Notes records that are not sent.
    pub(super) fn dropped(&mut self, batch: u64, records: impl IntoIterator<Item = usize>) {
        let dropped = records.into_iter().map(|record| SettledRecord {
            batch,
            record,
            fate: Fate::Dropped,
        });
        self.settled.extend(dropped);
    }

    /// Notes what became of the records with these sequence numbers. Each is answered once.
    pub(super) fn answered(&mut self, sequences: Range<u64>, fate: Fate) {
        for sent in &mut self.sent {
            if sent.first >= sequences.end {
                break;
            }
            let numbered = (sent.first..).zip(&sent.records);
            for (_, record) in numbered.filter(|(sequence, _)| sequences.contains(sequence)) {
                sent.unanswered -= 1;
                self.settled.push(SettledRecord {
                    batch: sent.batch,
                    record: *record,
                    fate,
                });
            }
        }
        while self.sent.pop_front_if(|it| it.unanswered == 0).is_some() {}
    }

    /// Takes what the task is to hear next.
    pub(super) fn take(&mut self) -> Vec<SettledRecord> {
        std::mem::take(&mut self.settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(settlements: &mut Settlements) -> Vec<(u64, usize, Fate)> {
        let told = settlements.take().into_iter();
        told.map(|it| (it.batch, it.record, it.fate)).collect()
    }

    #[test]
    fn each_record_is_settled_once_however_answers_come() {
        let mut settlements = Settlements::default();
        settlements.sending(7, vec![0, 2, 3], 10);
        settlements.sending(8, vec![0], 13);
        settlements.dropped(7, [1]);
        assert_eq!(told(&mut settlements), [(7, 1, Fate::Dropped)]);

        settlements.answered(12..14, Fate::Written);
        let written = [(7, 3, Fate::Written), (8, 0, Fate::Written)];
        assert_eq!(told(&mut settlements), written);

        settlements.answered(10..11, Fate::Dropped);
        settlements.answered(11..12, Fate::Written);
        let rest = [(7, 0, Fate::Dropped), (7, 2, Fate::Written)];
        assert_eq!(told(&mut settlements), rest);
        assert!(settlements.sent.is_empty());
    }
}
