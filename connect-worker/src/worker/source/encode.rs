//! Records through transforms and converters into bytes: a part of a batch at a time, into one
//! buffer. Text and bytes that are sent as they are stay where the source has put them.

use std::ops::Range;

use connect_core::converter::KafkaHeaders;
use connect_core::data::{Blob, SchemaRef, Text, Value};
use connect_core::record::Record;
use connect_core::{ConnectError, Result};
use connect_kafka::{OutgoingHeader, OutgoingRecord};

use super::in_flight::{TopicRuns, note_topic};
use crate::worker::converters::{Converters, NamedConverter};
use crate::worker::errors::{Failure, Stage};
use crate::worker::transforms::TransformChain;

mod queue;

pub(super) use queue::RecordQueue;

/// A part of a batch ends after so many records …
const MOST_RECORDS: usize = 1_024;
/// … or bytes.
const MOST_BYTES: usize = 1 << 20;

/// What of a record was encoded before a converter failed, so that only that one is tried again.
#[derive(Debug)]
struct Partial {
    bytes: Vec<u8>,
    /// Slices of `bytes`.
    headers: Vec<Span>,
    /// Names of the last ones of these headers, which are not of the record.
    added: Vec<Text>,
    /// What these make up. Its key is a slice of `bytes`, too.
    done: Done,
}

/// What of a record is encoded already.
#[derive(Debug, Default)]
struct Done {
    has_headers: bool,
    key: Option<Part>,
}

/// Where in a chunk a record begins.
struct Begun {
    bytes: usize,
    headers: usize,
    added: usize,
}

/// A slice of the buffer; `None` is null.
type Span = Option<Range<usize>>;

/// The bytes of a key or value.
#[derive(Debug)]
enum Part {
    /// Those that the record has, which are not copied; null if it has none.
    Verbatim,
    /// Those that a converter wrote.
    Written(Span),
}

impl Part {
    /// How many bytes of this value are sent from where they are.
    #[inline(always)]
    fn verbatim(&self, data: &Value) -> usize {
        match self {
            Self::Verbatim => own_bytes(data).map_or(0, <[u8]>::len),
            Self::Written(_) => 0,
        }
    }

    fn map(self, change: impl FnOnce(Span) -> Span) -> Self {
        match self {
            Self::Verbatim => Self::Verbatim,
            Self::Written(span) => Self::Written(change(span)),
        }
    }
}

/// Encoded records that are to be sent together. Its memory is used again and again.
#[derive(Debug, Default)]
pub(super) struct EncodedChunk {
    bytes: Vec<u8>,
    /// Bytes of keys and values that are not there, because they are sent from where they are.
    verbatim: usize,
    records: Vec<EncodedRecord>,
    header_values: Vec<Span>,
    /// Names of headers that converters have added, record by record.
    added: Vec<Text>,
    /// Topics, each with the number of the first record before which only others come.
    topics: TopicRuns,
}

#[derive(Debug)]
struct EncodedRecord {
    /// Index in the batch.
    index: usize,
    key: Part,
    value: Part,
    /// Its part of the header values: first those of the record, then those that were added.
    headers: Range<usize>,
}

/// Where encoding stopped.
#[derive(Debug)]
pub(super) enum Encoded {
    /// The chunk is full, or the batch ends.
    Chunk,
    /// The next record cannot be transformed or encoded.
    Failed(Failure),
}

