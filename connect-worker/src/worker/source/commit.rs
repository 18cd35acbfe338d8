//! Stores source offsets, one flush at a time, while records go on moving.
//!
//! The commit path of a source: the tracker says what is acknowledged, this writes it, and only
//! then does the task learn of it. If the process dies before the write, the records behind the
//! stored offset are read again; if it dies after it, nothing is.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use connect_core::source::{BatchPositions, BoxFuture, Position};
use connect_core::{ConnectError, Result};
use tokio::time::{Instant, sleep_until, timeout};

use super::tracker::{OffsetTracker, SentRecords};
use crate::metrics::TaskFigures;
use crate::storage::offsets::{OffsetCodec, OffsetEntry, OffsetStore};

/// Tracks, stores and reports the offsets of one source task.
pub(crate) struct OffsetCommitter {
    figures: Arc<TaskFigures>,
    store: Arc<dyn OffsetStore>,
    codec: OffsetCodec,
    schedule: CommitSchedule,
    tracker: OffsetTracker,
    next: Instant,
    flush: Option<Flush>,
}

/// When offsets are committed and how long that may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommitSchedule {
    /// From the end of one commit to the start of the next.
    pub(crate) interval: Duration,
    /// Longest commit.
    pub(crate) timeout: Duration,
}

/// A write under way.
struct Flush {
    positions: Vec<Box<dyn Position>>,
    written: BoxFuture<'static, Result<()>>,
    since: Instant,
}

impl OffsetCommitter {
    pub(crate) fn new(
        figures: Arc<TaskFigures>,
        store: Arc<dyn OffsetStore>,
        schedule: CommitSchedule,
    ) -> Self {
        Self {
            figures,
            store,
            codec: OffsetCodec::default(),
            schedule,
            tracker: OffsetTracker::default(),
            next: Instant::now() + schedule.interval,
            flush: None,
        }
    }

    /// Notes records that are about to be sent with sequence numbers from `first` on.
    pub(crate) fn sending(
        &mut self,
        positions: &Arc<dyn BatchPositions>,
        records: SentRecords,
        first: u64,
    ) {
        self.tracker.sending(positions, records, first);
    }

    /// Notes that the broker has the records with these sequence numbers.
    pub(crate) fn acknowledge(&mut self, sequences: Range<u64>) {
        self.tracker.acknowledge(sequences);
    }

    /// Commits when it is time, and returns what was stored; that may be nothing. Cancel-safe: a
    /// commit that was begun goes on with the next call.
    pub(crate) async fn committed(&mut self) -> Vec<Box<dyn Position>> {
        loop {
            if self.flush.is_none() {
                sleep_until(self.next).await;
                self.begin();
            }
            if let Ok(positions) = self.end().await {
                return positions;
            }
        }
    }

    /// The last commit: ends the one that is under way and stores everything that is acknowledged
    /// by now.
    ///
    /// # Errors
    /// When the offsets could not be stored; the records behind the stored ones are read again.
    pub(crate) async fn finish(&mut self) -> Result<Vec<Box<dyn Position>>> {
        // A failure is logged by now, and what was not stored is among what is stored next.
        let mut stored = match self.flush {
            Some(_) => self.end().await.unwrap_or_default(),
            None => Vec::new(),
        };
        self.begin();
        stored.extend(self.end().await?);
        Ok(stored)
    }

    /// Takes what may be stored and starts to write it.
    fn begin(&mut self) {
        let positions = self.tracker.take_committable();
        let store = Arc::clone(&self.store);
        let limit = self.schedule.timeout;
        let entries = self.entries(&positions);
        let written = async move {
            let entries = entries?;
            if entries.is_empty() {
                return Ok(());
            }
            match timeout(limit, store.set(entries)).await {
                Ok(written) => written,
                Err(_) => Err(ConnectError::retriable(format_args!(
                    "source offsets were not stored within {limit:?}"
                ))),
            }
        };
        self.flush = Some(Flush {
            positions,
            written: Box::pin(written),
            since: Instant::now(),
        });
    }

    fn entries(&self, positions: &[Box<dyn Position>]) -> Result<Vec<OffsetEntry>> {
        let stored = |position: &dyn Position| {
            let key = self
                .codec
                .key(&self.figures.id().connector, &position.partition())?;
            Ok((key, Some(self.codec.value(&position.offset())?)))
        };
        positions.iter().map(|it| stored(it.as_ref())).collect()
    }

    /// Waits for the end of a commit. What was not stored is tried again with the next one.
    async fn end(&mut self) -> Result<Vec<Box<dyn Position>>> {
        let Some(flush) = &mut self.flush else {
            return Ok(Vec::new());
        };
        let written = (&mut flush.written).await;
        let time = flush.since.elapsed();
        let positions = self.flush.take().map(|it| it.positions).unwrap_or_default();
        self.next = Instant::now() + self.schedule.interval;
        match written {
            Ok(()) => {
                self.figures.committed(time);
                Ok(positions)
            }
            Err(error) => {
                self.figures.commit_failed();
                tracing::warn!(
                    task = %self.figures.id(),
                    error = error.trace(),
                    "source offsets were not committed and will be tried again"
                );
                self.tracker.give_back(positions);
                Err(error)
            }
        }
    }
}

impl std::fmt::Debug for OffsetCommitter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OffsetCommitter")
            .field("id", self.figures.id())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
