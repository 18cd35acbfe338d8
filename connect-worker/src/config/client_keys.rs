//! The keys of Kafka's clients, as far as connectors may override them.
//!
//! Only types are checked here: whether a client likes a value shows when it is made.

mod table;

use connect_core::client_config::ClientType;
use connect_core::config::{ConfigKey, ConfigType, DefaultValue};

use super::definition::{Setting, invalid, parse_text};
use table::Absent;

/// The kinds of clients that a connector uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// Writes records.
    Producer,
    /// Reads records.
    Consumer,
    /// Creates topics, changes offsets.
    Admin,
}

impl ClientKind {
    /// All kinds, in the order in which validation lists their keys.
    pub const ALL: [Self; 3] = [Self::Producer, Self::Consumer, Self::Admin];

    /// The kind as policies know it.
    #[must_use]
    pub fn client_type(self) -> ClientType {
        match self {
            Self::Producer => ClientType::Producer,
            Self::Consumer => ClientType::Consumer,
            Self::Admin => ClientType::Admin,
        }
    }

    /// What stands before a key in the worker's file.
    #[must_use]
    pub fn worker_prefix(self) -> &'static str {
        match self {
            Self::Producer => "producer.",
            Self::Consumer => "consumer.",
            Self::Admin => "admin.",
        }
    }

    /// What stands before a key in a connector's configuration.
    #[must_use]
    pub fn override_prefix(self) -> &'static str {
        match self {
            Self::Producer => "producer.override.",
            Self::Consumer => "consumer.override.",
            Self::Admin => "admin.override.",
        }
    }

    /// The names of all keys of such a client.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        self.rows().map(|key| key.0)
    }

    fn rows(self) -> impl Iterator<Item = &'static table::Key> {
        let own = match self {
            Self::Producer => table::PRODUCER,
            Self::Consumer => table::CONSUMER,
            Self::Admin => table::ADMIN,
        };
        own.iter().chain(table::SHARED)
    }

    /// A key of such a client; `None` if the client does not know it.
    #[must_use]
    pub fn key(self, name: &str) -> Option<ConfigKey> {
        let mut known = self.rows();
        let (name, kind, importance, default) = *known.find(|key| key.0 == name)?;
        let documentation = match self {
            Self::Producer => "A setting of Kafka's producer.",
            Self::Consumer => "A setting of Kafka's consumer.",
            Self::Admin => "A setting of Kafka's admin client.",
        };
        let mut key = Setting::new(name, kind, documentation)
            .importance(importance)
            .key;
        key.default = match default {
            Absent::Required => DefaultValue::Required,
            Absent::Null => DefaultValue::Null,
            Absent::Text(text) => DefaultValue::Text(text.into()),
        };
        Some(key)
    }

    /// The value of a key as clients of the worker are shown it.
    ///
    /// # Errors
    /// The whole message, when the value is not of the key's type.
    pub fn rendered(self, name: &str, value: &str) -> Result<Option<String>, String> {
        let kind = self.key(name).map_or(ConfigType::String, |key| key.kind);
        let parsed = parse_text(kind, value);
        parsed
            .map(|it| it.rendered())
            .map_err(|problem| invalid(name, value, problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_share_keys_but_not_all_defaults() {
        let default = |kind: ClientKind, name| kind.key(name).map(|it| it.default);
        let text = |text: &'static str| Some(DefaultValue::Text(text.into()));

        assert_eq!(default(ClientKind::Producer, "linger.ms"), text("5"));
        assert_eq!(default(ClientKind::Consumer, "linger.ms"), None);
        assert_eq!(
            default(ClientKind::Producer, "receive.buffer.bytes"),
            text("32768")
        );
        assert_eq!(
            default(ClientKind::Consumer, "receive.buffer.bytes"),
            text("65536")
        );
        assert_eq!(
            default(ClientKind::Admin, "sasl.jaas.config"),
            Some(DefaultValue::Null)
        );
        assert_eq!(
            default(ClientKind::Producer, "bootstrap.servers"),
            Some(DefaultValue::Required)
        );
    }

    #[test]
    fn no_key_is_listed_twice() {
        for own in [table::PRODUCER, table::CONSUMER, table::ADMIN] {
            let mut names: Vec<_> = own.iter().chain(table::SHARED).map(|key| key.0).collect();
            names.sort_unstable();
            let count = names.len();
            names.dedup();

            assert_eq!(names.len(), count);
        }
    }

    #[test]
    fn every_default_is_of_its_type() {
        for (name, kind, _, default) in table::PRODUCER.iter().chain(table::SHARED) {
            if let Absent::Text(text) = default {
                assert!(parse_text(*kind, text).is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn values_are_shown_in_one_way() {
        let rendered = |name, value| ClientKind::Producer.rendered(name, value);

        assert_eq!(rendered("linger.ms", " 5 "), Ok(Some("5".to_owned())));
        assert_eq!(
            rendered("ssl.keystore.password", "x"),
            Ok(Some("[hidden]".to_owned()))
        );
        assert_eq!(rendered("unknown", "x"), Ok(Some("x".to_owned())));
        assert_eq!(
            rendered("linger.ms", "abc"),
            Err("Invalid value abc for configuration linger.ms: Not a number of type LONG".into())
        );
    }
}
