//! What a partition remembers of idempotent producers, to tell repeated batches from new ones.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::{Buf, BufMut};
use kafka_protocol::ResponseError;

use crate::batch::BatchHeader;

/// How many batches a producer may have under way, and so how many may come again.
const REMEMBERED: usize = 5;
/// How long a silent producer is remembered.
const FORGOTTEN_AFTER_MS: i64 = 24 * 60 * 60 * 1000;

/// The producers of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Producers {
    states: BTreeMap<i64, ProducerState>,
    /// The first offset of every open transaction, and whose it is.
    open: BTreeSet<(i64, i64)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct ProducerState {
    epoch: i16,
    last_timestamp: i64,
    batches: VecDeque<SeenBatch>,
    /// The first offset of the producer's open transaction.
    open_since: Option<i64>,
}

impl ProducerState {
    fn new(batch: &BatchHeader) -> Self {
        Self {
            epoch: batch.producer_epoch,
            last_timestamp: batch.max_timestamp,
            batches: VecDeque::new(),
            open_since: None,
        }
    }

    /// Notes that a batch of the producer was stored. A new epoch counts from zero.
    fn heard(&mut self, batch: &BatchHeader) {
        if self.epoch != batch.producer_epoch {
            self.epoch = batch.producer_epoch;
            self.batches.clear();
        }
        self.last_timestamp = batch.max_timestamp;
    }
}

/// A producer as tools are told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ActiveProducer {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
    /// -1 when only its transaction's end is known.
    pub(crate) last_sequence: i32,
    pub(crate) last_timestamp: i64,
    pub(crate) open_since: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SeenBatch {
    first_sequence: i32,
    last_sequence: i32,
    base_offset: i64,
}

/// What to do with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is new.
    Append,
    /// It is stored already, at this offset.
    Duplicate(i64),
    /// It must not be stored.
    Refuse(ResponseError),
}

