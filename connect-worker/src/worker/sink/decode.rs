//! Fetched records into sink records: views of one buffer, converted and transformed in order.

use std::sync::Arc;

use bytes::Bytes;
use connect_core::converter::KafkaHeaders;
use connect_core::data::{Blob, Header, Headers, SchemaAndValue, Text, TimestampType, Topic};
use connect_core::record::{Origin, Record, SinkRecord};
use connect_core::sink::TopicPartition;
use connect_kafka::{FetchedBatch, FetchedRecord};

use super::places::Places;
use crate::worker::converters::{Converters, NamedConverter};
use crate::worker::errors::{Failure, Stage};
use crate::worker::transforms::TransformChain;

/// The records of a fetched batch, converted one after the other; again, if they have to be
/// delivered again.
#[derive(Debug)]
pub(super) struct DecodedBatch {
    batch: FetchedBatch,
    buffer: Arc<Bytes>,
    /// Names of topics, by their number in the batch.
    topics: Vec<Topic>,
    /// Numbers of records that are left out, in order.
    skipped: Vec<usize>,
    /// Partitions whose records are left out and do not count as delivered.
    removed: Vec<TopicPartition>,
    records: Vec<SinkRecord>,
    /// Next record to convert.
    next: usize,
    /// Numbers of topics of which a record could be converted.
    converted: Vec<usize>,
    /// What of the next record is done already.
    partial: Partial,
    /// For each run of records of one partition: the offset behind it.
    ends: Vec<(TopicPartition, i64)>,
    /// What the task was given, if that is kept for the case that it refuses it.
    kept: Option<Vec<SinkRecord>>,
}

impl DecodedBatch {
    pub(super) fn new(batch: FetchedBatch) -> Self {
        Self {
            buffer: Arc::new(batch.buffer().clone()),
            topics: Vec::new(),
            skipped: Vec::new(),
            removed: Vec::new(),
            records: Vec::with_capacity(batch.len()),
            next: 0,
            converted: Vec::new(),
            partial: Partial::default(),
            ends: Vec::new(),
            kept: None,
            batch,
        }
    }

    /// The same, which is converted and transformed once: transforms may remember what they saw.
    pub(super) fn kept(self) -> Self {
        Self {
            kept: Some(Vec::new()),
            ..self
        }
    }

    /// Converts and transforms up to the end or to a record for which that fails, which is then the
    /// [current](Self::current) one. Called again it goes on with what failed, if that `may_retry`.
    /// Records that a transform drops count as delivered with the others.
    pub(super) fn convert(
        &mut self,
        converters: &Converters,
        transforms: &mut TransformChain,
        may_retry: bool,
    ) -> Result<(), Failure> {
        while let Some(fetched) = self.batch.get(self.next) {
            let topic = topic_of(&mut self.topics, fetched);
            if self.skipped.is_empty() || self.skipped.binary_search(&self.next).is_err() {
                let partial = &mut self.partial;
                let record = if let Some(record) = partial.record.take() {
                    record
                } else {
                    let number = fetched.topic_index();
                    let record = partial.convert(&self.buffer, topic, fetched, converters)?;
                    if self.converted.last() != Some(&number) && !self.converted.contains(&number) {
                        self.converted.push(number);
                    }
                    record
                };
                let record = if transforms.is_empty() {
                    Some(record)
                } else {
                    let origin = || origin(topic, fetched);
                    partial.transform(record, origin, transforms, may_retry)?
                };
                self.records.extend(record);
            }
            self.step();
        }
        Ok(())
    }

