//! The life of a sink record.
//!
//! Consumer → converters → transforms → `put` → pre-commit → consumer commit. An offset is
//! committed only after `put` and pre-commit covered it. When `put` asks for another try, nothing
//! else is fetched until the same records were delivered.

mod commit;
mod decode;
mod errant;
mod places;
mod progress;
mod requests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect_core::plugin::{PluginKind, StartSinkFn};
use connect_core::record::SinkRecord;
use connect_core::sink::{ErasedSinkTask, ErrantRecord, SinkContext, SinkControls, TopicPartition};
use connect_core::{ConnectError, Result};
use connect_kafka::{Consumer, FetchedBatch, Polled};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use self::commit::{Commit, outcome};
use self::decode::DecodedBatch;
use self::errant::{ErrantRecords, Known};
use self::progress::Progress;
use super::clients::{GroupConsumer, RecordProducer};
use super::converters::Converters;
use super::discreet::discreet_sink;
use super::errors::dead_letters::DeadLetters;
use super::errors::{ErrorHandler, Retries, Stage};
use super::task::{Control, TaskSpec};
use super::transforms::TransformChain;
use super::{Worker, client_error, thread_scope};
use crate::config::connector::settings::{ConnectorSettings, SinkSettings, TopicChoice};
use crate::config::worker::Client;
use crate::identity::TaskId;
use crate::metrics::{ClientKind, TaskFigures};
use crate::storage::topics::TopicUse;

/// Longest wait for an answer of the brokers.
const API_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest wait for the group to be left.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Wait before records are delivered again, unless the task says otherwise.
const REDELIVERY_DELAY: Duration = Duration::from_secs(1);
/// Reported records that wait at most; a task that reports more waits.
const MOST_REPORTS: usize = 64;
const UNRECOVERABLE: &str = "Exiting WorkerSinkTask due to unrecoverable exception.";

/// Runs a sink task until it is stopped or fails.
pub(super) async fn run(
    worker: &Worker,
    spec: &TaskSpec,
    start: StartSinkFn,
    control: &mut Control,
) -> Result<()> {
    let plugins = &worker.parts.plugins;
    let figures = Arc::clone(&control.figures);
    let settings = ConnectorSettings::parse(&spec.connector, PluginKind::Sink, plugins)?;
    let SinkSettings { topics, dlq } = settings
        .sink
        .ok_or_else(|| ConnectError::config("a sink needs topics"))?;
    let conversion = Conversion::new(worker, spec, &figures)?;
    let client = worker.client_settings(Client::TaskConsumer(&spec.id), &spec.connector)?;
    let mut consumer = Consumer::new(&client)
        .map_err(|error| client_error("cannot create the consumer", error))?;
    figures.add_client(ClientKind::Consumer, &client, consumer.statistics());
    subscribe(&mut consumer, &topics)?;

    let connector = spec.id.connector.shared();
    let secrets = spec.secrets.clone();
    let errors = ErrorHandler::new(Arc::clone(&figures), settings.errors, secrets);
    let (sender, reports) = mpsc::channel(MOST_REPORTS);
    let can_report = dlq.is_some() || errors.is_logging();
    let controls = Arc::new(SinkControls::new(can_report.then_some(sender)));
    let cx = SinkContext::new(connector, spec.id.task, control.stop.clone())
        .with_controls(Arc::clone(&controls))
        .with_metrics(figures.plugin_metrics(None))
        .with_threads(thread_scope());
    figures.set_made();
    let begin = async {
        let dead_letters = match &dlq {
            Some(queue) => Some(DeadLetters::open(worker, spec, queue, &figures).await?),
            None => None,
        };
        let task = discreet_sink(start(spec.config.clone(), cx).await?, &spec.secrets);
        Ok::<_, ConnectError>((dead_letters, task))
    };
    let (dead_letters, task) = tokio::select! {
        biased;
        () = control.stop.cancelled() => return Ok(()),
        begun = begin => begun?,
    };
    control.report_progress();

    let errant = ErrantRecords::new(errors, dead_letters, reports);
    let ends = Ends {
        task,
        consumer,
        errant,
        controls,
    };
    let mut pipeline = SinkPipeline::new(worker, figures, conversion, ends);
    let ended = pipeline.run(control).await;
    let closed = pipeline.close().await;
    ended.and(closed)
}

fn subscribe(consumer: &mut Consumer, topics: &TopicChoice) -> Result<()> {
    match topics {
        TopicChoice::Names(names) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            consumer.subscribe(&names)
        }
        TopicChoice::Pattern(pattern) => consumer.subscribe_pattern(pattern.as_str()),
    }
    .map_err(|error| client_error("cannot subscribe", error))
}

