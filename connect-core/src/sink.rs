//! Sink tasks: what their authors implement, and the erased twin that the worker drives.

mod blocking;
mod context;

use std::collections::BTreeMap;
use std::future::Future;

use crate::config::{ConnectorConfig, Props};
use crate::data::Topic;
use crate::error::Result;
use crate::offset::Alteration;
use crate::record::SinkRecord;
use crate::source::BoxFuture;

pub use blocking::{BlockingSinkTask, start_blocking};
pub use context::{ErrantRecord, SinkContext, SinkControls, SinkRequests};

/// One partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// Name of the topic.
    pub topic: Topic,
    /// Number of the partition, from 0.
    pub partition: i32,
}

impl std::fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// For each partition the offset of the next record to read: everything before it was delivered.
pub type SinkOffsets = BTreeMap<TopicPartition, i64>;

/// Offsets that a user changes: that of the next record to read, or `None` for a reset.
pub type SinkOffsetChanges = BTreeMap<TopicPartition, Option<i64>>;

/// Writes records to another system.
///
/// The worker constructs a task with [`start`](Self::start) and then calls its methods from one
/// place, never two at a time, ending with [`close`](Self::close) and [`stop`](Self::stop).
/// Implement it under `#[sink_task]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sink task",
    label = "does not implement `SinkTask`",
    note = "write `#[sink_task] impl SinkTask for {Self} {{ ... }}`"
)]
pub trait SinkTask: Sized + Send + 'static {
    /// The configuration, parsed before `start` is called.
    type Config: ConnectorConfig;

    /// Makes a task that is ready to receive records.
    ///
    /// Called once, before anything else. An error fails the task.
    fn start(config: Self::Config, cx: SinkContext) -> impl Future<Output = Result<Self>> + Send;

    /// Takes records, in the order of each partition; sometimes none at all.
    ///
    /// After a retriable error the same records are delivered again, before any later ones, until
    /// it succeeds; any other error fails the task. Records count as delivered when this returns,
    /// so a task that buffers must write its buffer in [`flush`](Self::flush) or hold offsets
    /// back in [`pre_commit`](Self::pre_commit).
    fn put(&mut self, records: Vec<SinkRecord>) -> impl Future<Output = Result<()>> + Send;

    /// Makes everything delivered so far durable in the other system.
    ///
    /// Called by the default [`pre_commit`](Self::pre_commit). After an error nothing is committed
    /// and the records since the last commit are delivered again.
    fn flush(&mut self, offsets: &SinkOffsets) -> impl Future<Output = Result<()>> + Send {
        let _ = offsets;
        async { Ok(()) }
    }

    /// Returns the offsets that may be committed; an empty map commits nothing.
    ///
    /// Called before every commit with the offsets of everything delivered. Offsets may be held
    /// back but not moved ahead.
    fn pre_commit(
        &mut self,
        offsets: SinkOffsets,
    ) -> impl Future<Output = Result<SinkOffsets>> + Send {
        async {
            self.flush(&offsets).await?;
            Ok(offsets)
        }
    }

    /// Partitions were assigned; their records follow.
    fn open(&mut self, partitions: &[TopicPartition]) -> impl Future<Output = Result<()>> + Send {
        let _ = partitions;
        async { Ok(()) }
    }

    /// Partitions are taken away; the last [`pre_commit`](Self::pre_commit) for them has been.
    fn close(&mut self, partitions: &[TopicPartition]) -> impl Future<Output = Result<()>> + Send {
        let _ = partitions;
        async { Ok(()) }
    }

    /// Releases what the task holds. Called once, last, also after a failure of the task.
    fn stop(self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Checks committed offsets that a user changes, and does what they ask for in other systems.
    ///
    /// Called while no task of the connector runs; it may be called again with the same changes.
    /// The worker commits them if this returns neither an error nor [`Alteration::Unsupported`].
    fn alter_offsets(
        config: Self::Config,
        changes: SinkOffsetChanges,
    ) -> impl Future<Output = Result<Alteration>> + Send {
        let _ = (config, changes);
        async { Ok(Alteration::NotManaged) }
    }

    /// Parses the configuration and starts the task for the worker. Nothing for authors.
    #[doc(hidden)]
    #[must_use]
    fn start_erased(
        props: Props,
        cx: SinkContext,
    ) -> BoxFuture<'static, Result<Box<dyn ErasedSinkTask>>> {
        start::<Self>(props, cx)
    }
}

/// What the worker drives. Not for authors: implemented for every [`SinkTask`].
pub trait ErasedSinkTask: Send {
    /// See [`SinkTask::put`].
    fn put(&mut self, records: Vec<SinkRecord>) -> BoxFuture<'_, Result<()>>;

    /// See [`SinkTask::pre_commit`].
    fn pre_commit(&mut self, offsets: SinkOffsets) -> BoxFuture<'_, Result<SinkOffsets>>;

    /// See [`SinkTask::open`].
    fn open<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>>;

    /// See [`SinkTask::close`].
    fn close<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>>;

    /// See [`SinkTask::stop`].
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>>;
}

/// Parses the configuration and starts a task.
fn start<T: SinkTask>(
    props: Props,
    cx: SinkContext,
) -> BoxFuture<'static, Result<Box<dyn ErasedSinkTask>>> {
    Box::pin(async move {
        let config = T::Config::parse(&props)?;
        let task = T::start(config, cx).await?;
        Ok(Box::new(Started(task)) as Box<dyn ErasedSinkTask>)
    })
}

/// Parses the configuration and asks the connector about offsets that a user changes.
pub(crate) fn alter_erased<T: SinkTask>(
    props: Props,
    changes: SinkOffsetChanges,
) -> BoxFuture<'static, Result<Alteration>> {
    Box::pin(async move {
        let config = T::Config::parse(&props)?;
        T::alter_offsets(config, changes).await
    })
}

struct Started<T>(T);

impl<T: SinkTask> ErasedSinkTask for Started<T> {
    fn put(&mut self, records: Vec<SinkRecord>) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.0.put(records))
    }

    fn pre_commit(&mut self, offsets: SinkOffsets) -> BoxFuture<'_, Result<SinkOffsets>> {
        Box::pin(self.0.pre_commit(offsets))
    }

    fn open<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.0.open(partitions))
    }

    fn close<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.0.close(partitions))
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.0.stop())
    }
}
