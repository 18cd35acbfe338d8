//! The way of a configuration to the herder, which takes validated ones only.

use std::sync::Arc;

use connect_core::config::Props;
use connect_core::registry::PluginRegistry;

use super::{ConfigInfos, Refusal, ValidationError, validate, validate_for_create};
use crate::config::connector_file::NewConnector;
use crate::config::worker::WorkerConfig;
use crate::herder::{ConnectorInfo, Herder, HerderError, PutOutcome, Request};
use crate::identity::ConnectorName;

/// Validates configurations, and hands good ones to the herder.
#[derive(Clone, Debug)]
pub struct Admission {
    herder: Herder,
    plugins: Arc<PluginRegistry>,
    worker: Arc<WorkerConfig>,
}

/// A connector was not created or changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdmissionError {
    /// Its configuration is not good.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The herder refused or failed.
    #[error(transparent)]
    Herder(#[from] HerderError),
}

impl Admission {
    /// Admission to a herder, by the plugins and settings of its worker.
    #[must_use]
    pub fn new(herder: Herder, plugins: Arc<PluginRegistry>, worker: Arc<WorkerConfig>) -> Self {
        Self {
            herder,
            plugins,
            worker,
        }
    }

    /// The herder behind it.
    #[must_use]
    pub fn herder(&self) -> &Herder {
        &self.herder
    }

    /// The plugins that can be used.
    #[must_use]
    pub fn plugins(&self) -> &PluginRegistry {
        &self.plugins
    }

    /// The settings of the worker.
    #[must_use]
    pub fn worker(&self) -> &WorkerConfig {
        &self.worker
    }

    /// Validates a configuration, for clients that show a form.
    ///
    /// # Errors
    /// As for [`validate`].
    pub fn validate(&self, config: &Props) -> Result<ConfigInfos, ValidationError> {
        validate(&self.plugins, &self.worker, config)
    }

    /// Creates a connector; its tasks were started when this returns.
    ///
    /// # Errors
    /// When the configuration holds mistakes, the name is taken, or the connector does not start.
    pub async fn create(&self, connector: NewConnector) -> Result<ConnectorInfo, AdmissionError> {
        let NewConnector {
            name,
            config,
            target,
        } = connector;
        validate_for_create(&self.plugins, &self.worker, &config)?;
        let request = |reply| Request::Create {
            name,
            config,
            target,
            reply,
        };
        Ok(self.herder.ask(request).await?)
    }

    /// Creates a connector or replaces its configuration.
    ///
    /// # Errors
    /// When the configuration holds mistakes, or the connector does not start.
    pub async fn put(
        &self,
        name: ConnectorName,
        config: Props,
    ) -> Result<PutOutcome, AdmissionError> {
        validate_for_create(&self.plugins, &self.worker, &config)?;
        Ok(self
            .herder
            .ask(|reply| Request::PutConfig {
                name,
                config,
                reply,
            })
            .await?)
    }
}
