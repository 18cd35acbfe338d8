//! A source task without a worker.

use std::collections::HashMap;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::config::Props;
use crate::error::{ConnectError, Result};
use crate::offset::{OffsetMap, SourceOffset as _, SourcePartition as _};
use crate::record::Record;
use crate::source::{
    BoxFuture, ErasedBatch, ErasedSourceTask, Fate, OffsetReader, Position, SettledRecord,
    SourceTask, TaskContext, TransactionControls, TransactionEnd,
};

/// Longest wait for records.
const LIMIT: Duration = Duration::from_secs(20);

/// Runs a source task in a test: polls it, stores its offsets, starts it anew.
///
/// What was polled counts as written with [`commit`](Self::commit). What was not is lost with a
/// [`crash`](Self::crash), and has to come again. A task that is to say itself where its
/// transactions end gets [`own_transactions`](Self::own_transactions).
pub struct SourceHarness<T> {
    props: Props,
    stored: Arc<Stored>,
    running: Option<Running>,
    /// What the task has committed, if it says itself where transactions end.
    visible: Option<Vec<Polled>>,
    /// Whether the next offsets are not stored.
    fails_commit: bool,
    task: PhantomData<fn() -> T>,
}

struct Running {
    task: Box<dyn ErasedSourceTask>,
    stopping: CancellationToken,
    transactions: Option<Arc<TransactionControls>>,
    /// What was polled since the last commit.
    uncommitted: Vec<Entry>,
}

