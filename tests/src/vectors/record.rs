//! The notation of records.

use connect_core::data::{DataError, Header, Headers, SchemaRef, TimestampType, Value};
use connect_core::record::{Origin, Record, SinkRecord};
use serde_json::{Value as Json, json};

use super::schema::{Elements, schema_from_notation, schema_to_notation};
use super::value::{value_from_notation, value_to_notation};

/// The record that a notation stands for.
///
/// # Errors
///
/// When its data cannot be built.
///
/// # Panics
///
/// When it is not the notation of a record.
pub fn record_from_notation(notation: &Json) -> Result<Record, DataError> {
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
///
/// # Errors
///
/// When its data cannot be built.
///
/// # Panics
///
/// When it is not the notation of a record.
pub fn input_from_notation(notation: &Json) -> Result<Record, DataError> {
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

/// The notation of a record.
#[must_use]
pub fn record_to_notation(record: &Record) -> Json {
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