struct SinkPipeline<C, P> {
    figures: Arc<TaskFigures>,
    task: Box<dyn ErasedSinkTask>,
    consumer: C,
    converters: Converters,
    transforms: TransformChain,
    errant: ErrantRecords<P>,
    controls: Arc<SinkControls>,
    /// When the task wants to be called, if it said so.
    call_within: Option<Instant>,
    progress: Progress,
    /// `None` when nobody wants to know of topics.
    topic_use: Option<TopicUse>,
    redelivery: Option<Redelivery>,
    commit: Option<Commit>,
    interval: Duration,
    timeout: Duration,
    next_commit: Instant,
}

/// From bytes to what the task gets.
struct Conversion {
    converters: Converters,
    transforms: TransformChain,
}

impl Conversion {
    fn new(worker: &Worker, spec: &TaskSpec, figures: &TaskFigures) -> Result<Self> {
        let mut converters = Converters::new(worker, &spec.connector)?;
        converters.use_metrics(figures);
        let mut transforms = TransformChain::new(&spec.connector, &worker.parts.plugins)?;
        transforms.use_metrics(figures);
        Ok(Self {
            converters,
            transforms,
        })
    }
}

/// Where records come from and where they go.
struct Ends<C, P> {
    task: Box<dyn ErasedSinkTask>,
    consumer: C,
    errant: ErrantRecords<P>,
    controls: Arc<SinkControls>,
}

/// Records that the task wants to be given again. All partitions are paused meanwhile.
struct Redelivery {
    batch: DecodedBatch,
    due: Instant,
}

impl<C: GroupConsumer, P: RecordProducer> SinkPipeline<C, P> {
    fn new(
        worker: &Worker,
        figures: Arc<TaskFigures>,
        conversion: Conversion,
        ends: Ends<C, P>,
    ) -> Self {
        let Conversion {
            converters,
            transforms,
        } = conversion;
        let Ends {
            task,
            consumer,
            errant,
            controls,
        } = ends;
        let config = &worker.parts.config;
        Self {
            task,
            consumer,
            converters,
            transforms,
            errant,
            controls,
            call_within: None,
            progress: Progress::default(),
            topic_use: worker.topic_use(figures.id()),
            figures,
            redelivery: None,
            commit: None,
            interval: config.offset_flush_interval,
            timeout: config.offset_flush_timeout,
            next_commit: Instant::now() + config.offset_flush_interval,
        }
    }

    async fn run(&mut self, control: &mut Control) -> Result<()> {
        while !control.stop.is_cancelled() {
            self.follow_requests(control).await?;
            if self.commit.is_none() && Instant::now() >= self.next_commit {
                self.begin_commit(control).await?;
            }
            if self
                .redelivery
                .as_ref()
                .is_some_and(|it| it.due <= Instant::now())
            {
                self.deliver_again(control).await?;
            }
            let wait = self.next_due().saturating_duration_since(Instant::now());
            tokio::select! {
                biased;
                () = control.asked() => self.follow_target(control)?,
                outcome = outcome(&mut self.commit) => self.end_commit(outcome),
                () = self.controls.asked() => {}
                Some(errant) = self.errant.next() => self.take_report(errant).await?,
                polled = self.consumer.poll(wait) => {
                    control.failed_in = polled.is_err().then_some(Stage::KafkaConsume);
                    let polled = polled.map_err(|error| client_error("cannot poll", error))?;
                    self.handle(polled, control).await?;
                }
            }
        }
        Ok(())
    }

    /// When something other than fetching is to be done next.
    fn next_due(&self) -> Instant {
        let commit = self.commit.as_ref().map(|it| it.deadline);
        let redelivery = self.redelivery.as_ref().map(|it| it.due);
        // The next commit waits for the one under way.
        let commit = commit.unwrap_or(self.next_commit);
        let others = [redelivery, self.call_within].into_iter().flatten();
        others.fold(commit, Instant::min)
    }

    async fn handle(&mut self, polled: Polled, control: &Control) -> Result<()> {
        match polled {
            Polled::Records(batch) => self.receive(batch, control).await,
            Polled::Assigned(partitions) => self.open(&partitions, control).await,
            Polled::Revoked { partitions, lost } => {
                let partitions: Vec<TopicPartition> = partitions.iter().map(to_core).collect();
                self.close_partitions(&partitions, lost).await?;
                self.consumer
                    .complete_revoke()
                    .map_err(|error| client_error("cannot give up partitions", error))
            }
            Polled::Nothing if self.redelivery.is_some() => {
                self.call_within = None;
                Ok(())
            }
            // A paused task is called as well: it may have something to do from time to time.
            Polled::Nothing => {
                let put = self.put(Vec::new(), None).await;
                put.or_else(|error| match error.is_retriable() {
                    true => Ok(()),
                    false => Err(self.put_failed(error, &"no records")),
                })
            }
        }
    }