/// A record or a lonely offset that was polled.
struct Entry {
    polled: Option<Polled>,
    position: Option<Box<dyn Position>>,
    /// Its place, if the task wants to hear what becomes of it.
    unsettled: Option<(u64, usize)>,
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
            visible: None,
            fails_commit: false,
            task: PhantomData,
        }
    }

    /// The same for a task that says itself where its transactions end: what it polls is
    /// [`visible`](Self::visible) once it has committed, and not at all if it has aborted.
    #[must_use]
    pub fn own_transactions(self) -> Self {
        Self {
            visible: Some(Vec::new()),
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
        let cx = TaskContext::new(
            "connector",
            0,
            stopping.clone(),
            Arc::clone(&self.stored) as Arc<dyn OffsetReader>,
        );
        let transactions = self.visible.as_ref().map(|_| Arc::default());
        let cx = TaskContext {
            transactions: transactions.clone(),
            ..cx
        };
        let task = T::start_erased(self.props.clone(), cx).await?;
        self.running = Some(Running {
            task,
            stopping,
            transactions,
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
        let ends = ends(&batch);
        let entries = entries(&batch);
        let polled = entries.iter().filter_map(|it| it.polled.clone()).collect();
        match &running.transactions {
            Some(transactions) => {
                let transactions = Arc::clone(transactions);
                self.take_in_transactions(entries, ends).await?;
                self.end(transactions.take_end()?).await?;
            }
            None => running.uncommitted.extend(entries),
        }
        Ok(polled)
    }

    /// Adds what was polled to the transaction, which may end on the way.
    async fn take_in_transactions(&mut self, entries: Vec<Entry>, ends: Vec<End>) -> Result<()> {
        let mut ends = ends.into_iter().peekable();
        for (index, entry) in entries.into_iter().enumerate() {
            self.running()?.uncommitted.push(entry);
            if let Some((_, end)) = ends.next_if(|(record, _)| *record == index) {
                self.end(end?).await?;
            }
        }
        Ok(())
    }

    async fn end(&mut self, end: Option<TransactionEnd>) -> Result<()> {
        match end {
            Some(TransactionEnd::Commit) => {
                let open = self.running()?.uncommitted.iter();
                let records: Vec<_> = open.filter_map(|it| it.polled.clone()).collect();
                self.visible.get_or_insert_default().extend(records);
                self.settle(Fate::Written).await
            }
            Some(TransactionEnd::Abort) => self.settle(Fate::Dropped).await,
            None => Ok(()),
        }
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
        let mut poll = running.task.poll();
        poll_fn(|cx| {
            // Whatever comes of it is lost with the poll.
            let _ = poll.as_mut().poll(cx);
            Poll::Ready(())
        })
        .await;
        drop(poll);
        Ok(())
    }

    /// Everything that was polled is written now: its offsets are stored, and the task is told.
    ///
    /// # Errors
    /// What the task answers, that it does not run, or that it says itself when to commit.
    pub async fn commit(&mut self) -> Result<()> {
        match self.running()?.transactions {
            None => self.settle(Fate::Written).await,
            Some(_) => Err(ends_itself()),
        }
    }

    /// Everything that was polled was dropped on its way, by a transform or because errors are
    /// tolerated: nothing is written, offsets are stored all the same, and the task is told.
    ///
    /// # Errors
    /// What the task answers, that it does not run, or that it says itself when to commit.
    pub async fn commit_as_dropped(&mut self) -> Result<()> {
        match self.running()?.transactions {
            None => self.settle(Fate::Dropped).await,
            Some(_) => Err(ends_itself()),
        }
    }

    /// The next stored offset that the task asks for cannot be read.
    pub fn fail_next_read(&mut self) {
        self.stored.lock().fails_read = true;
    }

    /// The next offsets are not stored, though their records are written. The commit that meets
    /// this fails; the one behind it stores those offsets, too, unless the task has crashed.
    pub fn fail_next_commit(&mut self) {
        self.fails_commit = true;
    }

    /// Stores the offsets of what was polled, and tells the task what became of it.
    async fn settle(&mut self, fate: Fate) -> Result<()> {
        self.tell(fate).await?;
        if std::mem::take(&mut self.fails_commit) {
            return Err(ConnectError::retriable("the offsets cannot be stored"));
        }
        let stored = Arc::clone(&self.stored);
        let running = self.running()?;
        let mut committed: Vec<Box<dyn Position>> = Vec::new();
        let entries = std::mem::take(&mut running.uncommitted).into_iter();
        for position in entries.filter_map(|it| it.position) {
            stored.put(position.partition(), position.offset());
            committed.retain(|it| !it.same_partition(position.as_ref()));
            committed.push(position);
        }
        match committed.is_empty() {
            true => Ok(()),
            false => running.task.commit(&committed).await,
        }
    }

    /// Tells the task what became of the records that it has not heard of.
    async fn tell(&mut self, fate: Fate) -> Result<()> {
        let running = self.running()?;
        let unsettled = running.uncommitted.iter_mut();
        let unsettled = unsettled.filter_map(|it| it.unsettled.take());
        let settled = unsettled.map(|(batch, record)| SettledRecord {
            batch,
            record,
            fate,
        });
        let settled: Vec<_> = settled.collect();
        match settled.is_empty() {
            true => Ok(()),
            false => running.task.settled(&settled).await,
        }
    }

    /// Stops the task as a worker does that has written everything. A transaction of the task's
    /// own ends as it has asked, and is aborted if it has not: its records come again.
    ///
    /// # Errors
    /// What the task answers, or that it does not run.
    pub async fn stop(&mut self) -> Result<()> {
        let running = self.running()?;
        running.stopping.cancel();
        match &running.transactions {
            Some(transactions) => {
                let end = transactions.take_end()?;
                self.end(end).await?;
            }
            None => self.settle(Fate::Written).await?,
        }
        match self.running.take() {
            Some(running) => running.task.stop().await,
            None => Ok(()),
        }
    }

    /// What the task has committed in transactions of its own, since the harness was made.
    #[must_use]
    pub fn visible(&self) -> &[Polled] {
        self.visible.as_deref().unwrap_or_default()
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

fn ends_itself() -> ConnectError {
    ConnectError::fatal("the task says itself where its transactions end")
}

/// Index of a record, and how a transaction ends behind it.
type End = (usize, Result<Option<TransactionEnd>>);

fn ends(batch: &ErasedBatch) -> Vec<End> {
    let boundaries = batch.boundaries.iter();
    boundaries
        .map(|it| (it.record, it.end(batch.records.record(it.record))))
        .collect()
}

/// What a commit needs of a batch, record by record.
fn entries(batch: &ErasedBatch) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(batch.records.len());
    for (index, record) in batch.records.iter().cloned().enumerate() {
        let position = batch.positions.as_ref().map(|it| it.detach(index));
        let is_record = !batch.offset_only.contains(&index);
        let (partition, offset) = match &position {
            Some(position) => (position.partition(), position.offset()),
            None => (OffsetMap::new(), OffsetMap::new()),
        };
        entries.push(Entry {
            polled: is_record.then(|| Polled {
                record,
                partition,
                offset,
            }),
            unsettled: batch.unsettled.filter(|_| is_record).map(|it| (it, index)),
            position,
        });
    }
    entries
}

/// Stored offsets.
#[derive(Debug, Default)]
struct Stored(Mutex<Offsets>);

#[derive(Debug, Default)]
struct Offsets {
    by_partition: HashMap<OffsetMap, OffsetMap>,
    fails_read: bool,
}

impl Stored {
    fn get(&self, partition: &OffsetMap) -> Option<OffsetMap> {
        self.lock().by_partition.get(partition).cloned()
    }

    fn put(&self, partition: OffsetMap, offset: OffsetMap) {
        self.lock().by_partition.insert(partition, offset);
    }

    fn lock(&self) -> MutexGuard<'_, Offsets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OffsetReader for Stored {
    fn read<'a>(&'a self, partition: &'a OffsetMap) -> BoxFuture<'a, Result<Option<OffsetMap>>> {
        Box::pin(async {
            let fails = std::mem::take(&mut self.lock().fails_read);
            match fails {
                true => Err(ConnectError::retriable("stored offsets cannot be read")),
                false => Ok(self.get(partition)),
            }
        })
    }
}
