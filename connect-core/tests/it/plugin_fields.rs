//! Fields that name a plugin.

use connect_core::config::{ConfigBlock as _, ConfigType, ConnectorConfig as _, Plugin};
use connect_core::converter::ErasedConverter;
use connect_core::prelude::*;
use connect_core::record::Record;
use connect_core::transform::{ErasedPredicate, ErasedTransform};

/// Reads lines of orders.
#[derive(Debug, PartialEq, ConnectorConfig)]
struct Lines {
    /// What makes data out of a line.
    #[config(default = "ReverseConverter")]
    format: Plugin<dyn ErasedConverter>,
    /// What changes records.
    #[config(key = "change")]
    transform: Option<Plugin<dyn ErasedTransform>>,
    /// What chooses records.
    predicate: Option<Plugin<dyn ErasedPredicate>>,
}

/// How text is turned around.
#[derive(Debug, ConnectorConfig)]
struct ReverseConfig {
    /// What is put in front.
    #[config(default = "")]
    front: String,
    /// How often.
    #[config(default = 1, range = 1..=3)]
    times: u16,
}

/// Turns text around.
#[converter(alias = "org.example.ReverseConverter")]
struct Reverse(ReverseConfig);

impl Converter for Reverse {
    type Config = ReverseConfig;

    fn new(config: ReverseConfig, _: Role) -> Result<Self> {
        Ok(Self(config))
    }

    fn from_connect(
        &self,
        _: &str,
        _: Option<&SchemaRef>,
        _: &Value,
        _: &mut Vec<u8>,
    ) -> Result<bool> {
        Ok(false)
    }

    fn to_connect(&self, _: &str, data: Option<&Blob>) -> Result<SchemaAndValue> {
        let text = String::from_utf8_lossy(data.map(|it| &**it).unwrap_or_default());
        let mut text: String = text.into_owned();
        for _ in 0..self.0.times {
            text = text.chars().rev().collect();
        }
        let value = Value::from(format!("{}{text}", self.0.front));
        Ok(SchemaAndValue::schemaless(value))
    }
}

/// Drops records.
#[transform(name = "DropEverything")]
struct DropEverything;

impl Transform for DropEverything {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn apply(&mut self, _: Record) -> Result<Option<Record>> {
        Ok(None)
    }
}

#[track_caller]
fn check_errors(entries: &[(&str, &str)], expected: &str) {
    let errors = Lines::parse(&Props::from_iter(entries.iter().copied()));

    assert_eq!(
        errors.expect_err("there are mistakes").to_string(),
        expected
    );
}

#[test]
fn the_plugin_is_made_with_the_keys_below_its_own() {
    let props = Props::from_iter([("format.front", ">"), ("change", "DropEverything")]);
    let lines = Lines::parse(&props).unwrap();

    let converter = lines.format.make(Role::Value).unwrap();
    let read = converter
        .to_connect("t", Some(&Blob::from(&b"abc"[..])))
        .unwrap();
    assert_eq!(read.value, Value::from(">cba"));
    assert!(
        lines
            .transform
            .expect("a transform is named")
            .make()
            .is_ok()
    );
    assert_eq!(lines.predicate, None);
}

#[test]
fn what_was_read_can_be_written() {
    let entries = [
        ("format", "org.example.ReverseConverter"),
        ("format.times", "2"),
    ];
    let props = Props::from_iter(entries);
    let lines = Lines::parse(&props).unwrap();

    let mut written = Props::new();
    lines.write(&mut written);

    assert_eq!(written, props);
}

#[test]
fn mistakes_name_the_key_that_was_written() {
    check_errors(
        &[("format", "Nobody")],
        "format: Invalid value Nobody for configuration format: Class Nobody could not be found.",
    );
    check_errors(
        &[("change", "ReverseConverter")],
        "change: Invalid value ReverseConverter for configuration change: Not a Transformation",
    );
    check_errors(
        &[("format.times", "9")],
        "format.times: Invalid configuration format.times: Invalid value 9 for configuration \
         times: Value must be no more than 3",
    );
}

#[test]
fn the_key_is_published_as_a_class_with_keys_below() {
    let definition = Lines::definition();

    assert_eq!(definition.key("format").unwrap().kind, ConfigType::Class);
    let prefixes = definition.pass_through().iter().map(|it| &*it.prefix);
    assert_eq!(
        prefixes.collect::<Vec<_>>(),
        ["format.", "change.", "predicate."]
    );
}
