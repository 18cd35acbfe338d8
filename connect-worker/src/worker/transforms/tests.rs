//! Chains of transforms of tests.

use connect_core::ErrorKind;
use connect_core::data::Value;
use connect_core::plugin::{PluginInfo, predicate_plugin, transform_plugin};
use connect_core::prelude::*;

use super::*;

/// What to append.
#[derive(Debug, ConnectorConfig)]
pub(crate) struct AppendConfig {
    /// Text behind the value.
    text: String,
}

/// Appends text to values.
pub(crate) struct Append(String);

impl Transform for Append {
    type Config = AppendConfig;

    fn new(config: AppendConfig) -> Result<Self> {
        match config.text.as_str() {
            "?" => Err(ConnectError::config("? is no text")),
            _ => Ok(Self(config.text)),
        }
    }

    fn apply(&mut self, mut record: Record) -> Result<Option<Record>> {
        record.value = format!("{}{}", text(&record), self.0).into();
        Ok(Some(record))
    }
}

/// Drops every record.
pub(crate) struct Drop;

impl Transform for Drop {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn apply(&mut self, _: Record) -> Result<Option<Record>> {
        Ok(None)
    }

    fn uses_timestamp(&self) -> bool {
        false
    }
}

/// Fails for the first record that it sees.
pub(crate) struct FailFirst(bool);

impl Transform for FailFirst {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self(true))
    }

    fn apply(&mut self, record: Record) -> Result<Option<Record>> {
        match std::mem::take(&mut self.0) {
            true => Err(ConnectError::retriable("not yet")),
            false => Ok(Some(record)),
        }
    }
}

/// What to look for.
#[derive(Debug, ConnectorConfig)]
pub(crate) struct ValueIsConfig {
    /// The value.
    value: String,
}

/// Compares values.
pub(crate) struct ValueIs(String);

impl Predicate for ValueIs {
    type Config = ValueIsConfig;

    fn new(config: ValueIsConfig) -> Result<Self> {
        Ok(Self(config.value))
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        match self.0.as_str() {
            "!" => Err(ConnectError::data("cannot tell")),
            value => Ok(text(record) == value),
        }
    }
}

fn text(record: &Record) -> &str {
    match &record.value {
        Value::String(text) => text.as_str(),
        other => panic!("{other} is not text"),
    }
}

fn info(name: &'static str) -> PluginInfo {
    PluginInfo {
        name,
        aliases: &[],
        version: "1.0.0",
        documentation: "A plugin of a test.",
        module: module_path!(),
    }
}

fn plugins() -> PluginRegistry {
    PluginRegistry::new([
        transform_plugin::<Append>(info("x.Append")),
        transform_plugin::<Drop>(info("x.Drop")),
        transform_plugin::<FailFirst>(info("x.FailFirst")),
        predicate_plugin::<ValueIs>(info("x.ValueIs")),
    ])
    .unwrap()
}

/// The chain that a connector's configuration describes.
pub(crate) fn chain(aliases: &[&str], connector: &[(&str, &str)]) -> Result<TransformChain> {
    let mut connector = Props::from_iter(connector.iter().copied());
    connector.insert("transforms", Some(aliases.join(",")));
    TransformChain::new(&connector, &plugins())
}

pub(crate) fn record(value: &str) -> Record {
    let mut record = Record::new("t");
    record.value = value.into();
    record
}

#[track_caller]
fn check(chain: &mut TransformChain, value: &str, expected: Option<&str>) {
    let mut record = record(value);
    let is_kept = chain.apply(&mut record, 0, false).unwrap();

    assert_eq!(is_kept.then(|| text(&record)), expected, "{value}");
}

#[track_caller]
fn check_refused(connector: &[(&str, &str)], message: &str) {
    let error = chain(&["a"], connector).unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(error.to_string(), message);
}

