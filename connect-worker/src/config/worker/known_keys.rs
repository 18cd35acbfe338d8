//! Which keys of a worker's file mean something, to somebody at least, and which look misspelt.

use super::{Brokers, Membership, cluster, keys};
use crate::config::client_keys::ClientKind;
use crate::config::definition::Definition;

/// Families of keys whose members are known to others: converters, providers, TLS of listeners,
/// labels of metrics, internal topics.
const FAMILIES: [&str; 11] = [
    "key.converter.",
    "value.converter.",
    "header.converter.",
    "config.providers.",
    "connector.client.config.override.",
    "listeners.https.",
    "admin.listeners.https.",
    "metrics.context.",
    "metrics.jmx.",
    "offset.storage.",
    "status.storage.",
];
/// The converters of internal data, which cannot be chosen any more, and what their keys begin with.
const REMOVED: [&str; 2] = ["internal.key.converter", "internal.value.converter"];
const CONFIG_STORAGE: &str = "config.storage.";

/// All keys of the reference's workers, standalone and in a group.
pub(super) const REFERENCE: &str = include_str!("reference_keys.txt");

/// Most letters by which a misspelt key differs from the right one.
const SLIP: usize = 2;

/// The keys of a worker's file, whether it is alone or not.
#[derive(Debug)]
pub(super) struct KnownKeys(Definition);

impl KnownKeys {
    pub(super) fn new() -> Self {
        let mut definition = keys::definition(Membership::Alone, Brokers::Configured);
        for setting in cluster::settings() {
            definition.add(setting);
        }
        Self(definition)
    }

    /// Whether a key is meant for the worker and for none of its own clients.
    pub(super) fn is_workers_alone(&self, key: &str) -> bool {
        self.is_workers(key) && ClientKind::Admin.key(key).is_none()
    }

    fn is_workers(&self, key: &str) -> bool {
        let is_of_client = |kind: &ClientKind| key.starts_with(kind.worker_prefix());
        self.0.setting(key).is_some()
            || key.starts_with(CONFIG_STORAGE)
            || is_removed(key)
            || FAMILIES.iter().any(|it| key.starts_with(it))
            || ClientKind::ALL.iter().any(is_of_client)
    }

    /// The key that was meant instead of this one, if that can be told.
    pub(super) fn meant(&self, key: &str) -> Option<String> {
        let own = self.0.settings().map(|it| it.key.name.as_ref());
        let mut names: Vec<&str> = own.collect();
        REFERENCE.lines().for_each(|it| names.push(it));
        ClientKind::Admin.names().for_each(|it| names.push(it));
        if names.contains(&key) {
            return None;
        }
        // A key of a family may be anything that its owner knows, but not nearly one of the worker's.
        let meant = of_client(key).or_else(|| nearest(key, names.into_iter()).map(str::to_owned));
        let family = || match self.is_workers(key) {
            true => None,
            false => nearest_family(key),
        };
        meant.or_else(family)
    }
}

/// Whether a key means nothing since Kafka 3.0.
pub(super) fn is_removed(key: &str) -> bool {
    let own = REMOVED.iter().filter_map(|it| key.strip_prefix(it));
    own.into_iter()
        .any(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The key of a client of connectors that is meant.
fn of_client(key: &str) -> Option<String> {
    let prefixes = ClientKind::ALL.iter().map(|it| (it, it.worker_prefix()));
    let mut meant = prefixes.filter_map(|(kind, prefix)| {
        let name = nearest(key.strip_prefix(prefix)?, kind.names())?;
        Some(format!("{prefix}{name}"))
    });
    meant.next()
}

/// The key as it would be in the family that is meant, if only the name of that is misspelt.
fn nearest_family(key: &str) -> Option<String> {
    let families = FAMILIES.into_iter().filter(|it| it.ends_with('.'));
    let families = families.chain(ClientKind::ALL.iter().map(|it| it.worker_prefix()));
    let misspelt = families.filter_map(|family| {
        let dots = family.matches('.').count();
        let (end, _) = key.match_indices('.').nth(dots - 1)?;
        let (own, rest) = key.split_at(end + 1);
        let meant = nearest(own, std::iter::once(family))?;
        (!rest.is_empty()).then(|| format!("{meant}{rest}"))
    });
    misspelt.min_by_key(|it| strsim::damerau_levenshtein(key, it))
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
    fn every_key_of_the_reference_is_known_and_meant_when_a_letter_is_missing() {
        let known = KnownKeys::new();
        assert_eq!(REFERENCE.lines().count(), 137);
        for key in REFERENCE.lines() {
            assert_eq!(known.meant(key), None, "{key}");
            let mut misspelt = key.to_owned();
            misspelt.remove(key.len() / 2);
            assert_eq!(known.meant(&misspelt).as_deref(), Some(key), "{misspelt}");
        }
    }

    #[test]
    fn the_name_of_a_family_may_be_misspelt_too() {
        let meant = |key| KnownKeys::new().meant(key);

        for (key, right) in [
            (
                "key.convertor.schemas.enable",
                "key.converter.schemas.enable",
            ),
            ("config.provider.file.class", "config.providers.file.class"),
            ("producers.acks", "producer.acks"),
            (
                "listener.https.ssl.keystore.type",
                "listeners.https.ssl.keystore.type",
            ),
        ] {
            assert_eq!(meant(key).as_deref(), Some(right), "{key}");
        }
        for right in [
            "offset.storage.cleanup.policy",
            "some.converter.x",
            "status.storage.max.message.bytes",
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
