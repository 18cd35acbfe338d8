//! Settings of clients, in the words of Kafka's Java clients.
//!
//! Every setting that is given is either translated, known to be handled elsewhere, or reported as
//! [`Untranslated`]; none is dropped in silence.

use std::{collections::BTreeMap, fmt};

use tracing::{info, warn};

pub(crate) use draft::{Translated, translate};
pub(crate) use rule::{ADMIN, CONSUMER, PRODUCER};
pub(crate) use security::{Source, Stores};

mod draft;
mod jaas;
mod rule;
mod security;
mod special;
mod table;
#[cfg(test)]
mod tests;

/// Settings of a client: Java client keys and their values, ordered by key.
///
/// `Debug` shows keys only, because values may be secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientSettings(BTreeMap<String, String>);

impl ClientSettings {
    /// No settings at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of `key`, if it is set.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Sets `key`, replacing what was set before.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.0.insert(key.into(), value.into());
        self
    }

    /// Sets `key` unless it is set already.
    pub fn set_default(&mut self, key: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.0.entry(key.into()).or_insert_with(|| value.into());
        self
    }

    /// Removes `key` and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        self.0.remove(key)
    }

    /// All keys and values, ordered by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for ClientSettings {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

impl<K: Into<String>, V: Into<String>> Extend<(K, V)> for ClientSettings {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, pairs: I) {
        self.0.extend(
            pairs
                .into_iter()
                .map(|(key, value)| (key.into(), value.into())),
        );
    }
}

impl fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A setting that was given and has no effect, or another effect than the one asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Untranslated {
    /// The Java client key.
    pub key: String,
    /// The value as given; it may be secret, so `Debug` hides it.
    pub value: String,
    /// Why, and what to do instead.
    pub reason: String,
    /// Java's client knows the key. Others are often not meant for a client at all.
    pub is_client_setting: bool,
}

/// Logs what has no effect: a warning per client setting, one line for keys that no client knows.
pub(crate) fn log_untranslated(client_id: &str, untranslated: &[Untranslated]) {
    for setting in untranslated.iter().filter(|it| it.is_client_setting) {
        warn!(
            client = client_id,
            key = setting.key,
            reason = setting.reason,
            "client setting has no full effect"
        );
    }
    let unknown: Vec<&str> = untranslated
        .iter()
        .filter(|it| !it.is_client_setting)
        .map(|it| it.key.as_str())
        .collect();
    if !unknown.is_empty() {
        info!(client = client_id, keys = ?unknown, "keys are no client settings and have no effect");
    }
}

impl fmt::Debug for Untranslated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Untranslated")
            .field("key", &self.key)
            .field("reason", &self.reason)
            .field("is_client_setting", &self.is_client_setting)
            .finish_non_exhaustive()
    }
}
