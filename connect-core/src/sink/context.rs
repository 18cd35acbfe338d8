//! What a sink task knows about its surroundings, and what it can ask of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::TopicPartition;
use crate::error::{ConnectError, Result};
use crate::metrics::PluginMetrics;
use crate::record::SinkRecord;
use crate::threads::ThreadScope;

/// What a sink task knows about its surroundings. Cheap to clone, and good on any thread.
///
/// What a task asks for is done before the next records are fetched.
#[derive(Clone)]
pub struct SinkContext {
    connector: Arc<str>,
    task: u32,
    stopping: CancellationToken,
    controls: Arc<SinkControls>,
    metrics: PluginMetrics,
    threads: ThreadScope,
}

impl SinkContext {
    /// Made by whoever runs the task; nobody follows what it asks for.
    #[must_use]
    pub fn new(connector: Arc<str>, task: u32, stopping: CancellationToken) -> Self {
        Self {
            connector,
            task,
            stopping,
            controls: Arc::default(),
            metrics: PluginMetrics::default(),
            threads: ThreadScope::default(),
        }
    }

    /// The same, with somebody who follows.
    #[must_use]
    pub fn with_controls(self, controls: Arc<SinkControls>) -> Self {
        Self { controls, ..self }
    }

    /// The same, with metrics that somebody reads.
    #[must_use]
    pub fn with_metrics(self, metrics: PluginMetrics) -> Self {
        Self { metrics, ..self }
    }

    /// The same, with something around what the task does on threads of its own.
    #[must_use]
    pub fn with_threads(self, threads: ThreadScope) -> Self {
        Self { threads, ..self }
    }

    pub(crate) fn threads(&self) -> &ThreadScope {
        &self.threads
    }

    /// Metrics of the task's own.
    #[must_use]
    pub fn metrics(&self) -> &PluginMetrics {
        &self.metrics
    }

    /// Name of the connector.
    #[must_use]
    pub fn connector(&self) -> &str {
        &self.connector
    }

    /// Number of the task, from 0.
    #[must_use]
    pub fn task(&self) -> u32 {
        self.task
    }

    /// Ends when the task is asked to stop, so that a long wait of the task can end early.
    pub async fn stopping(&self) {
        self.stopping.cancelled().await;
    }

    /// The partitions that are assigned at the moment, in order.
    #[must_use]
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.controls.lock().assigned.iter().cloned().collect()
    }

    /// Fetches nothing from these partitions until they are resumed, also if the connector itself
    /// is paused and resumed meanwhile.
    ///
    /// # Errors
    /// When one of them is not assigned.
    pub fn pause(&self, partitions: &[TopicPartition]) -> Result<()> {
        self.set_paused(partitions, "pause", |paused, partition| {
            paused.insert(partition);
        })
    }

    /// Fetches from paused partitions again.
    ///
    /// # Errors
    /// When one of them is not assigned.
    pub fn resume(&self, partitions: &[TopicPartition]) -> Result<()> {
        self.set_paused(partitions, "resume", |paused, partition| {
            paused.remove(&partition);
        })
    }

    fn set_paused(
        &self,
        partitions: &[TopicPartition],
        doing: &str,
        set: impl Fn(&mut BTreeSet<TopicPartition>, TopicPartition),
    ) -> Result<()> {
        let mut state = self.controls.lock();
        if partitions.iter().any(|it| !state.assigned.contains(it)) {
            return Err(ConnectError::fatal(format_args!(
                "SinkTasks may not {doing} partitions that are not currently assigned to them."
            )));
        }
        for partition in partitions {
            set(&mut state.paused, partition.clone());
        }
        state.requests.pauses = true;
        self.controls.asked.notify_one();
        Ok(())
    }

    /// Continues a partition with the record at `offset`, behind or ahead of the present place. It
    /// counts as committed up to there.
    pub fn seek(&self, partition: &TopicPartition, offset: i64) {
        let mut state = self.controls.lock();
        state.requests.seeks.insert(partition.clone(), offset);
        self.controls.asked.notify_one();
    }

    /// Asks for a commit soon, whatever the interval of commits is.
    pub fn request_commit(&self) {
        self.controls.lock().requests.commit = true;
        self.controls.asked.notify_one();
    }

    /// Asks for a call of `put` within this time, be it without records. Holds once.
    pub fn call_within(&self, time: Duration) {
        self.controls.lock().requests.call_within = Some(time);
        self.controls.asked.notify_one();
    }

    /// Whether [`report`](Self::report) has somewhere to report to: the connector's errors are
    /// logged, or there is a dead letter queue.
    #[must_use]
    pub fn can_report(&self) -> bool {
        self.controls.reports.is_some()
    }

    /// Reports a record that cannot be delivered, and goes on without it. Nothing is committed
    /// before the record is in the dead letter queue.
    ///
    /// # Errors
    /// When errors are not tolerated, which fails the task also if it ignores this; or the error
    /// itself when there is nowhere to report it.
    pub async fn report(&self, record: &SinkRecord, error: ConnectError) -> Result<()> {
        let Some(reports) = &self.controls.reports else {
            return Err(error);
        };
        let (reply, answer) = oneshot::channel();
        let errant = ErrantRecord {
            record: record.clone(),
            error,
            reply,
        };
        let ended = || ConnectError::fatal("the task has ended");
        reports.send(errant).await.map_err(|_| ended())?;
        answer.await.unwrap_or_else(|_| Err(ended()))
    }

    /// As [`report`](Self::report), for the thread of a blocking task.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Panics
    /// In an `async` function.
    pub fn report_blocking(&self, record: &SinkRecord, error: ConnectError) -> Result<()> {
        tokio::runtime::Handle::current().block_on(self.report(record, error))
    }

    /// Waits for some time; `true` when the task was asked to stop meanwhile. Good on the thread of
    /// a blocking task only.
    ///
    /// # Panics
    /// In an `async` function.
    #[must_use]
    pub fn wait_blocking(&self, time: Duration) -> bool {
        let stopping = async { tokio::time::timeout(time, self.stopping()).await };
        tokio::runtime::Handle::current().block_on(stopping).is_ok()
    }
}

