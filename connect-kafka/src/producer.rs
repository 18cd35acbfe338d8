//! The producer: records go in as slices, acknowledgements come out as ranges of numbers.

use std::time::Duration;

use crate::{
    error::{KafkaError, Result},
    settings::{ClientSettings, Untranslated},
};

/// A record on its way out. Everything is borrowed: [`Producer::send`] copies it once.
#[derive(Clone, Copy, Debug)]
pub struct OutgoingRecord<'a> {
    /// Topic to write to.
    pub topic: &'a str,
    /// Partition to write to; without it the key decides, as with the Java client.
    pub partition: Option<i32>,
    /// Key; `None` is null and differs from an empty key.
    pub key: Option<&'a [u8]>,
    /// Value; `None` is null (a tombstone) and differs from an empty value.
    pub value: Option<&'a [u8]>,
    /// Headers in order.
    pub headers: &'a [OutgoingHeader<'a>],
    /// Milliseconds since the epoch; without it the time of sending.
    pub timestamp: Option<i64>,
}

/// A header of an [`OutgoingRecord`].
#[derive(Clone, Copy, Debug)]
pub struct OutgoingHeader<'a> {
    /// Name; names may repeat.
    pub key: &'a str,
    /// Value; `None` is null.
    pub value: Option<&'a [u8]>,
}

/// The outcome of the records with the sequence numbers `first..end`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct AckRange {
    /// First sequence number.
    pub first: u64,
    /// One past the last sequence number.
    pub end: u64,
    /// `Ok` once the broker has the records; otherwise why it has not.
    pub result: Result<()>,
}

/// A producer, driven by one task.
///
/// [`send`](Self::send) gives each accepted record the next sequence number, starting at 0.
/// Each sequence number is answered exactly once, by [`acks`](Self::acks) or [`try_acks`](Self::try_acks).
/// Answers of different partitions may come in any order.
///
/// All `async` methods are cancel-safe: a dropped future loses no record and no acknowledgement, so
/// they can stand in a `select!`.
///
/// Dropping a producer gives up records that are not acknowledged; [`close`](Self::close) waits for them.
#[derive(Debug)]
pub struct Producer {
    untranslated: Vec<Untranslated>,
}

impl Producer {
    /// Creates a producer. Connects in the background.
    ///
    /// Settings without effect are logged as warnings and kept in [`untranslated`](Self::untranslated).
    ///
    /// # Errors
    /// A setting with an invalid value, or one that contradicts another.
    pub fn new(settings: &ClientSettings) -> Result<Self> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Settings that were given and have no effect, or another one than asked for.
    #[must_use]
    pub fn untranslated(&self) -> &[Untranslated] {
        &self.untranslated
    }

    /// The sequence number that the next accepted record gets.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        0
    }

    /// Number of accepted records that the broker has not answered yet.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        0
    }

    /// Hands over records in order and copies them. Never blocks.
    ///
    /// Returns how many were accepted. It is fewer than given only when the local queue
    /// (`buffer.memory`) is full: wait with [`wait_capacity`](Self::wait_capacity), then send the rest.
    ///
    /// There is one path for errors: a record that cannot be sent at all (too large, unknown partition,
    /// failed producer) is accepted too, and its acknowledgement says what is wrong with it.
    #[must_use = "records beyond the returned number were not accepted"]
    pub fn send(&mut self, records: &[OutgoingRecord<'_>]) -> usize {
        0
    }

    /// Moves acknowledgements that are available into `out`, ranges coalesced. Never blocks.
    pub fn try_acks(&mut self, out: &mut Vec<AckRange>) {}

    /// Waits until acknowledgements are available and moves them into `out`.
    ///
    /// Waits for ever when nothing is in flight, so it can stand in a `select!`. Cancel-safe.
    pub async fn acks(&mut self, out: &mut Vec<AckRange>) {}

    /// Waits until [`send`](Self::send) can accept records again, at most `max.block.ms`. Cancel-safe.
    ///
    /// # Errors
    /// [`Timeout`](crate::ErrorKind::Timeout) when the queue is still full after `max.block.ms`.
    pub async fn wait_capacity(&mut self) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Sends everything without lingering and waits until all is answered. Cancel-safe.
    ///
    /// The answers are then available to [`try_acks`](Self::try_acks); some of them may be errors.
    ///
    /// # Errors
    /// [`Timeout`](crate::ErrorKind::Timeout) when records are still unanswered after `timeout`.
    pub async fn flush(&mut self, timeout: Duration) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Flushes, then ends the client. Acknowledgements not taken before are returned.
    ///
    /// # Errors
    /// As [`flush`](Self::flush); the client has ended all the same and the records in flight are given up.
    pub async fn close(mut self, timeout: Duration) -> Result<Vec<AckRange>> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Registers the transactional id, fencing producers that used it before, and ends what they left open.
    ///
    /// To be called once, before the first transaction, when `transactional.id` is set.
    ///
    /// # Errors
    /// Retriable ones may be tried again; after a fatal one the producer is unusable.
    pub async fn init_transactions(&mut self, timeout: Duration) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Begins a transaction; records sent from now on belong to it.
    ///
    /// # Errors
    /// No transactional producer, one in the middle of a transaction, or a fenced one.
    pub fn begin_transaction(&mut self) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Flushes and commits the current transaction. When cancelled, call it again.
    ///
    /// # Errors
    /// Retriable: call again. [`Fenced`](crate::ErrorKind::Fenced) and fatal: the producer is unusable.
    /// Others: the transaction has to be aborted.
    pub async fn commit_transaction(&mut self, timeout: Duration) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }

    /// Aborts the current transaction; records still queued are answered with an error. When cancelled, call it again.
    ///
    /// # Errors
    /// Retriable: call again; otherwise the producer is unusable.
    pub async fn abort_transaction(&mut self, timeout: Duration) -> Result<()> {
        Err(KafkaError::new(crate::ErrorKind::Fatal, "not built"))
    }
}
