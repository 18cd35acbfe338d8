//! The one task that reads and writes internal topics.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use connect_kafka::{
    AckRange, Admin, ClientSettings, Consumer, Each, ErrorKind, FetchedBatch, Isolation,
    KafkaError, OutgoingRecord, Polled, Producer, StartOffset, TopicPartition,
};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::{CLOSE_LIMIT, Command, Entry, FollowedTopic, LogRecord, Reader};

/// Longest wait for an answer of the brokers, before the next try.
const LIMIT: Duration = Duration::from_secs(10);
/// How long the topics may take to be read at the start.
const START_LIMIT: Duration = Duration::from_secs(15 * 60);
const PAUSE: Duration = Duration::from_millis(100);
/// Longest wait for records; news of others end it.
const POLL: Duration = Duration::from_secs(5);

type Reply = oneshot::Sender<Result<(), KafkaError>>;

/// Records that were given to the producer together.
struct Sent {
    /// Sequence number of the first, and the one behind the last.
    first: u64,
    end: u64,
    unanswered: u64,
    failed: Option<KafkaError>,
    reply: Reply,
}

/// Somebody who waits for positions.
struct Reading {
    ends: Vec<(TopicPartition, i64)>,
    reply: Reply,
}

pub(super) struct Follower {
    settings: ClientSettings,
    consumer: Consumer,
    producer: Producer,
    readers: BTreeMap<String, Reader>,
    /// Offset of the next record of each partition.
    positions: BTreeMap<TopicPartition, i64>,
    /// Whether what was there at the start has been read.
    is_live: bool,
    sent: VecDeque<Sent>,
    reading: Vec<Reading>,
    /// What is being looked up beside this task.
    lookups: JoinSet<()>,
    /// Where that comes back to.
    commands: mpsc::WeakSender<Command>,
}

impl Follower {
    pub(super) async fn start(
        settings: &ClientSettings,
        admin: &Admin,
        topics: Vec<FollowedTopic>,
        client_id: impl Fn(&str) -> String,
        commands: mpsc::WeakSender<Command>,
    ) -> Result<Self, KafkaError> {
        let with_id = |of: &str| {
            let mut settings = settings.clone();
            settings.remove("group.id");
            settings.set("client.id", client_id(of));
            settings
        };
        let mut producing = with_id("internal");
        producing
            .set("acks", "all")
            .set("enable.idempotence", "false")
            .set("max.in.flight.requests.per.connection", "1")
            .set("delivery.timeout.ms", "2147483647")
            .set("linger.ms", "0");
        let mut consuming = with_id("internal");
        consuming
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest");
        let names: Vec<String> = topics.iter().map(|it| it.topic.name.clone()).collect();
        let (positions, ends) = bounds(admin, &names).await?;
        let readers = topics
            .into_iter()
            .map(|it| (it.topic.name, it.reader))
            .collect();
        let mut follower = Self {
            consumer: following(&consuming, &positions)?,
            producer: Producer::new(&producing)?,
            settings: consuming,
            readers,
            positions,
            is_live: false,
            sent: VecDeque::new(),
            reading: Vec::new(),
            lookups: JoinSet::new(),
            commands,
        };
        let read = follower.read_up_to(&ends);
        tokio::time::timeout(START_LIMIT, read)
            .await
            .map_err(|_| {
                KafkaError::new(
                    ErrorKind::Timeout,
                    "the internal topics cannot be read to their ends",
                )
            })??;
        follower.is_live = true;
        Ok(follower)
    }

