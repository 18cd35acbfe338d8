//! Gathers fetched records into a batch.

use bytes::Bytes;

use super::batch::{Entry, FetchedBatch, FetchedParts, HeaderEntry, Pair, TimestampType};
use crate::{librdkafka::Message, topic::TopicName};

/// Copies records into the buffer of a batch to be.
#[derive(Debug, Default)]
pub(super) struct BatchBuilder {
    buffer: Vec<u8>,
    topics: Vec<TopicName>,
    entries: Vec<Entry>,
    headers: Vec<HeaderEntry>,
    /// Address of the topic seen last, and its index.
    last_topic: Option<(usize, u32)>,
}

/// Sizes of the last batch: the next one is likely to be alike.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expected {
    bytes: usize,
    records: usize,
}

impl BatchBuilder {
    /// Makes room for a batch like the last one, before the first record.
    pub(super) fn reserve(&mut self, expected: Expected) {
        if self.entries.is_empty() {
            self.buffer.reserve(expected.bytes);
            self.entries.reserve(expected.records);
        }
    }

    pub(super) fn push(&mut self, message: &Message<'_>, names: &mut Vec<TopicName>) {
        let topic = self.topic(message, names);
        let data = self.copy(message.key(), message.value());
        let headers_start = self.headers.len();
        message.headers(|key, value| {
            let data = copy(&mut self.buffer, Some(key), value);
            self.headers.push(HeaderEntry { data });
        });
        let (timestamp, timestamp_type) = message.timestamp();
        self.entries.push(Entry {
            offset: message.offset(),
            timestamp,
            data,
            partition: message.partition(),
            topic,
            headers_start: u32::try_from(headers_start)
                .expect("a batch holds fewer than 2^32 headers"),
            timestamp_type,
        });
    }

    /// Adds a record that does not come from the engine.
    pub(super) fn push_parts(&mut self, record: &FetchedParts<'_>, names: &mut Vec<TopicName>) {
        let topic = self.topic_index(record.topic, names);
        let data = self.copy(record.key, record.value);
        self.entries.push(Entry {
            offset: record.offset,
            timestamp: record.timestamp.unwrap_or_default(),
            data,
            partition: record.partition,
            topic,
            headers_start: u32::try_from(self.headers.len())
                .expect("a batch holds fewer than 2^32 headers"),
            timestamp_type: match record.timestamp {
                Some(_) => TimestampType::CreateTime,
                None => TimestampType::None,
            },
        });
    }

    fn copy(&mut self, first: Option<&[u8]>, second: Option<&[u8]>) -> Pair {
        copy(&mut self.buffer, first, second)
    }

    /// Index of the record's topic in the batch.
    fn topic(&mut self, message: &Message<'_>, names: &mut Vec<TopicName>) -> u32 {
        let address = message.topic_address();
        if let Some((last, index)) = self.last_topic
            && last == address
        {
            return index;
        }
        let index = self.topic_index(&message.topic(), names);
        self.last_topic = Some((address, index));
        index
    }

    /// Index of a topic in the batch, by its name.
    fn topic_index(&mut self, name: &str, names: &mut Vec<TopicName>) -> u32 {
        let known = self.topics.iter().position(|it| **it == *name);
        let index = known.unwrap_or_else(|| {
            self.topics.push(intern(names, name));
            self.topics.len() - 1
        });
        u32::try_from(index).expect("a batch has fewer than 2^32 topics")
    }

    /// Forgets topic addresses: they mean something only while messages of a chunk live.
    pub(super) fn end_chunk(&mut self) {
        self.last_topic = None;
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.buffer.len()
    }

    pub(super) fn sizes(&self) -> Expected {
        Expected {
            bytes: self.buffer.len(),
            records: self.entries.len(),
        }
    }

    /// The batch, unless it is empty.
    pub(super) fn finish(self) -> Option<FetchedBatch> {
        (!self.entries.is_empty()).then(|| FetchedBatch {
            buffer: Bytes::from(self.buffer),
            topics: self.topics,
            entries: self.entries,
            headers: self.headers,
        })
    }
}

fn copy(buffer: &mut Vec<u8>, first: Option<&[u8]>, second: Option<&[u8]>) -> Pair {
    let start = buffer.len();
    buffer.extend_from_slice(first.unwrap_or_default());
    buffer.extend_from_slice(second.unwrap_or_default());
    Pair::new(start, first.map(<[u8]>::len), second.map(<[u8]>::len))
}

/// The name, sharing the text of the one used before.
fn intern(names: &mut Vec<TopicName>, name: &str) -> TopicName {
    if let Some(known) = names.iter().find(|it| ***it == *name) {
        known.clone()
    } else {
        names.push(TopicName::from(name));
        names[names.len() - 1].clone()
    }
}
