//! A sink task without a worker.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::config::Props;
use crate::data::TimestampType;
use crate::error::{ConnectError, Result};
use crate::record::{Origin, Record, SinkRecord};
use crate::sink::{
    ErasedSinkTask, ErrantRecord, SinkContext, SinkControls, SinkOffsets, SinkTask, TopicPartition,
};

/// Runs a sink task in a test: it takes the records of partitions that exist in memory alone.
///
/// Records are [produced](Self::produce) into partitions, which are assigned to the task with
/// their first record, and [delivered](Self::deliver) from there. What was not
/// [committed](Self::commit) is delivered again after a [`crash`](Self::crash).
pub struct SinkHarness<T> {
    props: Props,
    partitions: BTreeMap<TopicPartition, Partition>,
    reported: Vec<(SinkRecord, String)>,
    takes_reports: bool,
    /// Whether the next offsets are not committed.
    fails_commit: bool,
    running: Option<Running>,
    task: PhantomData<fn() -> T>,
}

#[derive(Default)]
struct Partition {
    records: Vec<Record>,
    /// Index of the next record to deliver.
    next: usize,
    /// Index behind the last one that is committed.
    committed: usize,
}

struct Running {
    task: Box<dyn ErasedSinkTask>,
    stopping: CancellationToken,
    controls: Arc<SinkControls>,
    reports: mpsc::Receiver<ErrantRecord>,
    opened: Vec<TopicPartition>,
}

impl<T: SinkTask> SinkHarness<T> {
    /// A task with this configuration, which is not started yet.
    #[must_use]
    pub fn new(props: Props) -> Self {
        Self {
            props,
            partitions: BTreeMap::new(),
            reported: Vec::new(),
            takes_reports: false,
            fails_commit: false,
            running: None,
            task: PhantomData,
        }
    }

    /// The same for a connector with somewhere to report records to, and errors that are tolerated.
    #[must_use]
    pub fn taking_reports(self) -> Self {
        Self {
            takes_reports: true,
            ..self
        }
    }

    /// Starts the task; one that runs is given up as after a crash.
    ///
    /// # Errors
    /// When the configuration has mistakes, or the task does not start.
    pub async fn start(&mut self) -> Result<()> {
        self.crash();
        let stopping = CancellationToken::new();
        let (sender, reports) = mpsc::channel(1);
        let controls = Arc::new(SinkControls::new(self.takes_reports.then_some(sender)));
        let cx = SinkContext::new("connector".into(), 0, stopping.clone());
        let cx = cx.with_controls(Arc::clone(&controls));
        let task = T::start_erased(self.props.clone(), cx).await?;
        self.running = Some(Running {
            task,
            stopping,
            controls,
            reports,
            opened: Vec::new(),
        });
        Ok(())
    }

    /// Appends a record to the partition of its topic, 0 unless it says otherwise.
    pub fn produce(&mut self, record: Record) {
        let partition = TopicPartition {
            topic: record.topic.clone(),
            partition: record.partition.unwrap_or(0),
        };
        let partition = self.partitions.entry(partition).or_default();
        partition.records.push(record);
    }

    /// Delivers all records that the task has not paused, and follows what it asks for. After an
    /// error the same records are delivered with the next call.
    ///
    /// # Errors
    /// What the task answers, or that it does not run.
    pub async fn deliver(&mut self) -> Result<()> {
        self.open().await?;
        let running = self.running.as_mut().ok_or_else(not_running)?;
        let mut records = Vec::new();
        for (partition, log) in &self.partitions {
            if !running.controls.is_paused(partition) {
                records.extend(log.undelivered(partition));
            }
        }
        let call = running.task.put(records);
        during(call, &mut running.reports, &mut self.reported).await?;
        for (partition, log) in &mut self.partitions {
            if !running.controls.is_paused(partition) {
                log.next = log.records.len();
            }
        }
        let requests = running.controls.take_requests();
        for (partition, offset) in requests.seeks {
            if let Some(log) = self.partitions.get_mut(&partition) {
                log.next = usize::try_from(offset).unwrap_or(0);
                log.committed = log.next;
            }
        }
        match requests.commit {
            true => self.commit().await,
            false => Ok(()),
        }
    }