impl fmt::Debug for SinkContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkContext")
            .field("connector", &self.connector)
            .field("task", &self.task)
            .finish_non_exhaustive()
    }
}

/// A record that a task could not deliver.
#[derive(Debug)]
pub struct ErrantRecord {
    /// The record as the task had it.
    pub record: SinkRecord,
    /// Why.
    pub error: ConnectError,
    /// What the task is told.
    pub reply: oneshot::Sender<Result<()>>,
}

/// The other side of a [`SinkContext`], for whoever runs the task.
#[derive(Debug, Default)]
pub struct SinkControls {
    state: Mutex<State>,
    asked: Notify,
    reports: Option<mpsc::Sender<ErrantRecord>>,
}

#[derive(Debug, Default)]
struct State {
    assigned: BTreeSet<TopicPartition>,
    /// Paused by the task, among the assigned ones.
    paused: BTreeSet<TopicPartition>,
    requests: SinkRequests,
}

/// What a task has asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SinkRequests {
    /// It paused or resumed partitions.
    pub pauses: bool,
    /// It continues partitions somewhere else.
    pub seeks: BTreeMap<TopicPartition, i64>,
    /// It wants a commit.
    pub commit: bool,
    /// It wants a call within this time.
    pub call_within: Option<Duration>,
}

impl SinkControls {
    /// Controls that hand errant records over to `reports`, if there is somewhere to report to.
    #[must_use]
    pub fn new(reports: Option<mpsc::Sender<ErrantRecord>>) -> Self {
        Self {
            reports,
            ..Self::default()
        }
    }

    /// Partitions were assigned.
    pub fn assign(&self, partitions: &[TopicPartition]) {
        self.lock().assigned.extend(partitions.iter().cloned());
    }

    /// Partitions were taken away; their pauses are forgotten.
    pub fn revoke(&self, partitions: &[TopicPartition]) {
        let mut state = self.lock();
        for partition in partitions {
            state.assigned.remove(partition);
            state.paused.remove(partition);
            state.requests.seeks.remove(partition);
        }
    }

    /// Whether the task has paused a partition.
    #[must_use]
    pub fn is_paused(&self, partition: &TopicPartition) -> bool {
        self.lock().paused.contains(partition)
    }

    /// Takes what the task has asked for since the last time.
    #[must_use]
    pub fn take_requests(&self) -> SinkRequests {
        std::mem::take(&mut self.lock().requests)
    }

    /// Ends when the task has asked for something. Cancel-safe.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(number: i32) -> TopicPartition {
        TopicPartition {
            topic: "orders".into(),
            partition: number,
        }
    }

    fn context(reports: Option<mpsc::Sender<ErrantRecord>>) -> (SinkContext, Arc<SinkControls>) {
        let controls = Arc::new(SinkControls::new(reports));
        let cx = SinkContext::new("c".into(), 0, CancellationToken::new());
        (cx.with_controls(Arc::clone(&controls)), controls)
    }

    #[test]
    fn only_assigned_partitions_are_paused_and_resumed() {
        let (cx, controls) = context(None);
        controls.assign(&[partition(0), partition(1)]);

        cx.pause(&[partition(0)]).unwrap();
        let paused = cx.pause(&[partition(1), partition(7)]).unwrap_err();
        let resumed = cx.resume(&[partition(7)]).unwrap_err();

        assert_eq!(
            [paused.to_string(), resumed.to_string()],
            ["pause", "resume"].map(|doing| format!(
                "SinkTasks may not {doing} partitions that are not currently assigned to them."
            ))
        );
        assert!(controls.is_paused(&partition(0)) && !controls.is_paused(&partition(1)));
        cx.resume(&[partition(0)]).unwrap();
        assert!(!controls.is_paused(&partition(0)));
    }

    #[test]
    fn what_is_taken_away_is_forgotten() {
        let (cx, controls) = context(None);
        controls.assign(&[partition(0), partition(1)]);
        cx.pause(&[partition(0)]).unwrap();
        cx.seek(&partition(0), 7);

        controls.revoke(&[partition(0)]);

        assert_eq!(cx.assignment(), [partition(1)]);
        assert!(!controls.is_paused(&partition(0)));
        let requests = controls.take_requests();
        assert!(requests.pauses && requests.seeks.is_empty());
        assert_eq!(controls.take_requests(), SinkRequests::default());
    }

    #[tokio::test]
    async fn without_a_place_for_it_a_report_is_the_error_itself() {
        let (cx, _) = context(None);
        let record = SinkRecord::new(
            crate::record::Record::new("orders"),
            crate::record::Origin {
                topic: "orders".into(),
                partition: 0,
                offset: 3,
                timestamp_type: crate::data::TimestampType::None,
            },
        );

        let outcome = cx
            .report(&record, ConnectError::data("no such column"))
            .await;

        assert!(!cx.can_report());
        assert_eq!(outcome.unwrap_err().to_string(), "no such column");
    }
}