    /// The record that was read at a place, if it is among these.
    pub(super) fn find(&self, place: &Origin) -> Option<FetchedRecord<'_>> {
        self.batch.iter().find(|it| {
            it.offset() == place.offset
                && it.partition() == place.partition
                && it.topic().as_str() == place.topic.as_str()
        })
    }

    /// Where the records were read, in messages.
    pub(super) fn read_at(&self) -> Places<'_> {
        Places(&self.batch)
    }

    /// The record that failed.
    pub(super) fn current(&self) -> Option<FetchedRecord<'_>> {
        self.batch.get(self.next)
    }

    /// Leaves the current record out from now on; it counts as delivered with the others.
    pub(super) fn skip(&mut self) {
        self.partial = Partial::default();
        if let Err(place) = self.skipped.binary_search(&self.next) {
            self.skipped.insert(place, self.next);
        }
    }

    /// Topics of which a record could be converted, whatever transforms made of it.
    pub(super) fn converted_topics(&self) -> impl Iterator<Item = &Topic> {
        self.converted.iter().map(|number| &self.topics[*number])
    }

    /// Takes the converted records.
    pub(super) fn take_records(&mut self) -> Vec<SinkRecord> {
        if let Some(kept) = &mut self.kept {
            kept.clone_from(&self.records);
        }
        std::mem::take(&mut self.records)
    }

    /// For each partition the offset behind its last record.
    pub(super) fn ends(&self) -> &[(TopicPartition, i64)] {
        &self.ends
    }

    /// Starts again from the first record.
    pub(super) fn rewind(&mut self) {
        if let Some(kept) = &mut self.kept {
            let removed = &self.removed;
            self.ends
                .retain(|(partition, _)| !removed.contains(partition));
            self.records = std::mem::take(kept);
            self.records
                .retain(|it| !removed.contains(&partition_of(it)));
            return;
        }
        self.records.clear();
        self.ends.clear();
        self.partial = Partial::default();
        self.next = 0;
    }

    /// Leaves out the records of partitions that were taken away.
    pub(super) fn remove(&mut self, partitions: &[TopicPartition]) {
        let is_removed = |record: FetchedRecord<'_>| {
            partitions.iter().any(|it| {
                it.partition == record.partition() && it.topic.as_str() == record.topic().as_str()
            })
        };
        let numbered = self.batch.iter().enumerate();
        let numbers = numbered.filter(|(_, record)| is_removed(*record));
        self.skipped.extend(numbers.map(|(number, _)| number));
        self.skipped.sort_unstable();
        self.skipped.dedup();
        self.removed.extend_from_slice(partitions);
    }

    /// Moves behind the current record.
    fn step(&mut self) {
        let Some(fetched) = self.batch.get(self.next) else {
            return;
        };
        self.next += 1;
        // A record that came through has left nothing else.
        self.partial.step = 0;
        let behind = fetched.offset() + 1;
        let (topic, partition) = (&self.topics[fetched.topic_index()], fetched.partition());
        match self.ends.last_mut() {
            Some((last, end)) if last.partition == partition && last.topic == *topic => {
                *end = behind;
            }
            _ => {
                let topic = topic.clone();
                let partition = TopicPartition { topic, partition };
                if !self.removed.contains(&partition) {
                    self.ends.push((partition, behind));
                }
            }
        }
    }
}

/// Where a record was read.
fn partition_of(record: &SinkRecord) -> TopicPartition {
    let origin = record.origin();
    TopicPartition {
        topic: origin.topic.clone(),
        partition: origin.partition,
    }
}

/// The name of a record's topic; each name of a batch is converted once.
fn topic_of<'a>(topics: &'a mut Vec<Topic>, fetched: FetchedRecord<'_>) -> &'a Topic {
    let index = fetched.topic_index();
    if index >= topics.len() {
        // Topics are numbered in order of appearance, so the next number is the only missing one.
        topics.push(fetched.topic().as_str().into());
    }
    &topics[index]
}

/// What is done of a record for which something failed, so that only that is tried again.
#[derive(Debug, Default)]
struct Partial {
    key: Option<SchemaAndValue>,
    value: Option<SchemaAndValue>,
    /// The converted record, before the step of the transforms with which it goes on.
    record: Option<SinkRecord>,
    step: usize,
}

