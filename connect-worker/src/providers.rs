//! Looks up what configurations refer to: `${provider:path:key}`.
//!
//! What is stored, shown and logged is the configuration as it was written. It is resolved when it
//! is used, and whoever holds the resolved one holds the [`Secrets`] that must not be printed. As long
//! as they are held, no log line shows them either ([`hide_all`]), whoever writes it.

mod in_use;
mod secrets;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use connect_core::config::{ConfigErrors, Props};
use connect_core::error::panic_text;
use connect_core::plugin::PluginEntry;
use connect_core::provider::{ConfigData, ErasedConfigProvider};
use connect_core::registry::PluginRegistry;
use connect_core::{ConnectError, Result};
use futures::FutureExt;

use crate::config::connector::RELOAD_ACTION;
use crate::config::definition::invalid;

pub use in_use::hide_all;
pub use secrets::Secrets;
pub use variables::{has_reference, restore_references};

/// Names of the providers of a worker.
const PROVIDERS: &str = "config.providers";

/// Longest wait for the answer of a provider.
const LOOKUP_LIMIT: Duration = Duration::from_secs(60);

/// Shortest pause before a connector is restarted with new values: with those that never live the
/// reference restarts it every few milliseconds, and it never works.
const SHORTEST_LIFE: Duration = Duration::from_secs(1);

/// The configuration providers of a worker, by the names that users gave them.
#[derive(Default)]
pub struct ConfigProviders {
    providers: BTreeMap<String, Box<dyn ErasedConfigProvider>>,
}

/// A configuration in which references are replaced by what they stand for.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The configuration.
    pub props: Props,
    /// What references stand for, which nobody is to see.
    pub secrets: Secrets,
    /// When to look again, if the configuration says so: after the shortest life of its values.
    pub reload_after: Option<Duration>,
}

impl Resolved {
    /// A configuration whose references are not looked up yet.
    #[must_use]
    pub fn unchanged(props: &Props) -> Self {
        Self {
            props: props.clone(),
            secrets: Secrets::default(),
            reload_after: None,
        }
    }
}

impl ConfigProviders {
    /// The providers that worker settings name. One without a class is none, as in the reference.
    ///
    /// # Errors
    /// When a class is not there or refuses its parameters; under the key of the class.
    pub fn new(worker: &Props, plugins: &PluginRegistry) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let mut providers = BTreeMap::new();
        let names = worker.get(PROVIDERS).unwrap_or_default().split(',');
        for name in names.map(str::trim).filter(|it| !it.is_empty()) {
            let key = format!("{PROVIDERS}.{name}.class");
            let Some(class) = worker.get(&key) else {
                tracing::warn!(
                    provider = name,
                    key,
                    "provider has no class and is left out"
                );
                continue;
            };
            let params = worker.with_prefix_stripped(&format!("{PROVIDERS}.{name}.param."));
            match new_provider(&key, class, &params, plugins) {
                Ok(provider) => drop(providers.insert(name.to_owned(), provider)),
                Err(message) => errors.push(key, message),
            }
        }
        match errors.is_empty() {
            true => Ok(Self { providers }),
            false => Err(errors),
        }
    }

    /// Replaces the references of a configuration. One to an unknown provider or key stays.
    ///
    /// # Errors
    /// When a provider fails; the message is the provider's.
    pub async fn resolve(&self, props: &Props) -> Result<Resolved> {
        let found = self.look_up(props).await?;
        let mut resolved = props.clone();
        let mut secrets = secrets::Collected::default();
        for (key, text) in props.iter() {
            let Some(text) = text else { continue };
            let replaced = variables::replace(text, |variable| {
                let data = found.get(&(variable.provider, variable.path))?;
                let value = data.values().get(variable.key)?;
                secrets.add(value, variable.written);
                Some(value)
            });
            if let Some(replaced) = replaced {
                resolved.insert(key, Some(replaced));
            }
        }
        let ttl = found.values().filter_map(ConfigData::ttl).min();
        let ttl = ttl.map(|it| it.max(SHORTEST_LIFE));
        Ok(Resolved {
            reload_after: ttl.filter(|_| is_reloaded(&resolved)),
            secrets: secrets.finish(),
            props: resolved,
        })
    }

    /// Asks each provider once for all keys of a path.
    async fn look_up<'a>(
        &self,
        props: &'a Props,
    ) -> Result<BTreeMap<(&'a str, &'a str), ConfigData>> {
        let mut wanted: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
        for text in props.iter().filter_map(|(_, text)| text) {
            for variable in variables::all(text) {
                let keys = wanted.entry((variable.provider, variable.path));
                keys.or_default().insert(variable.key.to_owned());
            }
        }
        let mut found = BTreeMap::new();
        for ((name, path), keys) in wanted {
            if let Some(provider) = self.providers.get(name) {
                let data = ask(name, provider.as_ref(), path, &keys).await?;
                found.insert((name, path), data);
            }
        }
        Ok(found)
    }
}

impl fmt::Debug for ConfigProviders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.providers.keys()).finish()
    }
}

/// Whether a connector is restarted when a value expires: unless it says `none`.
fn is_reloaded(connector: &Props) -> bool {
    let action = connector.get(RELOAD_ACTION).map(str::trim);
    !action.is_some_and(|it| it.eq_ignore_ascii_case("none"))
}

fn new_provider(
    key: &str,
    class: &str,
    params: &Props,
    plugins: &PluginRegistry,
) -> Result<Box<dyn ErasedConfigProvider>, String> {
    const NO_CLASS: &str = "Could not load config provider class or one of its dependencies";
    let plugin = plugins.config_provider(class.trim());
    let plugin = plugin.map_err(|_| invalid(key, class, NO_CLASS))?;
    let PluginEntry::ConfigProvider { new } = plugin.entry else {
        unreachable!("the registry gives providers alone");
    };
    new(params).map_err(|error| error.to_string())
}

/// A provider that panics or does not answer fails this one lookup.
async fn ask(
    name: &str,
    provider: &dyn ErasedConfigProvider,
    path: &str,
    keys: &BTreeSet<String>,
) -> Result<ConfigData> {
    let answer = AssertUnwindSafe(async { provider.get(path, keys).await }).catch_unwind();
    match tokio::time::timeout(LOOKUP_LIMIT, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(panic)) => {
            let text = panic_text(panic.as_ref());
            Err(ConnectError::fatal(format_args!(
                "config provider {name} panicked: {text}"
            )))
        }
        Err(_) => Err(ConnectError::retriable(format_args!(
            "config provider {name} did not answer in time"
        ))),
    }
}
