//! Lines of input as records.

use std::collections::BTreeMap;

use connect_core::config::Props;
use connect_core::converter::{ErasedConverter, Role};
use connect_core::data::{Blob, Schema, SchemaAndValue, TimestampType, Topic};
use connect_core::plugin::{PluginEntry, PluginKind};
use connect_core::record::{Origin, Record, SinkRecord};
use connect_core::registry::PluginRegistry;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cli::failure::Failure;
use crate::config::connector::CONNECTOR_CLASS;

/// What reads data.
const JSON_CONVERTER: &str = "org.apache.kafka.connect.json.JsonConverter";
const SCHEMAS: &str = "schemas.enable";

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// A value, as JSON.
    Json,
    /// A value: the line itself.
    Text,
    /// A record, as JSON.
    Record,
}

/// Makes records of lines.
pub(super) struct Input {
    format: Format,
    topic: Topic,
    /// Whether records come from a topic, not from a source.
    is_consumed: bool,
    with_schema: Box<dyn ErasedConverter>,
    without_schema: Box<dyn ErasedConverter>,
}

/// A line that is a record.
#[derive(Default)]
struct RecordLine<'a> {
    topic: Option<String>,
    partition: Option<i32>,
    timestamp: Option<i64>,
    key: Option<&'a RawValue>,
    value: Option<&'a RawValue>,
    headers: Vec<HeaderLine<'a>>,
}

impl<'a> RecordLine<'a> {
    /// # Errors
    /// Which member is wrong, and how.
    fn parse(line: &'a str) -> Result<Self, String> {
        let members: BTreeMap<String, &RawValue> =
            serde_json::from_str(line).map_err(|error| error.to_string())?;
        let mut record = Self::default();
        for (name, json) in members {
            match name.as_str() {
                "topic" => record.topic = member(&name, json)?,
                "partition" => record.partition = member(&name, json)?,
                "timestamp" => record.timestamp = member(&name, json)?,
                "key" => record.key = Some(json),
                "value" => record.value = Some(json),
                "headers" => record.headers = member(&name, json)?,
                other => {
                    return Err(format!(
                        "`{other}` is no member of a record, which has `topic`, `partition`, \
                         `timestamp`, `key`, `value` and `headers`"
                    ));
                }
            }
        }
        Ok(record)
    }
}

fn member<'a, T: Deserialize<'a>>(name: &str, json: &'a RawValue) -> Result<T, String> {
    serde_json::from_str(json.get()).map_err(|error| format!("`{name}`: {error}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderLine<'a> {
    key: String,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

/// What tells data with a schema from data without.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    #[serde(borrow, rename = "schema")]
    _schema: &'a RawValue,
    #[serde(borrow, rename = "payload")]
    _payload: &'a RawValue,
}

impl Input {
    /// # Errors
    /// When this program has no JSON converter.
    pub(super) fn new(
        connector: &Props,
        format: Format,
        topic: &str,
        plugins: &PluginRegistry,
    ) -> Result<Self, Failure> {
        let class = connector.get(CONNECTOR_CLASS).unwrap_or_default();
        let plugin = plugins.connector(class.trim()).ok();
        Ok(Self {
            format,
            topic: topic.into(),
            is_consumed: plugin.is_some_and(|it| it.entry.kind() == PluginKind::Sink),
            with_schema: converter(plugins, "true")?,
            without_schema: converter(plugins, "false")?,
        })
    }

    /// # Errors
    /// What is wrong with the line.
    pub(super) fn record(&self, line: &str, number: u64) -> Result<Record, String> {
        let mut record = Record::new(self.topic.clone());
        match self.format {
            Format::Json if line.trim().is_empty() => {
                return Err("the line is empty; a tombstone is `null`".to_owned());
            }
            Format::Text => {
                record.value_schema = Some(Schema::string());
                record.value = line.into();
            }
            Format::Json => self.set_value(&mut record, line)?,
            Format::Record => {
                self.fill(&mut record, RecordLine::parse(line)?)?;
            }
        }
        Ok(match self.is_consumed {
            true => consumed(record, number),
            false => record,
        })
    }

    fn fill(&self, record: &mut Record, line: RecordLine<'_>) -> Result<(), String> {
        if let Some(topic) = line.topic {
            record.topic = topic.into();
        }
        record.partition = line.partition;
        record.timestamp = line.timestamp;
        if let Some(key) = line.key {
            let SchemaAndValue { schema, value } = self.data(key.get())?;
            record.key_schema = schema;
            record.key = value;
        }
        if let Some(value) = line.value {
            self.set_value(record, value.get())?;
        }
        for header in line.headers {
            let value = header.value.map_or("null", RawValue::get);
            let SchemaAndValue { schema, value } = self.data(value)?;
            let added = record.headers.add(header.key, schema, value);
            added.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn set_value(&self, record: &mut Record, json: &str) -> Result<(), String> {
        let SchemaAndValue { schema, value } = self.data(json)?;
        record.value_schema = schema;
        record.value = value;
        Ok(())
    }

    fn data(&self, json: &str) -> Result<SchemaAndValue, String> {
        let has_schema = serde_json::from_str::<Envelope<'_>>(json).is_ok();
        let converter = match has_schema {
            true => &self.with_schema,
            false => &self.without_schema,
        };
        let bytes = Blob::copy_from_slice(json.as_bytes());
        let data = converter.to_connect("", Some(&bytes));
        data.map_err(|error| error.trace().replace('\n', "; "))
    }
}

fn converter(plugins: &PluginRegistry, schemas: &str) -> Result<Box<dyn ErasedConverter>, Failure> {
    let plugin = plugins.converter(JSON_CONVERTER, Role::Value);
    let plugin = plugin.map_err(|error| Failure::setup(&error))?;
    let PluginEntry::Converter { new, .. } = plugin.entry else {
        unreachable!("the registry gives converters alone");
    };
    let config = Props::from_iter([(SCHEMAS, schemas)]);
    new(&config, Role::Value).map_err(|error| Failure::setup(&error))
}

/// The record as a sink reads it: the first of its partition has offset 0.
fn consumed(record: Record, number: u64) -> Record {
    let origin = Origin {
        topic: record.topic.clone(),
        partition: record.partition.unwrap_or_default(),
        offset: i64::try_from(number - 1).unwrap_or(i64::MAX),
        timestamp_type: match record.timestamp {
            Some(_) => TimestampType::CreateTime,
            None => TimestampType::None,
        },
    };
    SinkRecord::new(record, origin).into_record()
}