    /// Takes partitions into use, behind what is committed for them.
    async fn open(
        &mut self,
        assigned: &[connect_kafka::TopicPartition],
        control: &Control,
    ) -> Result<()> {
        let positions = tokio::select! {
            biased;
            // Brokers that are away keep no task from stopping.
            () = control.stop.cancelled() => return Ok(()),
            positions = self.consumer.position(assigned, API_TIMEOUT) => positions,
        };
        let positions =
            positions.map_err(|error| client_error("cannot look up positions", error))?;
        let mut opened = Vec::with_capacity(positions.len());
        for (partition, offset) in positions {
            let partition = to_core(&partition);
            self.progress.assign(partition.clone(), offset);
            opened.push(partition);
        }
        self.controls.assign(&opened);
        if self.redelivery.is_some() || control.is_paused() {
            let paused = self.consumer.pause(assigned);
            paused.map_err(|error| client_error("cannot pause", error))?;
        }
        if !opened.is_empty() {
            let known = known(&self.converters, None);
            let open = self.errant.during(self.task.open(&opened), known).await;
            open.map_err(|error| failed_while("opening", &opened, error))?;
        }
        self.show_partitions();
        tracing::info!(partitions = opened.len(), "partitions assigned");
        self.consumer
            .complete_assign()
            .map_err(|error| client_error("cannot take partitions", error))
    }

    /// Gives partitions up: commits what was delivered, unless they are lost already.
    async fn close_partitions(&mut self, partitions: &[TopicPartition], lost: bool) -> Result<()> {
        let held: Vec<TopicPartition> = partitions
            .iter()
            .filter(|it| self.progress.holds(it))
            .cloned()
            .collect();
        let committable = match lost {
            true => Vec::new(),
            false => match self.committable(&held).await {
                Ok(offsets) => offsets,
                Err(error) => {
                    tracing::warn!(
                        error = error.trace(),
                        "offsets of revoked partitions are not committed; their records come again"
                    );
                    Vec::new()
                }
            },
        };
        let mut closed = Ok(());
        if !held.is_empty() {
            let known = known(&self.converters, None);
            closed = self.errant.during(self.task.close(&held), known).await;
            closed = closed.map_err(|error| failed_while("closing", &held, error));
        }
        self.commit_and_wait(committable).await;
        self.progress.revoke(&held);
        self.controls.revoke(&held);
        self.show_partitions();
        if let Some(redelivery) = &mut self.redelivery {
            redelivery.batch.remove(&held);
        }
        self.errant.refused().map_err(unrecoverable).and(closed)
    }

    /// Converts and delivers fetched records.
    async fn receive(&mut self, batch: FetchedBatch, control: &Control) -> Result<()> {
        self.figures.read_records(batch.len());
        // Without transforms it is cheaper to convert the rare batch again that is refused.
        let batch = match self.transforms.is_empty() {
            true => DecodedBatch::new(batch),
            false => DecodedBatch::new(batch).kept(),
        };
        self.convert_and_put(batch, control).await
    }

    async fn deliver_again(&mut self, control: &Control) -> Result<()> {
        let Some(Redelivery { mut batch, .. }) = self.redelivery.take() else {
            return Ok(());
        };
        batch.rewind();
        self.convert_and_put(batch, control).await?;
        if self.redelivery.is_none() && !control.is_paused() {
            self.resume_all()?;
        }
        Ok(())
    }

    async fn convert_and_put(&mut self, mut batch: DecodedBatch, control: &Control) -> Result<()> {
        let mut retries = Retries::default();
        let may_retry = self.errant.errors.may_retry();
        while let Err(failure) = batch.convert(&self.converters, &mut self.transforms, may_retry) {
            if let Some(delay) = retries.next_delay(&failure, &self.errant.errors) {
                tokio::select! {
                    () = control.stop.cancelled() => {}
                    () = sleep(delay) => {}
                }
            } else {
                if let Some(record) = batch.current() {
                    self.errant.give_up(record, failure).await?;
                }
                batch.skip();
                retries.reset();
            }
            if control.stop.is_cancelled() {
                return Ok(());
            }
        }
        if let Some(topics) = &mut self.topic_use {
            batch.converted_topics().for_each(|it| topics.report(it));
        }
        let uncommitted = self.progress.uncommitted(batch.ends());
        self.figures.set_uncommitted(uncommitted);
        match self.put(batch.take_records(), Some(&batch)).await {
            Ok(()) => {
                for (partition, next) in batch.ends() {
                    self.progress.delivered(partition, *next);
                }
                Ok(())
            }
            Err(error) if error.is_retriable() => {
                let wait = error.retry_after().unwrap_or(REDELIVERY_DELAY);
                tracing::warn!(
                    error = error.trace(),
                    ?wait,
                    "records will be delivered again"
                );
                self.redelivery = Some(Redelivery {
                    batch,
                    due: Instant::now() + wait,
                });
                self.pause_all()
            }
            Err(error) => Err(self.put_failed(error, &batch.read_at())),
        }
    }

