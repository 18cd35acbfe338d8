//! The life of a source record.
//!
//! `poll` → transforms → converters → does the topic exist? → producer → acknowledgement →
//! contiguous offsets per source partition → offset store → `commit`. A record's offset is stored
//! only after the broker has acknowledged every record before it; see [`tracker`] and [`commit`].

mod acked_topics;
mod commit;
mod encode;
mod in_flight;
mod settlements;
mod tracker;

use std::sync::Arc;
use std::time::Duration;

use connect_core::plugin::{PluginKind, StartSourceFn};
use connect_core::record::Record;
use connect_core::source::{
    BatchPositions, ErasedBatch, ErasedSourceTask, Fate, Position, TaskContext,
};
use connect_core::{ConnectError, Result};
use connect_kafka::{AckRange, Producer};
use tokio::time::{Instant, sleep};

use self::acked_topics::AckedTopics;
use self::commit::{CommitSchedule, OffsetCommitter};
use self::encode::{Encoded, EncodedChunk, RecordQueue};
use self::in_flight::{Description, InFlight};
use self::settlements::Settlements;
use self::tracker::SentRecords;
use super::clients::RecordProducer;
use super::converters::Converters;
use super::discreet::discreet_source;
use super::errors::{ErrorHandler, Failure, Retries, Stage};
use super::task::{Control, TaskSpec};
use super::topics::TopicCreator;
use super::transforms::TransformChain;
use super::{Worker, client_error, thread_scope};
use crate::config::connector::settings::ConnectorSettings;
use crate::config::worker::Client;
use crate::metrics::{ClientKind, TaskFigures};
use crate::storage::offsets::StoredOffsets;

/// Wait before a poll or the creation of a topic is tried again.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// Longest wait before a failing poll is tried again.
const LONGEST_RETRY_DELAY: Duration = Duration::from_secs(10);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(30);
const PRODUCER_CLASS: &str = "org.apache.kafka.connect.runtime.WorkerSourceTask";

/// Runs a source task until it is stopped or fails.
pub(super) async fn run(
    worker: &Worker,
    spec: &TaskSpec,
    start: StartSourceFn,
    control: &mut Control,
) -> Result<()> {
    let client = worker.client_settings(Client::TaskProducer(&spec.id), &spec.connector)?;
    let producer = Producer::new(&client)
        .map_err(|error| client_error("cannot create the producer", error))?;
    let figures = &control.figures;
    figures.add_client(ClientKind::Producer, &client, producer.statistics());
    let delivery = Box::new(Delivery::new(worker, spec, producer, figures)?);
    let offsets = &worker.parts.offsets;
    let cx = TaskContext {
        connector: spec.id.connector.shared(),
        task: spec.id.task,
        stopping: control.stop.clone(),
        offsets: Arc::new(StoredOffsets::new(
            spec.id.connector.clone(),
            Arc::clone(offsets),
        )),
        metrics: control.figures.plugin_metrics(None),
        // Nothing is written in transactions.
        transactions: None,
        threads: thread_scope(),
    };
    control.figures.set_made();
    let task = tokio::select! {
        biased;
        () = control.stop.cancelled() => return Ok(()),
        started = start(spec.config.clone(), cx) => discreet_source(started?, &spec.secrets),
    };
    control.report_progress();
    drive(task, delivery, control).await
}

/// The life of a task that was started, to its end.
async fn drive<P: RecordProducer>(
    mut task: Box<dyn ErasedSourceTask>,
    mut delivery: Box<Delivery<P>>,
    control: &mut Control,
) -> Result<()> {
    let ended = run_loop(task.as_mut(), &mut delivery, control).await;
    delivery.finish().await;
    inform(task.as_mut(), &mut delivery).await;
    if let Err(error) = task.stop().await {
        tracing::warn!(
            error = error.trace(),
            "task reported an error while stopping"
        );
    }
    delivery.close().await;
    ended
}

