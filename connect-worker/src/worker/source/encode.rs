//! Records through transforms and converters into bytes: a part of a batch at a time, into one
//! buffer.

use std::ops::Range;

use connect_core::record::Record;
use connect_core::{ConnectError, Result};
use connect_kafka::{OutgoingHeader, OutgoingRecord};

use crate::worker::converters::{Converters, NamedConverter};
use crate::worker::errors::{Failure, Stage};
use crate::worker::transforms::TransformChain;

/// A part of a batch ends after so many records …
const MOST_RECORDS: usize = 1_024;
/// … or bytes.
const MOST_BYTES: usize = 1 << 20;

/// The records of a batch, each transformed in its place when its turn comes.
#[derive(Debug)]
pub(super) struct RecordQueue {
    records: Vec<Record>,
    next: usize,
    /// Whether the next record has only to be encoded.
    is_transformed: bool,
    keeps_failed: bool,
}

impl RecordQueue {
    /// A queue that gives up records that a transform consumed and failed for, unless it has to
    /// keep them.
    pub(super) fn new(records: Vec<Record>, keeps_failed: bool) -> Self {
        Self {
            records,
            next: 0,
            is_transformed: false,
            keeps_failed,
        }
    }

    /// All records, those before the next one transformed.
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Index of the next record; `None` at the end.
    pub(super) fn next_index(&self) -> Option<usize> {
        (self.next < self.records.len()).then_some(self.next)
    }

    /// The next record. Nothing but its topic is left if it failed and is not kept.
    pub(super) fn next_record(&self) -> Option<&Record> {
        self.records.get(self.next)
    }

    /// Moves behind the next record.
    pub(super) fn advance(&mut self) {
        self.next += 1;
        self.is_transformed = false;
    }

    /// Transforms the next record, unless that was done before. `None` when it is dropped.
    fn transform_next(
        &mut self,
        transforms: &mut TransformChain,
    ) -> Result<Option<&Record>, Failure> {
        let place = &mut self.records[self.next];
        if transforms.is_empty() || self.is_transformed {
            return Ok(Some(place));
        }
        let empty = Record::new(&place.topic);
        let record = std::mem::replace(place, empty);
        let kept = self.keeps_failed.then(|| record.clone());
        match transforms.apply(record) {
            Ok(Some(transformed)) => {
                *place = transformed;
                self.is_transformed = true;
                Ok(Some(place))
            }
            Ok(None) => Ok(None),
            Err(failure) => {
                if let Some(record) = kept {
                    *place = record;
                }
                Err(failure)
            }
        }
    }
}

/// A slice of the buffer; `None` is null.
type Span = Option<Range<usize>>;

/// Encoded records that are to be sent together. Its memory is used again and again.
#[derive(Debug, Default)]
pub(super) struct EncodedChunk {
    bytes: Vec<u8>,
    records: Vec<EncodedRecord>,
    header_values: Vec<Span>,
}

#[derive(Debug)]
struct EncodedRecord {
    /// Index in the batch.
    index: usize,
    key: Span,
    value: Span,
    /// Its part of the header values.
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
        self.records.clear();
        self.header_values.clear();
    }

    /// Number of records.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// Indexes of the records in their batch.
    pub(super) fn indexes(&self) -> impl Iterator<Item = usize> {
        self.records.iter().map(|it| it.index)
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
            if self.records.len() >= MOST_RECORDS || self.bytes.len() >= MOST_BYTES {
                break;
            }
            let record = match queue.transform_next(transforms) {
                Ok(Some(record)) => record,
                Ok(None) => {
                    queue.advance();
                    continue;
                }
                Err(failure) => return Ok(Encoded::Failed(failure)),
            };
            if let Some(timestamp) = record.timestamp.filter(|it| *it < -1) {
                return Err(ConnectError::fatal(format_args!(
                    "Invalid record timestamp {timestamp}"
                )));
            }
            let bytes = self.bytes.len();
            let headers = self.header_values.len();
            if let Err(failure) = self.push(index, record, converters) {
                self.bytes.truncate(bytes);
                self.header_values.truncate(headers);
                return Ok(Encoded::Failed(failure));
            }
            queue.advance();
        }
        Ok(Encoded::Chunk)
    }

    fn push(
        &mut self,
        index: usize,
        record: &Record,
        converters: &Converters,
    ) -> Result<(), Failure> {
        let topic = record.topic.as_str();
        let bytes = &mut self.bytes;
        let first_header = self.header_values.len();
        for header in &record.headers {
            let value = span(
                bytes,
                Stage::HeaderConverter,
                &converters.header,
                |it, out| {
                    it.converter.from_connect_header(
                        topic,
                        header.key().as_str(),
                        header.schema(),
                        header.value(),
                        out,
                    )
                },
            )?;
            self.header_values.push(value);
        }
        let key = span(bytes, Stage::KeyConverter, &converters.key, |it, out| {
            it.converter
                .from_connect(topic, record.key_schema.as_ref(), &record.key, out)
        })?;
        let value = span(
            bytes,
            Stage::ValueConverter,
            &converters.value,
            |it, out| {
                it.converter
                    .from_connect(topic, record.value_schema.as_ref(), &record.value, out)
            },
        )?;
        self.records.push(EncodedRecord {
            index,
            key,
            value,
            headers: first_header..self.header_values.len(),
        });
        Ok(())
    }

    /// Names and values of all headers, for [`outgoing`](Self::outgoing).
    pub(super) fn headers<'a>(&'a self, batch: &'a [Record]) -> Vec<OutgoingHeader<'a>> {
        let mut headers = Vec::with_capacity(self.header_values.len());
        for record in self.records.iter().filter(|it| !it.headers.is_empty()) {
            let values = &self.header_values[record.headers.clone()];
            let names = batch[record.index].headers.iter();
            headers.extend(names.zip(values).map(|(header, value)| OutgoingHeader {
                key: header.key().as_str(),
                value: self.slice(value),
            }));
        }
        headers
    }

    /// The records as the producer wants them.
    pub(super) fn outgoing<'a>(
        &'a self,
        batch: &'a [Record],
        headers: &'a [OutgoingHeader<'a>],
    ) -> Vec<OutgoingRecord<'a>> {
        let records = self.records.iter().map(|encoded| {
            let record = &batch[encoded.index];
            OutgoingRecord {
                topic: record.topic.as_str(),
                partition: record.partition,
                key: self.slice(&encoded.key),
                value: self.slice(&encoded.value),
                headers: &headers[encoded.headers.clone()],
                timestamp: record.timestamp.filter(|it| *it >= 0),
            }
        });
        records.collect()
    }

    fn slice(&self, span: &Span) -> Option<&[u8]> {
        span.clone().map(|range| &self.bytes[range])
    }
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
        Err(error) => Err(Failure::new(stage, with.class, error)),
    }
}

#[cfg(test)]
mod tests;
