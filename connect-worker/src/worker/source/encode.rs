//! Records into bytes: a part of a batch at a time, into one buffer.

use std::ops::Range;

use connect_core::record::Record;
use connect_core::{ConnectError, Result};
use connect_kafka::{OutgoingHeader, OutgoingRecord};

use crate::worker::converters::{Converters, NamedConverter};
use crate::worker::errors::{Failure, Stage};

/// A part of a batch ends after so many records …
const MOST_RECORDS: usize = 1_024;
/// … or bytes.
const MOST_BYTES: usize = 1 << 20;

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
    /// The record behind those of the chunk cannot be encoded.
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

    /// Encodes records from `*next` on, moving it ahead, until the chunk is full.
    ///
    /// # Errors
    /// What no tolerance applies to: a record that is malformed in itself.
    pub(super) fn fill(
        &mut self,
        records: &[Record],
        next: &mut usize,
        converters: &Converters,
    ) -> Result<Encoded> {
        while let Some(record) = records.get(*next) {
            if self.records.len() >= MOST_RECORDS || self.bytes.len() >= MOST_BYTES {
                break;
            }
            if let Some(timestamp) = record.timestamp.filter(|it| *it < -1) {
                return Err(ConnectError::fatal(format_args!(
                    "Invalid record timestamp {timestamp}"
                )));
            }
            let bytes = self.bytes.len();
            let headers = self.header_values.len();
            if let Err(failure) = self.push(*next, record, converters) {
                self.bytes.truncate(bytes);
                self.header_values.truncate(headers);
                return Ok(Encoded::Failed(failure));
            }
            *next += 1;
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
