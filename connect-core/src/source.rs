//! Source tasks: what their authors implement, and the erased twin that the worker drives.

mod blocking;
mod context;
mod erased;
mod settled;
mod transaction;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::config::{ConnectorConfig, Props};
use crate::error::Result;
use crate::offset::{Alteration, OffsetChanges, SourceOffset, SourcePartition};
use crate::record::SourceRecord;

pub use blocking::{BlockingSourceTask, start_blocking};
pub(crate) use context::stored_offset;
pub use context::{OffsetReader, SourceContext, TaskContext};
pub use erased::{BatchPositions, BatchRecords, ErasedBatch, ErasedSourceTask, Position};
pub(crate) use erased::{alter_erased, guarantees_erased};
pub use settled::{Fate, Settled, SettledRecord};
pub(crate) use transaction::Asked;
pub use transaction::{
    TransactionBoundary, TransactionContext, TransactionControls, TransactionEnd,
};

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

    /// Whether [`settled`](Self::settled) is called; `#[source_task]` says so where it is written.
    const WANTS_SETTLED: bool = false;

    /// Tells which records need no more attention, because they were written or dropped.
    ///
    /// Called between polls with records as [`poll`](Self::poll) returned them, in the order in
    /// which they were settled. That their offsets are stored is what [`commit`](Self::commit)
    /// tells. An error is logged and ignored.
    fn settled(&mut self, records: &[Settled<Self>]) -> impl Future<Output = Result<()>> + Send {
        let _ = records;
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

    /// Whether the source can say where transactions end. Asked about a configuration with
    /// `transaction.boundary=connector` before it is accepted; see
    /// [`SourceContext::transactions`].
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

    /// Parses the configuration and starts the task for the worker. Nothing for authors.
    #[doc(hidden)]
    #[must_use]
    fn start_erased(
        props: Props,
        cx: TaskContext,
    ) -> BoxFuture<'static, Result<Box<dyn ErasedSourceTask>>> {
        erased::start::<Self>(props, cx)
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
