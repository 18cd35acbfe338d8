//! The consumer: a batch of records at a time, group membership as events.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use builder::{BatchBuilder, Expected};
use membership::Membership;
use pattern::Pattern;
use tracing::warn;

use crate::{
    admin::{Isolation, OffsetLookup},
    error::{ErrorKind, KafkaError, Result},
    librdkafka::{Client, Fetcher, Kind, Message, PartitionList, Queue},
    settings::{self, ClientSettings, Translated, Untranslated},
    statistics::StatisticsHandle,
    topic::{TopicName, TopicPartition},
};

pub use batch::{FetchedBatch, FetchedHeader, FetchedParts, FetchedRecord, TimestampType};
pub use positions::PendingCommit;

mod batch;
mod builder;
mod membership;
mod pattern;
mod positions;

/// A batch is not made larger on purpose once it has so many bytes: about as many as a processor's own cache holds, in
/// which it is read again and again on its way.
const BATCH_BYTES: usize = 1 << 20;
/// How long a poll sleeps at most before it looks again, so that the engine sees that the task is alive.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// Longest time-out; a longer one means the same to anybody.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 3600);
/// How often transient errors are logged; more are counted and left out.
const LOG_INTERVAL: Duration = Duration::from_secs(10);
/// The engine's name for the end of a partition.
const END: &str = "_PARTITION_EOF";
/// How long closing looks for signs of the end between two events.
const CLOSE_CHECK: Duration = Duration::from_millis(20);

/// What [`Consumer::poll`] found.
#[derive(Debug)]
#[must_use]
pub enum Polled {
    /// Records; never an empty batch.
    Records(FetchedBatch),
    /// The group gives these partitions to this consumer (with cooperative assignment: in addition).
    ///
    /// Not yet in effect: look up positions, [`seek`](Consumer::seek) and [`pause`](Consumer::pause) as
    /// needed, then call [`complete_assign`](Consumer::complete_assign). The set may be empty.
    Assigned(Vec<TopicPartition>),
    /// The group takes these partitions away.
    ///
    /// Not yet in effect: flush and commit, then call [`complete_revoke`](Consumer::complete_revoke).
    Revoked {
        /// The partitions; all of them with eager assignment.
        partitions: Vec<TopicPartition>,
        /// They already belong to somebody else: do not commit.
        lost: bool,
    },
    /// Nothing happened in time.
    Nothing,
}

/// Where a partition without a usable offset starts, or what an offset lookup asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StartOffset {
    /// The first record that is still there.
    Earliest,
    /// Behind the last record.
    Latest,
    /// This offset.
    At(i64),
    /// The offset committed for the group; without one, as `auto.offset.reset` says.
    Committed,
}

/// A consumer, driven by one task.
///
/// All `async` methods are cancel-safe unless they say otherwise. Offsets are committed only through
/// [`commit`](Self::commit), unless `enable.auto.commit` is set.
///
/// Without `group.id` only [`assign`](Self::assign) works, and nothing can be committed. The engine looks for a
/// coordinator all the same.
///
/// Dropping a consumer ends it without leaving the group; [`close`](Self::close) leaves it.
#[derive(Debug)]
pub struct Consumer {
    queue: Queue,
    client: Arc<Client>,
    fetcher: Fetcher,
    membership: Membership,
    pattern: Option<Pattern>,
    group: Option<String>,
    offset_reset: Option<StartOffset>,
    isolation: Isolation,
    max_poll_records: usize,
    metadata_max_age: Duration,
    exclude_internal_topics: bool,
    /// Names of topics seen, shared by all batches.
    topics: Vec<TopicName>,
    expected: Expected,
    /// An error that was found behind records, for the next poll.
    failed: Option<KafkaError>,
    /// Records that cannot be read: the engine would go on behind them.
    unreadable: Option<KafkaError>,
    logged_at: Option<Instant>,
    unlogged: u64,
    untranslated: Vec<Untranslated>,
    statistics: StatisticsHandle,
    /// Where the ends of partitions were met, if they are looked for.
    ends: BTreeMap<TopicPartition, i64>,
    /// Whether an end was met that the caller has not been told of.
    met_end: bool,
}

impl Consumer {
    /// Creates a consumer. Connects in the background.
    ///
    /// Settings without effect are logged as warnings and kept in [`untranslated`](Self::untranslated).
    ///
    /// # Errors
    /// A setting with an invalid value, or one that contradicts another.
    pub fn new(settings: &ClientSettings) -> Result<Self> {
        Self::from_translated(settings, settings::translate(settings, settings::CONSUMER)?)
    }

