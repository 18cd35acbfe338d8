//! The producer: records go in as slices of bytes, acknowledgements come out as ranges of numbers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use acks::Acks;

use crate::{
    error::{ErrorKind, KafkaError, Result},
    librdkafka::{Attempt, Client, EventKind, Kind, Queue, Run, Sender},
    settings::{self, ClientSettings, Translated, Untranslated},
    statistics::StatisticsHandle,
};

mod acks;
mod transaction;

/// An engine with nothing to do for so long, or `connections.max.idle.ms` if that is shorter, is ended.
const LONGEST_IDLE: Duration = Duration::from_secs(60);
/// The engine's code for "something went wrong", which the producer replaces by what it was.
const FAILED: i32 = -196;
/// The protocol's code for a record that is too large.
const TOO_LARGE: i32 = 10;
/// What a record that is too large may be too large for.
const TOO_LARGE_FOR: &str =
    "the record is larger than max.request.size, buffer.memory or the topic's max.message.bytes";
/// How long one blocking flush of the engine lasts at most; a cancelled flush leaves no longer one behind.
const FLUSH_SLICE: Duration = Duration::from_millis(200);

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

impl OutgoingRecord<'_> {
    /// Whether it can be handed over together with others of its topic.
    #[inline]
    fn is_plain(&self) -> bool {
        self.headers.is_empty()
            && self.timestamp.is_none()
            && self.partition.is_none_or(|partition| partition >= 0)
    }

    /// Whether it can follow another one that is plain.
    #[inline]
    pub(crate) fn goes_with(&self, first: &OutgoingRecord<'_>) -> bool {
        // Mostly the name of the topic is the same text at the same place.
        self.is_plain()
            && self.partition == first.partition
            && (std::ptr::eq(self.topic, first.topic) || self.topic == first.topic)
    }
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
/// Connections, threads and memory are taken with the first record and given back after a minute without any, so
/// that a thousand producers with nothing to send cost next to nothing. Producers with a secured connection or with
/// transactions take them at once: what is wrong with a key store should not wait for the first record.
///
/// Dropping a producer gives up records that are not acknowledged; [`close`](Self::close) waits for them.
#[derive(Debug)]
pub struct Producer {
    settings: Translated,
    engine: Option<Engine>,
    /// Why the engine did not start for the latest record.
    refused: Option<KafkaError>,
    /// Why brokers do not let the client in.
    rejected: Option<KafkaError>,
    acks: Acks,
    next_sequence: u64,
    in_flight: usize,
    last_sent: Instant,
    /// How long the engine may have nothing to do; `None` if it is kept for ever.
    longest_idle: Option<Duration>,
    statistics: StatisticsHandle,
}

/// What runs behind a producer. The client comes last: it ends when nothing that was made from it is held.
#[derive(Debug)]
struct Engine {
    sender: Sender,
    queue: Queue,
    client: Arc<Client>,
}

impl Engine {
    fn start(settings: &Translated, statistics: &StatisticsHandle) -> Result<Self> {
        let client = Client::new(Kind::Producer, settings, statistics)?;
        Ok(Self {
            sender: Sender::new(&client),
            queue: Queue::main(&client),
            client,
        })
    }
}

impl Producer {
    /// Creates a producer. Connects in the background, most producers with their first record.
    ///
    /// Settings without effect are logged as warnings and kept in [`untranslated`](Self::untranslated).
    ///
    /// # Errors
    /// A setting with an invalid value, or one that contradicts another.
    pub fn new(settings: &ClientSettings) -> Result<Self> {
        let settings = settings::translate(settings, settings::PRODUCER)?;
        settings::log_untranslated(&settings.client_id, &settings.untranslated);
        let keeps_engine = keeps_engine(&settings);
        let mut producer = Self {
            longest_idle: longest_idle(&settings).filter(|_| !keeps_engine),
            settings,
            engine: None,
            refused: None,
            rejected: None,
            acks: Acks::default(),
            next_sequence: 0,
            in_flight: 0,
            last_sent: Instant::now(),
            statistics: StatisticsHandle::default(),
        };
        match keeps_engine {
            true => {
                producer.engine()?;
            }
            false => Client::check(&producer.settings)?,
        }
        Ok(producer)
    }

    /// The engine, started if there is none.
    fn engine(&mut self) -> Result<&mut Engine> {
        match &mut self.engine {
            Some(engine) => Ok(engine),
            none => Ok(none.insert(Engine::start(&self.settings, &self.statistics)?)),
        }
    }

