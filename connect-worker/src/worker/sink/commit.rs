//! The commits of a sink task: what was delivered, as far as the task has secured it.
//!
//! If the process dies before a commit, the records behind the last one are delivered again; if it
//! dies after it, none is.

use connect_core::Result;
use connect_core::sink::TopicPartition;
use connect_kafka::{GroupOffset, StartOffset};
use futures::future::BoxFuture;
use tokio::time::Instant;

use super::{API_TIMEOUT, SinkPipeline, client_error, known, places, to_kafka, unrecoverable};
use crate::worker::clients::{GroupConsumer, RecordProducer};
use crate::worker::task::Control;

/// A commit under way.
pub(super) struct Commit {
    pending: BoxFuture<'static, connect_kafka::Result<()>>,
    offsets: Vec<(TopicPartition, i64)>,
    pub(super) deadline: Instant,
    since: Instant,
}

impl Commit {
    /// Its outcome says nothing about these partitions any more.
    pub(super) fn forget(&mut self, partitions: &[TopicPartition]) {
        self.offsets.retain(|(it, _)| !partitions.contains(it));
    }
}

impl<C: GroupConsumer, P: RecordProducer> SinkPipeline<C, P> {
    /// Starts a commit of everything delivered, as far as the task allows.
    pub(super) async fn begin_commit(&mut self, control: &Control) -> Result<()> {
        let since = Instant::now();
        self.next_commit = since + self.interval;
        let all = self.progress.assignment();
        let offsets = match self.committable(&all).await {
            Ok(offsets) => offsets,
            Err(error) => {
                tracing::warn!(
                    partitions = places::partitions(&all),
                    error = error.trace(),
                    "the task could not secure its records, which will be delivered again"
                );
                self.figures.commit_failed();
                return self.rewind(control).await;
            }
        };
        self.errant.refused().map_err(unrecoverable)?;
        if offsets.is_empty() {
            if !all.is_empty() {
                self.figures.committed(since.elapsed());
            }
            return Ok(());
        }
        match self.consumer.commit(&group_offsets(&offsets), self.timeout) {
            Ok(pending) => {
                let deadline = Instant::now() + self.timeout;
                self.commit = Some(Commit {
                    pending,
                    offsets,
                    deadline,
                    since,
                });
            }
            Err(error) => {
                self.figures.commit_failed();
                tracing::warn!(%error, "offsets were not committed");
            }
        }
        Ok(())
    }

    pub(super) fn end_commit(&mut self, outcome: connect_kafka::Result<()>) {
        let Some(commit) = self.commit.take() else {
            return;
        };
        match outcome {
            Ok(()) => {
                self.progress.committed(&commit.offsets);
                self.figures.committed(commit.since.elapsed());
                self.show_partitions();
            }
            Err(error) => {
                self.figures.commit_failed();
                tracing::warn!(%error, "offsets were not committed and will be tried again");
            }
        }
    }

    /// Commits and waits for the outcome; used where partitions are given up.
    pub(super) async fn commit_and_wait(&mut self, offsets: Vec<(TopicPartition, i64)>) {
        if let Some(earlier) = &mut self.commit {
            let outcome = (&mut earlier.pending).await;
            self.end_commit(outcome);
        }
        if offsets.is_empty() {
            return;
        }
        let since = Instant::now();
        let committed = match self.consumer.commit(&group_offsets(&offsets), self.timeout) {
            Ok(pending) => pending.await,
            Err(error) => Err(error),
        };
        match committed {
            Ok(()) => {
                self.progress.committed(&offsets);
                self.figures.committed(since.elapsed());
            }
            Err(error) => {
                self.figures.commit_failed();
                tracing::warn!(
                    %error,
                    "offsets were not committed; records behind the last commit come again"
                );
            }
        }
    }

    /// How far these partitions may be committed: as far as the task says, and not at all while dead
    /// letters are unwritten.
    ///
    /// # Errors
    /// When the task could not secure what was delivered.
    pub(super) async fn committable(
        &mut self,
        partitions: &[TopicPartition],
    ) -> Result<Vec<(TopicPartition, i64)>> {
        let candidates = self.progress.candidates(partitions);
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        self.figures.commit_begins();
        if let Err(error) = self.errant.flush(self.timeout).await {
            tracing::warn!(error = error.trace(), "offsets are not committed yet");
            return Ok(Vec::new());
        }
        let known = known(&self.converters, None);
        let call = self.task.pre_commit(candidates.clone());
        let answer = self.errant.during(call, known).await?;
        Ok(self.progress.committable(&candidates, answer))
    }

    /// Continues all partitions behind what is committed.
    async fn rewind(&mut self, control: &Control) -> Result<()> {
        let targets: Vec<_> = self
            .progress
            .rewind()
            .into_iter()
            .map(|(partition, offset)| (to_kafka(&partition), StartOffset::At(offset)))
            .collect();
        // Records to be delivered again are among those that are fetched again.
        if self.redelivery.take().is_some() {
            self.figures.let_go();
            if !control.is_paused() {
                self.resume_all()?;
            }
        }
        let sought = self.consumer.seek(&targets, API_TIMEOUT).await;
        sought.map_err(|error| client_error("cannot seek", error))
    }
}

/// Waits for the outcome of a commit; for ever if there is none. Cancel-safe.
pub(super) async fn outcome(commit: &mut Option<Commit>) -> connect_kafka::Result<()> {
    let Some(commit) = commit else {
        return std::future::pending().await;
    };
    (&mut commit.pending).await
}

fn group_offsets(offsets: &[(TopicPartition, i64)]) -> Vec<GroupOffset> {
    let offsets = offsets.iter();
    offsets
        .map(|(partition, offset)| GroupOffset::new(to_kafka(partition), *offset))
        .collect()
}