impl Producers {
    /// Judges a batch that was checked before.
    pub(crate) fn judge(&self, batch: &BatchHeader) -> Verdict {
        if !batch.has_producer() {
            return Verdict::Append;
        }
        let Some(state) = self.states.get(&batch.producer_id) else {
            return Verdict::Append;
        };
        if batch.producer_epoch < state.epoch {
            return Verdict::Refuse(ResponseError::InvalidProducerEpoch);
        }
        if state.open_since.is_some() && !batch.is_transactional() {
            return Verdict::Refuse(ResponseError::InvalidTxnState);
        }
        if batch.producer_epoch > state.epoch {
            return match batch.base_sequence {
                0 => Verdict::Append,
                _ => Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber),
            };
        }
        let last_sequence = last_sequence(batch);
        let known = state.batches.iter().find(|it| {
            it.first_sequence == batch.base_sequence && it.last_sequence == last_sequence
        });
        if let Some(known) = known {
            return Verdict::Duplicate(known.base_offset);
        }
        let last = state.batches.back();
        let expected = last.map_or(0, |it| sequence_after(it.last_sequence, 1));
        if batch.base_sequence == expected {
            Verdict::Append
        } else {
            Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber)
        }
    }

    /// Remembers a stored batch.
    pub(crate) fn remember(&mut self, batch: &BatchHeader, base_offset: i64) {
        if !batch.has_producer() {
            return;
        }
        let states = &mut self.states;
        let state = states.entry(batch.producer_id);
        let state = state.or_insert_with(|| ProducerState::new(batch));
        state.heard(batch);
        if batch.is_transactional() && state.open_since.is_none() {
            state.open_since = Some(base_offset);
            self.open.insert((base_offset, batch.producer_id));
        }
        if state.batches.len() == REMEMBERED {
            state.batches.pop_front();
        }
        state.batches.push_back(SeenBatch {
            first_sequence: batch.base_sequence,
            last_sequence: last_sequence(batch),
            base_offset,
        });
    }

    /// Notes the marker at the end of a transaction and returns where that began, if there are
    /// records of it.
    pub(crate) fn end_transaction(&mut self, marker: &BatchHeader) -> Option<i64> {
        let state = self.states.entry(marker.producer_id);
        let state = state.or_insert_with(|| ProducerState::new(marker));
        state.heard(marker);
        let since = state.open_since.take()?;
        self.open.remove(&(since, marker.producer_id));
        Some(since)
    }

    /// The first offset of the oldest open transaction.
    pub(crate) fn first_open_offset(&self) -> Option<i64> {
        self.open.first().map(|it| it.0)
    }

    /// Whether a producer has a transaction open.
    pub(crate) fn has_open(&self, producer_id: i64) -> bool {
        let state = self.states.get(&producer_id);
        state.is_some_and(|it| it.open_since.is_some())
    }

    /// The producers with open transactions, and their epochs.
    pub(crate) fn open(&self) -> Vec<(i64, i16)> {
        let ids = self.open.iter().map(|it| it.1);
        ids.filter_map(|id| Some((id, self.states.get(&id)?.epoch)))
            .collect()
    }

    /// All producers.
    pub(crate) fn active(&self) -> impl Iterator<Item = ActiveProducer> + '_ {
        self.states.iter().map(|(id, state)| ActiveProducer {
            id: *id,
            epoch: state.epoch,
            last_sequence: state.batches.back().map_or(-1, |it| it.last_sequence),
            last_timestamp: state.last_timestamp,
            open_since: state.open_since,
        })
    }

    /// The first offsets of the batches that tell the last sequence number of each producer.
    pub(crate) fn last_batches(&self) -> BTreeSet<i64> {
        let last = self.states.values().filter_map(|it| it.batches.back());
        last.map(|it| it.base_offset).collect()
    }

    /// Forgets producers that were silent for a day before `now`.
    pub(crate) fn forget_silent(&mut self, now: i64) {
        let oldest = now.saturating_sub(FORGOTTEN_AFTER_MS);
        self.states
            .retain(|_, state| state.last_timestamp >= oldest || state.open_since.is_some());
    }

    /// Writes everything in a form that [`decode`](Self::decode) reads.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_u32(u32::try_from(self.states.len()).expect("fewer producers than 2^32"));
        for (id, state) in &self.states {
            out.put_i64(*id);
            out.put_i16(state.epoch);
            out.put_i64(state.last_timestamp);
            out.put_i64(state.open_since.unwrap_or(-1));
            out.put_u8(u8::try_from(state.batches.len()).expect("few batches are remembered"));
            for batch in &state.batches {
                out.put_i32(batch.first_sequence);
                out.put_i32(batch.last_sequence);
                out.put_i64(batch.base_offset);
            }
        }
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` when it is something else.
    pub(crate) fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let mut states = BTreeMap::new();
        let mut open = BTreeSet::new();
        for _ in 0..bytes.try_get_u32().ok()? {
            let id = bytes.try_get_i64().ok()?;
            let epoch = bytes.try_get_i16().ok()?;
            let last_timestamp = bytes.try_get_i64().ok()?;
            let open_since = Some(bytes.try_get_i64().ok()?).filter(|it| *it >= 0);
            open.extend(open_since.map(|it| (it, id)));
            let mut batches = VecDeque::with_capacity(REMEMBERED);
            for _ in 0..bytes.try_get_u8().ok()? {
                batches.push_back(SeenBatch {
                    first_sequence: bytes.try_get_i32().ok()?,
                    last_sequence: bytes.try_get_i32().ok()?,
                    base_offset: bytes.try_get_i64().ok()?,
                });
            }
            states.insert(
                id,
                ProducerState {
                    epoch,
                    last_timestamp,
                    batches,
                    open_since,
                },
            );
        }
        Some(Self { states, open })
    }
}

fn last_sequence(batch: &BatchHeader) -> i32 {
    sequence_after(batch.base_sequence, batch.last_offset_delta())
}

/// Sequence numbers start again at 0 after the largest.
fn sequence_after(sequence: i32, count: i32) -> i32 {
    let sum = i64::from(sequence) + i64::from(count);
    i32::try_from(sum % (i64::from(i32::MAX) + 1)).expect("the remainder fits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::check_produced;
    use crate::batch::tests::Sample;

    fn batch(epoch: i16, sequence: i32) -> BatchHeader {
        let sample = Sample {
            producer: (9, epoch, sequence),
            ..Sample::of(&[(None, "a"), (None, "b")])
        };
        check_produced(&sample.build()).unwrap()
    }

    #[test]
    fn a_repeated_batch_is_found_at_its_offset() {
        let mut producers = Producers::default();
        for index in 0..6 {
            let next = batch(0, index * 2);
            assert_eq!(producers.judge(&next), Verdict::Append);
            producers.remember(&next, 100 + i64::from(index) * 2);
        }

        assert_eq!(producers.judge(&batch(0, 10)), Verdict::Duplicate(110));
        assert_eq!(producers.judge(&batch(0, 2)), Verdict::Duplicate(102));
        let forgotten = Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber);
        assert_eq!(producers.judge(&batch(0, 0)), forgotten);
    }

    #[test]
    fn a_gap_is_refused() {
        let mut producers = Producers::default();
        producers.remember(&batch(0, 0), 0);

        let gap = Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber);

        assert_eq!(producers.judge(&batch(0, 4)), gap);
    }

    #[test]
    fn a_new_epoch_starts_at_zero_and_fences_the_old_one() {
        let mut producers = Producers::default();
        producers.remember(&batch(0, 0), 0);

        let late = Verdict::Refuse(ResponseError::OutOfOrderSequenceNumber);
        assert_eq!(producers.judge(&batch(1, 2)), late);
        assert_eq!(producers.judge(&batch(1, 0)), Verdict::Append);
        producers.remember(&batch(1, 0), 2);

        let fenced = Verdict::Refuse(ResponseError::InvalidProducerEpoch);
        assert_eq!(producers.judge(&batch(0, 2)), fenced);
    }

    #[test]
    fn a_transaction_is_open_until_its_marker() {
        let mut producers = Producers::default();
        let sample = Sample {
            producer: (9, 0, 0),
            transactional: true,
            ..Sample::of(&[(None, "a")])
        };
        let in_transaction = check_produced(&sample.build()).unwrap();
        producers.remember(&in_transaction, 5);
        let plain = Verdict::Refuse(ResponseError::InvalidTxnState);
        assert_eq!(producers.judge(&batch(0, 1)), plain);
        assert_eq!(producers.first_open_offset(), Some(5));
        producers.forget_silent(i64::MAX);
        assert_eq!(producers.open(), [(9, 0)]);

        let marker = crate::batch::marker(crate::batch::Outcome::Abort, 9, 1, 2_000);
        let ended = producers.end_transaction(&BatchHeader::parse(&marker).unwrap());

        assert_eq!(ended, Some(5));
        assert_eq!(producers.first_open_offset(), None);
        let fenced = Verdict::Refuse(ResponseError::InvalidProducerEpoch);
        assert_eq!(producers.judge(&in_transaction), fenced);
        assert_eq!(producers.judge(&batch(1, 0)), Verdict::Append);
    }

    #[test]
    fn sequence_numbers_wrap_around() {
        assert_eq!(sequence_after(i32::MAX, 1), 0);
        assert_eq!(sequence_after(i32::MAX - 1, 3), 1);
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let mut producers = Producers::default();
        producers.remember(&batch(3, 0), 7);
        let mut bytes = Vec::new();
        producers.encode(&mut bytes);

        let mut rest = bytes.as_slice();

        assert_eq!(Producers::decode(&mut rest), Some(producers));
        assert!(rest.is_empty());
        assert_eq!(Producers::decode(&mut &bytes[..bytes.len() - 1]), None);
    }

    #[test]
    fn silent_producers_are_forgotten() {
        let mut producers = Producers::default();
        producers.remember(&batch(0, 0), 0);

        producers.forget_silent(2_000 + FORGOTTEN_AFTER_MS);

        assert_eq!(producers, Producers::default());
    }
}
