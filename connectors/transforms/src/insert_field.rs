//! Adds fields that tell where a record comes from.

use connect_core::data::{
    Field, Map, MapInsertion, Refit, Schema, SchemaAndValue, SchemaRef, Text, Value,
};
use connect_core::record::Record;
use connect_core::{ConnectError, ConnectorConfig, DataTransform, Result, transform};

use crate::cache::{Latest, SchemaCache};
use crate::nulls::NullHandling;
use crate::shape::{into_map, into_struct, like, with_metadata_of};

const PURPOSE: &str = "field insertion";
/// Keys of larger maps are not remembered.
const REMEMBERED: usize = 1_000;

/// Which fields [`InsertField`] adds. A name may end in `!` for a required field, or in `?` for an
/// optional one, which is what it is without either.
#[derive(Clone, Debug, ConnectorConfig)]
pub struct InsertFieldConfig {
    /// Field for the topic.
    pub topic_field: Option<String>,

    /// Field for the partition of the topic.
    pub partition_field: Option<String>,

    /// Field for the offset; only records that a sink consumes have one.
    pub offset_field: Option<String>,

    /// Field for the timestamp.
    pub timestamp_field: Option<String>,

    /// Field for a fixed text.
    pub static_field: Option<String>,

    /// The fixed text.
    pub static_value: Option<String>,

    /// What null fields stand for.
    #[config(flatten)]
    pub nulls: NullHandling,
}

/// Adds the record's topic, partition, offset or timestamp, or a fixed text, as fields of the key
/// or the value.
#[transform(
    name = "org.apache.kafka.connect.transforms.InsertField",
    version = "4.3.1",
    targets(key, value)
)]
#[derive(Debug)]
pub struct InsertField {
    insertions: Vec<Insertion>,
    nulls: NullHandling,
    schemas: SchemaCache<Refit>,
}

/// A field that is added.
#[derive(Debug)]
struct Insertion {
    name: String,
    key: Value,
    is_optional: bool,
    what: Inserted,
    /// Into maps. Mostly one has the keys of one before, and its keys are not made anew.
    into_maps: Latest<MapInsertion>,
}

/// What a field is filled with.
#[derive(Debug)]
enum Inserted {
    Topic,
    Partition,
    Offset,
    Timestamp,
    Static(Text),
}

impl DataTransform for InsertField {
    type Config = InsertFieldConfig;

    fn new(config: InsertFieldConfig) -> Result<Self> {
        let fixed = config.static_value.map(|it| Inserted::Static(it.into()));
        if config.static_field.is_some() && fixed.is_none() {
            return Err(ConnectError::config(
                "Invalid value null for configuration static.value: No value specified for static \
                 field",
            ));
        }
        let fields = [
            (config.topic_field, Some(Inserted::Topic)),
            (config.partition_field, Some(Inserted::Partition)),
            (config.offset_field, Some(Inserted::Offset)),
            (config.timestamp_field, Some(Inserted::Timestamp)),
            (config.static_field, fixed),
        ];
        let insertions: Vec<_> = fields
            .into_iter()
            .filter_map(|(name, what)| Some(Insertion::new(&name?, what?)))
            .collect();
        if insertions.is_empty() {
            return Err(ConnectError::config("No field insertion configured"));
        }
        Ok(Self {
            insertions,
            nulls: config.nulls,
            schemas: SchemaCache::default(),
        })
    }

    fn apply(&mut self, data: SchemaAndValue, record: &Record) -> Result<SchemaAndValue> {
        if data.value.is_null() {
            return Ok(data);
        }
        match data.schema {
            None => {
                let map = self.extend_map(into_map(data.value, PURPOSE)?, record)?;
                Ok(SchemaAndValue::schemaless(map))
            }
            Some(schema) => self.extend_struct(&schema, data.value, record),
        }
    }

    fn uses_timestamp(&self) -> bool {
        let mut inserted = self.insertions.iter();
        inserted.any(|it| matches!(it.what, Inserted::Timestamp))
    }
}

