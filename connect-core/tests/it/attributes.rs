//! Options of the macros that nothing else here needs.

use connect_core::config::{ConfigType, ConnectorConfig as _, Unit};
use connect_core::prelude::*;

/// A configuration.
#[derive(Debug, ConnectorConfig)]
#[config(under_alias)]
struct StepConfig {
    /// A number of tokens, and no credential.
    #[config(not_secret, default = "all")]
    token: String,
    /// Elsewhere a key of the worker; below an alias it is free.
    #[config(default = "orders")]
    topics: String,
    /// How long to wait.
    #[config(key = "wait.seconds", default = "2m", range = "1s"..)]
    wait: Duration,
    /// How much to keep.
    #[config(key = "keep.bytes", default = "1KiB")]
    keep: ByteSize,
    /// A time whose unit nothing states.
    #[config(default = "1h", label = "Longest time")]
    longest: Duration,
}

#[test]
fn options_are_published() {
    let definition = StepConfig::definition();
    let key = |name| definition.key(name).expect("the key is defined");

    assert_eq!(key("token").kind, ConfigType::String);
    assert_eq!(key("topics").name, "topics");
    assert_eq!(key("longest").display_name, "Longest time");
}

#[test]
fn a_key_with_a_unit_takes_numbers_and_is_published_as_one() {
    let definition = StepConfig::definition();
    let kinds = ["wait.seconds", "keep.bytes", "longest"].map(|name| {
        let unit = definition.details(name).map(|it| it.unit);
        (definition.key(name).map(|it| it.kind), unit)
    });
    assert_eq!(
        kinds,
        [
            (Some(ConfigType::Long), Some(Unit::Seconds)),
            (Some(ConfigType::Long), Some(Unit::Bytes)),
            (Some(ConfigType::String), Some(Unit::None)),
        ]
    );

    let props = Props::from_iter([
        ("wait.seconds", "5"),
        ("keep.bytes", "10"),
        ("longest", "5m"),
    ]);
    let config = StepConfig::parse(&props).unwrap();
    assert_eq!(config.wait, Duration::from_secs(5));
    assert_eq!(config.keep, ByteSize::bytes(10));
    assert_eq!(config.longest, Duration::from_secs(300));
    assert_eq!(
        (config.token.as_str(), config.topics.as_str()),
        ("all", "orders")
    );

    let errors = StepConfig::parse(&Props::from_iter([("longest", "5")])).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "longest: Invalid value 5 for configuration longest: Expected a time such as 500ms, 5s, \
         2m or 1h"
    );
}
