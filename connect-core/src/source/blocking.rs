//! Source tasks with methods that block.

use super::erased::{Driver, Started};
use super::settled::Settled;
use super::{
    Batch, BoxFuture, Committed, ErasedSourceTask, SourceContext, SourceTask, TaskContext,
};
use crate::blocking::OnThread;
use crate::config::{ConnectorConfig as _, Props};
use crate::error::Result;

/// The methods of a [`SourceTask`] that may block. `#[source_task(blocking)]` implements it.
///
/// They run on a thread of the task's own, one after another. Meanwhile the worker goes on writing
/// records and storing offsets. A poll cannot be interrupted: it should return within about a
/// second, or ask its context now and then whether the task is to stop.
pub trait BlockingSourceTask: SourceTask {
    /// See [`SourceTask::start`].
    ///
    /// # Errors
    /// What fails the task.
    fn start(config: Self::Config, cx: SourceContext<Self>) -> Result<Self>;

    /// See [`SourceTask::poll`].
    ///
    /// # Errors
    /// What fails the task, unless it is retriable.
    fn poll(&mut self) -> Result<Batch<Self>>;

    /// See [`SourceTask::commit`].
    ///
    /// # Errors
    /// What is logged.
    fn commit(&mut self, committed: &[Committed<Self>]) -> Result<()> {
        let _ = committed;
        Ok(())
    }

    /// See [`SourceTask::settled`].
    ///
    /// # Errors
    /// What is logged.
    fn settled(&mut self, records: &[Settled<Self>]) -> Result<()> {
        let _ = records;
        Ok(())
    }

    /// See [`SourceTask::stop`].
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
pub fn start_blocking<T: BlockingSourceTask>(
    props: Props,
    cx: TaskContext,
) -> BoxFuture<'static, Result<Box<dyn ErasedSourceTask>>> {
    Box::pin(async move {
        let name = format!("blocking-{}-{}", cx.connector, cx.task);
        let scope = cx.threads.clone();
        let task = OnThread::start(name, scope, move || {
            let config = T::Config::parse(&props)?;
            <T as BlockingSourceTask>::start(config, SourceContext::new(cx))
        });
        Ok(Box::new(Started::<T, _>::new(task.await?)) as Box<dyn ErasedSourceTask>)
    })
}

impl<T: BlockingSourceTask> Driver<T> for OnThread<T> {
    async fn poll(&mut self) -> Result<Batch<T>> {
        self.call(BlockingSourceTask::poll).await
    }

    async fn commit(&mut self, committed: Vec<Committed<T>>) -> Result<()> {
        self.call(move |task| BlockingSourceTask::commit(task, &committed))
            .await
    }

    async fn settled(&mut self, records: Vec<Settled<T>>) -> Result<()> {
        self.call(move |task| BlockingSourceTask::settled(task, &records))
            .await
    }

    async fn stop(self) -> Result<()> {
        self.finish(BlockingSourceTask::stop).await
    }
}
