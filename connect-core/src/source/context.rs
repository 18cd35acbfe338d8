//! What a source task knows about its surroundings.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::{BoxFuture, SourceTask, TransactionContext, TransactionControls};
use crate::error::{ConnectError, Result};
use crate::metrics::PluginMetrics;
use crate::offset::{OffsetMap, SourceOffset, SourcePartition};
use crate::threads::ThreadScope;

/// What a source task knows about its surroundings.
pub struct SourceContext<T: SourceTask> {
    inner: TaskContext,
    task: PhantomData<fn() -> T>,
}

impl<T: SourceTask> SourceContext<T> {
    pub(super) fn new(inner: TaskContext) -> Self {
        Self {
            inner,
            task: PhantomData,
        }
    }

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

    /// Metrics of the task's own.
    #[must_use]
    pub fn metrics(&self) -> &PluginMetrics {
        &self.inner.metrics
    }

    /// Where the task says how its transactions end; `None` unless its connector is configured to
    /// and the worker writes in transactions.
    #[must_use]
    pub fn transactions(&self) -> Option<TransactionContext> {
        let controls = self.inner.transactions.clone();
        controls.map(TransactionContext::new)
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
        stored_offset(self.inner.offsets.as_ref(), partition).await
    }
}

impl<T: SourceTask> SourceContext<T> {
    /// The offsets stored for several partitions, in the order of these.
    ///
    /// # Errors
    /// As [`offset`](Self::offset).
    pub async fn offsets(&self, partitions: &[T::Partition]) -> Result<Vec<Option<T::Offset>>> {
        let mut offsets = Vec::with_capacity(partitions.len());
        for partition in partitions {
            offsets.push(self.offset(partition).await?);
        }
        Ok(offsets)
    }
}

impl<T: SourceTask> Clone for SourceContext<T> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone())
    }
}

impl<T: SourceTask> fmt::Debug for SourceContext<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}

/// For tasks with blocking methods.
impl<T: SourceTask> SourceContext<T> {
    /// As [`offset`](Self::offset), and waits for it. Good on the thread of a blocking task only.
    ///
    /// # Errors
    /// When the store cannot be read, or the stored offset does not fit `T::Offset`.
    ///
    /// # Panics
    /// In an `async` function.
    pub fn offset_blocking(&self, partition: &T::Partition) -> Result<Option<T::Offset>> {
        Handle::current().block_on(self.offset(partition))
    }

    /// Waits for some time; `true` when the task was asked to stop meanwhile. Good on the thread of
    /// a blocking task only.
    ///
    /// # Panics
    /// In an `async` function.
    #[must_use]
    pub fn wait_blocking(&self, time: Duration) -> bool {
        let stopping = async { tokio::time::timeout(time, self.stopping()).await };
        Handle::current().block_on(stopping).is_ok()
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
    /// What the task registers metrics with.
    pub metrics: PluginMetrics,
    /// What the task says of its transactions, if it is to say where they end.
    pub transactions: Option<Arc<TransactionControls>>,
    /// What surrounds the task on threads of its own.
    pub threads: ThreadScope,
}

impl TaskContext {
    /// Surroundings without anybody who reads metrics.
    #[must_use]
    pub fn new(
        connector: impl Into<Arc<str>>,
        task: u32,
        stopping: CancellationToken,
        offsets: Arc<dyn OffsetReader>,
    ) -> Self {
        Self {
            connector: connector.into(),
            task,
            stopping,
            offsets,
            metrics: PluginMetrics::default(),
            transactions: None,
            threads: ThreadScope::default(),
        }
    }

    /// The same for a task that says where its transactions end.
    #[must_use]
    pub fn with_transactions(self, transactions: Arc<TransactionControls>) -> Self {
        Self {
            transactions: Some(transactions),
            ..self
        }
    }
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

/// A function that knows offsets stands for a store, where there is none.
impl<F> OffsetReader for F
where
    F: Fn(&OffsetMap) -> Option<OffsetMap> + Send + Sync,
{
    fn read<'a>(&'a self, partition: &'a OffsetMap) -> BoxFuture<'a, Result<Option<OffsetMap>>> {
        Box::pin(async { Ok(self(partition)) })
    }
}

/// Reads the offset of a partition in the author's type.
pub(crate) async fn stored_offset<P: SourcePartition, O: SourceOffset>(
    offsets: &dyn OffsetReader,
    partition: &P,
) -> Result<Option<O>> {
    let stored_partition = partition.to_stored();
    let Some(stored) = offsets.read(&stored_partition).await? else {
        return Ok(None);
    };
    O::from_stored(&stored).map(Some).map_err(|err| {
        ConnectError::fatal(format_args!(
            "stored offset of source partition {stored_partition} cannot be used"
        ))
        .caused_by(err)
    })
}
