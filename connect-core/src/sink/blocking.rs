//! Sink tasks with methods that block.

use super::{ErasedSinkTask, SinkContext, SinkOffsets, SinkTask, TopicPartition};
use crate::blocking::OnThread;
use crate::config::{ConnectorConfig as _, Props};
use crate::error::Result;
use crate::record::SinkRecord;
use crate::source::BoxFuture;

/// The methods of a [`SinkTask`] that may block. `#[sink_task(blocking)]` implements it.
///
/// They run on a thread of the task's own, one after another.
pub trait BlockingSinkTask: SinkTask {
    /// See [`SinkTask::start`].
    ///
    /// # Errors
    /// What fails the task.
    fn start(config: Self::Config, cx: SinkContext) -> Result<Self>;

    /// See [`SinkTask::put`].
    ///
    /// # Errors
    /// What fails the task, unless it is retriable.
    fn put(&mut self, records: Vec<SinkRecord>) -> Result<()>;

    /// See [`SinkTask::flush`].
    ///
    /// # Errors
    /// When not everything delivered is durable; its records are delivered again.
    fn flush(&mut self, offsets: &SinkOffsets) -> Result<()> {
        let _ = offsets;
        Ok(())
    }

    /// See [`SinkTask::pre_commit`].
    ///
    /// # Errors
    /// When nothing may be committed; the records since the last commit are delivered again.
    fn pre_commit(&mut self, offsets: SinkOffsets) -> Result<SinkOffsets> {
        BlockingSinkTask::flush(self, &offsets)?;
        Ok(offsets)
    }

    /// See [`SinkTask::open`].
    ///
    /// # Errors
    /// What fails the task.
    fn open(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        let _ = partitions;
        Ok(())
    }

    /// See [`SinkTask::close`].
    ///
    /// # Errors
    /// What fails the task.
    fn close(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        let _ = partitions;
        Ok(())
    }

    /// See [`SinkTask::stop`].
    ///
    /// # Errors
    /// What is logged.
    fn stop(self) -> Result<()> {
        Ok(())
    }
}

/// Parses the configuration and starts a task on a thread of its own.
#[doc(hidden)]
#[must_use]
pub fn start_blocking<T: BlockingSinkTask>(
    props: Props,
    cx: SinkContext,
) -> BoxFuture<'static, Result<Box<dyn ErasedSinkTask>>> {
    Box::pin(async move {
        let name = format!("blocking-{}-{}", cx.connector(), cx.task());
        let scope = cx.threads().clone();
        let task = OnThread::start(name, scope, move || {
            let config = T::Config::parse(&props)?;
            <T as BlockingSinkTask>::start(config, cx)
        });
        Ok(Box::new(Started(task.await?)) as Box<dyn ErasedSinkTask>)
    })
}

struct Started<T>(OnThread<T>);

impl<T: BlockingSinkTask> ErasedSinkTask for Started<T> {
    fn put(&mut self, records: Vec<SinkRecord>) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.0.call(|task| BlockingSinkTask::put(task, records)))
    }

    fn pre_commit(&mut self, offsets: SinkOffsets) -> BoxFuture<'_, Result<SinkOffsets>> {
        let call = |task: &mut T| BlockingSinkTask::pre_commit(task, offsets);
        Box::pin(self.0.call(call))
    }

    fn open<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        let partitions = partitions.to_vec();
        let call = move |task: &mut T| BlockingSinkTask::open(task, &partitions);
        Box::pin(self.0.call(call))
    }

    fn close<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<()>> {
        let partitions = partitions.to_vec();
        let call = move |task: &mut T| BlockingSinkTask::close(task, &partitions);
        Box::pin(self.0.call(call))
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.0.finish(BlockingSinkTask::stop))
    }
}