async fn run_loop<P: RecordProducer>(
    task: &mut dyn ErasedSourceTask,
    delivery: &mut Delivery<P>,
    control: &mut Control,
) -> Result<()> {
    let mut retry_delay = RETRY_DELAY;
    while !control.stop.is_cancelled() {
        pause(delivery, control).await?;
        let Some(polled) = poll(task, delivery, control).await? else {
            return Ok(());
        };
        inform(task, delivery).await;
        match polled {
            Ok(batch) => {
                retry_delay = RETRY_DELAY;
                delivery.deliver(batch, control).await?;
            }
            Err(error) if error.is_retriable() => {
                let wait = error.retry_after().unwrap_or(retry_delay);
                retry_delay = (retry_delay * 2).min(LONGEST_RETRY_DELAY);
                tracing::warn!(
                    error = error.trace(),
                    ?wait,
                    "poll failed and is tried again"
                );
                delivery.keep_going(control, sleep(wait)).await?;
            }
            Err(error) => {
                control.failed_in = Some(Stage::TaskPoll);
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Polls once while acknowledgements and commits go on. A pause halts the poll where it is. `None`
/// when the task was stopped.
async fn poll<P: RecordProducer>(
    task: &mut dyn ErasedSourceTask,
    delivery: &mut Delivery<P>,
    control: &mut Control,
) -> Result<Option<Result<ErasedBatch>>> {
    let since = Instant::now();
    let mut polled = task.poll();
    loop {
        tokio::select! {
            biased;
            () = control.asked() => pause(delivery, control).await?,
            moved = delivery.moved() => moved?,
            polled = &mut polled => {
                if let Ok(batch) = &polled && !batch.records.is_empty() {
                    control.figures.polled(batch.records.len(), since.elapsed());
                }
                return Ok(Some(polled));
            }
        }
        if control.stop.is_cancelled() {
            return Ok(None);
        }
    }
}

/// Waits while the task is paused.
async fn pause<P: RecordProducer>(delivery: &mut Delivery<P>, control: &mut Control) -> Result<()> {
    if !control.is_paused() {
        return Ok(());
    }
    control.report_progress();
    while control.is_paused() && !control.stop.is_cancelled() {
        tokio::select! {
            biased;
            () = control.asked() => {}
            moved = delivery.moved() => moved?,
        }
    }
    if !control.stop.is_cancelled() {
        control.report_progress();
    }
    Ok(())
}

/// Tells the task which records were written or dropped and which offsets were stored.
async fn inform<P: RecordProducer>(task: &mut dyn ErasedSourceTask, delivery: &mut Delivery<P>) {
    let settled = delivery.settlements.take();
    if !settled.is_empty()
        && let Err(error) = task.settled(&settled).await
    {
        tracing::warn!(
            error = error.trace(),
            "task reported an error when it was told of records that were written or dropped"
        );
    }
    let committed = std::mem::take(&mut delivery.committed);
    if !committed.is_empty()
        && let Err(error) = task.commit(&committed).await
    {
        tracing::warn!(
            error = error.trace(),
            "task reported an error when it was told of stored offsets; they stay stored"
        );
    }
}

/// Everything behind the task: from its records to stored offsets.
struct Delivery<P> {
    figures: Arc<TaskFigures>,
    transforms: TransformChain,
    converters: Converters,
    producer: P,
    topics: Option<TopicCreator>,
    errors: ErrorHandler,
    offsets: OffsetCommitter,
    in_flight: InFlight,
    acked_topics: AckedTopics,
    flush_timeout: Duration,
    chunk: EncodedChunk,
    acks: Vec<AckRange>,
    /// Stored offsets that the task does not know of yet.
    committed: Vec<Box<dyn Position>>,
    /// Records that the task wants to hear of.
    settlements: Settlements,
}

/// A batch under way.
struct Source {
    positions: Option<Arc<dyn BatchPositions>>,
    /// Its number, if the task wants to hear what becomes of its records.
    unsettled: Option<u64>,
}

impl Source {
    /// What messages call a record.
    fn describe<'a>(&'a self, record: &'a Record, index: Option<usize>) -> Description<'a> {
        Description {
            topic: Some(&record.topic),
            read_at: self.positions.as_deref().zip(index),
            others: 0,
        }
    }
}

impl<P: RecordProducer> Delivery<P> {
    fn new(
        worker: &Worker,
        spec: &TaskSpec,
        producer: P,
        figures: &Arc<TaskFigures>,
    ) -> Result<Self> {
        let (config, plugins) = (&worker.parts.config, &worker.parts.plugins);
        let settings = ConnectorSettings::parse(&spec.connector, PluginKind::Source, plugins)?;
        let mut converters = Converters::new(worker, &spec.connector)?;
        converters.use_metrics(figures);
        let mut transforms = TransformChain::new(&spec.connector, plugins)?;
        transforms.use_metrics(figures);
        let schedule = CommitSchedule {
            interval: config.offset_flush_interval,
            timeout: config.offset_flush_timeout,
        };
        let store = Arc::clone(&worker.parts.offsets);
        Ok(Self {
            figures: Arc::clone(figures),
            transforms,
            converters,
            producer,
            topics: TopicCreator::new(worker, &spec.id, &spec.connector)?,
            errors: ErrorHandler::new(Arc::clone(figures), settings.errors, spec.secrets.clone()),
            offsets: OffsetCommitter::new(Arc::clone(figures), store, schedule),
            in_flight: InFlight::default(),
            acked_topics: AckedTopics::new(worker.topic_use(&spec.id)),
            flush_timeout: config.offset_flush_timeout,
            chunk: EncodedChunk::default(),
            acks: Vec::new(),
            committed: Vec::new(),
            settlements: Settlements::default(),
        })
    }

    /// Transforms, converts and sends the records of a batch. Returns when the producer has them
    /// all, or when the task was stopped; what was not sent then is read again later.
    async fn deliver(&mut self, batch: ErasedBatch, control: &Control) -> Result<()> {
        let mut queue = RecordQueue::new(batch.records, self.errors.needs_failed_records())
            .with_offsets_alone(batch.offset_only);
        if !is_time_seen(batch.are_of_now, &self.transforms) {
            queue = queue.without_time();
        }
        let source = Source {
            positions: batch.positions.map(Arc::from),
            unsettled: batch.unsettled,
        };
        let mut retries = Retries::default();
        while let Some(first) = queue.next_index()
            && !control.stop.is_cancelled()
        {
            if queue.next_is_offset_only() {
                self.note_offset(&source, first);
                queue.advance();
                continue;
            }
            self.chunk.clear();
            let encoded = self
                .chunk
                .fill(&mut queue, &mut self.transforms, &self.converters)?;
            self.note_dropped(&source, &queue.take_dropped());
            if queue.next_index() != Some(first) {
                retries.reset();
            }
            if self.chunk.len() > 0 {
                self.send(&queue, &source, control).await?;
            }
            if let Encoded::Failed(failure) = encoded
                && let Some(record) = queue.next_record()
                && self
                    .retry_or_skip(
                        failure,
                        (record, source.describe(record, queue.next_index())),
                        &mut retries,
                        control,
                    )
                    .await?
            {
                self.note_dropped(&source, queue.next_index().as_slice());
                retries.reset();
                queue.advance();
            }
        }
        self.take_acks()
    }

    /// Lets an offset without a record count once everything before it is acknowledged.
    fn note_offset(&mut self, source: &Source, record: usize) {
        if let Some(positions) = &source.positions {
            let next = self.producer.next_sequence();
            self.offsets
                .sending(positions, SentRecords::OffsetOnly(record), next);
        }
        self.figures.settled(0, 1);
    }

    fn note_dropped(&mut self, source: &Source, records: &[usize]) {
        self.figures.settled(0, records.len() as u64);
        if let Some(batch) = source.unsettled {
            self.settlements.dropped(batch, records.iter().copied());
        }
    }

    /// Decides about a record that cannot be transformed or converted; `true` when it is skipped.
    async fn retry_or_skip(
        &mut self,
        failure: Failure,
        (record, description): (&Record, Description<'_>),
        retries: &mut Retries,
        control: &Control,
    ) -> Result<bool> {
        if let Some(delay) = retries.next_delay(&failure, &self.errors) {
            self.keep_going(control, sleep(delay)).await?;
            return Ok(false);
        }
        self.errors.log(&failure, &description, Some(record));
        self.errors.tolerate(failure, &description)?;
        Ok(true)
    }

    /// Hands the encoded records over to the producer.
    async fn send(
        &mut self,
        queue: &RecordQueue,
        source: &Source,
        control: &Control,
    ) -> Result<()> {
        if !self.ensure_topics(control).await? {
            return Ok(());
        }
        // Taken out for as long as the records borrow it, so that waiting can use all the rest.
        let chunk = std::mem::take(&mut self.chunk);
        let next = self.producer.next_sequence();
        let sent = sent_records(&chunk);
        if let Some(positions) = &source.positions {
            self.offsets.sending(positions, sent.clone(), next);
        }
        if let Some(batch) = source.unsettled {
            let indexes = chunk.indexes().collect();
            self.settlements.sending(batch, indexes, next);
        }
        let topics = chunk.topic_runs(next);
        self.acked_topics.sending(&topics);
        let positions = source.positions.as_ref();
        self.in_flight.sending(next, sent, positions, topics);
        let headers = chunk.headers(queue);
        let mut accepted = self.producer.send(chunk.outgoing(queue, &headers, 0));
        while accepted < chunk.len() {
            if !self.wait_for_room(control).await? {
                break;
            }
            let rest = chunk.outgoing(queue, &headers, accepted);
            accepted += self.producer.send(rest);
        }
        self.chunk = chunk;
        self.take_acks()
    }

    /// Waits until the producer can take more records. `false` when the task was stopped.
    async fn wait_for_room(&mut self, control: &Control) -> Result<bool> {
        // One wait from beginning to end, whatever is committed meanwhile: it has a limit.
        let waited = {
            let mut room = std::pin::pin!(self.producer.wait_capacity());
            loop {
                tokio::select! {
                    biased;
                    () = control.stop.cancelled() => return Ok(false),
                    waited = &mut room => break waited,
                    positions = self.offsets.committed() => self.committed.extend(positions),
                }
            }
        };
        waited.map_err(|error| client_error("cannot send records", error))?;
        self.take_acks()?;
        Ok(true)
    }

    /// Makes sure that the topics of the encoded records exist. `false` when the task was stopped.
    async fn ensure_topics(&mut self, control: &Control) -> Result<bool> {
        let Some(mut creator) = self.topics.take() else {
            return Ok(true);
        };
        let mut topics = self.chunk.topic_runs(0);
        topics.retain(|(_, topic)| !creator.knows(topic));
        let mut is_going_on = true;
        for (_, topic) in &topics {
            while is_going_on && !creator.knows(topic) {
                let Some(created) = self.keep_going(control, creator.ensure(topic)).await? else {
                    is_going_on = false;
                    continue;
                };
                match created {
                    Err(error) if error.is_retriable() => {
                        tracing::warn!(error = error.trace(), "topic creation is tried again");
                        self.keep_going(control, sleep(RETRY_DELAY)).await?;
                    }
                    created => created?,
                }
            }
        }
        creator.rest();
        self.topics = Some(creator);
        Ok(is_going_on)
    }

    /// Waits for something else while acknowledgements and commits go on. `None` when the task was
    /// stopped.
    async fn keep_going<T>(
        &mut self,
        control: &Control,
        other: impl Future<Output = T>,
    ) -> Result<Option<T>> {
        let mut other = std::pin::pin!(other);
        loop {
            tokio::select! {
                biased;
                () = control.stop.cancelled() => return Ok(None),
                moved = self.moved() => moved?,
                done = &mut other => return Ok(Some(done)),
            }
        }
    }

    /// Waits until something was acknowledged or stored. Cancel-safe.
    async fn moved(&mut self) -> Result<()> {
        tokio::select! {
            () = self.producer.acks(&mut self.acks) => {}
            positions = self.offsets.committed() => self.committed.extend(positions),
        }
        self.settle()
    }

    /// Looks at the acknowledgements that are there.
    fn take_acks(&mut self) -> Result<()> {
        self.producer.try_acks(&mut self.acks);
        self.settle()
    }

    /// Counts acknowledged records. One that could not be written counts too if that is tolerated;
    /// else it fails the task, after all others were counted.
    fn settle(&mut self) -> Result<()> {
        let mut outcome = Ok(());
        let (mut written, mut dropped) = (0, 0);
        for range in self.acks.drain(..) {
            let numbers = range.first..range.end;
            self.acked_topics.settled(&numbers, range.result.is_ok());
            let fate = match &range.result {
                Ok(()) => Fate::Written,
                Err(_) => Fate::Dropped,
            };
            if let Err(error) = range.result {
                let record = self.in_flight.describe(&numbers);
                let error = client_error("the record was not written", error);
                let failure = Failure::new(Stage::KafkaProduce, PRODUCER_CLASS, error);
                self.errors.log(&failure, &record, None);
                if let Err(error) = self.errors.tolerate(failure, &record) {
                    outcome = outcome.and(Err(error));
                    continue;
                }
            }
            match fate {
                Fate::Written => written += numbers.end - numbers.start,
                Fate::Dropped => dropped += numbers.end - numbers.start,
            }
            self.in_flight.answered(&numbers);
            self.offsets.acknowledge(numbers.clone());
            self.settlements.answered(numbers, fate);
        }
        self.figures.settled(written, dropped);
        outcome.map_err(|error| {
            ConnectError::fatal("Unrecoverable exception from producer send callback")
                .caused_by(error)
        })
    }

    /// Waits for outstanding acknowledgements and commits a last time.
    async fn finish(&mut self) {
        if let Err(error) = self.producer.flush(self.flush_timeout).await {
            tracing::warn!(%error, "some records are not acknowledged; they will be read again");
        }
        if let Err(error) = self.take_acks() {
            tracing::warn!(
                error = error.trace(),
                "records that were not written will be read again"
            );
        }
        match self.offsets.finish().await {
            Ok(positions) => self.committed.extend(positions),
            Err(error) => tracing::error!(
                error = error.trace(),
                "the last source offsets were not stored; their records will be read again"
            ),
        }
    }

    async fn close(self: Box<Self>) {
        let (_, closed) = self.producer.close(CLOSE_TIMEOUT).await;
        if let Err(error) = closed {
            tracing::warn!(%error, "producer was not closed in time");
        }
    }
}

/// Whether records are sent with the time that they have: one that was not just taken from the clock, or that a
/// transform sees. Else the producer takes them all at once and stamps them itself.
fn is_time_seen(are_of_now: bool, transforms: &TransformChain) -> bool {
    !are_of_now || transforms.uses_timestamp()
}

/// Which records of its batch a chunk holds.
fn sent_records(chunk: &EncodedChunk) -> SentRecords {
    let mut indexes = chunk.indexes();
    let first = indexes.next().unwrap_or_default();
    let last = indexes.last().unwrap_or(first);
    match last - first + 1 == chunk.len() {
        true => SentRecords::Run(first..last + 1),
        false => SentRecords::Chosen(chunk.indexes().collect()),
    }
}

#[cfg(test)]
mod tests;