    /// Settings that were given and have no effect, or another one than asked for.
    #[must_use]
    pub fn untranslated(&self) -> &[Untranslated] {
        &self.settings.untranslated
    }

    /// What the engine tells of itself.
    #[must_use]
    pub fn statistics(&self) -> &StatisticsHandle {
        &self.statistics
    }

    /// The sequence number that the next accepted record gets.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// Number of accepted records that are not answered yet, as far as the answers have been looked at.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Hands over records in order and copies them. Never blocks.
    ///
    /// Returns how many were accepted. It is fewer than given only when the local queue
    /// (`buffer.memory`) is full: wait with [`wait_capacity`](Self::wait_capacity), then send the rest.
    /// The iterator may have been asked for more than were accepted.
    ///
    /// There is one path for errors: a record that cannot be sent at all (too large, unknown partition,
    /// failed producer) is accepted too, and its acknowledgement says what is wrong with it.
    ///
    /// Runs of records to one topic without headers and timestamps are the cheapest. A timestamp of exactly 0
    /// cannot be expressed by the engine: such a record gets the time of sending.
    #[must_use = "records beyond the returned number were not accepted"]
    pub fn send<'a>(&mut self, records: impl IntoIterator<Item = OutgoingRecord<'a>>) -> usize {
        self.last_sent = Instant::now();
        let mut records = records.into_iter();
        if let Err(error) = self.engine() {
            return self.refuse(records.count(), error);
        }
        let mut taken = 0;
        let mut next = records.next();
        while let Some(record) = next {
            let run = match record.is_plain() {
                true => self.send_run(record, &mut records),
                false => Run {
                    given: 1,
                    accepted: self.send_one(&record),
                    next: records.next(),
                },
            };
            taken += run.accepted;
            if run.accepted < run.given {
                break;
            }
            next = run.next;
        }
        taken
    }

    /// Answers records for which the engine did not start.
    fn refuse(&mut self, records: usize, error: KafkaError) -> usize {
        self.refused = Some(error);
        for _ in 0..records {
            self.acks.push(self.next_sequence, FAILED);
            self.next_sequence += 1;
        }
        records
    }

    /// Hands over records as long as they can go together.
    fn send_run<'a>(
        &mut self,
        first: OutgoingRecord<'a>,
        rest: &mut impl Iterator<Item = OutgoingRecord<'a>>,
    ) -> Run<'a> {
        let Some(engine) = &mut self.engine else {
            return Run {
                given: 1,
                accepted: 0,
                next: None,
            };
        };
        let mut refused = 0;
        let acks = &mut self.acks;
        let sender = &mut engine.sender;
        let mut run = sender.send_run(first, rest, self.next_sequence, |sequence, code| {
            refused += 1;
            acks.push(sequence, code);
        });
        self.next_sequence += run.accepted as u64;
        self.in_flight += run.accepted - refused;
        if run.accepted == 0 {
            run.accepted = self.queue_full();
        }
        run
    }

    /// Returns how many records are taken off a full queue's hands: one that does not fit into an empty queue never
    /// will, and is answered.
    fn queue_full(&mut self) -> usize {
        if self.in_flight > 0 {
            return 0;
        }
        self.acks.push(self.next_sequence, TOO_LARGE);
        self.next_sequence += 1;
        1
    }

    fn send_one(&mut self, record: &OutgoingRecord<'_>) -> usize {
        let Some(engine) = &mut self.engine else {
            return 0;
        };
        match engine.sender.send_one(record, self.next_sequence) {
            Attempt::QueueFull => return self.queue_full(),
            Attempt::Queued => self.in_flight += 1,
            Attempt::Refused(code) => self.acks.push(self.next_sequence, code),
        }
        self.next_sequence += 1;
        1
    }

    /// Moves acknowledgements that are available into `out`, as ranges. Never blocks.
    pub fn try_acks(&mut self, out: &mut Vec<AckRange>) {
        self.drain();
        if self.acks.is_empty() {
            return;
        }
        let client = self.engine.as_ref().map(|it| &it.client);
        let fatal = client.and_then(|it| it.fatal_error());
        let refused = self.refused.take();
        let rejected = &self.rejected;
        self.acks
            .take(out, |error| match (&refused, &fatal, error.kind()) {
                (Some(refused), _, _) if client.is_none() => refused.clone(),
                (_, Some(fatal), ErrorKind::Fatal | ErrorKind::Closed) => fatal.clone(),
                (_, None, ErrorKind::Closed) => rejected.clone().unwrap_or(error),
                _ if error.code().is_some_and(|it| it.number == TOO_LARGE) => {
                    error.during(TOO_LARGE_FOR)
                }
                _ => error,
            });
    }

    /// Waits until acknowledgements are available and moves them into `out`.
    ///
    /// Waits for ever when nothing is in flight, so it can stand in a `select!`. Cancel-safe.
    pub async fn acks(&mut self, out: &mut Vec<AckRange>) {
        let before = out.len();
        loop {
            self.try_acks(out);
            if out.len() > before {
                return;
            }
            self.wait().await;
        }
    }

    /// Waits for the engine; ends one that has nothing to do.
    async fn wait(&mut self) {
        let Some(engine) = &self.engine else {
            return std::future::pending().await;
        };
        let Some(longest) = self.longest_idle.filter(|_| self.in_flight == 0) else {
            return engine.queue.wait().await;
        };
        let idle = tokio::time::sleep_until((self.last_sent + longest).into());
        tokio::select! {
            () = engine.queue.wait() => {}
            () = idle => {
                self.engine = None;
                self.statistics.clear();
            }
        }
    }

    /// Waits until [`send`](Self::send) can accept a good part of a full queue again, at most `max.block.ms`.
    /// Cancel-safe.
    ///
    /// # Errors
    /// [`Timeout`](crate::ErrorKind::Timeout) when the queue is still full after `max.block.ms`.
    pub async fn wait_capacity(&mut self) -> Result<()> {
        let enough = self.in_flight - self.in_flight.div_ceil(4);
        let Some(max_block) = self.settings.max_block else {
            self.wait_in_flight(enough).await;
            return Ok(());
        };
        let waited = tokio::time::timeout(max_block, self.wait_in_flight(enough)).await;
        waited.map_err(|_| {
            let full = KafkaError::new(
                ErrorKind::Timeout,
                "the queue of buffer.memory bytes is full",
            );
            self.explain(full, "cannot send", max_block)
        })
    }

    async fn wait_in_flight(&mut self, enough: usize) {
        loop {
            self.drain();
            if self.in_flight <= enough {
                return;
            }
            self.wait().await;
        }
    }

    /// Sends everything without lingering and waits until all is answered. Cancel-safe.
    ///
    /// The answers are then available to [`try_acks`](Self::try_acks); some of them may be errors.
    ///
    /// # Errors
    /// [`Timeout`](crate::ErrorKind::Timeout) when records are still unanswered after `timeout`.
    pub async fn flush(&mut self, timeout: Duration) -> Result<()> {
        let started = Instant::now();
        self.drain();
        while self.in_flight > 0 {
            let left = timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                let text = format!("{} records are not acknowledged", self.in_flight);
                let unanswered = KafkaError::new(ErrorKind::Timeout, text);
                return Err(self.explain(unanswered, "cannot flush", timeout));
            }
            self.flush_for(left.min(FLUSH_SLICE)).await;
        }
        Ok(())
    }

    async fn flush_for(&mut self, slice: Duration) {
        let Some(engine) = &self.engine else {
            return;
        };
        let client = Arc::clone(&engine.client);
        let mut flushing = tokio::task::spawn_blocking(move || client.flush(slice));
        while self.in_flight > 0 {
            tokio::select! {
                _ = &mut flushing => {
                    self.drain();
                    return;
                }
                () = self.wait() => self.drain(),
            }
        }
    }

    fn explain(&self, error: KafkaError, what: &str, timeout: Duration) -> KafkaError {
        match &self.engine {
            Some(engine) => engine.client.explain(error, what, timeout),
            None => error.during(what),
        }
    }

    /// Flushes, then ends the client. Returns the acknowledgements that were not taken, and how flushing ended.
    pub async fn close(mut self, timeout: Duration) -> (Vec<AckRange>, Result<()>) {
        let started = Instant::now();
        let flushed = self.flush(timeout).await;
        let mut acks = Vec::new();
        self.try_acks(&mut acks);
        let Some(Engine {
            sender,
            queue,
            client,
        }) = self.engine
        else {
            return (acks, flushed);
        };
        drop((sender, queue));
        // Grants the threads of the engine a moment even if flushing took all the time.
        let left = timeout
            .saturating_sub(started.elapsed())
            .max(Duration::from_millis(100));
        let ended = client.end(left).await;
        (acks, flushed.and(ended))
    }

    /// Looks at the delivery reports and errors that are there.
    fn drain(&mut self) {
        let Some(engine) = &self.engine else {
            return;
        };
        while let Some(mut event) = engine.queue.poll() {
            match event.kind() {
                EventKind::Deliveries => event.deliveries(|sequence, code| {
                    self.acks.push(sequence, code);
                    self.in_flight -= 1;
                }),
                // Errors are logged by the engine. It tries again, but as with Java's client records do not wait for other
                // credentials.
                EventKind::Error => {
                    let error = event.error();
                    if let Some(error) = error.filter(|it| it.kind() == ErrorKind::Authentication) {
                        self.rejected = Some(error);
                        engine.client.give_up_unsent();
                    }
                }
                EventKind::Statistics => self.statistics.report(event.statistics().as_bytes()),
                EventKind::Reply => {}
            }
        }
    }
}