    /// Asks the task what may be committed, and commits it. After an error the records behind the
    /// last commit are delivered again.
    ///
    /// # Errors
    /// What the task answers, or that it does not run.
    pub async fn commit(&mut self) -> Result<()> {
        let running = self.running.as_mut().ok_or_else(not_running)?;
        let delivered: SinkOffsets = running
            .opened
            .iter()
            .filter_map(|it| Some((it.clone(), self.partitions.get(it)?.delivered())))
            .collect();
        let call = running.task.pre_commit(delivered.clone());
        let answer = during(call, &mut running.reports, &mut self.reported).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.rewind();
                return Err(error);
            }
        };
        if std::mem::take(&mut self.fails_commit) {
            return Err(ConnectError::retriable("the offsets cannot be committed"));
        }
        for (partition, offset) in answer {
            let is_delivered = delivered.get(&partition).is_some_and(|it| offset <= *it);
            if let Some(log) = self.partitions.get_mut(&partition)
                && is_delivered
            {
                log.committed = usize::try_from(offset).unwrap_or(0);
            }
        }
        Ok(())
    }

    /// Kafka does not take the next offsets, whatever the task says of them. The commit that meets
    /// this fails; the one behind it covers what was delivered meanwhile, too.
    pub fn fail_next_commit(&mut self) {
        self.fails_commit = true;
    }

    /// Takes all partitions away, as a rebalance does, and commits before. They come back with the
    /// next delivery.
    ///
    /// # Errors
    /// What the task answers, or that it does not run.
    pub async fn rebalance(&mut self) -> Result<()> {
        let committed = self.commit().await;
        let closed = std::mem::take(&mut self.running()?.opened);
        self.close(&closed).await?;
        committed
    }

    /// Gives a partition to another task, and commits before. It comes back with the next delivery.
    ///
    /// # Errors
    /// What the task answers, that it does not run, or that it does not have the partition.
    pub async fn revoke(&mut self, topic: &str, partition: i32) -> Result<()> {
        let committed = self.commit().await;
        self.lose(topic, partition).await?;
        committed
    }

    /// Takes a partition away that another task has already: nothing is committed. It comes back
    /// with the next delivery.
    ///
    /// # Errors
    /// What the task answers, that it does not run, or that it does not have the partition.
    pub async fn lose(&mut self, topic: &str, partition: i32) -> Result<()> {
        let opened = &mut self.running()?.opened;
        let named = |it: &TopicPartition| &*it.topic == topic && it.partition == partition;
        let Some(index) = opened.iter().position(named) else {
            return Err(ConnectError::fatal(format_args!(
                "the task does not have partition {partition} of topic `{topic}`"
            )));
        };
        let lost = opened.remove(index);
        self.close(&[lost]).await
    }

    /// Tells the task that partitions are gone; what is not committed comes again.
    async fn close(&mut self, closed: &[TopicPartition]) -> Result<()> {
        let running = self.running.as_mut().ok_or_else(not_running)?;
        let call = running.task.close(closed);
        during(call, &mut running.reports, &mut self.reported).await?;
        running.controls.revoke(closed);
        for partition in closed {
            if let Some(log) = self.partitions.get_mut(partition) {
                log.next = log.committed;
            }
        }
        Ok(())
    }

    fn running(&mut self) -> Result<&mut Running> {
        self.running.as_mut().ok_or_else(not_running)
    }

    /// Stops the task as a worker does.
    ///
    /// # Errors
    /// What the task answers, or that it does not run.
    pub async fn stop(&mut self) -> Result<()> {
        let running = self.running.as_ref().ok_or_else(not_running)?;
        running.stopping.cancel();
        self.rebalance().await?;
        match self.running.take() {
            Some(running) => running.task.stop().await,
            None => Ok(()),
        }
    }

    /// Drops the task; what was delivered since the last commit is delivered again.
    pub fn crash(&mut self) {
        self.running = None;
        self.rewind();
    }

    /// The offset that is committed for a partition.
    #[must_use]
    pub fn committed(&self, topic: &str, partition: i32) -> i64 {
        let partition = TopicPartition {
            topic: topic.into(),
            partition,
        };
        let log = self.partitions.get(&partition);
        log.map_or(0, |it| offset_of(it.committed))
    }

    /// The records that the task has reported, and why.
    #[must_use]
    pub fn reported(&self) -> &[(SinkRecord, String)] {
        &self.reported
    }

    /// Assigns partitions that are not yet.
    async fn open(&mut self) -> Result<()> {
        let running = self.running.as_mut().ok_or_else(not_running)?;
        let partitions = self.partitions.keys();
        let new: Vec<TopicPartition> = partitions
            .filter(|it| !running.opened.contains(it))
            .cloned()
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        running.controls.assign(&new);
        running.opened.extend(new.iter().cloned());
        let call = running.task.open(&new);
        during(call, &mut running.reports, &mut self.reported).await
    }

    fn rewind(&mut self) {
        for log in self.partitions.values_mut() {
            log.next = log.committed;
        }
    }
}

impl<T> std::fmt::Debug for SinkHarness<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SinkHarness")
            .field("props", &self.props)
            .field("is_running", &self.running.is_some())
            .finish_non_exhaustive()
    }
}

impl Partition {
    fn delivered(&self) -> i64 {
        offset_of(self.next)
    }

    fn undelivered<'a>(
        &'a self,
        partition: &'a TopicPartition,
    ) -> impl Iterator<Item = SinkRecord> + 'a {
        let numbered = (self.next..).zip(&self.records[self.next.min(self.records.len())..]);
        numbered.map(|(index, record)| {
            let origin = Origin {
                topic: partition.topic.clone(),
                partition: partition.partition,
                offset: offset_of(index),
                timestamp_type: TimestampType::CreateTime,
            };
            SinkRecord::new(record.clone(), origin)
        })
    }
}

/// Waits for the end of a call and takes what the task reports meanwhile.
async fn during<R>(
    call: impl Future<Output = Result<R>>,
    reports: &mut mpsc::Receiver<ErrantRecord>,
    reported: &mut Vec<(SinkRecord, String)>,
) -> Result<R> {
    let mut call = std::pin::pin!(call);
    poll_fn(|cx| {
        while let Poll::Ready(Some(errant)) = reports.poll_recv(cx) {
            reported.push((errant.record, errant.error.to_string()));
            // The task may have given up waiting.
            let _ = errant.reply.send(Ok(()));
        }
        call.as_mut().poll(cx)
    })
    .await
}

fn offset_of(index: usize) -> i64 {
    i64::try_from(index).expect("a test has fewer records")
}

fn not_running() -> ConnectError {
    ConnectError::fatal("the task does not run")
}
