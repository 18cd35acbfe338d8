//! The erased twin of both kinds of connectors, which the worker drives.

use std::num::NonZeroUsize;

use super::{ConnectorContext, ConnectorSurroundings, SinkConnector, SourceConnector};
use crate::config::block::{ConfigBlock, overlay};
use crate::config::{ConnectorConfig, Props};
use crate::error::Result;
use crate::plugin::PlanFn;
use crate::source::BoxFuture;

/// What the worker drives. Not for authors: implemented for every connector.
pub trait ErasedConnector: Send + Sync {
    /// Divides the work. Each configuration is an overlay on the one that the user wrote.
    fn plan<'a>(
        &'a self,
        written: &'a Props,
        max_tasks: NonZeroUsize,
    ) -> BoxFuture<'a, Result<Vec<Props>>>;

    /// See [`SourceConnector::watch`].
    fn watch(&self) -> BoxFuture<'_, Result<()>>;

    /// See [`SourceConnector::stop`].
    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>>;
}

type Started = BoxFuture<'static, Result<Box<dyn ErasedConnector>>>;

pub(crate) fn start_source<C: SourceConnector>(props: Props, cx: ConnectorSurroundings) -> Started {
    Box::pin(async move {
        let config = ConnectorConfig::parse(&props)?;
        let connector = C::start(config, ConnectorContext::new(cx)).await?;
        Ok(Box::new(StartedSource { connector, props }) as Box<dyn ErasedConnector>)
    })
}

pub(crate) fn start_sink<C: SinkConnector>(props: Props, cx: ConnectorSurroundings) -> Started {
    Box::pin(async move {
        let config = ConnectorConfig::parse(&props)?;
        let connector = C::start(config, ConnectorContext::new(cx)).await?;
        Ok(Box::new(StartedSink { connector, props }) as Box<dyn ErasedConnector>)
    })
}

pub(crate) fn start_declared(props: Props, plan: PlanFn) -> Started {
    Box::pin(async move { Ok(Box::new(Declared { plan, props }) as Box<dyn ErasedConnector>) })
}

struct StartedSource<C> {
    connector: C,
    /// What it was started with.
    props: Props,
}

impl<C: SourceConnector> ErasedConnector for StartedSource<C> {
    fn plan<'a>(
        &'a self,
        written: &'a Props,
        max_tasks: NonZeroUsize,
    ) -> BoxFuture<'a, Result<Vec<Props>>> {
        Box::pin(async move {
            let planned = self.connector.plan(max_tasks).await?;
            overlays(written, &self.props, &planned)
        })
    }

    fn watch(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.connector.watch())
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.connector.stop())
    }
}

struct StartedSink<C> {
    connector: C,
    /// What it was started with.
    props: Props,
}

impl<C: SinkConnector> ErasedConnector for StartedSink<C> {
    fn plan<'a>(
        &'a self,
        written: &'a Props,
        max_tasks: NonZeroUsize,
    ) -> BoxFuture<'a, Result<Vec<Props>>> {
        Box::pin(async move {
            let planned = self.connector.plan(max_tasks).await?;
            overlays(written, &self.props, &planned)
        })
    }

    fn watch(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.connector.watch())
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(self.connector.stop())
    }
}

/// A connector that is only a declaration.
struct Declared {
    plan: PlanFn,
    props: Props,
}

impl ErasedConnector for Declared {
    fn plan<'a>(
        &'a self,
        written: &'a Props,
        max_tasks: NonZeroUsize,
    ) -> BoxFuture<'a, Result<Vec<Props>>> {
        Box::pin(async move { (self.plan)(&self.props, written, max_tasks) })
    }

    fn watch(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn stop(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// What each task gets: what the user wrote, with what the plan changed in it.
fn overlays<C>(written: &Props, read: &Props, planned: &[C]) -> Result<Vec<Props>>
where
    C: ConnectorConfig + ConfigBlock,
{
    let read = C::parse(read)?;
    let overlays = planned.iter().map(|it| overlay(written, &read, it));
    Ok(overlays.collect())
}
