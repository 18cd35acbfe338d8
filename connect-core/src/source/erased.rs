//! The erased twin of source tasks: one place between the author's types and plain records.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::BuildHasher;

use foldhash::fast::{FixedState, RandomState};

use super::settled::{Settled, SettledRecord, Unsettled};
use super::{
    Batch, BoxFuture, Committed, SourceContext, SourceGuarantees, SourceTask, TaskContext,
    TransactionBoundary,
};
use crate::config::{ConfigErrors, ConnectorConfig, Props};
use crate::error::Result;
use crate::offset::{
    Alteration, OffsetChanges, OffsetMap, SourceOffset, SourcePartition, StoredChange,
};
use crate::record::{Record, SourceRecord};

/// The records of one poll without the author's types, plus their source positions.
#[derive(Debug)]
pub struct ErasedBatch {
    /// The records, in the order of the poll.
    pub records: Box<dyn BatchRecords>,
    /// Their positions, by index; `None` when the source remembers nothing.
    pub positions: Option<Box<dyn BatchPositions>>,
    /// Indexes of records that are none: only their positions count. In order.
    pub offset_only: Vec<usize>,
    /// Whether the timestamp of every record is the time at which it was read.
    pub are_of_now: bool,
    /// Number of the batch, if the task wants to hear what becomes of its records.
    pub unsettled: Option<u64>,
    /// Records behind which transactions end, in order, if the task is to say so.
    pub boundaries: Vec<TransactionBoundary>,
}

/// The records of a batch, where its poll has made them: to move them takes as long as to make them.
pub trait BatchRecords: Send + Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A record.
    ///
    /// # Panics
    /// When there is none at this index.
    fn record(&self, index: usize) -> &Record;

    /// A record, to be transformed.
    ///
    /// # Panics
    /// When there is none at this index.
    fn record_mut(&mut self, index: usize) -> &mut Record;
}

impl dyn BatchRecords {
    /// The records, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Record> {
        (0..self.len()).map(|index| self.record(index))
    }
}

impl fmt::Debug for dyn BatchRecords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Records that never had positions, as tests of workers make them.
impl BatchRecords for Vec<Record> {
    fn len(&self) -> usize {
        self.len()
    }

    fn record(&self, index: usize) -> &Record {
        &self[index]
    }

    fn record_mut(&mut self, index: usize) -> &mut Record {
        &mut self[index]
    }
}

impl<P: SourcePartition, O: SourceOffset> BatchRecords for Vec<SourceRecord<P, O>> {
    fn len(&self) -> usize {
        self.len()
    }

    fn record(&self, index: usize) -> &Record {
        &self[index].record
    }

    fn record_mut(&mut self, index: usize) -> &mut Record {
        &mut self[index].record
    }
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

    /// See [`SourceTask::settled`]; records that are not known are ignored.
    fn settled<'a>(&'a mut self, records: &'a [SettledRecord]) -> BoxFuture<'a, Result<()>>;

    /// See [`SourceTask::stop`].
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>>;
}

/// Parses the configuration and starts a task.
pub(super) fn start<T: SourceTask>(
    props: Props,
    cx: TaskContext,
) -> BoxFuture<'static, Result<Box<dyn ErasedSourceTask>>> {
    Box::pin(async move {
        let config = T::Config::parse(&props)?;
        let task = T::start(config, SourceContext::new(cx)).await?;
        Ok(Box::new(Started::<T, _>::new(Direct(task))) as Box<dyn ErasedSourceTask>)
    })
}

/// Parses the configuration and asks the task what it promises.
pub(crate) fn guarantees_erased<T: SourceTask>(
    props: &Props,
) -> Result<SourceGuarantees, ConfigErrors> {
    let config = T::Config::parse(props)?;
    Ok(SourceGuarantees {
        exactly_once: T::exactly_once_support(&config),
        transaction_boundaries: T::defines_transaction_boundaries(&config),
    })
}

/// Parses the configuration and asks the task about offsets that a user changes.
pub(crate) fn alter_erased<T: SourceTask>(
    props: Props,
    changes: Vec<StoredChange>,
) -> BoxFuture<'static, Result<Alteration>> {
    Box::pin(async move {
        let config = T::Config::parse(&props)?;
        T::alter_offsets(config, OffsetChanges::new(changes)).await
    })
}