/// Whether the engine is there from the start to the end.
fn keeps_engine(settings: &Translated) -> bool {
    let protocol = settings.engine.get("security.protocol");
    settings.engine.contains_key("transactional.id")
        || protocol.is_some_and(|it| !it.eq_ignore_ascii_case("plaintext"))
}

/// How long connections may have nothing to do; `None` if they are to be kept for ever.
fn longest_idle(settings: &Translated) -> Option<Duration> {
    let max_idle = settings.engine.get("connections.max.idle.ms")?;
    match max_idle.parse().ok()? {
        0 => None,
        millis => Some(LONGEST_IDLE.min(Duration::from_millis(millis))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody listens there; the records do not get as far.
    fn unconnected() -> Producer {
        let settings = [
            ("bootstrap.servers", "127.0.0.1:1"),
            ("buffer.memory", "1048576"),
            ("max.request.size", "10485760"),
        ];
        Producer::new(&settings.into_iter().collect()).unwrap()
    }

    fn plain<'a>(topic: &'a str, value: &'a [u8]) -> OutgoingRecord<'a> {
        OutgoingRecord {
            topic,
            partition: None,
            key: None,
            value: Some(value),
            headers: &[],
            timestamp: None,
        }
    }

    #[test]
    fn a_record_that_no_queue_can_hold_is_answered() {
        let mut producer = unconnected();
        let value = vec![0; 2 << 20];
        let plain = plain("t", &value);
        let with_time = OutgoingRecord {
            timestamp: Some(1),
            ..plain
        };

        assert_eq!(producer.send([plain, with_time]), 2);

        let mut acks = Vec::new();
        producer.try_acks(&mut acks);
        assert_eq!(acks.len(), 1);
        assert_eq!((acks[0].first, acks[0].end), (0, 2));
        let error = acks[0].result.as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains("buffer.memory"), "{error}");
    }

    #[test]
    fn records_of_all_kinds_are_numbered_in_order() {
        let mut producer = unconnected();
        let with_time = OutgoingRecord {
            timestamp: Some(1),
            ..plain("t", b"v")
        };
        let to_partition = OutgoingRecord {
            partition: Some(2),
            ..plain("t", b"v")
        };
        // More than are handed over at once, then one that is refused.
        let mut records = vec![plain("t", b"v"); 600];
        records.extend([
            plain("a\0b", b"v"),
            with_time,
            to_partition,
            plain("u", b"v"),
        ]);

        assert_eq!(producer.send(records.iter().copied()), records.len());

        assert_eq!(producer.next_sequence(), 604);
        let mut acks = Vec::new();
        producer.try_acks(&mut acks);
        let numbers: Vec<_> = acks.iter().map(|it| (it.first, it.end)).collect();
        assert_eq!(numbers, [(600, 601)]);
        assert_eq!(producer.in_flight(), 603);
    }

    #[test]
    fn what_does_not_fit_is_not_accepted() {
        let mut producer = unconnected();
        let value = vec![0; 700 << 10];
        let records = [plain("t", &value); 3];

        assert_eq!(producer.send(records), 1);
        assert_eq!((producer.next_sequence(), producer.in_flight()), (1, 1));
        assert_eq!(producer.send(records.into_iter().skip(1)), 0);
        assert_eq!((producer.next_sequence(), producer.in_flight()), (1, 1));
    }
}