impl InsertField {
    fn extend_map(&mut self, mut map: Map, record: &Record) -> Result<Map> {
        for insertion in &mut self.insertions {
            let mut value = Value::Null;
            insertion.fill(&mut value, record)?;
            match value {
                Value::Null => {}
                Value::Instant(millis) => insertion.insert(&mut map, Value::Int64(millis)),
                value => insertion.insert(&mut map, value),
            }
        }
        Ok(map)
    }

    fn extend_struct(
        &mut self,
        schema: &SchemaRef,
        value: Value,
        record: &Record,
    ) -> Result<SchemaAndValue> {
        let input = into_struct(schema, value, PURPOSE)?;
        let insertions = &self.insertions;
        let extended = self
            .schemas
            .get_or_build(schema, |schema| extend_schema(schema, insertions))?;
        let nulls = self.nulls;
        let fill = |field: &Field, value: &mut Value| {
            nulls.fill(field, value);
            Ok(())
        };
        let mut inserted = insertions.iter();
        let insert = |_: &Field, value: &mut Value| match inserted.next() {
            Some(insertion) => insertion.fill(value, record),
            None => Ok(()),
        };
        let made = extended.apply_and_extend(input, fill, insert)?;
        Ok(SchemaAndValue::new(extended.schema().clone(), made))
    }
}

fn extend_schema(schema: &SchemaRef, insertions: &[Insertion]) -> Result<Refit> {
    let mut builder = with_metadata_of(schema, like(schema)?);
    for insertion in insertions {
        builder = builder.field(&insertion.name, insertion.schema());
    }
    Ok(Refit::new(schema, builder.build()?.kept(), |_| false)?)
}

impl Insertion {
    fn new(name: &str, what: Inserted) -> Self {
        let (name, is_optional) = match name.strip_suffix('!') {
            Some(name) => (name, false),
            None => (name.strip_suffix('?').unwrap_or(name), true),
        };
        Self {
            name: name.to_owned(),
            key: name.into(),
            is_optional,
            what,
            into_maps: Latest::default(),
        }
    }

    fn insert(&mut self, map: &mut Map, value: Value) {
        if map.len() > REMEMBERED {
            map.insert(self.key.clone(), value);
            return;
        }
        let key = &self.key;
        let insertion = self.into_maps.bring_or_add(
            |it| it.is_for(map.keys()),
            || MapInsertion::new(map.keys(), key.clone()),
        );
        map.insert_by(insertion, value);
    }

    fn schema(&self) -> SchemaRef {
        match (&self.what, self.is_optional) {
            (Inserted::Topic | Inserted::Static(_), false) => Schema::string(),
            (Inserted::Topic | Inserted::Static(_), true) => Schema::optional_string(),
            (Inserted::Partition, false) => Schema::int32(),
            (Inserted::Partition, true) => Schema::optional_int32(),
            (Inserted::Offset, false) => Schema::int64(),
            (Inserted::Offset, true) => Schema::optional_int64(),
            (Inserted::Timestamp, false) => Schema::timestamp(),
            (Inserted::Timestamp, true) => Schema::optional_timestamp(),
        }
    }

    /// Makes null what the record has, if it has something of the kind.
    #[inline]
    fn fill(&self, value: &mut Value, record: &Record) -> Result<()> {
        match &self.what {
            Inserted::Topic => value.assign((&record.topic).into()),
            Inserted::Partition => value.assign(record.partition.into()),
            Inserted::Offset => value.assign(offset_of(record)?.into()),
            Inserted::Timestamp => {
                value.assign(record.timestamp.map_or(Value::Null, Value::Instant));
            }
            Inserted::Static(text) => value.assign(text.into()),
        }
        Ok(())
    }
}

fn offset_of(record: &Record) -> Result<i64> {
    match record.origin() {
        Some(origin) => Ok(origin.offset),
        None => Err(ConnectError::data(format_args!(
            "Only SinkRecord supported for [{PURPOSE}], found: \
             org.apache.kafka.connect.source.SourceRecord"
        ))),
    }
}
