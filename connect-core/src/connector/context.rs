//! What a connector knows about its surroundings, and what it can ask of them.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::SourceConnector;
use crate::error::{ConnectError, Result};
use crate::metrics::PluginMetrics;
use crate::source::{OffsetReader, SourceTask, stored_offset};

/// What a connector knows about its surroundings. Cheap to clone, and good on any thread.
pub struct ConnectorContext<C> {
    inner: ConnectorSurroundings,
    connector: PhantomData<fn() -> C>,
}

impl<C> ConnectorContext<C> {
    pub(super) fn new(inner: ConnectorSurroundings) -> Self {
        Self {
            inner,
            connector: PhantomData,
        }
    }

    /// Name of the connector.
    #[must_use]
    pub fn connector(&self) -> &str {
        &self.inner.connector
    }

    /// Asks for another plan, which follows soon. Several requests may be answered by one plan;
    /// after the end of the connector there is none.
    pub fn replan(&self) {
        self.inner.host.replan();
    }

    /// Fails the connector: it stops, and waits for a restart or another configuration. Its tasks
    /// go on. The first failure is the one that is shown.
    pub fn fail(&self, error: ConnectError) {
        self.inner.host.fail(error);
    }

    /// Metrics of the connector's own.
    #[must_use]
    pub fn metrics(&self) -> &PluginMetrics {
        &self.inner.metrics
    }

    /// Ends when the connector is asked to stop.
    pub async fn stopping(&self) {
        self.inner.stopping.cancelled().await;
    }
}

impl<C: SourceConnector> ConnectorContext<C> {
    /// The offset stored for a partition; `None` if there is none.
    ///
    /// # Errors
    /// When the store cannot be read, or the stored offset does not fit the task's type.
    pub async fn offset(
        &self,
        partition: &<C::Task as SourceTask>::Partition,
    ) -> Result<Option<<C::Task as SourceTask>::Offset>> {
        match &self.inner.offsets {
            Some(offsets) => stored_offset(offsets.as_ref(), partition).await,
            None => Ok(None),
        }
    }
}

impl<C> Clone for ConnectorContext<C> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone())
    }
}

impl<C> fmt::Debug for ConnectorContext<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}

/// The untyped surroundings of a connector, made by whoever runs it.
#[derive(Clone)]
pub struct ConnectorSurroundings {
    /// Name of the connector.
    pub connector: Arc<str>,
    /// Cancelled when the connector is asked to stop.
    pub stopping: CancellationToken,
    /// Who does what the connector asks for.
    pub host: Arc<dyn ConnectorHost>,
    /// Where stored offsets are read; `None` for sinks.
    pub offsets: Option<Arc<dyn OffsetReader>>,
    /// What the connector registers metrics with.
    pub metrics: PluginMetrics,
}

impl fmt::Debug for ConnectorSurroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectorSurroundings")
            .field("connector", &self.connector)
            .finish_non_exhaustive()
    }
}

/// Who runs a connector.
pub trait ConnectorHost: Send + Sync {
    /// See [`ConnectorContext::replan`].
    fn replan(&self);

    /// See [`ConnectorContext::fail`].
    fn fail(&self, error: ConnectError);
}
