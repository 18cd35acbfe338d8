//! The transforms and predicates answer as the reference does, reached the way a worker reaches
//! them.

#![expect(clippy::panic, reason = "a plugin of another kind must fail the test")]

use connect_core::ConnectError;
use connect_core::config::Props;
use connect_core::data::{SchemaRef, Value, validate_value};
use connect_core::plugin::{PluginDescriptor, PluginEntry};
use connect_core::record::Record;
use connect_core::registry::PluginRegistry;
use connect_tests::vectors::{
    Failure, Mismatch, Vector, check_all, input_from_notation, record_from_notation,
    record_to_notation,
};
use connect_transforms as _;
use serde_json::Value as Json;

#[test]
fn transform_vectors_hold() {
    check_all("transforms.json", |vector| check(vector, 1));
}

/// A schema that is known from an earlier record takes other paths.
#[test]
fn transform_vectors_hold_when_schemas_are_cached() {
    check_all("transforms.json", |vector| check(vector, 2));
}

#[test]
fn drop_vectors_hold() {
    check_all("drop.json", |vector| check(vector, 1));
}

/// Compares the last of several answers to the same record.
fn check(vector: &Vector, rounds: usize) -> Result<(), Mismatch> {
    let name = vector.text("smt").or(vector.text("predicate"));
    let name = name.expect("a transform or a predicate");
    let registry = PluginRegistry::from_inventory().expect("every plugin has its own name");
    // The reference has no `Drop`, so its vectors name no package.
    let is_meant = |it: &&PluginDescriptor| it.info.name.ends_with(&format!(".{name}"));
    let plugin = registry.find(name).ok();
    let plugin = plugin.or_else(|| registry.iter().find(is_meant));
    let plugin = plugin.expect("the plugin is linked");
    let record = input_from_notation(vector.get("input")).expect("a record");
    let answer = match plugin.entry {
        PluginEntry::Transform { new } => configured(plugin, vector, new).and_then(|mut made| {
            let apply = |_| {
                let mut record = record.clone();
                let is_kept = made.apply(&mut record).map_err(Failure::apply)?;
                Ok(match is_kept {
                    true => record_to_notation(&record),
                    false => Json::Null,
                })
            };
            let last = (0..rounds).map(apply).last();
            last.expect("at least one round")
        }),
        PluginEntry::Predicate { new } => configured(plugin, vector, new)
            .and_then(|mut made| made.test(&record).map(Json::from).map_err(Failure::apply)),
        _ => panic!("{name} is no transform and no predicate"),
    };
    match plugin.entry {
        PluginEntry::Transform { .. } => vector.expect_read(answer, |output| {
            let record = match output {
                Json::Null => return Ok(Json::Null),
                output => record_from_notation(output)?,
            };
            let is_valid = vector.get("outputValid").as_bool().unwrap_or(true);
            assert_eq!(
                is_good(&record),
                is_valid,
                "whether the output fits its schemas"
            );
            Ok(record_to_notation(&record))
        }),
        _ => vector.expect_json(answer),
    }
}

/// Whether the data of a record are good by their schemas.
fn is_good(record: &Record) -> bool {
    let halves = [
        (&record.key_schema, &record.key),
        (&record.value_schema, &record.value),
    ];
    let is_good = |(schema, value): (&Option<SchemaRef>, &Value)| {
        schema
            .as_ref()
            .is_none_or(|it| validate_value(it, value).is_ok())
    };
    halves.into_iter().all(is_good)
}

/// Makes a plugin. The reference stops at the first mistake of a configuration, so only that one is
/// compared.
fn configured<T>(
    plugin: &PluginDescriptor,
    vector: &Vector,
    new: impl Fn(&Props) -> Result<T, ConnectError>,
) -> Result<T, Failure> {
    let props: Props = vector.config().into_iter().collect();
    if let Err(errors) = (plugin.config.check)(&props) {
        let (_, first) = errors.iter().next().expect("a mistake");
        return Err(Failure::configure(ConnectError::config(first)));
    }
    new(&props).map_err(Failure::configure)
}