const A: (&str, &str) = ("transforms.a.type", "Append");
const A_TEXT: (&str, &str) = ("transforms.a.text", "1");
const A_IF_P: (&str, &str) = ("transforms.a.predicate", "p");
const PREDICATES: (&str, &str) = ("predicates", "p");
const P: (&str, &str) = ("predicates.p.type", "ValueIs");

#[test]
fn steps_are_taken_in_the_order_of_the_aliases() {
    let connector = [
        A,
        A_TEXT,
        ("transforms.b.type", "x.Append"),
        ("transforms.b.text", "2"),
    ];

    check(
        &mut chain(&["a", "b"], &connector).unwrap(),
        "x",
        Some("x12"),
    );
    check(
        &mut chain(&["b", "a"], &connector).unwrap(),
        "x",
        Some("x21"),
    );
    assert!(chain(&[], &connector).unwrap().is_empty());
}

#[test]
fn a_dropped_record_ends_the_chain() {
    let connector = [
        ("transforms.d.type", "Drop"),
        ("transforms.f.type", "FailFirst"),
    ];
    let mut chain = chain(&["d", "f"], &connector).unwrap();

    check(&mut chain, "x", None);
}

#[test]
fn a_predicate_chooses_records_as_earlier_steps_left_them() {
    let value = ("predicates.p.value", "x1");
    let connector = [
        A,
        A_TEXT,
        PREDICATES,
        P,
        value,
        ("transforms.d.type", "Drop"),
        ("transforms.d.predicate", "p"),
    ];
    let mut some = chain(&["a", "d"], &connector).unwrap();
    check(&mut some, "x", None);
    check(&mut some, "y", Some("y1"));

    let negated = [connector.as_slice(), &[("transforms.d.negate", "TRUE")]].concat();
    let mut others = chain(&["a", "d"], &negated).unwrap();
    check(&mut others, "x", Some("x1"));
    check(&mut others, "y", None);
}

#[test]
fn one_step_or_predicate_that_looks_at_timestamps_suffices() {
    let uses = |aliases: &[&str]| {
        let settings = [
            ("transforms.drop.type", "x.Drop"),
            ("transforms.append.type", "x.Append"),
            ("transforms.append.text", "!"),
            ("transforms.some.type", "x.Drop"),
            ("transforms.some.predicate", "is"),
            ("predicates", "is"),
            ("predicates.is.type", "x.ValueIs"),
            ("predicates.is.value", "a"),
        ];
        chain(aliases, &settings).unwrap().uses_timestamp()
    };

    assert!(!uses(&[]));
    assert!(!uses(&["drop"]));
    assert!(uses(&["drop", "append"]));
    assert!(uses(&["some"]), "its predicate may look at it");
}

#[test]
fn a_failure_names_the_step() {
    let value = ("predicates.p.value", "!");
    let mut chain = chain(&["a"], &[A, A_TEXT, A_IF_P, PREDICATES, P, value]).unwrap();

    let failure = chain.apply(&mut record("x"), 0, false).unwrap_err().failure;

    assert_eq!(failure.stage, Stage::Transformation);
    assert_eq!(failure.class, "x.Append");
    assert_eq!(failure.step.as_deref(), Some("transforms.a"));
    assert_eq!(failure.error.to_string(), "cannot tell");
}

#[test]
fn a_chain_that_cannot_be_made_names_the_alias() {
    check_refused(
        &[A, ("transforms.a.text", "?")],
        "transforms.a x.Append: ? is no text",
    );
    check_refused(
        &[A, A_TEXT, A_IF_P, P],
        "Unknown configuration 'predicates.p.type'",
    );
    check_refused(&[], "Unknown configuration 'transforms.a.type'");
    check_refused(
        &[("transforms.a.type", "ValueIs")],
        "transforms.a.type: ValueIs cannot be used there",
    );
    check_refused(
        &[A, A_TEXT, A_IF_P, PREDICATES, P],
        "predicates.p x.ValueIs: Missing required configuration \"value\" which has no \
         default value.",
    );
}
