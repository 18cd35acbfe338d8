//! What is no mistake and still looks like one: keys that nobody knows, and old names of keys.
//!
//! The reference takes every key, so such a configuration is accepted. Its user is told.

use connect_core::config::{Props, nearest};
use connect_core::registry::PluginRegistry;

use super::ConfigInfos;
use super::live::sources;
use crate::config::connector::{CONNECTOR_CLASS, topic_creation};

/// Something about a key of a configuration that its user may want to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The key, as it was written.
    pub key: String,
    /// What about it.
    pub kind: HintKind,
}

/// What there can be about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HintKind {
    /// Nothing reads it.
    Unknown {
        /// The key that may be meant.
        meant: Option<String>,
    },
    /// It is a name that should not be used any more.
    Deprecated {
        /// Since which version of the plugin.
        since: &'static str,
        /// The name of the key now.
        name: String,
    },
}

impl Hint {
    /// Logs it as a warning about a connector.
    pub fn log(&self, connector: &str) {
        let key = &self.key;
        match &self.kind {
            HintKind::Unknown { meant: Some(meant) } => tracing::warn!(
                connector,
                key,
                meant,
                "unknown key of a connector has no effect; is it misspelt?"
            ),
            HintKind::Unknown { meant: None } => {
                tracing::warn!(connector, key, "unknown key of a connector has no effect");
            }
            HintKind::Deprecated { since, name } => tracing::warn!(
                connector,
                key,
                since,
                name,
                "deprecated name of a key; use the other one"
            ),
        }
    }
}

/// The hints about a configuration that was validated, in the order of its keys.
#[must_use]
pub fn hints(plugins: &PluginRegistry, props: &Props, infos: &ConfigInfos) -> Vec<Hint> {
    let names = Names::of(plugins, props, infos);
    let keys = props.iter().map(|(key, _)| key);
    let hints = keys.filter_map(|key| {
        Some(Hint {
            key: key.to_owned(),
            kind: names.look_at(key)?,
        })
    });
    hints.collect()
}

/// All names that mean something in a configuration.
struct Names {
    known: Vec<String>,
    /// Name, since when it should not be used, and the name that takes its place.
    deprecated: Vec<(String, &'static str, String)>,
    /// Below these everything means something to somebody.
    below: Vec<String>,
}

impl Names {
    fn of(plugins: &PluginRegistry, props: &Props, infos: &ConfigInfos) -> Self {
        let defined = infos.configs.iter().filter_map(|it| it.definition.as_ref());
        let mut names = Self {
            known: defined.map(|it| it.name.to_string()).collect(),
            deprecated: Vec::new(),
            below: topic_creation::prefixes(props),
        };
        let connector = props.get(CONNECTOR_CLASS).unwrap_or_default();
        let Ok(connector) = plugins.connector(connector) else {
            return names;
        };
        for source in sources(plugins, connector, props) {
            let definition = (source.plugin.config.definition)();
            let prefix = &source.prefix;
            let full = |name: &str| format!("{prefix}{name}");
            let prefixes = definition.pass_through().iter();
            names.below.extend(prefixes.map(|it| full(&it.prefix)));
            for key in definition.keys() {
                let details = definition.details(&key.name);
                names.known.push(full(&key.name));
                for alias in details.into_iter().flat_map(|it| &it.aliases) {
                    let name = full(&alias.name);
                    match alias.deprecated_since {
                        Some(since) => names.deprecated.push((name, since, full(&key.name))),
                        None => names.known.push(name),
                    }
                }
            }
        }
        names
    }

    fn look_at(&self, key: &str) -> Option<HintKind> {
        if let Some((_, since, name)) = self.deprecated.iter().find(|it| it.0 == key) {
            let (since, name) = (*since, name.clone());
            return Some(HintKind::Deprecated { since, name });
        }
        let is_known = self.known.iter().any(|it| it == key)
            || self.below.iter().any(|it| key.starts_with(it.as_str()));
        let candidates = self.known.iter().map(String::as_str);
        (!is_known).then(|| HintKind::Unknown {
            meant: nearest(key, candidates).map(str::to_owned),
        })
    }
}
