//! A source task without a worker.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::config::Props;
use crate::error::{ConnectError, Result};
use crate::offset::{OffsetMap, SourceOffset as _, SourcePartition as _};
use crate::record::Record;
use crate::source::{
    BatchPositions, BoxFuture, ErasedBatch, ErasedSourceTask, Fate, OffsetReader, Position,
    SettledRecord, SourceTask, TaskContext,
};

/// Longest wait for records.
const LIMIT: Duration = Duration::from_secs(20);

/// Runs a source task in a test: polls it, stores its offsets, starts it anew.
///
/// What was polled counts as written with [`commit`](Self::commit). What was not is lost with a
/// [`crash`](Self::crash), and has to come again.
pub struct SourceHarness<T> {
    props: Props,
    stored: Arc<Stored>,
    running: Option<Running>,
    task: PhantomData<fn() -> T>,
}

struct Running {
    task: Box<dyn ErasedSourceTask>,
    stopping: CancellationToken,
    /// What was polled since the last commit.
    uncommitted: Vec<Uncommitted>,
}

struct Uncommitted {
    positions: Option<Box<dyn BatchPositions>>,
    /// How many records and lonely offsets the batch has.
    len: usize,
    offset_only: Vec<usize>,
    unsettled: Option<u64>,
}

/// A record that was polled.
#[derive(Clone, Debug, PartialEq)]
pub struct Polled {
    /// The record.
    pub record: Record,
    /// Its source partition as it is stored; empty when the source remembers nothing.
    pub partition: OffsetMap,
    /// Its source offset as it is stored.
    pub offset: OffsetMap,
}

impl<T: SourceTask> SourceHarness<T> {
    /// A task with this configuration, which is not started yet.
    #[must_use]
    pub fn new(props: Props) -> Self {
        Self {
            props,
            stored: Arc::default(),
            running: None,
            task: PhantomData,
        }
    }

    /// Starts the task; one that runs is given up as after a crash.
    ///
    /// # Errors
    /// When the configuration has mistakes, or the task does not start.
    pub async fn start(&mut self) -> Result<()> {
        self.crash();
        let stopping = CancellationToken::new();
        let cx = TaskContext::new(
            "connector",
            0,
            stopping.clone(),
            Arc::clone(&self.stored) as Arc<dyn OffsetReader>,
        );
        let task = T::start_erased(self.props.clone(), cx).await?;
        self.running = Some(Running {
            task,
            stopping,
            uncommitted: Vec::new(),
        });
        Ok(())
    }

    /// Polls once.
    ///
    /// # Errors
    /// What the task answers, or that it does not run.
    pub async fn poll(&mut self) -> Result<Vec<Polled>> {
        let running = self.running()?;
        let batch = running.task.poll().await?;
        Ok(running.take(batch))
    }

    /// Polls until there are at least so many records. A retriable error is polled again.
    ///
    /// # Errors
    /// What the task answers, or that there are not so many within 20 seconds.
    pub async fn poll_some(&mut self, count: usize) -> Result<Vec<Polled>> {
        let mut polled = Vec::new();
        let poll = async {
            while polled.len() < count {
                match self.poll().await {
                    Ok(records) => polled.extend(records),
                    Err(error) if error.is_retriable() => {}
                    Err(error) => return Err(error),
                }
                tokio::task::yield_now().await;
            }
            Ok(())
        };
        let outcome = timeout(LIMIT, poll).await;
        outcome.unwrap_or_else(|_| {
            Err(ConnectError::fatal(format_args!(
                "there were not {count} records within {LIMIT:?}"
            )))
        })?;
        Ok(polled)
    }

    /// Begins a poll and drops it at its first wait, as a worker does that stops the task.
    ///
    /// # Errors
    /// When the task does not run.
    pub async fn interrupt_poll(&mut self) -> Result<()> {
        let running = self.running()?;
        tokio::select! {
            biased;
            // Whatever comes of it is lost with the poll.
            _ = running.task.poll() => {}
            () = std::future::ready(()) => {}
        }
        Ok(())
    }