    /// As [`new`](Self::new), for a consumer that also tells where partitions end for the moment:
    /// [`poll`](Self::poll) returns [`Polled::Nothing`] early when it meets an end, which is among
    /// [`ends`](Self::ends) then.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn meeting_ends(settings: &ClientSettings) -> Result<Self> {
        let mut translated = settings::translate(settings, settings::CONSUMER)?;
        translated
            .engine
            .insert("enable.partition.eof", "true".to_owned());
        Self::from_translated(settings, translated)
    }

    fn from_translated(settings: &ClientSettings, translated: Translated) -> Result<Self> {
        settings::log_untranslated(&translated.client_id, &translated.untranslated);
        let statistics = StatisticsHandle::default();
        let client = Client::new(Kind::Consumer, &translated, &statistics)?;
        let is_set_to =
            |key: &str, value: &str| translated.engine.get(key).is_some_and(|it| it == value);
        let offset_reset = match translated
            .engine
            .get("auto.offset.reset")
            .map(String::as_str)
        {
            Some("error") => None,
            Some("earliest") => Some(StartOffset::Earliest),
            Some(_) | None => Some(StartOffset::Latest),
        };
        let isolation = match is_set_to("isolation.level", "read_committed") {
            true => Isolation::ReadCommitted,
            false => Isolation::ReadUncommitted,
        };
        Ok(Self {
            queue: Queue::consumer(&client),
            client,
            fetcher: Fetcher::new(),
            membership: Membership::default(),
            pattern: None,
            group: settings.get("group.id").map(str::to_owned),
            offset_reset,
            isolation,
            max_poll_records: translated.max_poll_records,
            metadata_max_age: translated.metadata_max_age,
            exclude_internal_topics: translated.exclude_internal_topics,
            topics: Vec::new(),
            expected: Expected::default(),
            failed: None,
            unreadable: None,
            logged_at: None,
            unlogged: 0,
            untranslated: translated.untranslated,
            statistics,
            ends: BTreeMap::new(),
            met_end: false,
        })
    }

    /// Looks up offsets over this client's connections, also while it is polled.
    #[must_use]
    pub fn offset_lookup(&self) -> OffsetLookup {
        OffsetLookup::over(&self.client)
    }

    /// The offsets at which partitions ended when their ends were met last. What takes an offset
    /// without being a record, at the end of a partition, counts.
    #[must_use]
    pub fn ends(&self) -> &BTreeMap<TopicPartition, i64> {
        &self.ends
    }

    /// What the engine tells of itself.
    #[must_use]
    pub fn statistics(&self) -> &StatisticsHandle {
        &self.statistics
    }

    /// Settings that were given and have no effect, or another one than asked for.
    #[must_use]
    pub fn untranslated(&self) -> &[Untranslated] {
        &self.untranslated
    }

    /// Joins the group and asks for partitions of these topics, instead of those asked for before.
    ///
    /// # Errors
    /// `group.id` is not set, a name is not a topic's, or the client has failed.
    pub fn subscribe(&mut self, topics: &[&str]) -> Result<()> {
        self.require_group()?;
        if let Some(topic) = topics.iter().find(|topic| topic.starts_with('^')) {
            return Err(KafkaError::config(format!(
                "{topic} is not the name of a topic"
            )));
        }
        self.pattern = None;
        match topics.is_empty() {
            true => self.client.unsubscribe(),
            false => self
                .client
                .subscribe(&PartitionList::of_topics(topics.iter().copied())?),
        }
    }

    /// Reads exactly these partitions, without a group's doing, instead of those read before. Pauses are forgotten.
    ///
    /// # Errors
    /// A name is not a topic's, [`StartOffset::Committed`] is used without `group.id`, or the client has failed.
    pub fn assign(&mut self, partitions: &[(TopicPartition, StartOffset)]) -> Result<()> {
        if partitions
            .iter()
            .any(|(_, start)| *start == StartOffset::Committed)
        {
            self.require_group()?;
        }
        self.resume_all()?;
        let starts = partitions
            .iter()
            .map(|(partition, start)| (partition, *start));
        self.client
            .assign(Some(&PartitionList::starting(starts)?))?;
        self.membership.clear();
        self.membership
            .assigned
            .extend(partitions.iter().map(|(partition, _)| partition.clone()));
        self.membership.starts.extend(partitions.iter().cloned());
        Ok(())
    }

    /// Waits for records or a rebalance event, at most `timeout`. Cancel-safe.
    ///
    /// Returns what is there at once, up to `max.poll.records` and about 1 MiB, and never waits for a batch
    /// to fill. A rebalance event that the caller has not completed is completed by the next call.
    ///
    /// # Errors
    /// Fatal errors, refused credentials, missing permissions, and an offset that is out of range when
    /// `auto.offset.reset` is `none`. Transient ones are logged and polling goes on. Records that cannot be read are a
    /// fatal error of each poll behind those before them, so that nothing is left out.
    pub async fn poll(&mut self, timeout: Duration) -> Result<Polled> {
        self.complete_pending()?;
        let deadline = Instant::now() + timeout.min(LONGEST_TIMEOUT);
        loop {
            if let Some(polled) = self.take()? {
                return Ok(polled);
            }
            if std::mem::take(&mut self.met_end) {
                return Ok(Polled::Nothing);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Polled::Nothing);
            }
            tokio::select! {
                () = self.queue.wait() => {}
                followed = Self::follow_pattern(&self.client, &mut self.pattern) => followed?,
                () = tokio::time::sleep(left.min(LONGEST_SLEEP)) => {}
            }
        }
    }

    /// What is there, without waiting.
    fn take(&mut self) -> Result<Option<Polled>> {
        if let Some(error) = self.failed.take().or_else(|| self.unreadable.clone()) {
            return Err(error);
        }
        if let Some(change) = self.take_rebalance() {
            return Ok(Some(change));
        }
        if let Some(batch) = self.fetch() {
            return Ok(Some(Polled::Records(batch)));
        }
        // Fetching serves the callbacks, so there may be news.
        match self.failed.take().or_else(|| self.unreadable.clone()) {
            Some(error) => Err(error),
            None => Ok(self.take_rebalance()),
        }
    }

    /// Records that are there.
    fn fetch(&mut self) -> Option<FetchedBatch> {
        let mut batch = BatchBuilder::default();
        let mut errors = Vec::new();
        while batch.len() < self.max_poll_records && batch.bytes() < BATCH_BYTES {
            let wanted = self.max_poll_records - batch.len();
            let (expected, topics) = (self.expected, &mut self.topics);
            let unreadable = &mut self.unreadable;
            let (ends, met_end) = (&mut self.ends, &mut self.met_end);
            let taken = self.fetcher.fetch(&self.queue, wanted, |message| {
                if unreadable.is_some() {
                    // Perhaps what follows the records that cannot be read.
                } else if let Some(error) = message.error() {
                    if error.code().is_some_and(|it| it.name == END) {
                        let partition = TopicPartition::new(&*message.topic(), message.partition());
                        ends.insert(partition, message.offset());
                        *met_end = true;
                        return;
                    }
                    match stands_for_records(&error) {
                        true => *unreadable = Some(cannot_read(&message, error)),
                        false => errors.push(error),
                    }
                } else {
                    batch.reserve(expected);
                    batch.push(&message, topics);
                }
            });
            batch.end_chunk();
            if taken == 0 {
                break;
            }
        }
        errors.extend(std::iter::from_fn(|| self.client.take_error()));
        for error in errors {
            self.judge(error);
        }
        if batch.len() > 0 {
            self.expected = batch.sizes();
        }
        batch.finish()
    }

    /// Keeps an error that the caller has to know of, logs any other.
    fn judge(&mut self, error: KafkaError) {
        let is_serious = match error.kind() {
            ErrorKind::Fatal
            | ErrorKind::Fenced
            | ErrorKind::Authentication
            | ErrorKind::Config => true,
            // Without a group of its own the consumer needs no permission for one.
            ErrorKind::Authorization => {
                self.group.is_some()
                    || error
                        .code()
                        .is_none_or(|it| it.name != "GROUP_AUTHORIZATION_FAILED")
            }
            // The offset is gone and nothing says where to go on.
            ErrorKind::Refused => error
                .code()
                .is_some_and(|it| it.name == "_AUTO_OFFSET_RESET"),
            ErrorKind::Timeout
            | ErrorKind::Retriable
            | ErrorKind::UnknownTopic
            | ErrorKind::Group
            | ErrorKind::Closed => false,
        };
        if is_serious {
            let fatal = self.client.fatal_error();
            self.failed.get_or_insert(fatal.unwrap_or(error));
            return;
        }
        if self.logged_at.is_some_and(|at| at.elapsed() < LOG_INTERVAL) {
            self.unlogged += 1;
            return;
        }
        self.logged_at = Some(Instant::now());
        let unlogged = std::mem::take(&mut self.unlogged);
        warn!(client = self.client.client_id(), %error, unlogged, "consumer goes on after an error");
    }

    /// Partitions in effect, in order; those of an event that is not completed are as before it.
    #[must_use]
    pub fn assignment(&self) -> &BTreeSet<TopicPartition> {
        &self.membership.assigned
    }

    /// Stops fetching these partitions; membership goes on. Remembered for a pending [`Polled::Assigned`], forgotten
    /// when a partition is revoked. Records that were fetched and not polled come after
    /// [`resume`](Self::resume).
    ///
    /// # Errors
    /// A partition is not assigned.
    pub fn pause(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.membership.require(partitions)?;
        self.membership.paused.extend(partitions.iter().cloned());
        self.apply(partitions, Client::pause)
    }

    /// Fetches these partitions again, from where they stopped.
    ///
    /// # Errors
    /// A partition is not assigned.
    pub fn resume(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.membership.require(partitions)?;
        for partition in partitions {
            self.membership.paused.remove(partition);
        }
        self.apply(partitions, Client::resume)
    }

    /// Partitions that are paused, in order.
    #[must_use]
    pub fn paused(&self) -> &BTreeSet<TopicPartition> {
        &self.membership.paused
    }

    fn apply(
        &self,
        partitions: &[TopicPartition],
        change: fn(&Client, &mut PartitionList) -> Result<()>,
    ) -> Result<()> {
        let mut in_effect = partitions
            .iter()
            .filter(|it| self.membership.assigned.contains(*it))
            .peekable();
        match in_effect.peek() {
            Some(_) => change(&self.client, &mut PartitionList::of(in_effect)?),
            None => Ok(()),
        }
    }

    fn resume_all(&mut self) -> Result<()> {
        let paused: Vec<TopicPartition> = std::mem::take(&mut self.membership.paused)
            .into_iter()
            .collect();
        self.apply(&paused, Client::resume)
    }

    fn require_group(&self) -> Result<()> {
        match self.group {
            Some(_) => Ok(()),
            None => Err(KafkaError::config(
                "group.id is not set, so there is no group",
            )),
        }
    }

    /// Leaves the group and ends the client. Commit before: partitions are given up without an event.
    ///
    /// # Errors
    /// [`Timeout`](crate::ErrorKind::Timeout): the group was not left in time; the client has ended all the same.
    pub async fn close(mut self, timeout: Duration) -> Result<()> {
        let started = Instant::now();
        let left = self.leave(timeout).await;
        let Self { queue, client, .. } = self;
        drop(queue);
        let rest = timeout
            .saturating_sub(started.elapsed())
            .max(Duration::from_millis(100));
        left.and(client.end(rest).await)
    }

    async fn leave(&mut self, timeout: Duration) -> Result<()> {
        if self.client.fatal_error().is_some() {
            // The engine has given the group up already.
            return Ok(());
        }
        let deadline = Instant::now() + timeout.min(LONGEST_TIMEOUT);
        self.complete_pending()?;
        let events = Queue::new(&self.client);
        self.client.start_close(&events)?;
        while !self.client.is_closed() {
            // Serves the callbacks; records that arrive now are nobody's.
            let taken = self.fetcher.fetch(&events, usize::MAX, |_| {});
            if self.take_rebalance().is_some() {
                self.complete_pending()?;
            }
            if Instant::now() >= deadline {
                let text = format!("the group was not left within {timeout:?}");
                return Err(KafkaError::new(ErrorKind::Timeout, text));
            }
            if taken == 0 {
                // Not every step towards the end arrives as an event.
                let _woken_or_not = tokio::time::timeout(CLOSE_CHECK, events.wait()).await;
            }
        }
        Ok(())
    }
}

/// Whether an error says that records cannot be read. The engine leaves them out and goes on.
fn stands_for_records(error: &KafkaError) -> bool {
    const CODES: [&str; 4] = [
        "_BAD_MSG",
        "_BAD_COMPRESSION",
        "_NOT_IMPLEMENTED",
        "INVALID_MSG",
    ];
    error.code().is_some_and(|it| CODES.contains(&it.name))
}

fn cannot_read(message: &Message<'_>, error: KafkaError) -> KafkaError {
    let what = format!(
        "records of partition {}-{} at offset {} cannot be read",
        message.topic(),
        message.partition(),
        message.offset()
    );
    error.into_fatal().during(what)
}
