//! Records: what sources emit, what converters and transforms see, what sinks receive.

use std::ops::{Deref, DerefMut, Range};

use crate::data::{Headers, SchemaRef, Text, TimestampType, Topic, Value};
use crate::source::Asked;

/// One record between a connector and a topic, as converters and transforms see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The topic that it goes to or comes from.
    pub topic: Topic,
    /// The partition of the topic; `None` lets the producer choose.
    pub partition: Option<i32>,
    /// Schema of the key, if it has one.
    pub key_schema: Option<SchemaRef>,
    /// The key; often null.
    pub key: Value,
    /// Schema of the value, if it has one.
    pub value_schema: Option<SchemaRef>,
    /// The value; null is a tombstone.
    pub value: Value,
    /// Milliseconds since the epoch, if known.
    pub timestamp: Option<i64>,
    /// The headers, in order.
    pub headers: Headers,
    origin: Option<Origin>,
}

/// Where a consumed record was read: what offsets are committed for, whatever a transform did to
/// the record's topic since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Topic that the record was read from.
    pub topic: Topic,
    /// Partition that the record was read from.
    pub partition: i32,
    /// Offset of the record in that partition.
    pub offset: i64,
    /// What the record's timestamp means.
    pub timestamp_type: TimestampType,
}

impl Record {
    /// A record without key, value, timestamp and headers.
    #[must_use]
    #[inline]
    pub fn new(topic: impl Into<Topic>) -> Self {
        Self {
            topic: topic.into(),
            partition: None,
            key_schema: None,
            key: Value::Null,
            value_schema: None,
            value: Value::Null,
            timestamp: None,
            headers: Headers::default(),
            origin: None,
        }
    }

    /// Where the record was consumed; `None` for records of a source.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }
}

/// One record of a source, with the author's own partition and offset.
#[derive(Clone, Debug)]
pub struct SourceRecord<P, O> {
    pub(crate) record: Record,
    /// `None` once the worker has taken it.
    position: Option<(P, O)>,
    pub(crate) is_offset_only: bool,
    pub(crate) ends: Asked,
    /// Whether the timestamp is the time of reading.
    pub(crate) is_of_now: bool,
}

impl<P, O> SourceRecord<P, O> {
    /// A record for `topic`; after a restart the source continues behind `offset`.
    #[must_use]
    #[inline]
    pub fn new(topic: impl Into<Topic>, partition: P, offset: O) -> Self {
        Self {
            record: Record::new(topic),
            position: Some((partition, offset)),
            is_offset_only: false,
            ends: Asked::default(),
            is_of_now: false,
        }
    }

    /// No record at all: after a restart the source continues behind `offset`, once everything
    /// before it was written. For sources that read on without finding anything to send.
    #[must_use]
    pub fn offset_only(partition: P, offset: O) -> Self {
        Self {
            is_offset_only: true,
            ..Self::new("", partition, offset)
        }
    }

    /// Sets the key, without a schema.
    #[must_use]
    #[inline]
    pub fn key(mut self, key: impl Into<Value>) -> Self {
        self.record.key.assign(key.into());
        self
    }

    /// Sets the key and its schema.
    #[must_use]
    #[inline]
    pub fn key_with(mut self, schema: SchemaRef, key: impl Into<Value>) -> Self {
        self.record.key_schema = Some(schema);
        self.key(key)
    }

