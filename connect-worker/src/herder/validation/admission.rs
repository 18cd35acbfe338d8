//! The way of a configuration to the herder, which takes validated ones only.

use std::sync::Arc;

use connect_core::ConnectError;
use connect_core::config::Props;
use connect_core::registry::PluginRegistry;
use tokio::time::timeout;

use super::{ConfigInfos, Refusal, ValidationError, hints, live, validate, validate_for_create};
use crate::config::connector::NAME;
use crate::config::connector_file::NewConnector;
use crate::config::worker::WorkerConfig;
use crate::herder::{ConnectorInfo, Herder, HerderError, PutOutcome, REQUEST_TIMEOUT, Request};
use crate::identity::ConnectorName;
use crate::providers::{ConfigProviders, Resolved};
use crate::worker::threads::PluginThreads;

/// Validates configurations, and hands good ones to the herder.
#[derive(Clone, Debug)]
pub struct Admission {
    herder: Herder,
    plugins: Arc<PluginRegistry>,
    worker: Arc<WorkerConfig>,
    providers: Arc<ConfigProviders>,
    /// Where plugins check configurations: they may block.
    threads: Arc<PluginThreads>,
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
    /// Admission to a herder, by the plugins, settings and configuration providers of its worker.
    #[must_use]
    pub fn new(
        herder: Herder,
        plugins: Arc<PluginRegistry>,
        worker: Arc<WorkerConfig>,
        providers: Arc<ConfigProviders>,
    ) -> Self {
        Self {
            herder,
            plugins,
            worker,
            providers,
            threads: Arc::new(PluginThreads::new()),
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

    /// Validates a configuration, for clients that show a form. Its references are looked up, and
    /// as in the reference values show what they stand for; messages do not. What the other side
    /// says is part of the answer.
    ///
    /// # Errors
    /// As for [`validate`], or when a reference cannot be looked up.
    pub async fn validate(&self, config: &Props) -> Result<ConfigInfos, ValidationError> {
        let Resolved { props, secrets, .. } = self.resolve(config).await?;
        let (this, hidden) = (self.clone(), secrets.clone());
        let validated = self.threads.call(async move {
            let mut infos = validate(&this.plugins, &this.worker, &props)?;
            live::complete(&this.threads, &this.plugins, &props, &hidden, &mut infos).await;
            Ok(infos)
        });
        let infos = within_limit(validated).await.and_then(|it| it);
        let mut infos = infos.map_err(|error| error.hiding(&secrets))?;
        let values = infos.configs.iter_mut().filter_map(|it| it.value.as_mut());
        for error in values.flat_map(|it| &mut it.errors) {
            *error = secrets.hide(error).into_owned();
        }
        Ok(infos)
    }

    /// Refuses a configuration with mistakes, and warns about what only looks like some.
    async fn check(&self, config: &Props) -> Result<(), Refusal> {
        let Resolved { props, secrets, .. } = self.resolve(config).await?;
        let checked = self.check_resolved(props).await;
        let infos = checked.map_err(|refusal| match refusal {
            Refusal::Invalid(error) => Refusal::Invalid(error.hiding(&secrets)),
            Refusal::Mistakes(text) => Refusal::Mistakes(secrets.hide(&text).into_owned()),
        })?;
        let connector = config.get(NAME).unwrap_or_default();
        for hint in hints(&self.plugins, config, &infos) {
            hint.log(connector);
        }
        Ok(())
    }

    async fn check_resolved(&self, config: Props) -> Result<ConfigInfos, Refusal> {
        let (plugins, worker) = (Arc::clone(&self.plugins), Arc::clone(&self.worker));
        let checked = async move { validate_for_create(&plugins, &worker, &config) };
        within_limit(self.threads.call(checked)).await?
    }

    async fn resolve(&self, config: &Props) -> Result<Resolved, ValidationError> {
        let resolved = self.providers.resolve(config).await;
        resolved.map_err(|error| ValidationError::Config(error.to_string()))
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
        self.check(&config).await?;
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
        self.check(&config).await?;
        Ok(self
            .herder
            .ask(|reply| Request::PutConfig {
                name,
                config,
                reply,
            })
            .await?)
    }

    /// Changes some keys of a connector's configuration; null removes a key.
    ///
    /// # Errors
    /// When there is no such connector, the result holds mistakes, or the connector does not start.
    pub async fn patch(
        &self,
        name: ConnectorName,
        patch: &Props,
    ) -> Result<ConnectorInfo, AdmissionError> {
        loop {
            let known = self.herder.ask(|it| Request::Connector(name.clone(), it));
            let present = known.await?.config;
            let config = patched(&present, patch);
            self.check(&config).await?;
            let replace = |reply| Request::ReplaceConfig {
                name: name.clone(),
                present,
                config,
                reply,
            };
            // Somebody else may have changed it meanwhile: then the patch is for that one.
            if let Some(info) = self.herder.ask(replace).await? {
                return Ok(info);
            }
        }
    }
}

/// What plugins say of a configuration, unless they take too long.
async fn within_limit<T>(
    answer: impl Future<Output = connect_core::Result<T>>,
) -> Result<T, ValidationError> {
    let answered = timeout(REQUEST_TIMEOUT, answer).await;
    let answered = answered.unwrap_or_else(|_| Err(ConnectError::fatal(HerderError::TimedOut)));
    answered.map_err(|error| ValidationError::Config(error.to_string()))
}

fn patched(present: &Props, patch: &Props) -> Props {
    let mut config = present.clone();
    for (key, value) in patch.iter() {
        match value {
            Some(value) => drop(config.insert(key, Some(value.to_owned()))),
            None => drop(config.remove(key)),
        }
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_sets_and_removes_keys() {
        let present = Props::from_iter([("a", "1"), ("b", "2"), ("c", "3")]);
        let mut patch = Props::from_iter([("b", "x"), ("d", "4")]);
        patch.insert("a", None);
        patch.insert("unknown", None);

        let patched = patched(&present, &patch);

        let expected = Props::from_iter([("b", "x"), ("c", "3"), ("d", "4")]);
        assert_eq!(patched, expected);
    }
}
