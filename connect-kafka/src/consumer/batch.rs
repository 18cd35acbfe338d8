//! Fetched records: views into one buffer that the whole batch shares.

use std::ops::Range;

use bytes::Bytes;

use super::builder::BatchBuilder;
use crate::topic::TopicName;

/// What the timestamp of a record means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// The record has no timestamp.
    None,
    /// Set by the producer.
    CreateTime,
    /// Set by the broker when it appended the record.
    LogAppendTime,
}

/// Two neighbouring slices of the batch's buffer, such as key and value; either may be null.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    start: usize,
    first_len: u32,
    second_len: u32,
}

/// Length of a slice that is null; no record is that long.
const NULL: u32 = u32::MAX;

impl Pair {
    /// The slices at `start`, with their lengths in bytes.
    pub(crate) fn new(start: usize, first: Option<usize>, second: Option<usize>) -> Self {
        let len = |len: Option<usize>| match len {
            Some(len) => u32::try_from(len).expect("a record is smaller than 2 GiB"),
            None => NULL,
        };
        Self {
            start,
            first_len: len(first),
            second_len: len(second),
        }
    }

    fn first(self) -> Option<Range<usize>> {
        (self.first_len != NULL).then(|| self.start..self.start + self.first_len as usize)
    }

    fn second(self) -> Option<Range<usize>> {
        let start = self.first().map_or(self.start, |first| first.end);
        (self.second_len != NULL).then(|| start..start + self.second_len as usize)
    }
}

/// One record as stored in a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    /// Key and value.
    pub(crate) data: Pair,
    pub(crate) partition: i32,
    /// Index into the batch's topics.
    pub(crate) topic: u32,
    /// First header in the batch's headers; those of the next record follow.
    pub(crate) headers_start: u32,
    pub(crate) timestamp_type: TimestampType,
}

/// One header as stored in a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeaderEntry {
    /// Name and value.
    pub(crate) data: Pair,
}

/// Records that were fetched together, in order within each partition.
///
/// All keys, values and headers lie in one buffer, so a part of it can be kept without a copy: see
/// [`buffer`](Self::buffer) and the `_range` methods of [`FetchedRecord`].
#[derive(Clone, Debug)]
pub struct FetchedBatch {
    pub(crate) buffer: Bytes,
    pub(crate) topics: Vec<TopicName>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) headers: Vec<HeaderEntry>,
}

/// What a record of a batch is made of when it does not come from a broker: without headers.
#[derive(Clone, Copy, Debug)]
pub struct FetchedParts<'a> {
    /// The topic.
    pub topic: &'a str,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Milliseconds since the epoch, set by the producer.
    pub timestamp: Option<i64>,
    /// The key; `None` is null.
    pub key: Option<&'a [u8]>,
    /// The value; `None` is null.
    pub value: Option<&'a [u8]>,
}

impl FetchedBatch {
    /// The records as if they had been fetched together; `None` without any.
    #[must_use]
    pub fn from_parts<'a>(records: impl IntoIterator<Item = FetchedParts<'a>>) -> Option<Self> {
        let mut batch = BatchBuilder::default();
        let mut names = Vec::new();
        for record in records {
            batch.push_parts(&record, &mut names);
        }
        batch.finish()
    }

    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The bytes of all keys, values and headers.
    #[must_use]
    pub fn buffer(&self) -> &Bytes {
        &self.buffer
    }

    /// The record at `index`, in the order of fetching.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<FetchedRecord<'_>> {
        let entry = self.entries.get(index)?;
        Some(FetchedRecord {
            batch: self,
            entry,
            index,
        })
    }

    /// All records in the order of fetching.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = FetchedRecord<'_>> {
        let entries = self.entries.iter().enumerate();
        entries.map(|(index, entry)| FetchedRecord {
            batch: self,
            entry,
            index,
        })
    }

    fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }
}

/// One record of a [`FetchedBatch`].
#[derive(Clone, Copy, Debug)]
pub struct FetchedRecord<'a> {
    batch: &'a FetchedBatch,
    entry: &'a Entry,
    index: usize,
}

impl<'a> FetchedRecord<'a> {
    /// The topic.
    #[must_use]
    pub fn topic(self) -> &'a TopicName {
        &self.batch.topics[self.entry.topic as usize]
    }

    /// Position of the topic's name among the distinct names of the batch: lets a caller convert each name once.
    #[must_use]
    pub fn topic_index(self) -> usize {
        self.entry.topic as usize
    }

    /// The partition.
    #[must_use]
    pub fn partition(self) -> i32 {
        self.entry.partition
    }

    /// The offset.
    #[must_use]
    pub fn offset(self) -> i64 {
        self.entry.offset
    }

    /// Milliseconds since the epoch, if the record has a timestamp.
    #[must_use]
    pub fn timestamp(self) -> Option<i64> {
        match self.entry.timestamp_type {
            TimestampType::None => None,
            TimestampType::CreateTime | TimestampType::LogAppendTime => Some(self.entry.timestamp),
        }
    }

    /// What the timestamp means.
    #[must_use]
    pub fn timestamp_type(self) -> TimestampType {
        self.entry.timestamp_type
    }

    /// The key; `None` is null.
    #[must_use]
    pub fn key(self) -> Option<&'a [u8]> {
        self.key_range().map(|range| self.batch.bytes(range))
    }

    /// Where the key lies in the batch's buffer.
    #[must_use]
    pub fn key_range(self) -> Option<Range<usize>> {
        self.entry.data.first()
    }

    /// The value; `None` is null.
    #[must_use]
    pub fn value(self) -> Option<&'a [u8]> {
        self.value_range().map(|range| self.batch.bytes(range))
    }

    /// Where the value lies in the batch's buffer.
    #[must_use]
    pub fn value_range(self) -> Option<Range<usize>> {
        self.entry.data.second()
    }

    /// The headers in order.
    #[must_use]
    pub fn headers(self) -> impl ExactSizeIterator<Item = FetchedHeader<'a>> {
        let batch = self.batch;
        let start = self.entry.headers_start as usize;
        let end = match batch.entries.get(self.index + 1) {
            Some(next) => next.headers_start as usize,
            None => batch.headers.len(),
        };
        batch.headers[start..end]
            .iter()
            .map(move |entry| FetchedHeader {
                batch,
                entry: *entry,
            })
    }
}

/// One header of a [`FetchedRecord`].
#[derive(Clone, Copy, Debug)]
pub struct FetchedHeader<'a> {
    batch: &'a FetchedBatch,
    entry: HeaderEntry,
}

impl<'a> FetchedHeader<'a> {
    /// The name, in UTF-8 as the protocol demands.
    #[must_use]
    pub fn key(self) -> &'a [u8] {
        self.batch
            .bytes(self.entry.data.first().unwrap_or_default())
    }

    /// The value; `None` is null.
    #[must_use]
    pub fn value(self) -> Option<&'a [u8]> {
        self.value_range().map(|range| self.batch.bytes(range))
    }

    /// Where the value lies in the batch's buffer.
    #[must_use]
    pub fn value_range(self) -> Option<Range<usize>> {
        self.entry.data.second()
    }
}
