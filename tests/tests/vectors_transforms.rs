//! The transforms and predicates answer as the reference does, reached the way a worker reaches
//! them.

#![expect(clippy::panic, reason = "a plugin of another kind must fail the test")]

use connect_core::ConnectError;
use connect_core::config::Props;
use connect_core::data::{DataError, Header, Headers, SchemaRef, TimestampType, Value};
use connect_core::plugin::{PluginDescriptor, PluginEntry};
use connect_core::record::{Origin, Record, SinkRecord};
use connect_core::registry::PluginRegistry;
use connect_tests::vectors::{
    Elements, Failure, Mismatch, Vector, check_all, schema_from_notation, schema_to_notation,
    value_from_notation, value_to_notation,
};
use connect_transforms as _;
use serde_json::{Value as Json, json};

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
    let plugin = registry.find(name).expect("the plugin is linked");
    let record = input_from_notation(vector.get("input")).expect("a record");
    let answer = match plugin.entry {
        PluginEntry::Transform { new } => configured(plugin, vector, new).and_then(|mut made| {
            let rounds = (0..rounds).map(|_| made.apply(record.clone()));
            let last = rounds.last().expect("at least one round");
            last.map(|it| it.as_ref().map_or(Json::Null, record_to_notation))
                .map_err(Failure::apply)
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
            Ok(record_to_notation(&record))
        }),
        _ => vector.expect_json(answer),
    }
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

fn record_from_notation(notation: &Json) -> Result<Record, DataError> {
    let mut record = Record::new(notation["topic"].as_str().unwrap_or("test"));
    record.partition = match notation.get("partition") {
        None => Some(0),
        Some(partition) => partition
            .as_i64()
            .map(|it| it.try_into().expect("a partition has 32 bits")),
    };
    record.timestamp = notation["timestamp"].as_i64();
    (record.key_schema, record.key) = data(&notation["keySchema"], &notation["key"])?;
    (record.value_schema, record.value) = data(&notation["valueSchema"], &notation["value"])?;
    record.headers = headers_from_notation(&notation["headers"])?;
    Ok(record)
}

/// A record as a worker hands it out: those of a sink know where they were read.
fn input_from_notation(notation: &Json) -> Result<Record, DataError> {
    let record = record_from_notation(notation)?;
    if notation["recordType"] == "source" {
        return Ok(record);
    }
    let origin = Origin {
        topic: record.topic.clone(),
        partition: record.partition.unwrap_or_default(),
        offset: notation["offset"].as_i64().unwrap_or(0),
        timestamp_type: TimestampType::CreateTime,
    };
    Ok(SinkRecord::new(record, origin).into_record())
}

fn data(schema: &Json, value: &Json) -> Result<(Option<SchemaRef>, Value), DataError> {
    let schema = schema_from_notation(schema, Elements::MayBeUnknown)?;
    let value = value_from_notation(value, schema.as_ref())?;
    Ok((schema, value))
}

fn headers_from_notation(notation: &Json) -> Result<Headers, DataError> {
    let headers = notation.as_array().into_iter().flatten();
    headers
        .map(|header| {
            let key = header["key"].as_str().expect("a header has a name");
            let (schema, value) = data(&header["schema"], &header["value"])?;
            Ok(Header::new(key, schema, value))
        })
        .collect()
}

fn record_to_notation(record: &Record) -> Json {
    let headers: Vec<_> = record
        .headers
        .iter()
        .map(|it| {
            json!({
                "key": it.key().as_str(),
                "schema": schema_to_notation(it.schema()),
                "value": value_to_notation(it.value()),
            })
        })
        .collect();
    json!({
        "topic": record.topic.as_str(),
        "partition": record.partition,
        "timestamp": record.timestamp,
        "keySchema": schema_to_notation(record.key_schema.as_ref()),
        "key": value_to_notation(&record.key),
        "valueSchema": schema_to_notation(record.value_schema.as_ref()),
        "value": value_to_notation(&record.value),
        "headers": headers,
    })
}