    /// Why the task fails, with the records that it did not take.
    fn put_failed(&self, error: ConnectError, records: &dyn fmt::Display) -> ConnectError {
        let (TaskId { connector, task }, stage) = (self.figures.id(), Stage::TaskPut.as_str());
        let detail =
            format_args!("connector {connector}, task {task}: stage {stage} failed for {records}");
        unrecoverable(ConnectError::fatal(detail).caused_by(error))
    }

    /// Calls `put`. A record that the task reports fails it unless errors are tolerated, whatever
    /// the task makes of the answer.
    async fn put(&mut self, records: Vec<SinkRecord>, batch: Option<&DecodedBatch>) -> Result<()> {
        self.call_within = None;
        let known = known(&self.converters, batch);
        let (count, since) = (records.len(), Instant::now());
        let outcome = self.errant.during(self.task.put(records), known).await;
        let outcome = self.errant.refused().and(outcome);
        if outcome.is_ok() {
            self.figures.put(count, since.elapsed());
        }
        outcome
    }

    /// Takes a report that does not come from within a call.
    async fn take_report(&mut self, report: ErrantRecord) -> Result<()> {
        let known = known(&self.converters, None);
        self.errant.take(report, known).await;
        self.errant.refused().map_err(unrecoverable)
    }

    /// Follows a pause or a resumption.
    fn follow_target(&mut self, control: &Control) -> Result<()> {
        if control.stop.is_cancelled() {
            return Ok(());
        }
        if control.is_paused() {
            self.pause_all()?;
            self.next_commit = Instant::now();
        } else if self.redelivery.is_none() {
            self.resume_all()?;
        }
        control.report_progress();
        Ok(())
    }

    /// Shows which partitions there are, and how much of them is not committed.
    fn show_partitions(&self) {
        let (partitions, uncommitted) = (self.progress.len(), self.progress.uncommitted(&[]));
        self.figures.set_partitions(partitions, uncommitted);
    }

    fn pause_all(&mut self) -> Result<()> {
        let all: Vec<_> = self.consumer.assignment().iter().cloned().collect();
        let paused = self.consumer.pause(&all);
        paused.map_err(|error| client_error("cannot pause", error))
    }

    /// Resumes everything that the task has not paused itself.
    fn resume_all(&mut self) -> Result<()> {
        let paused = self.consumer.paused().iter();
        let resumed: Vec<_> = paused
            .filter(|it| !self.controls.is_paused(&to_core(it)))
            .cloned()
            .collect();
        let resumed = self.consumer.resume(&resumed);
        resumed.map_err(|error| client_error("cannot resume", error))
    }

    /// The last commit, then the end of task and clients.
    async fn close(mut self) -> Result<()> {
        // What the task wants to read again is not committed.
        let sought = self.controls.take_requests().seeks;
        self.continue_at(sought);
        let all = self.progress.assignment();
        let closed = self.close_partitions(&all, false).await;
        if let Err(error) = self.task.stop().await {
            tracing::warn!(
                error = error.trace(),
                "task reported an error while stopping"
            );
        }
        if let Err(error) = self.consumer.close(CLOSE_TIMEOUT).await {
            tracing::warn!(%error, "consumer was not closed in time");
        }
        self.errant.close().await;
        closed
    }
}

fn known<'a>(converters: &'a Converters, batch: Option<&'a DecodedBatch>) -> Known<'a> {
    Known { converters, batch }
}

fn failed_while(doing: &str, partitions: &[TopicPartition], error: ConnectError) -> ConnectError {
    let partitions = places::partitions(partitions);
    let detail = format_args!("the task failed while {doing} {partitions}");
    unrecoverable(ConnectError::fatal(detail).caused_by(error))
}

fn unrecoverable(error: ConnectError) -> ConnectError {
    ConnectError::fatal(UNRECOVERABLE).caused_by(error)
}

fn to_core(partition: &connect_kafka::TopicPartition) -> TopicPartition {
    TopicPartition {
        topic: partition.topic.as_str().into(),
        partition: partition.partition,
    }
}

fn to_kafka(partition: &TopicPartition) -> connect_kafka::TopicPartition {
    connect_kafka::TopicPartition::new(partition.topic.as_str(), partition.partition)
}

#[cfg(test)]
mod tests;
