//! What users are told of keys that are accepted.

use connect_core::ConnectorConfig;
use connect_core::plugin::ConfigFns;

use super::*;

/// What the source is told.
#[derive(Debug, ConnectorConfig)]
struct HostConfig {
    /// d
    #[config(deprecated_alias("host.name", since = "0.2"), alias("address"))]
    host: Option<String>,
    /// d
    #[config(rest(prefix = "driver."))]
    driver: Props,
}

#[track_caller]
fn check(extra: Entries<'_>, expected: &[(&str, HintKind)]) {
    let own = plugins();
    let all = own.iter().map(|it| {
        let mut plugin = *it;
        if plugin.info.name == SOURCE {
            plugin.config = ConfigFns::of::<HostConfig>();
        }
        plugin
    });
    let plugins = PluginRegistry::new(all).unwrap();
    let props = source(extra);
    let infos = validate(&plugins, &worker("All"), &props).unwrap();

    let found = hints(&plugins, &props, &infos);

    // Every source of these tests has a topic; this one has no such key.
    let found: Vec<_> = found.into_iter().filter(|it| it.key != "topic").collect();
    let expected = expected.iter().map(|(key, kind)| Hint {
        key: (*key).to_owned(),
        kind: kind.clone(),
    });
    assert_eq!(found, expected.collect::<Vec<_>>());
}

fn unknown(meant: Option<&str>) -> HintKind {
    HintKind::Unknown {
        meant: meant.map(str::to_owned),
    }
}

#[test]
fn known_names_give_no_hint() {
    check(
        &[
            ("address", Some("a")),
            ("driver.anything", Some("b")),
            ("tasks.max", Some("1")),
            ("errors.tolerance", Some("all")),
            ("topic.creation.default.cleanup.policy", Some("compact")),
            ("key.converter", Some(JSON)),
            ("key.converter.schemas.enable", Some("false")),
            ("transforms", Some("x")),
            ("transforms.x.type", Some(crate::config::fixtures::MASK)),
            ("transforms.x.zone", Some("z")),
            ("transforms.x.fields", Some("f")),
            ("producer.override.linger.ms", Some("5")),
        ],
        &[],
    );
}

#[test]
fn unknown_keys_are_told_with_what_may_be_meant() {
    check(
        &[
            ("hots", Some("a")),
            ("owner.of.it", Some("me")),
            ("tasks.mx", Some("1")),
            ("value.converter.schemas.enable", Some("true")),
            ("transforms", Some("x")),
            ("transforms.x.type", Some(crate::config::fixtures::MASK)),
            ("transforms.x.zone", Some("z")),
            ("transforms.x.fields", Some("f")),
            ("transforms.x.widht", Some("1")),
        ],
        &[
            ("hots", unknown(Some("host"))),
            ("owner.of.it", unknown(None)),
            ("tasks.mx", unknown(Some("tasks.max"))),
            ("value.converter.schemas.enable", unknown(None)),
            ("transforms.x.widht", unknown(Some("transforms.x.width"))),
        ],
    );
}

#[test]
fn old_names_are_told_with_the_new_ones() {
    let kind = HintKind::Deprecated {
        since: "0.2",
        name: "host".to_owned(),
    };

    check(&[("host.name", Some("a"))], &[("host.name", kind)]);
}
