//! Source connectors: what their authors implement, and the erased twin that the worker drives.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use foldhash::fast::{FixedState, RandomState};
use tokio_util::sync::CancellationToken;

use crate::config::{ConfigErrors, ConnectorConfig, Props};
use crate::error::{ConnectError, Result};
use crate::offset::{
    Alteration, OffsetChanges, OffsetMap, SourceOffset, SourcePartition, StoredChange,
};
use crate::record::{Record, SourceRecord};

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The records of one poll.
pub type Batch<T> = Vec<SourceRecord<<T as SourceTask>::Partition, <T as SourceTask>::Offset>>;

/// Reads records from another system.
///
/// The worker constructs a task with [`start`](Self::start), then calls
/// [`poll`](Self::poll) and [`commit`](Self::commit) from one place, never two at a time, and
/// ends with [`stop`](Self::stop). Implement it under `#[source_task]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source task",
    label = "does not implement `SourceTask`",
    note = "write `#[source_task] impl SourceTask for {Self} {{ ... }}`"
)]
pub trait SourceTask: Sized + Send + 'static {
    /// The configuration, parsed before `start` is called.
    type Config: ConnectorConfig;
    /// What is read: a file, a table, a shard. `()` when nothing is remembered.
    type Partition: SourcePartition;
    /// Where in a partition the task is. `()` when nothing is remembered.
    type Offset: SourceOffset;

    /// Makes a task that is ready to poll.
    ///
    /// Called once, before anything else. An error fails the task.
    fn start(
        config: Self::Config,
        cx: SourceContext<Self>,
    ) -> impl Future<Output = Result<Self>> + Send;

    /// Waits for records and returns them; an empty batch is fine and means "nothing yet".
    ///
    /// Called in a loop while the task is running and not paused; a poll should return within
    /// about a second even if there is nothing to read. The future may be dropped at any
    /// `.await` when the task stops, so whatever was read must still be there for the next call
    /// or be read again from the stored offset. A retriable error is logged and polled again
    /// after a back-off; any other error fails the task.
    fn poll(&mut self) -> impl Future<Output = Result<Batch<Self>>> + Send;

    /// Tells which offsets were stored just now, one for each source partition that moved.
    ///
    /// Called between polls. An error is logged and ignored, since the offsets are stored.
    fn commit(&mut self, committed: &[Committed<Self>]) -> impl Future<Output = Result<()>> + Send {
        let _ = committed;
        async { Ok(()) }
    }

    /// Releases what the task holds. Called once, last, also after a failure of the task.
    fn stop(self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Whether each record arrives exactly once when the worker's transactions are used; `None`
    /// when the source cannot tell. Asked about a connector's configuration before it is accepted.
    #[must_use]
    fn exactly_once_support(config: &Self::Config) -> Option<ExactlyOnceSupport> {
        let _ = config;
        None
    }

    /// Whether the source can say where transactions begin and end.
    #[must_use]
    fn defines_transaction_boundaries(config: &Self::Config) -> bool {
        let _ = config;
        false
    }

    /// Checks stored offsets that a user changes, and does what they ask for in other systems.
    ///
    /// Called while no task of the connector runs; it may be called again with the same changes.
    /// The worker stores them if this returns neither an error nor [`Alteration::Unsupported`].
    fn alter_offsets(
        config: Self::Config,
        changes: OffsetChanges<Self::Partition, Self::Offset>,
    ) -> impl Future<Output = Result<Alteration>> + Send {
        let _ = config;
        async move { changes.typed().map(|_| Alteration::NotManaged) }
    }
}

/// Whether a source delivers each record exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExactlyOnceSupport {
    /// Its offsets say exactly which records it has read.
    Supported,
    /// Records may come twice.
    Unsupported,
}

/// What a source promises for one configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceGuarantees {
    /// See [`SourceTask::exactly_once_support`].
    pub exactly_once: Option<ExactlyOnceSupport>,
    /// See [`SourceTask::defines_transaction_boundaries`].
    pub transaction_boundaries: bool,
}

/// A source position that was stored.
pub struct Committed<T: SourceTask> {
    /// The source partition.
    pub partition: T::Partition,
    /// The offset that is now stored for it.
    pub offset: T::Offset,
}

impl<T: SourceTask> fmt::Debug for Committed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Committed")
            .field("partition", &format_args!("{}", self.partition.to_stored()))
            .field("offset", &format_args!("{}", self.offset.to_stored()))
            .finish()
    }
}

/// What a source task knows about its surroundings.
pub struct SourceContext<T: SourceTask> {
    inner: TaskContext,
    task: PhantomData<fn() -> T>,
}

impl<T: SourceTask> SourceContext<T> {
    /// Name of the connector.
    #[must_use]
    pub fn connector(&self) -> &str {
        &self.inner.connector
    }

    /// Number of the task, from 0.
    #[must_use]
    pub fn task(&self) -> u32 {
        self.inner.task
    }

    /// Ends when the task is asked to stop, so that a long wait of the task can end early.
    pub async fn stopping(&self) {
        self.inner.stopping.cancelled().await;
    }