    async fn read_up_to(&mut self, ends: &[(TopicPartition, i64)]) -> Result<(), KafkaError> {
        while !self.has_reached(ends) {
            match self.consumer.poll(POLL).await {
                Ok(polled) => self.apply(&polled),
                Err(error) => self.replace_consumer(&error).await?,
            }
        }
        Ok(())
    }

    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut acks = Vec::new();
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Close(reply)) => return self.close(reply).await,
                    Some(command) => self.obey(command).await,
                    None => return,
                },
                Some(_) = self.lookups.join_next() => {}
                () = self.producer.acks(&mut acks) => self.settle(&mut acks),
                polled = self.consumer.poll(POLL) => match polled {
                    Ok(polled) => {
                        self.apply(&polled);
                        self.answer_readers();
                    }
                    Err(error) => {
                        if let Err(error) = self.replace_consumer(&error).await {
                            tracing::error!(%error, "internal topics cannot be followed");
                        }
                    }
                },
            }
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Send {
                topic,
                entries,
                reply,
            } => self.send(&topic, &entries, reply).await,
            Command::ReadToEnd { topic, reply } => self.look_up_ends(&topic, reply),
            Command::Ends {
                ends: Ok(ends),
                reply,
            } => {
                self.reading.push(Reading { ends, reply });
                self.answer_readers();
            }
            Command::Ends {
                ends: Err(error),
                reply,
            } => drop(reply.send(Err(error))),
            Command::Close(reply) => drop(reply),
        }
    }

    async fn send(&mut self, topic: &str, entries: &[Entry], reply: Reply) {
        let first = self.producer.next_sequence();
        let mut left = entries;
        while !left.is_empty() {
            let records = left.iter().map(|(key, value)| OutgoingRecord {
                topic,
                partition: None,
                key: Some(key),
                value: value.as_deref(),
                headers: &[],
                timestamp: None,
            });
            let accepted = self.producer.send(records);
            left = &left[accepted..];
            if !left.is_empty()
                && let Err(error) = self.producer.wait_capacity().await
            {
                tracing::warn!(%error, topic, "internal records wait for room");
            }
        }
        let end = self.producer.next_sequence();
        if first == end {
            // Nobody may be waiting any more.
            let _ = reply.send(Ok(()));
            return;
        }
        self.sent.push_back(Sent {
            first,
            end,
            unanswered: end - first,
            failed: None,
            reply,
        });
    }

    /// Answers whoever has sent records that are answered.
    fn settle(&mut self, acks: &mut Vec<AckRange>) {
        for AckRange { first, end, result } in acks.drain(..) {
            for sent in &mut self.sent {
                let shared = end.min(sent.end).saturating_sub(first.max(sent.first));
                sent.unanswered -= shared;
                if shared > 0
                    && let Err(error) = &result
                {
                    sent.failed.get_or_insert_with(|| error.clone());
                }
            }
        }
        let mut waiting = VecDeque::new();
        for sent in self.sent.drain(..) {
            if sent.unanswered > 0 {
                waiting.push_back(sent);
                continue;
            }
            let _ = sent.reply.send(sent.failed.map_or(Ok(()), Err));
        }
        self.sent = waiting;
    }

    /// Asks where a topic ends, beside this task: brokers may take their time.
    fn look_up_ends(&mut self, topic: &str, reply: Reply) {
        let latest: Vec<(TopicPartition, StartOffset)> = self
            .positions
            .keys()
            .filter(|it| it.topic.as_str() == topic)
            .map(|it| (it.clone(), StartOffset::Latest))
            .collect();
        let (lookup, commands) = (self.consumer.offset_lookup(), self.commands.clone());
        self.lookups.spawn(async move {
            let ends = loop {
                if reply.is_closed() {
                    return;
                }
                let found = lookup.list_offsets(&latest, Isolation::ReadUncommitted, LIMIT);
                match each(found.await) {
                    Err(error) if error.is_retriable() => sleep(PAUSE).await,
                    ends => break ends,
                }
            };
            if let Some(commands) = commands.upgrade() {
                // A follower that has ended answers nobody.
                let _ = commands.send(Command::Ends { ends, reply }).await;
            }
        });
    }

    fn apply(&mut self, polled: &Polled) {
        if let Polled::Records(batch) = polled {
            self.apply_records(batch);
        }
        for (partition, end) in self.consumer.ends() {
            if let Some(position) = self.positions.get_mut(partition) {
                *position = (*position).max(*end);
            }
        }
    }

    fn apply_records(&mut self, batch: &FetchedBatch) {
        for record in batch.iter() {
            if let Some(reader) = self.readers.get_mut(record.topic().as_str()) {
                reader(LogRecord {
                    offset: record.offset(),
                    key: record.key(),
                    value: record.value(),
                    is_live: self.is_live,
                });
            }
            let partition = TopicPartition::new(record.topic().clone(), record.partition());
            self.positions.insert(partition, record.offset() + 1);
        }
    }

    fn has_reached(&self, ends: &[(TopicPartition, i64)]) -> bool {
        ends.iter().all(|(partition, end)| {
            let position = self.positions.get(partition);
            position.is_some_and(|position| position >= end)
        })
    }

    fn answer_readers(&mut self) {
        let reading = std::mem::take(&mut self.reading);
        for Reading { ends, reply } in reading {
            if self.has_reached(&ends) {
                let _ = reply.send(Ok(()));
            } else if !reply.is_closed() {
                self.reading.push(Reading { ends, reply });
            }
        }
    }

    /// A consumer that has failed is replaced by one that goes on where it was.
    async fn replace_consumer(&mut self, error: &KafkaError) -> Result<(), KafkaError> {
        tracing::warn!(%error, "internal topics are read by another client from here on");
        sleep(LIMIT / 10).await;
        self.consumer = following(&self.settings, &self.positions)?;
        Ok(())
    }

    async fn close(mut self, reply: oneshot::Sender<()>) {
        if let Err(error) = self.producer.flush(CLOSE_LIMIT).await {
            tracing::warn!(%error, "the last internal records may not have been written");
        }
        let mut acks = Vec::new();
        self.producer.try_acks(&mut acks);
        self.settle(&mut acks);
        drop(reply);
    }
}