impl EncodedChunk {
    /// Forgets all records.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.verbatim = 0;
        self.records.clear();
        self.header_values.clear();
        self.added.clear();
        self.topics.clear();
    }

    /// Number of records.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Bytes of all keys, values and headers.
    const fn size(&self) -> usize {
        self.bytes.len() + self.verbatim
    }

    /// Indexes of the records in their batch.
    pub(super) fn indexes(&self) -> impl Iterator<Item = usize> {
        self.records.iter().map(|it| it.index)
    }

    /// The topics of the records, which are numbered from `first` on.
    pub(super) fn topic_runs(&self, first: u64) -> TopicRuns {
        let runs = self.topics.iter();
        runs.map(|(number, topic)| (first + number, topic.clone()))
            .collect()
    }

    /// Transforms and encodes records of the queue until the chunk is full. Records that a
    /// transform drops are passed over.
    ///
    /// # Errors
    /// What no tolerance applies to: a record that is malformed in itself.
    pub(super) fn fill(
        &mut self,
        queue: &mut RecordQueue,
        transforms: &mut TransformChain,
        converters: &Converters,
    ) -> Result<Encoded> {
        while let Some(index) = queue.next_index() {
            if self.records.len() >= MOST_RECORDS || self.size() >= MOST_BYTES {
                break;
            }
            if queue.next_is_offset_only() {
                break;
            }
            match queue.transform_next(transforms) {
                Ok(true) => {}
                Ok(false) => {
                    queue.advance();
                    continue;
                }
                Err(failure) => return Ok(Encoded::Failed(failure)),
            }
            let record = queue.records.record(index);
            if let Some(timestamp) = queue.time_of(record).filter(|it| *it < -1) {
                return Err(ConnectError::fatal(format_args!(
                    "Invalid record timestamp {timestamp}"
                )));
            }
            if let Err(failure) = self.push(index, record, converters, &mut queue.partial) {
                return Ok(Encoded::Failed(failure));
            }
            queue.advance();
        }
        Ok(Encoded::Chunk)
    }

    /// Encodes a record, or as much of it as can be.
    #[inline(always)]
    fn push(
        &mut self,
        index: usize,
        record: &Record,
        converters: &Converters,
        partial: &mut Option<Box<Partial>>,
    ) -> Result<(), Failure> {
        let halves @ (key, value) = &Half::both(record, converters);
        // Most of what is sent as it is has no headers, and then there is nothing to do.
        if key.is_verbatim && value.is_verbatim && partial.is_none() && record.headers.is_empty() {
            let first_header = self.header_values.len();
            let parts = (Part::Verbatim, Part::Verbatim);
            self.add(index, record, first_header, parts);
            return Ok(());
        }
        self.push_any(index, record, halves, &converters.header, partial)
    }

    fn push_any(
        &mut self,
        index: usize,
        record: &Record,
        halves: &(Half<'_>, Half<'_>),
        header: &NamedConverter,
        partial: &mut Option<Box<Partial>>,
    ) -> Result<(), Failure> {
        let begun = Begun {
            bytes: self.bytes.len(),
            headers: self.header_values.len(),
            added: self.added.len(),
        };
        let mut done = match partial.take() {
            Some(partial) => self.resume(*partial),
            None => Done::default(),
        };
        match self.go_on(record, begun.headers, halves, header, &mut done) {
            Ok(parts) => {
                self.add(index, record, begun.headers, parts);
                Ok(())
            }
            Err(failure) => {
                *partial = Some(Box::new(self.interrupt(&begun, done)));
                Err(failure)
            }
        }
    }

    /// Adds a record of which everything is encoded.
    #[inline(always)]
    fn add(
        &mut self,
        index: usize,
        record: &Record,
        first_header: usize,
        (key, value): (Part, Part),
    ) {
        self.verbatim += key.verbatim(&record.key) + value.verbatim(&record.value);
        note_topic(&mut self.topics, self.records.len() as u64, &record.topic);
        self.records.push(EncodedRecord {
            index,
            key,
            value,
            headers: first_header..self.header_values.len(),
        });
    }

    /// Puts back what of a record was encoded before.
    #[cold]
    fn resume(&mut self, mut partial: Partial) -> Done {
        let start = self.bytes.len();
        self.bytes.append(&mut partial.bytes);
        let headers = partial.headers.into_iter();
        self.header_values
            .extend(headers.map(|it| shifted(it, start)));
        self.added.append(&mut partial.added);
        let key = partial.done.key;
        Done {
            key: key.map(|it| it.map(|span| shifted(span, start))),
            ..partial.done
        }
    }

    /// Takes out what of a record is encoded, to go on with it later.
    #[cold]
    fn interrupt(&mut self, begun: &Begun, done: Done) -> Partial {
        let headers = self.header_values.drain(begun.headers..);
        let key = done.key;
        Partial {
            headers: headers.map(|it| since(it, begun.bytes)).collect(),
            added: self.added.split_off(begun.added),
            bytes: self.bytes.split_off(begun.bytes),
            done: Done {
                key: key.map(|it| it.map(|span| since(span, begun.bytes))),
                ..done
            },
        }
    }

    /// Encodes what of a record is not done yet, and returns its key and value.
    fn go_on(
        &mut self,
        record: &Record,
        first_header: usize,
        (key, value): &(Half<'_>, Half<'_>),
        header: &NamedConverter,
        done: &mut Done,
    ) -> Result<(Part, Part), Failure> {
        if !done.has_headers && !record.headers.is_empty() {
            self.push_headers(record, header)?;
        }
        done.has_headers = true;
        if done.key.is_none() {
            done.key = Some(self.push_half(record, first_header, key)?);
        }
        let value = self.push_half(record, first_header, value)?;
        let key = done.key.take().expect("the key comes first");
        Ok((key, value))
    }

    /// Encodes all headers of a record, or none.
    fn push_headers(&mut self, record: &Record, with: &NamedConverter) -> Result<(), Failure> {
        let topic = record.topic.as_str();
        let (start, first) = (self.bytes.len(), self.header_values.len());
        for header in &record.headers {
            let value = span(&mut self.bytes, Stage::HeaderConverter, with, |it, out| {
                it.converter.from_connect_header(
                    topic,
                    header.key().as_str(),
                    header.schema(),
                    header.value(),
                    out,
                )
            });
            match value {
                Ok(value) => self.header_values.push(value),
                Err(failure) => {
                    self.bytes.truncate(start);
                    self.header_values.truncate(first);
                    return Err(failure);
                }
            }
        }
        Ok(())
    }

    /// Encodes the key or value of a record.
    fn push_half(
        &mut self,
        record: &Record,
        first_header: usize,
        half: &Half<'_>,
    ) -> Result<Part, Failure> {
        if half.with.uses_headers {
            let written = self.push_with_headers(record, first_header, half)?;
            return Ok(Part::Written(written));
        }
        if half.is_verbatim {
            return Ok(Part::Verbatim);
        }
        let topic = record.topic.as_str();
        let written = span(&mut self.bytes, half.stage, half.with, |it, out| {
            it.converter
                .from_connect(topic, half.schema, half.data, out)
        })?;
        Ok(Part::Written(written))
    }

    /// Encodes a half of a record whose converter sees the headers, and those that it adds.
    fn push_with_headers(
        &mut self,
        record: &Record,
        first_header: usize,
        half: &Half<'_>,
    ) -> Result<Span, Failure> {
        let topic = record.topic.as_str();
        let mut headers = self.kafka_headers(record, first_header);
        let known = headers.len();
        let encoded = span(&mut self.bytes, half.stage, half.with, |it, out| {
            let headers = &mut headers;
            it.converter
                .from_connect_with_headers(topic, headers, half.schema, half.data, out)
        })?;
        for (name, value) in headers.iter().skip(known) {
            self.added.push(name.into());
            self.header_values.push(value.map(|value| {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(value);
                start..self.bytes.len()
            }));
        }
        Ok(encoded)
    }

    /// The headers of the record that is being encoded, as far as they are.
    fn kafka_headers(&self, record: &Record, first_header: usize) -> KafkaHeaders {
        let values = &self.header_values[first_header..];
        let first_added = self.added.len() - (values.len() - record.headers.iter().len());
        let names = names(record, &self.added[first_added..]);
        let mut headers = KafkaHeaders::new();
        for (name, value) in names.zip(values) {
            headers.add(name, self.slice(value).map(Blob::copy_from_slice));
        }
        headers
    }

    /// Names and values of all headers, for [`outgoing`](Self::outgoing).
    pub(super) fn headers<'a>(&'a self, queue: &'a RecordQueue) -> Vec<OutgoingHeader<'a>> {
        let mut headers = Vec::with_capacity(self.header_values.len());
        let mut added = &self.added[..];
        for encoded in self.records.iter().filter(|it| !it.headers.is_empty()) {
            let values = &self.header_values[encoded.headers.clone()];
            let record = queue.records.record(encoded.index);
            let (of_record, rest) = added.split_at(values.len() - record.headers.iter().len());
            added = rest;
            let names = names(record, of_record);
            headers.extend(names.zip(values).map(|(name, value)| OutgoingHeader {
                key: name,
                value: self.slice(value),
            }));
        }
        headers
    }

    /// The records from the given one on, as the producer wants them.
    pub(super) fn outgoing<'a>(
        &'a self,
        queue: &'a RecordQueue,
        headers: &'a [OutgoingHeader<'a>],
        first: usize,
    ) -> impl Iterator<Item = OutgoingRecord<'a>> {
        let records = self.records[first..].iter();
        records.map(
            #[inline(always)]
            move |encoded| self.outgoing_record(queue, headers, encoded),
        )
    }

    #[inline(always)]
    fn outgoing_record<'a>(
        &'a self,
        queue: &'a RecordQueue,
        headers: &'a [OutgoingHeader<'a>],
        encoded: &EncodedRecord,
    ) -> OutgoingRecord<'a> {
        let record = queue.records.record(encoded.index);
        OutgoingRecord {
            topic: record.topic.as_str(),
            partition: record.partition,
            key: self.part(&encoded.key, &record.key),
            value: self.part(&encoded.value, &record.value),
            headers: &headers[encoded.headers.clone()],
            timestamp: queue.time_of(record).filter(|it| *it >= 0),
        }
    }

    #[inline(always)]
    fn part<'a>(&'a self, part: &Part, data: &'a Value) -> Option<&'a [u8]> {
        match part {
            Part::Verbatim => own_bytes(data),
            Part::Written(span) => self.slice(span),
        }
    }

    fn slice(&self, span: &Span) -> Option<&[u8]> {
        span.clone().map(|range| &self.bytes[range])
    }
}

