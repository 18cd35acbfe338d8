//! Connectors with a life of their own: they plan their tasks and watch what those read or write.
//!
//! Most connectors are only a declaration beside their task; see
//! [`Planning::Declared`](crate::plugin::Planning::Declared).

mod context;
mod erased;

use std::future::Future;
use std::num::NonZeroUsize;

use crate::error::Result;
use crate::offset::{Alteration, OffsetChanges};
use crate::sink::{SinkOffsetChanges, SinkTask};
use crate::source::{ExactlyOnceSupport, SourceTask};

pub use context::{ConnectorContext, ConnectorHost, ConnectorSurroundings};
pub use erased::ErasedConnector;
pub(crate) use erased::{start_declared, start_sink, start_source};

/// The configuration of a source connector, which is that of its task.
pub type SourceConfig<C> = <<C as SourceConnector>::Task as SourceTask>::Config;

/// The configuration of a sink connector, which is that of its task.
pub type SinkConfig<C> = <<C as SinkConnector>::Task as SinkTask>::Config;

/// What a user changes of the offsets of a source connector.
pub type SourceChanges<C> = OffsetChanges<
    <<C as SourceConnector>::Task as SourceTask>::Partition,
    <<C as SourceConnector>::Task as SourceTask>::Offset,
>;

/// A source connector that plans its own tasks. Implement it for the struct under
/// `#[source_connector(task = ...)]`.
///
/// An instance is made with [`start`](Self::start) whenever the connector begins to run: at first,
/// after a pause, with a new configuration. It ends with [`stop`](Self::stop). What happens between
/// runs beside the tasks: a failure in any method fails the connector and leaves its tasks alone.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source connector",
    label = "does not implement `SourceConnector`",
    note = "write `impl SourceConnector for {Self} {{ ... }}`, or let `tasks` or `split_by` say how \
            the work is divided"
)]
pub trait SourceConnector: Sized + Send + Sync + 'static {
    /// What reads the records.
    type Task: SourceTask;

    /// Makes an instance that can plan.
    fn start(
        config: SourceConfig<Self>,
        cx: ConnectorContext<Self>,
    ) -> impl Future<Output = Result<Self>> + Send;

    /// Divides the work: the configuration of each task, at most `max_tasks`; none is fine.
    ///
    /// Called after [`start`](Self::start), and again whenever the context was asked to
    /// [replan](ConnectorContext::replan). Tasks go on if their configurations stay the same.
    /// What a plan leaves as the user wrote it stays so to the letter, unknown keys included.
    fn plan(
        &self,
        max_tasks: NonZeroUsize,
    ) -> impl Future<Output = Result<Vec<SourceConfig<Self>>>> + Send;

    /// Runs beside the tasks for as long as the connector runs, to notice what calls for another
    /// plan. It may end when there is nothing more to watch, and is dropped at any `.await` when
    /// the connector stops.
    fn watch(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Releases what the instance holds. Called once, last, unless `start` failed.
    fn stop(self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// A connector of this kind was created. May be called again for the same one.
    fn on_created(config: SourceConfig<Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = config;
        async { Ok(()) }
    }

    /// A connector of this kind was deleted; nothing of it runs any more. An error is logged.
    fn on_deleted(config: SourceConfig<Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = config;
        async { Ok(()) }
    }

    /// See [`SourceTask::exactly_once_support`], which answers unless this does.
    #[must_use]
    fn exactly_once_support(config: &SourceConfig<Self>) -> Option<ExactlyOnceSupport> {
        Self::Task::exactly_once_support(config)
    }

    /// See [`SourceTask::defines_transaction_boundaries`], which answers unless this does.
    #[must_use]
    fn defines_transaction_boundaries(config: &SourceConfig<Self>) -> bool {
        Self::Task::defines_transaction_boundaries(config)
    }

    /// See [`SourceTask::alter_offsets`], which is called unless this does something else.
    fn alter_offsets(
        config: SourceConfig<Self>,
        changes: SourceChanges<Self>,
    ) -> impl Future<Output = Result<Alteration>> + Send {
        Self::Task::alter_offsets(config, changes)
    }
}

/// A sink connector that plans its own tasks. Implement it for the struct under
/// `#[sink_connector(task = ...)]`.
///
/// Its methods are called as those of [`SourceConnector`] are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sink connector",
    label = "does not implement `SinkConnector`",
    note = "write `impl SinkConnector for {Self} {{ ... }}`, or let `tasks` or `split_by` say how \
            the work is divided"
)]
pub trait SinkConnector: Sized + Send + Sync + 'static {
    /// What takes the records.
    type Task: SinkTask;

    /// Makes an instance that can plan.
    fn start(
        config: SinkConfig<Self>,
        cx: ConnectorContext<Self>,
    ) -> impl Future<Output = Result<Self>> + Send;

    /// Divides the work: the configuration of each task, at most `max_tasks`; none is fine.
    ///
    /// The worker adds the topics, which the tasks share whatever their configurations are.
    fn plan(
        &self,
        max_tasks: NonZeroUsize,
    ) -> impl Future<Output = Result<Vec<SinkConfig<Self>>>> + Send;

    /// Runs beside the tasks for as long as the connector runs.
    fn watch(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Releases what the instance holds. Called once, last, unless `start` failed.
    fn stop(self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// A connector of this kind was created. May be called again for the same one.
    fn on_created(config: SinkConfig<Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = config;
        async { Ok(()) }
    }

    /// A connector of this kind was deleted; nothing of it runs any more. An error is logged.
    fn on_deleted(config: SinkConfig<Self>) -> impl Future<Output = Result<()>> + Send {
        let _ = config;
        async { Ok(()) }
    }

    /// See [`SinkTask::alter_offsets`], which is called unless this does something else.
    fn alter_offsets(
        config: SinkConfig<Self>,
        changes: SinkOffsetChanges,
    ) -> impl Future<Output = Result<Alteration>> + Send {
        Self::Task::alter_offsets(config, changes)
    }
}
