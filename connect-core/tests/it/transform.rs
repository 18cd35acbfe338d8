//! Transforms and predicates.

use connect_core::config::Props;
use connect_core::plugin::PluginEntry;
use connect_core::prelude::*;
use connect_core::registry::PluginRegistry;
use connect_core::transform::ErasedTransform;

/// What to write.
#[derive(Debug, ConnectorConfig)]
struct StampConfig {
    /// Text in front of the data.
    text: String,
}

/// Writes text and the other half of the record in front of the data.
#[transform(
    name = "org.example.Stamp",
    alias = "org.example.OldStamp",
    targets(key, value)
)]
struct Stamp {
    config: StampConfig,
}

impl DataTransform for Stamp {
    type Config = StampConfig;

    fn new(config: StampConfig) -> Result<Self> {
        Ok(Self { config })
    }

    fn apply(&mut self, data: SchemaAndValue, record: &Record) -> Result<SchemaAndValue> {
        let stamped = format!(
            "{} {} {} {}",
            self.config.text, record.key, record.value, data.value
        );
        Ok(SchemaAndValue::new(Schema::string(), stamped))
    }
}

/// Drops records.
#[transform(name = "org.example.DropAll", version = "1.2.3")]
struct DropAll;

impl Transform for DropAll {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn apply(&mut self, _: Record) -> Result<Option<Record>> {
        Ok(None)
    }
}

/// Records without a key.
#[predicate(name = "org.example.HasNoKey", alias = "KeyIsAbsent")]
struct HasNoKey;

impl Predicate for HasNoKey {
    type Config = NoConfig;

    fn new(_: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        Ok(record.key == Value::Null)
    }
}

fn plugins() -> PluginRegistry {
    PluginRegistry::from_inventory().expect("names differ")
}

fn transform(name: &str, config: &[(&str, &str)]) -> Box<dyn ErasedTransform> {
    let plugins = plugins();
    let PluginEntry::Transform { new } = plugins.find(name).expect("it is linked").entry else {
        panic!("{name} is no transform");
    };
    new(&Props::from_iter(config.iter().copied())).expect("the configuration is good")
}

fn transformed(name: &str, config: &[(&str, &str)]) -> Option<Record> {
    let mut record = record();
    let applied = transform(name, config).apply(&mut record);
    applied
        .expect("the record can be transformed")
        .then_some(record)
}

fn record() -> Record {
    let mut record = Record::new("topic");
    record.key = "k".into();
    record.value = "v".into();
    record
}

#[test]
fn each_target_is_a_plugin() {
    let stamp = [("text", "at")];

    let key = transformed("org.example.Stamp$Key", &stamp);
    let value = transformed("org.example.OldStamp$Value", &stamp);

    let mut expected = record();
    expected.key = "at null v k".into();
    expected.key_schema = Some(Schema::string());
    assert_eq!(key, Some(expected));
    let mut expected = record();
    expected.value = "at k null v".into();
    expected.value_schema = Some(Schema::string());
    assert_eq!(value, Some(expected));
    assert!(plugins().find("org.example.Stamp").is_err());
}

#[test]
fn a_transform_of_records_may_drop_them() {
    assert_eq!(transformed("DropAll", &[]), None);
    assert_eq!(plugins().find("DropAll").unwrap().info.version, "1.2.3");
}

#[test]
fn a_predicate_sees_the_record() {
    let plugins = plugins();
    let PluginEntry::Predicate { new } = plugins.find("KeyIsAbsent").unwrap().entry else {
        panic!("it is a predicate");
    };
    let mut predicate = new(&Props::new()).unwrap();

    assert!(!predicate.test(&record()).unwrap());
    assert!(predicate.test(&Record::new("topic")).unwrap());
}
