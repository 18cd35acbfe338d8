//! Which keys of a worker's file mean something, to somebody at least, and which look misspelt.

use super::{Brokers, keys};
use crate::config::client_keys::ClientKind;
use crate::config::definition::Definition;

/// Families of keys whose members are known to others: converters, providers, TLS of listeners,
/// labels of metrics, internal topics.
const FAMILIES: [&str; 13] = [
    "key.converter.",
    "value.converter.",
    "header.converter.",
    "internal.key.converter",
    "internal.value.converter",
    "config.providers.",
    "connector.client.config.override.",
    "listeners.https.",
    "admin.listeners.https.",
    "metrics.context.",
    "metrics.jmx.",
    "offset.storage.",
    "status.storage.",
];
const CONFIG_STORAGE: &str = "config.storage.";

/// Keys of workers that form a cluster; a standalone worker has no use for them.
const DISTRIBUTED: [&str; 15] = [
    "group.id",
    "session.timeout.ms",
    "rebalance.timeout.ms",
    "heartbeat.interval.ms",
    "exactly.once.source.support",
    "worker.sync.timeout.ms",
    "worker.unsync.backoff.ms",
    "connect.protocol",
    "scheduled.rebalance.max.delay.ms",
    "inter.worker.key.ttl.ms",
    "inter.worker.key.generation.algorithm",
    "inter.worker.key.size",
    "inter.worker.signature.algorithm",
    "inter.worker.verification.algorithms",
    "config.storage.topic",
];

/// Most letters by which a misspelt key differs from the right one.
const SLIP: usize = 2;

/// The keys of a worker's file.
#[derive(Debug)]
pub(super) struct KnownKeys(Definition);

impl KnownKeys {
    pub(super) fn new() -> Self {
        Self(keys::definition(Brokers::Configured))
    }

    /// Whether a key is meant for the worker and for none of its own clients.
    pub(super) fn is_workers_alone(&self, key: &str) -> bool {
        self.is_workers(key) && ClientKind::Admin.key(key).is_none()
    }

    fn is_workers(&self, key: &str) -> bool {
        let is_of_client = |kind: &ClientKind| key.starts_with(kind.worker_prefix());
        self.0.setting(key).is_some()
            || DISTRIBUTED.contains(&key)
            || key.starts_with(CONFIG_STORAGE)
            || FAMILIES.iter().any(|it| key.starts_with(it))
            || ClientKind::ALL.iter().any(is_of_client)
    }

    /// The key that was meant instead of this one, if that can be told.
    pub(super) fn meant(&self, key: &str) -> Option<String> {
        for kind in ClientKind::ALL {
            if let Some(name) = key.strip_prefix(kind.worker_prefix()) {
                let meant = nearest(name, kind.names())?;
                return Some(format!("{}{meant}", kind.worker_prefix()));
            }
        }
        if self.is_workers(key) || ClientKind::Admin.key(key).is_some() {
            return None;
        }
        let own = self.0.settings().map(|it| it.key.name.as_ref());
        let mut names: Vec<&str> = own.collect();
        names.extend(DISTRIBUTED);
        ClientKind::Admin.names().for_each(|it| names.push(it));
        nearest(key, names.into_iter()).map(str::to_owned)
    }
}

/// The name that differs least, unless it is the same or differs too much.
fn nearest<'a>(key: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |name| strsim::damerau_levenshtein(key, name);
    let (nearest, distance) = names
        .map(|name| (name, distance(name)))
        .min_by_key(|(_, distance)| *distance)?;
    (1..=SLIP).contains(&distance).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_key_is_told_from_an_unknown_one() {
        let meant = |key| KnownKeys::new().meant(key);

        assert_eq!(meant("listener").as_deref(), Some("listeners"));
        assert_eq!(
            meant("offset.flush.intervall.ms").as_deref(),
            Some("offset.flush.interval.ms")
        );
        assert_eq!(meant("producer.ack").as_deref(), Some("producer.acks"));
        assert_eq!(
            meant("securty.protocol").as_deref(),
            Some("security.protocol")
        );
        for right in [
            "listeners",
            "producer.acks",
            "group.id",
            "security.protocol",
            "key.converter.schemas.enable",
            "config.providers.file.param.x",
            "my.own.key",
            "producer.interceptor.of.mine",
        ] {
            assert_eq!(meant(right), None, "{right}");
        }
    }

    #[test]
    fn clients_get_nothing_that_is_for_the_worker_alone() {
        let known = KnownKeys::new();

        for key in [
            "listeners",
            "key.converter",
            "value.converter.x",
            "producer.acks",
            "group.id",
        ] {
            assert!(known.is_workers_alone(key), "{key}");
        }
        for key in [
            "bootstrap.servers",
            "security.protocol",
            "ssl.keystore.location",
            "my.own.key",
        ] {
            assert!(!known.is_workers_alone(key), "{key}");
        }
    }
}