/// A consumer of these partitions from these offsets on.
fn following(
    settings: &ClientSettings,
    positions: &BTreeMap<TopicPartition, i64>,
) -> Result<Consumer, KafkaError> {
    let mut consumer = Consumer::meeting_ends(settings)?;
    let starts: Vec<(TopicPartition, StartOffset)> = positions
        .iter()
        .map(|(partition, offset)| (partition.clone(), StartOffset::At(*offset)))
        .collect();
    consumer.assign(&starts)?;
    Ok(consumer)
}

type Bounds = (BTreeMap<TopicPartition, i64>, Vec<(TopicPartition, i64)>);

/// Where the partitions of topics begin and end.
async fn bounds(admin: &Admin, topics: &[String]) -> Result<Bounds, KafkaError> {
    let names: Vec<&str> = topics.iter().map(String::as_str).collect();
    let partitions = patiently(|| partitions(admin, &names)).await?;
    let at = |start| -> Vec<(TopicPartition, StartOffset)> {
        partitions.iter().map(|it| (it.clone(), start)).collect()
    };
    let (first, last) = (at(StartOffset::Earliest), at(StartOffset::Latest));
    let (first, last) = tokio::try_join!(
        patiently(|| offsets(admin, &first)),
        patiently(|| offsets(admin, &last))
    )?;
    Ok((first.into_iter().collect(), last))
}

/// Asks until brokers can answer, also one that has not heard of a new topic yet.
async fn patiently<T, A>(ask: impl Fn() -> A) -> Result<T, KafkaError>
where
    A: Future<Output = Result<T, KafkaError>>,
{
    let deadline = tokio::time::Instant::now() + START_LIMIT;
    loop {
        match ask().await {
            Err(error) if error.is_retriable() && tokio::time::Instant::now() < deadline => {
                tracing::debug!(%error, "the state of internal topics is not known yet");
                sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

async fn partitions(admin: &Admin, topics: &[&str]) -> Result<Vec<TopicPartition>, KafkaError> {
    let mut partitions = Vec::new();
    for (_, info) in admin.describe_topics(topics, LIMIT).await? {
        let info = info?;
        let all = info.partitions.iter();
        partitions.extend(all.map(|it| TopicPartition::new(info.name.as_str(), it.partition)));
    }
    Ok(partitions)
}

async fn offsets(
    admin: &Admin,
    wanted: &[(TopicPartition, StartOffset)],
) -> Result<Vec<(TopicPartition, i64)>, KafkaError> {
    let found = admin.list_offsets(wanted, Isolation::ReadUncommitted, LIMIT);
    each(found.await)
}

/// All offsets, or why one of them is not known.
fn each(
    found: Result<Each<TopicPartition, i64>, KafkaError>,
) -> Result<Vec<(TopicPartition, i64)>, KafkaError> {
    found?
        .into_iter()
        .map(|(partition, offset)| Ok((partition, offset?)))
        .collect()
}