impl Partial {
    fn convert(
        &mut self,
        buffer: &Arc<Bytes>,
        topic: &Topic,
        fetched: FetchedRecord<'_>,
        converters: &Converters,
    ) -> Result<SinkRecord, Failure> {
        let blob = |range| Blob::slice_of(buffer, range);
        let uses_headers = converters.key.uses_headers || converters.value.uses_headers;
        let raw = uses_headers.then(|| kafka_headers(fetched, buffer));
        let read = |with: &NamedConverter, data: Option<&Blob>| match &raw {
            Some(headers) => with.converter.to_connect_with_headers(topic, headers, data),
            None => with.converter.to_connect(topic, data),
        };
        let key = if let Some(key) = self.key.take() {
            key
        } else {
            let with = &converters.key;
            let data = fetched.key_range().map(blob);
            let key = read(with, data.as_ref());
            key.map_err(|it| Failure::new(Stage::KeyConverter, with.class, it))?
        };
        let value = if let Some(value) = self.value.take() {
            value
        } else {
            let with = &converters.value;
            let data = fetched.value_range().map(blob);
            match read(with, data.as_ref()) {
                Ok(value) => value,
                Err(error) => {
                    self.key = Some(key);
                    return Err(Failure::new(Stage::ValueConverter, with.class, error));
                }
            }
        };
        let mut record = Record::new(topic);
        if fetched.headers().len() > 0 {
            match headers(topic, fetched, buffer, converters) {
                Ok(headers) => record.headers = headers,
                Err(failure) => {
                    (self.key, self.value) = (Some(key), Some(value));
                    return Err(failure);
                }
            }
        }
        record.timestamp = fetched.timestamp();
        (record.key_schema, record.key) = (key.schema, key.value);
        (record.value_schema, record.value) = (value.schema, value.value);
        Ok(SinkRecord::new(record, origin(topic, fetched)))
    }

    /// The record behind the transforms; `None` when it was dropped.
    fn transform(
        &mut self,
        record: SinkRecord,
        origin: impl Fn() -> Origin,
        transforms: &mut TransformChain,
        may_retry: bool,
    ) -> Result<Option<SinkRecord>, Failure> {
        let mut record = record.into_record();
        match transforms.apply(&mut record, self.step, may_retry) {
            Ok(is_kept) => Ok(is_kept.then(|| SinkRecord::transformed(record, origin))),
            Err(failed) => {
                self.step = failed.step;
                self.record = may_retry.then(|| SinkRecord::transformed(record, origin));
                Err(failed.failure)
            }
        }
    }
}

fn origin(topic: &Topic, fetched: FetchedRecord<'_>) -> Origin {
    Origin {
        topic: topic.clone(),
        partition: fetched.partition(),
        offset: fetched.offset(),
        timestamp_type: match fetched.timestamp_type() {
            connect_kafka::TimestampType::None => TimestampType::None,
            connect_kafka::TimestampType::CreateTime => TimestampType::CreateTime,
            connect_kafka::TimestampType::LogAppendTime => TimestampType::LogAppendTime,
        },
    }
}

/// The headers as they are in the topic.
fn kafka_headers(fetched: FetchedRecord<'_>, buffer: &Arc<Bytes>) -> KafkaHeaders {
    let mut headers = KafkaHeaders::new();
    for header in fetched.headers() {
        let name = Text::from_blob_lossy(Blob::copy_from_slice(header.key()));
        let value = header.value_range();
        headers.add(name, value.map(|range| Blob::slice_of(buffer, range)));
    }
    headers
}

fn headers(
    topic: &Topic,
    fetched: FetchedRecord<'_>,
    buffer: &Arc<Bytes>,
    converters: &Converters,
) -> Result<Headers, Failure> {
    let with = &converters.header;
    let mut headers = Headers::new();
    for header in fetched.headers() {
        let name = Text::from_blob_lossy(Blob::copy_from_slice(header.key()));
        let data = header
            .value_range()
            .map(|range| Blob::slice_of(buffer, range));
        let value = with
            .converter
            .to_connect_header(topic, name.as_str(), data.as_ref());
        let value = value.map_err(|it| Failure::new(Stage::HeaderConverter, with.class, it))?;
        headers.push(Header::new(name, value.schema, value.value));
    }
    Ok(headers)
}
