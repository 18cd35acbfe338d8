//! What holds for every configuration: it is written as it was read, and no text is too odd.

use core::net::SocketAddr;
use std::collections::BTreeSet;

use connect_core::config::{ConfigBlock as _, ConnectorConfig as _, NonEmpty, TopicName};
use connect_core::prelude::*;
use proptest::prelude::*;

/// Keys of every type.
#[derive(Debug, ConnectorConfig)]
struct Everything {
    /// A number.
    number: Option<u16>,
    /// A number with a fraction.
    real: Option<f64>,
    /// A switch.
    switch: Option<bool>,
    /// Text.
    text: Option<String>,
    /// A secret.
    secret: Option<Secret>,
    /// A time in milliseconds.
    #[config(key = "time.ms")]
    time: Option<Duration>,
    /// A time that states its unit.
    period: Option<Duration>,
    /// A size in bytes.
    #[config(key = "size.bytes")]
    size: Option<ByteSize>,
    /// A size that states its unit.
    volume: Option<ByteSize>,
    /// A list of texts.
    #[config(default = "a,b")]
    list: Vec<String>,
    /// A list of numbers.
    #[config(default = "1")]
    numbers: NonEmpty<Vec<i32>>,
    /// An address.
    address: Option<SocketAddr>,
    /// A topic.
    topic: Option<TopicName>,
    /// A choice.
    choice: Option<Choice>,
    #[config(nested)]
    variant: Variant,
    /// What goes elsewhere.
    #[config(rest(prefix = "rest."))]
    rest: Props,
}

/// A choice.
#[derive(Debug, ConfigEnum)]
#[config(any_case)]
enum Choice {
    /// The first.
    First,
    /// The second.
    Second,
}

/// A choice with keys of its own.
#[derive(Debug, ConnectorConfig)]
#[config(tag = "type", default = "plain")]
enum Variant {
    /// No keys.
    Plain,
    /// One key.
    Sized {
        /// How much.
        #[config(default = 1, range = 0..=9)]
        amount: i64,
    },
}

/// A key with a text that is often good, and sometimes anything.
fn entry() -> impl Strategy<Value = (&'static str, String)> {
    let good = prop_oneof![
        (Just("number"), "[+]?[0-9]{1,5}"),
        (
            Just("real"),
            "-?[0-9]{1,3}(\\.[0-9]{1,3})?(e-?[0-9])?|NaN|-Infinity"
        ),
        (Just("switch"), "true|False"),
        (Just("text"), ".{0,8}"),
        (Just("secret"), "[a-z ]{0,8}"),
        (Just("time.ms"), "[0-9]{1,6} ?(us|ms|s|m|h|d)?"),
        (Just("period"), "[0-9]{1,6} ?(ns|us|ms|s|m|h|d)"),
        (Just("size.bytes"), "[0-9]{1,6} ?(B|KiB|MiB)?"),
        (Just("volume"), "[0-9]{1,6} ?(B|KiB|MiB)"),
        (Just("list"), "[ab ,\t\u{a0}\u{1}]{0,8}"),
        (Just("numbers"), "-?[0-9]{1,3}( ?, ?[0-9]{1,3}){0,3}"),
        (
            Just("address"),
            "127\\.0\\.0\\.[0-9]:[0-9]{1,4}|\\[::1\\]:80"
        ),
        (Just("topic"), "[a-z._-]{1,5}"),
        (Just("choice"), "first|SECOND"),
        (Just("variant.type"), "plain|sized"),
        (Just("variant.amount"), "[0-9]"),
        (Just("rest.x"), ".{0,4}"),
    ];
    let names = Everything::definition().keys();
    let names: Vec<_> = names.iter().map(|it| it.name.to_string()).collect();
    let names: Vec<&'static str> = names.into_iter().map(|it| &*it.leak()).collect();
    let odd = (prop::sample::select(names), any::<String>());
    prop_oneof![9 => good, 1 => odd]
}

fn written(config: &Everything) -> Props {
    let mut props = Props::new();
    config.write(&mut props);
    props
}

proptest! {
    #[test]
    fn what_was_read_is_written_and_read_as_the_same(
        entries in prop::collection::vec(entry(), 0..12),
    ) {
        let props = Props::from_iter(entries);
        let Ok(config) = Everything::parse(&props) else {
            return Ok(());
        };

        let text = written(&config);
        let again = Everything::parse(&text);

        let again = again.map_err(|errors| TestCaseError::fail(errors.to_string()))?;
        // Some numbers are equal to nothing, not even to themselves.
        prop_assert_eq!(format!("{again:?}"), format!("{config:?}"));
        prop_assert_eq!(written(&again), text);
    }

    #[test]
    fn every_text_is_read_or_refused(text in any::<String>()) {
        let names = Everything::definition().keys();
        let props: Props = names.iter().map(|it| (it.name.to_string(), text.clone())).collect();

        let infos = Everything::validate(&props);

        let errors = Everything::parse(&props).err().unwrap_or_default();
        // Who checks is told more of some keys, but of no others.
        let faulty: BTreeSet<_> = errors.iter().map(|(key, _)| key).collect();
        let reported = infos.iter().filter(|it| !it.errors.is_empty());
        let reported: BTreeSet<_> = reported.map(|it| it.name.as_str()).collect();
        prop_assert_eq!(faulty, reported);
    }
}
