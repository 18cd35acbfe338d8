//! Fetched records into sink records: views of one buffer, converted and transformed in order.

use std::ops::Range;

use connect_core::converter::KafkaHeaders;
use connect_core::data::{
    Blob, Header, Headers, SchemaRef, Text, TimestampType, Topic, Value, Window,
};
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
    buffer: Window,
    /// Names of topics, by their number in the batch.
    topics: Vec<Topic>,
    /// Numbers of records that are left out, in order.
    skipped: Vec<usize>,
    /// Partitions whose records are left out and do not count as delivered.
    removed: Vec<TopicPartition>,
    records: Vec<SinkRecord>,
    /// Next record to convert.
    next: usize,
    /// What of the next record is done already, if something failed for it. It is the last of the
    /// records then.
    begun: Option<Done>,
    /// Numbers of topics of which a record could be converted.
    converted: Vec<usize>,
    /// For each run of records of one partition: the offset behind it.
    ends: Vec<(TopicPartition, i64)>,
    /// What the task was given, if that is kept for the case that it refuses it.
    kept: Option<Vec<SinkRecord>>,
}

impl DecodedBatch {
    pub(super) fn new(batch: FetchedBatch) -> Self {
        Self {
            buffer: Window::new(batch.buffer().clone()),
            topics: Vec::new(),
            skipped: Vec::new(),
            removed: Vec::new(),
            records: Vec::with_capacity(batch.len()),
            next: 0,
            begun: None,
            converted: Vec::new(),
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
        let first = self.next;
        let converted = self.convert_from_next(converters, transforms, may_retry);
        self.note_ends(first..self.next);
        converted
    }

    fn convert_from_next(
        &mut self,
        converters: &Converters,
        transforms: &mut TransformChain,
        may_retry: bool,
    ) -> Result<(), Failure> {
        while let Some(fetched) = self.batch.get(self.next) {
            let number = fetched.topic_index();
            let topic = topic_of(&mut self.topics, fetched);
            if !self.skipped.is_empty() && self.skipped.binary_search(&self.next).is_ok() {
                self.next += 1;
                continue;
            }
            // Each record is made where it stays: moving one takes longer than converting it.
            let mut done = self.begun.take().unwrap_or_else(|| {
                let one = std::iter::once(fetched);
                self.records.extend(one.map(|it| read_from(topic, it)));
                Done::default()
            });
            let record = self.records.last_mut().expect("one is begun");
            if !done.is_converted {
                if let Err(failure) = done.convert(record, &mut self.buffer, fetched, converters) {
                    self.begun = Some(done);
                    return Err(failure);
                }
                if self.converted.last() != Some(&number) && !self.converted.contains(&number) {
                    self.converted.push(number);
                }
            }
            if !transforms.is_empty() {
                let transformed = transforms.apply(record, done.step, may_retry);
                record.tie(|| origin(topic, fetched));
                match transformed {
                    Ok(true) => {}
                    Ok(false) => drop(self.records.pop()),
                    Err(failed) => {
                        done.step = failed.step;
                        self.begun = Some(done);
                        return Err(failed.failure);
                    }
                }
            }
            self.next += 1;
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
        if self.begun.take().is_some() {
            self.records.pop();
        }
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
        self.begun = None;
        self.next = 0;
    }

    /// Leaves out the records of partitions that were taken away.
    pub(super) fn remove(&mut self, partitions: &[TopicPartition]) {
        debug_assert!(
            self.begun.is_none(),
            "nothing is taken away between two tries"
        );
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

    /// Remembers how far these records go in their partitions.
    fn note_ends(&mut self, done: Range<usize>) {
        let mut records = done.filter_map(|it| self.batch.get(it)).peekable();
        while let Some(mut last) = records.next() {
            let place = (last.topic_index(), last.partition());
            while let Some(next) = records.next_if(|it| (it.topic_index(), it.partition()) == place)
            {
                last = next;
            }
            let (topic, partition) = (self.topics[place.0].clone(), place.1);
            let (partition, behind) = (TopicPartition { topic, partition }, last.offset() + 1);
            match self.ends.last_mut() {
                Some((latest, end)) if *latest == partition => *end = behind,
                _ if self.removed.contains(&partition) => {}
                _ => self.ends.push((partition, behind)),
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

/// What is done of a record, so that nothing is done twice when something fails for it.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    has_key: bool,
    has_value: bool,
    is_converted: bool,
    /// The step of the transforms with which it goes on.
    step: usize,
}

impl Done {
    /// Converts what is not converted yet, into its place.
    fn convert(
        &mut self,
        record: &mut SinkRecord,
        buffer: &mut Window,
        fetched: FetchedRecord<'_>,
        converters: &Converters,
    ) -> Result<(), Failure> {
        let uses_headers = converters.key.uses_headers || converters.value.uses_headers;
        let headers = uses_headers.then(|| kafka_headers(fetched, buffer));
        let headers = headers.as_ref();
        let Record {
            topic,
            key_schema,
            key,
            value_schema,
            value,
            ..
        } = &mut **record;
        if !self.has_key {
            let data = fetched.key_range().map(|it| buffer.at(it));
            let (with, stage) = (&converters.key, Stage::KeyConverter);
            read(with, stage, topic, headers, data, (key_schema, key))?;
            self.has_key = true;
        }
        if !self.has_value {
            let data = fetched.value_range().map(|it| buffer.at(it));
            let (with, stage) = (&converters.value, Stage::ValueConverter);
            read(with, stage, topic, headers, data, (value_schema, value))?;
            self.has_value = true;
        }
        if fetched.headers().len() > 0 {
            record.headers = read_headers(&record.topic, fetched, buffer, converters)?;
        }
        self.is_converted = true;
        Ok(())
    }
}

/// Puts a key or value, read from its bytes, into its place.
#[inline(always)]
fn read(
    with: &NamedConverter,
    stage: Stage,
    topic: &str,
    headers: Option<&KafkaHeaders>,
    data: Option<&Blob>,
    place: (&mut Option<SchemaRef>, &mut Value),
) -> Result<(), Failure> {
    let converter = &with.converter;
    let read = match headers {
        None => converter.to_connect_in_place(topic, data, place),
        Some(headers) => converter
            .to_connect_with_headers(topic, headers, data)
            .map(|read| (*place.0, *place.1) = (read.schema, read.value)),
    };
    read.map_err(|it| Failure::new(stage, with.class, it))
}

/// A record that is not converted yet.
#[inline]
fn read_from(topic: &Topic, fetched: FetchedRecord<'_>) -> SinkRecord {
    SinkRecord::empty(origin(topic, fetched), fetched.timestamp())
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
fn kafka_headers(fetched: FetchedRecord<'_>, buffer: &mut Window) -> KafkaHeaders {
    let mut headers = KafkaHeaders::new();
    for header in fetched.headers() {
        let name = Text::from_blob_lossy(Blob::copy_from_slice(header.key()));
        let value = header.value_range();
        headers.add(name, value.map(|range| buffer.at(range).clone()));
    }
    headers
}

fn read_headers(
    topic: &str,
    fetched: FetchedRecord<'_>,
    buffer: &mut Window,
    converters: &Converters,
) -> Result<Headers, Failure> {
    let with = &converters.header;
    let mut headers = Headers::new();
    for header in fetched.headers() {
        let name = Text::from_blob_lossy(Blob::copy_from_slice(header.key()));
        let data = header.value_range().map(|range| buffer.at(range));
        let value = with.converter.to_connect_header(topic, name.as_str(), data);
        let value = value.map_err(|it| Failure::new(Stage::HeaderConverter, with.class, it))?;
        headers.push(Header::new(name, value.schema, value.value));
    }
    Ok(headers)
}