    /// Sets the value, without a schema.
    #[must_use]
    #[inline]
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.record.value.assign(value.into());
        self
    }

    /// Sets the value and its schema.
    #[must_use]
    #[inline]
    pub fn value_with(mut self, schema: SchemaRef, value: impl Into<Value>) -> Self {
        self.record.value_schema = Some(schema);
        self.value(value)
    }

    /// Sets the value to a part of a text, and its schema. The same as
    /// [`value_with`](Self::value_with) with [`Text::slice`], but nothing is moved: for sources that
    /// cut a million records in a second out of what they have read.
    ///
    /// # Panics
    /// When the range lies outside or cuts a character.
    #[inline]
    pub fn set_value_part(&mut self, schema: SchemaRef, text: &Text, range: Range<usize>) {
        self.record.value_schema = Some(schema);
        self.record.value.assign_part(text, range);
    }

    /// Sets the timestamp, in milliseconds since the epoch.
    #[must_use]
    #[inline]
    pub fn timestamp(mut self, millis: i64) -> Self {
        self.record.timestamp = Some(millis);
        self.is_of_now = false;
        self
    }

    /// Sets the timestamp to the time at which the record was read, which is now.
    ///
    /// Unlike a [`timestamp`](Self::timestamp), which stays what it is, this one is the time at
    /// which the record was sent if nobody has looked at it before, which is cheaper. A transform
    /// that [uses it](crate::transform::Transform::uses_timestamp) sees it, and what is seen is what
    /// is sent.
    #[must_use]
    #[inline]
    pub fn read_at(mut self, millis: i64) -> Self {
        self.record.timestamp = Some(millis);
        self.is_of_now = true;
        self
    }

    /// Sets the headers.
    #[must_use]
    pub fn headers(mut self, headers: Headers) -> Self {
        self.record.headers = headers;
        self
    }

    /// Sets the partition of the topic; without it the producer chooses.
    #[must_use]
    pub fn topic_partition(mut self, partition: i32) -> Self {
        self.record.partition = Some(partition);
        self
    }

    /// Commits the transaction behind this record, if the connector defines its transactions
    /// itself.
    #[must_use]
    pub fn commit_transaction(mut self) -> Self {
        self.ends.commit = true;
        self
    }

    /// Aborts the transaction behind this record, if the connector defines its transactions
    /// itself: this record and those before it in the transaction are never seen, and not read
    /// again either.
    #[must_use]
    pub fn abort_transaction(mut self) -> Self {
        self.ends.abort = true;
        self
    }

    /// The record without its source position.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The source partition.
    #[must_use]
    pub fn source_partition(&self) -> &P {
        &self.position().0
    }

    /// The source offset.
    #[must_use]
    pub fn source_offset(&self) -> &O {
        &self.position().1
    }

    fn position(&self) -> &(P, O) {
        self.position.as_ref().expect("authors see whole records")
    }

    pub(crate) fn take_position(&mut self) -> (P, O) {
        self.position.take().expect("positions are taken once")
    }
}

/// One consumed record, as a sink receives it.
#[derive(Clone, Debug, PartialEq)]
pub struct SinkRecord(Record);

impl SinkRecord {
    /// Ties a record to the place it was read from.
    #[must_use]
    #[inline]
    pub fn new(mut record: Record, origin: Origin) -> Self {
        record.partition.get_or_insert(origin.partition);
        record.origin = Some(origin);
        Self(record)
    }

    /// A record of which only the place that it was read from is known, and its time in milliseconds
    /// since the epoch: without key, value and headers. To fill it where it stays is cheaper than to
    /// move one that is whole.
    #[must_use]
    #[inline]
    pub fn empty(origin: Origin, timestamp: Option<i64>) -> Self {
        Self(Record {
            topic: origin.topic.clone(),
            partition: Some(origin.partition),
            key_schema: None,
            key: Value::Null,
            value_schema: None,
            value: Value::Null,
            timestamp,
            headers: Headers::default(),
            origin: Some(origin),
        })
    }

    /// Ties a record that a transform made anew to the place that the one before was read from. The
    /// worker does so before anybody else sees it.
    #[inline]
    pub fn tie(&mut self, origin: impl FnOnce() -> Origin) {
        if self.0.origin.is_none() {
            let origin = origin();
            self.0.partition.get_or_insert(origin.partition);
            self.0.origin = Some(origin);
        }
    }

    /// The record as converters and transforms see it.
    #[must_use]
    pub fn into_record(self) -> Record {
        self.0
    }

    /// Where the record was read.
    ///
    /// # Panics
    /// When the record was replaced by one that was not consumed, and is not [tied](Self::tie).
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.0.origin.as_ref().expect("a sink record has an origin")
    }

    /// Offset of the record in the partition it was read from.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.origin().offset
    }
}

impl Deref for SinkRecord {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.0
    }
}

impl DerefMut for SinkRecord {
    fn deref_mut(&mut self) -> &mut Record {
        &mut self.0
    }
}