/// A key or value, and what encodes it.
struct Half<'a> {
    stage: Stage,
    with: &'a NamedConverter,
    schema: Option<&'a SchemaRef>,
    data: &'a Value,
    /// Whether it is sent as it is.
    is_verbatim: bool,
}

impl<'a> Half<'a> {
    /// The key and the value of a record.
    #[inline(always)]
    fn both(record: &'a Record, converters: &'a Converters) -> (Self, Self) {
        let (key, value) = (record.key_schema.as_ref(), record.value_schema.as_ref());
        (
            Self::new(Stage::KeyConverter, &converters.key, key, &record.key),
            Self::new(
                Stage::ValueConverter,
                &converters.value,
                value,
                &record.value,
            ),
        )
    }

    #[inline(always)]
    fn new(
        stage: Stage,
        with: &'a NamedConverter,
        schema: Option<&'a SchemaRef>,
        data: &'a Value,
    ) -> Self {
        let may_be = matches!(data, Value::Null | Value::String(_) | Value::Bytes(_));
        Self {
            stage,
            with,
            schema,
            data,
            is_verbatim: may_be && !with.uses_headers && with.converter.is_verbatim(schema, data),
        }
    }
}

/// The bytes that a value has, whatever converts it.
#[inline]
fn own_bytes(data: &Value) -> Option<&[u8]> {
    match data {
        Value::String(text) => Some(text.as_bytes()),
        Value::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// The names of a record's headers, and of those that were added.
fn names<'a>(record: &'a Record, added: &'a [Text]) -> impl Iterator<Item = &'a str> {
    let own = record.headers.iter().map(|it| it.key().as_str());
    own.chain(added.iter().map(Text::as_str))
}

/// Appends what a converter writes and returns where it is.
fn span(
    bytes: &mut Vec<u8>,
    stage: Stage,
    with: &NamedConverter,
    write: impl FnOnce(&NamedConverter, &mut Vec<u8>) -> Result<bool>,
) -> Result<Span, Failure> {
    let start = bytes.len();
    match write(with, bytes) {
        Ok(true) => Ok(Some(start..bytes.len())),
        Ok(false) => {
            bytes.truncate(start);
            Ok(None)
        }
        Err(error) => {
            bytes.truncate(start);
            Err(Failure::new(stage, with.class, error))
        }
    }
}

fn shifted(span: Span, by: usize) -> Span {
    span.map(|it| it.start + by..it.end + by)
}

fn since(span: Span, start: usize) -> Span {
    span.map(|it| it.start - start..it.end - start)
}

#[cfg(test)]
mod tests;