    /// The offset stored for a partition; `None` if there is none.
    ///
    /// # Errors
    /// When the store cannot be read, or the stored offset does not fit `T::Offset`.
    pub async fn offset(&self, partition: &T::Partition) -> Result<Option<T::Offset>> {
        let stored_partition = partition.to_stored();
        let Some(stored) = self.inner.offsets.read(&stored_partition).await? else {
            return Ok(None);
        };
        T::Offset::from_stored(&stored).map(Some).map_err(|err| {
            ConnectError::fatal(format_args!(
                "stored offset of source partition {stored_partition} cannot be used"
            ))
            .caused_by(err)
        })
    }
}

impl<T: SourceTask> Clone for SourceContext<T> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            task: PhantomData,
        }
    }
}

impl<T: SourceTask> fmt::Debug for SourceContext<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}

/// The untyped surroundings of a source task, made by whoever runs it.
#[derive(Clone)]
pub struct TaskContext {
    /// Name of the connector.
    pub connector: Arc<str>,
    /// Number of the task, from 0.
    pub task: u32,
    /// Cancelled when the task is asked to stop.
    pub stopping: CancellationToken,
    /// Where stored offsets are read.
    pub offsets: Arc<dyn OffsetReader>,
}

impl fmt::Debug for TaskContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskContext")
            .field("connector", &self.connector)
            .field("task", &self.task)
            .finish_non_exhaustive()
    }
}

/// Reads stored source offsets of one connector.
pub trait OffsetReader: Send + Sync {
    /// The offset stored for a partition; `None` if there is none.
    fn read<'a>(&'a self, partition: &'a OffsetMap) -> BoxFuture<'a, Result<Option<OffsetMap>>>;
}

/// The records of one poll without the author's types, plus their source positions.
#[derive(Debug)]
pub struct ErasedBatch {
    /// The records, in the order of the poll.
    pub records: Vec<Record>,
    /// Their positions, by index; `None` when the source remembers nothing.
    pub positions: Option<Box<dyn BatchPositions>>,
}

/// The source positions of a batch, still in the author's types.
pub trait BatchPositions: fmt::Debug + Send + Sync {
    /// How many different source partitions the batch has.
    fn partition_count(&self) -> usize;

    /// Which of them a record belongs to, from 0; numbered in order of first appearance.
    fn partition_of(&self, record: usize) -> usize;

    /// Takes a record's position out of the batch, to be kept after the batch is gone.
    fn detach(&self, record: usize) -> Box<dyn Position>;
}

/// One source partition and offset, still in the author's types.
pub trait Position: Any + fmt::Debug + Send + Sync {
    /// The stored form of the partition.
    fn partition(&self) -> OffsetMap;

    /// The stored form of the offset.
    fn offset(&self) -> OffsetMap;

    /// Whether both belong to the same source partition of the same task.
    fn same_partition(&self, other: &dyn Position) -> bool;

    /// Equal for positions of the same source partition.
    fn partition_hash(&self) -> u64;
}

/// What the worker drives. Not for authors: implemented for every [`SourceTask`].
pub trait ErasedSourceTask: Send {
    /// See [`SourceTask::poll`].
    fn poll(&mut self) -> BoxFuture<'_, Result<ErasedBatch>>;

    /// See [`SourceTask::commit`]; positions of another task's type are ignored.
    fn commit<'a>(&'a mut self, committed: &'a [Box<dyn Position>]) -> BoxFuture<'a, Result<()>>;

    /// See [`SourceTask::stop`].
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>>;
}

/// Parses the configuration and starts a task.
pub(crate) fn start_erased<T: SourceTask>(
    props: Props,
    cx: TaskContext,
) -> BoxFuture<'static, Result<Box<dyn ErasedSourceTask>>> {
    Box::pin(async move {
        let config = T::Config::parse(&props)?;
        let task = T::start(
            config,
            SourceContext {
                inner: cx,
                task: PhantomData,
            },
        )
        .await?;
        Ok(Box::new(Started(task)) as Box<dyn ErasedSourceTask>)
    })
}

/// Parses the configuration and asks the connector what it promises.
pub(crate) fn guarantees_erased<T: SourceTask>(
    props: &Props,
) -> Result<SourceGuarantees, ConfigErrors> {
    let config = T::Config::parse(props)?;
    Ok(SourceGuarantees {
        exactly_once: T::exactly_once_support(&config),
        transaction_boundaries: T::defines_transaction_boundaries(&config),
    })
}

/// Parses the configuration and asks the connector about offsets that a user changes.
pub(crate) fn alter_erased<T: SourceTask>(
    props: Props,
    changes: Vec<StoredChange>,
) -> BoxFuture<'static, Result<Alteration>> {
    Box::pin(async move {
        let config = T::Config::parse(&props)?;
        T::alter_offsets(config, OffsetChanges::new(changes)).await
    })
}

struct Started<T>(T);