    /// Everything that was polled is written now: its offsets are stored, and the task is told.
    ///
    /// # Errors
    /// What the task answers, or that it does not run.
    pub async fn commit(&mut self) -> Result<()> {
        let stored = Arc::clone(&self.stored);
        let running = self.running()?;
        let mut settled = Vec::new();
        let mut committed: Vec<Box<dyn Position>> = Vec::new();
        for batch in std::mem::take(&mut running.uncommitted) {
            settled.extend(batch.settled());
            for position in batch.positions() {
                stored.put(position.partition(), position.offset());
                committed.retain(|it| !it.same_partition(position.as_ref()));
                committed.push(position);
            }
        }
        if !settled.is_empty() {
            running.task.settled(&settled).await?;
        }
        match committed.is_empty() {
            true => Ok(()),
            false => running.task.commit(&committed).await,
        }
    }

    /// Stops the task as a worker does that has written everything.
    ///
    /// # Errors
    /// What the task answers, or that it does not run.
    pub async fn stop(&mut self) -> Result<()> {
        self.running()?.stopping.cancel();
        self.commit().await?;
        match self.running.take() {
            Some(running) => running.task.stop().await,
            None => Ok(()),
        }
    }

    /// Drops the task; what was polled since the last commit is lost.
    pub fn crash(&mut self) {
        self.running = None;
    }

    /// The offset that is stored for a partition.
    ///
    /// # Errors
    /// When it does not fit the task's type.
    pub fn stored(&self, partition: &T::Partition) -> Result<Option<T::Offset>> {
        let stored = self.stored.get(&partition.to_stored());
        let offset = stored.map(|it| T::Offset::from_stored(&it)).transpose();
        offset.map_err(|error| {
            ConnectError::fatal("the stored offset cannot be used").caused_by(error)
        })
    }

    /// Stores an offset, in the place of what the task will find at its next start.
    pub fn store(&self, partition: &T::Partition, offset: &T::Offset) {
        self.stored.put(partition.to_stored(), offset.to_stored());
    }

    /// Stores the position of a record that was polled, as if all before it were written and all
    /// behind it were not.
    pub fn store_position(&self, polled: &Polled) {
        self.stored
            .put(polled.partition.clone(), polled.offset.clone());
    }

    fn running(&mut self) -> Result<&mut Running> {
        let missing = || ConnectError::fatal("the task does not run");
        self.running.as_mut().ok_or_else(missing)
    }
}

impl<T> std::fmt::Debug for SourceHarness<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SourceHarness")
            .field("props", &self.props)
            .field("is_running", &self.running.is_some())
            .finish_non_exhaustive()
    }
}

impl Running {
    /// Keeps what a commit needs of a batch.
    fn take(&mut self, batch: ErasedBatch) -> Vec<Polled> {
        let mut polled = Vec::with_capacity(batch.records.len());
        let len = batch.records.len();
        for (index, record) in batch.records.into_iter().enumerate() {
            if batch.offset_only.contains(&index) {
                continue;
            }
            let position = batch.positions.as_ref().map(|it| it.detach(index));
            polled.push(Polled {
                record,
                partition: position
                    .as_ref()
                    .map_or_else(OffsetMap::new, |it| it.partition()),
                offset: position
                    .as_ref()
                    .map_or_else(OffsetMap::new, |it| it.offset()),
            });
        }
        self.uncommitted.push(Uncommitted {
            positions: batch.positions,
            len,
            offset_only: batch.offset_only,
            unsettled: batch.unsettled,
        });
        polled
    }
}

impl Uncommitted {
    fn settled(&self) -> impl Iterator<Item = SettledRecord> {
        let records = (0..self.len).filter(|it| !self.offset_only.contains(it));
        self.unsettled.into_iter().flat_map(move |batch| {
            records.clone().map(move |record| SettledRecord {
                batch,
                record,
                fate: Fate::Written,
            })
        })
    }

    fn positions(&self) -> impl Iterator<Item = Box<dyn Position>> {
        let positions = self.positions.iter();
        positions.flat_map(|positions| (0..self.len).map(|index| positions.detach(index)))
    }
}

/// Stored offsets.
#[derive(Debug, Default)]
struct Stored(Mutex<HashMap<OffsetMap, OffsetMap>>);

impl Stored {
    fn get(&self, partition: &OffsetMap) -> Option<OffsetMap> {
        let stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stored.get(partition).cloned()
    }

    fn put(&self, partition: OffsetMap, offset: OffsetMap) {
        let mut stored = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stored.insert(partition, offset);
    }
}

impl OffsetReader for Stored {
    fn read<'a>(&'a self, partition: &'a OffsetMap) -> BoxFuture<'a, Result<Option<OffsetMap>>> {
        Box::pin(async { Ok(self.get(partition)) })
    }
}