/// How the methods of a task are called.
pub(super) trait Driver<T: SourceTask>: Send + 'static {
    fn poll(&mut self) -> impl Future<Output = Result<Batch<T>>> + Send;
    fn commit(&mut self, committed: Vec<Committed<T>>) -> impl Future<Output = Result<()>> + Send;
    fn settled(&mut self, records: Vec<Settled<T>>) -> impl Future<Output = Result<()>> + Send;
    fn stop(self) -> impl Future<Output = Result<()>> + Send;
}

/// Right here.
struct Direct<T>(T);

impl<T: SourceTask> Driver<T> for Direct<T> {
    fn poll(&mut self) -> impl Future<Output = Result<Batch<T>>> + Send {
        self.0.poll()
    }

    async fn commit(&mut self, committed: Vec<Committed<T>>) -> Result<()> {
        self.0.commit(&committed).await
    }

    async fn settled(&mut self, records: Vec<Settled<T>>) -> Result<()> {
        self.0.settled(&records).await
    }

    fn stop(self) -> impl Future<Output = Result<()>> + Send {
        self.0.stop()
    }
}

/// A task that was started.
pub(super) struct Started<T: SourceTask, D> {
    driver: D,
    unsettled: Unsettled<T>,
}

impl<T: SourceTask, D> Started<T, D> {
    pub(super) fn new(driver: D) -> Self {
        Self {
            driver,
            unsettled: Unsettled::new(),
        }
    }
}

impl<T: SourceTask, D: Driver<T>> ErasedSourceTask for Started<T, D> {
    fn poll(&mut self) -> BoxFuture<'_, Result<ErasedBatch>> {
        Box::pin(async {
            let batch = self.driver.poll().await?;
            let is_wanted = T::WANTS_SETTLED && !batch.is_empty();
            let unsettled = is_wanted.then(|| self.unsettled.add(&batch));
            Ok(ErasedBatch {
                unsettled,
                ..erase::<T>(batch)
            })
        })
    }

    fn commit<'a>(&'a mut self, committed: &'a [Box<dyn Position>]) -> BoxFuture<'a, Result<()>> {
        let typed = committed.iter().filter_map(|position| {
            let any: &dyn Any = position.as_ref();
            let position = any.downcast_ref::<TypedPosition<T::Partition, T::Offset>>()?;
            Some(Committed {
                partition: position.partition.clone(),
                offset: position.offset.clone(),
            })
        });
        Box::pin(self.driver.commit(typed.collect()))
    }

    fn settled<'a>(&'a mut self, records: &'a [SettledRecord]) -> BoxFuture<'a, Result<()>> {
        let typed = self.unsettled.take(records);
        Box::pin(self.driver.settled(typed))
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.driver.stop())
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

/// Takes the positions out of a typed batch, whose records stay where they are.
fn erase<T: SourceTask>(mut batch: Batch<T>) -> ErasedBatch {
    let mut notes = Notes::default();
    let mut partitions = PartitionIndex::default();
    let mut positions = Vec::with_capacity(if T::Offset::STORED { batch.len() } else { 0 });
    for (index, record) in batch.iter_mut().enumerate() {
        notes.take(index, record);
        if T::Offset::STORED {
            let (partition, offset) = record.take_position();
            positions.push((partitions.index_of(partition), offset));
        }
    }
    let positions = TypedPositions {
        partitions: partitions.seen,
        records: positions,
    };
    ErasedBatch {
        records: Box::new(batch),
        positions: T::Offset::STORED.then(|| Box::new(positions) as Box<dyn BatchPositions>),
        offset_only: notes.offset_only,
        are_of_now: !notes.has_fixed_time,
        unsettled: None,
        boundaries: notes.boundaries,
    }
}

/// What records of a batch say of themselves beside record and position.
#[derive(Default)]
struct Notes {
    offset_only: Vec<usize>,
    boundaries: Vec<TransactionBoundary>,
    has_fixed_time: bool,
}

impl Notes {
    fn take<P, O>(&mut self, index: usize, record: &SourceRecord<P, O>) {
        if record.is_offset_only {
            self.offset_only.push(index);
        } else if !record.is_of_now {
            self.has_fixed_time = true;
        }
        if !record.ends.is_nothing() {
            self.boundaries.push(TransactionBoundary {
                record: index,
                asked: record.ends,
            });
        }
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