impl<T: SourceTask> ErasedSourceTask for Started<T> {
    fn poll(&mut self) -> BoxFuture<'_, Result<ErasedBatch>> {
        Box::pin(async { Ok(erase::<T>(self.0.poll().await?)) })
    }

    fn commit<'a>(&'a mut self, committed: &'a [Box<dyn Position>]) -> BoxFuture<'a, Result<()>> {
        let typed: Vec<Committed<T>> = committed
            .iter()
            .filter_map(|position| {
                let any: &dyn Any = position.as_ref();
                let position = any.downcast_ref::<TypedPosition<T::Partition, T::Offset>>()?;
                Some(Committed {
                    partition: position.partition.clone(),
                    offset: position.offset.clone(),
                })
            })
            .collect();
        Box::pin(async move { self.0.commit(&typed).await })
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.0.stop())
    }
}

struct TypedPosition<P, O> {
    partition: P,
    offset: O,
}

impl<P: SourcePartition, O: SourceOffset> Position for TypedPosition<P, O> {
    fn partition(&self) -> OffsetMap {
        self.partition.to_stored()
    }

    fn offset(&self) -> OffsetMap {
        self.offset.to_stored()
    }

    fn same_partition(&self, other: &dyn Position) -> bool {
        let other: &dyn Any = other;
        let other = other.downcast_ref::<Self>();
        other.is_some_and(|other| other.partition == self.partition)
    }

    fn partition_hash(&self) -> u64 {
        FixedState::default().hash_one(&self.partition)
    }
}

impl<P: SourcePartition, O: SourceOffset> fmt::Debug for TypedPosition<P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} @ {}",
            self.partition.to_stored(),
            self.offset.to_stored()
        )
    }
}

struct TypedPositions<P, O> {
    partitions: Vec<P>,
    /// For each record: its partition's index and its offset.
    records: Vec<(u32, O)>,
}

impl<P: SourcePartition, O: SourceOffset> BatchPositions for TypedPositions<P, O> {
    fn partition_count(&self) -> usize {
        self.partitions.len()
    }

    fn partition_of(&self, record: usize) -> usize {
        self.records[record].0 as usize
    }

    fn detach(&self, record: usize) -> Box<dyn Position> {
        let (partition, offset) = &self.records[record];
        Box::new(TypedPosition {
            partition: self.partitions[*partition as usize].clone(),
            offset: offset.clone(),
        })
    }
}

impl<P, O> fmt::Debug for TypedPositions<P, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedPositions")
            .field("partitions", &self.partitions.len())
            .field("records", &self.records.len())
            .finish()
    }
}

/// Splits a typed batch into plain records and a column of positions.
fn erase<T: SourceTask>(batch: Batch<T>) -> ErasedBatch {
    if !T::Offset::STORED {
        let records = batch.into_iter().map(|it| it.record).collect();
        return ErasedBatch {
            records,
            positions: None,
        };
    }

    let mut records = Vec::with_capacity(batch.len());
    let mut positions = Vec::with_capacity(batch.len());
    let mut partitions = PartitionIndex::default();
    for SourceRecord {
        record,
        partition,
        offset,
    } in batch
    {
        records.push(record);
        positions.push((partitions.index_of(partition), offset));
    }
    let positions = TypedPositions {
        partitions: partitions.seen,
        records: positions,
    };
    ErasedBatch {
        records,
        positions: Some(Box::new(positions)),
    }
}

/// Numbers the partitions of a batch. Neighbours mostly share one, so the last is tried first,
/// and the table is only built for a batch with several.
struct PartitionIndex<P> {
    seen: Vec<P>,
    last: u32,
    table: HashMap<P, u32, RandomState>,
}

impl<P> Default for PartitionIndex<P> {
    fn default() -> Self {
        Self {
            seen: Vec::new(),
            last: 0,
            table: HashMap::default(),
        }
    }
}

impl<P: SourcePartition> PartitionIndex<P> {
    fn index_of(&mut self, partition: P) -> u32 {
        if self.seen.get(self.last as usize) == Some(&partition) {
            return self.last;
        }
        if self.table.is_empty() {
            self.table.extend(self.seen.iter().cloned().zip(0..));
        }
        self.last = self.table.get(&partition).copied().unwrap_or_else(|| {
            let index = u32::try_from(self.seen.len()).expect("a batch fits in memory");
            self.table.insert(partition.clone(), index);
            self.seen.push(partition);
            index
        });
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    struct Table(&'static str);

    impl SourcePartition for Table {
        fn to_stored(&self) -> OffsetMap {
            OffsetMap::new().with("table", self.0)
        }

        fn from_stored(_: &OffsetMap) -> Result<Self, crate::offset::OffsetError> {
            Ok(Self("stored"))
        }
    }

    #[test]
    fn partitions_are_numbered_in_order_of_appearance() {
        let mut index = PartitionIndex::default();

        let numbers = ["a", "a", "b", "a", "c", "c", "b"].map(|it| index.index_of(Table(it)));

        assert_eq!(numbers, [0, 0, 1, 0, 2, 2, 1]);
        assert_eq!(index.seen, [Table("a"), Table("b"), Table("c")]);
    }
}
