//! A connector with a life of its own.

use std::num::NonZeroUsize;

use connect_core::connector::{ConnectorContext, SourceConnector};
use connect_core::prelude::*;

use super::{MisbehavingConfig, MisbehavingSource};

/// Plans as many tasks as it may have, if it comes to that.
#[source_connector(name = "org.example.MisbehavingConnector", task = MisbehavingSource)]
#[derive(Debug)]
pub(crate) struct MisbehavingConnector {
    config: MisbehavingConfig,
}

impl SourceConnector for MisbehavingConnector {
    type Task = MisbehavingSource;

    async fn start(config: MisbehavingConfig, _: ConnectorContext<Self>) -> Result<Self> {
        config.enter("connector start").await?;
        Ok(Self { config })
    }

    async fn plan(&self, limit: NonZeroUsize) -> Result<Vec<MisbehavingConfig>> {
        self.config.enter("plan").await?;
        match self.config.method.as_str() {
            "too many" => Ok(vec![self.config.clone(); 1_000]),
            _ => Ok(vec![self.config.clone(); limit.get()]),
        }
    }

    async fn watch(&self) -> Result<()> {
        self.config.enter("watch").await
    }

    async fn stop(self) -> Result<()> {
        self.config.enter("connector stop").await
    }

    async fn on_created(config: MisbehavingConfig) -> Result<()> {
        config.enter("on_created").await
    }

    async fn on_deleted(config: MisbehavingConfig) -> Result<()> {
        tracing::info!("the connector hears of its deletion");
        config.enter("on_deleted").await
    }
}
