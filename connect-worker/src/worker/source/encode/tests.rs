//! Records on their way into a chunk.

use connect_core::config::Props;
use connect_core::converter::Role;
use connect_core::plugin::PluginEntry;
use connect_core::registry::PluginRegistry;

use super::*;
use crate::worker::transforms::tests::{chain, record};

const STRING: &str = "org.apache.kafka.connect.storage.StringConverter";
const INTEGER: &str = "org.apache.kafka.connect.converters.IntegerConverter";

fn converters(value: &'static str) -> Converters {
    let plugins = PluginRegistry::from_inventory().unwrap();
    let make = |class, role| {
        let PluginEntry::Converter { new, .. } = plugins.find(class).unwrap().entry else {
            panic!("{class} is no converter");
        };
        let converter = new(&Props::new(), role).unwrap();
        NamedConverter::new(class, converter)
    };
    Converters {
        key: make(STRING, Role::Key),
        value: make(value, Role::Value),
        header: make(STRING, Role::Header),
    }
}

fn queue(records: impl Into<Vec<Record>>, keeps_failed: bool) -> RecordQueue {
    RecordQueue::new(Box::new(records.into()), keeps_failed)
}

fn values(chunk: &EncodedChunk, queue: &RecordQueue) -> Vec<Vec<u8>> {
    let headers = chunk.headers(queue);
    let outgoing = chunk.outgoing(queue, &headers, 0);
    outgoing.map(|it| it.value.unwrap().to_vec()).collect()
}

fn first_key(chunk: &EncodedChunk, queue: &RecordQueue) -> Option<Vec<u8>> {
    let headers = chunk.headers(queue);
    let first = chunk.outgoing(queue, &headers, 0).next().unwrap();
    first.key.map(<[u8]>::to_vec)
}

/// The first record, which has no headers.
fn first<'a>(chunk: &'a EncodedChunk, queue: &'a RecordQueue) -> OutgoingRecord<'a> {
    chunk.outgoing(queue, &[], 0).next().unwrap()
}

#[test]
fn dropped_records_are_passed_over() {
    let connector = [
        ("transforms.d.type", "Drop"),
        ("transforms.d.predicate", "p"),
        ("predicates", "p"),
        ("predicates.p.type", "ValueIs"),
        ("predicates.p.value", "b"),
    ];
    let mut transforms = chain(&["d"], &connector).unwrap();
    let mut queue = queue(["a", "b", "c"].map(record), false);
    let mut chunk = EncodedChunk::default();

    let filled = chunk.fill(&mut queue, &mut transforms, &converters(STRING));

    assert!(matches!(filled, Ok(Encoded::Chunk)));
    assert_eq!(chunk.indexes().collect::<Vec<_>>(), [0, 2]);
    assert_eq!(values(&chunk, &queue), [b"a", b"c"]);
    assert_eq!(queue.next_index(), None);
}

#[test]
fn a_record_goes_on_with_the_step_that_failed_if_it_is_kept() {
    let connector = [
        ("transforms.a.type", "Append"),
        ("transforms.a.text", "1"),
        ("transforms.f.type", "FailFirst"),
    ];
    let fail_once = |keeps_failed| {
        let mut transforms = chain(&["a", "f"], &connector).unwrap();
        let mut queue = queue(["a"].map(record), keeps_failed);
        let mut chunk = EncodedChunk::default();
        let filled = chunk.fill(&mut queue, &mut transforms, &converters(STRING));
        assert!(matches!(filled, Ok(Encoded::Failed(_))));
        (transforms, queue, chunk)
    };

    let (mut transforms, mut queue, mut chunk) = fail_once(true);
    assert_eq!(queue.next_record(), Some(&record("a1")));
    let filled = chunk.fill(&mut queue, &mut transforms, &converters(STRING));
    assert!(matches!(filled, Ok(Encoded::Chunk)));
    assert_eq!(values(&chunk, &queue), [b"a1"]);

    let (_, queue, _) = fail_once(false);
    assert_eq!(queue.next_record(), Some(&Record::new("t")));
}

#[test]
fn a_record_that_cannot_be_encoded_is_not_transformed_twice() {
    let connector = [("transforms.a.type", "Append"), ("transforms.a.text", "1")];
    let mut transforms = chain(&["a"], &connector).unwrap();
    let mut queue = queue(["a"].map(record), false);
    let mut chunk = EncodedChunk::default();
    let filled = chunk.fill(&mut queue, &mut transforms, &converters(INTEGER));
    assert!(matches!(filled, Ok(Encoded::Failed(_))));

    let filled = chunk.fill(&mut queue, &mut transforms, &converters(STRING));

    assert!(matches!(filled, Ok(Encoded::Chunk)));
    assert_eq!(values(&chunk, &queue), [b"a1"]);
}

#[test]
fn a_record_alone_is_passed_for_its_offset() {
    let mut transforms = chain(&[], &[]).unwrap();
    let records = ["a", "silent", "b"].map(record);
    let mut queue = queue(records, false).with_offsets_alone(vec![1]);
    let mut chunk = EncodedChunk::default();

    chunk
        .fill(&mut queue, &mut transforms, &converters(STRING))
        .unwrap();
    assert_eq!(values(&chunk, &queue), [b"a"]);
    assert_eq!(queue.next_index(), Some(1));
    assert!(queue.next_is_offset_only());
    queue.advance();
    chunk
        .fill(&mut queue, &mut transforms, &converters(STRING))
        .unwrap();

    assert_eq!(values(&chunk, &queue), [b"a", b"b"]);
}

/// Writes a byte for each call, and fails when it is told to.
struct Counting {
    calls: std::sync::atomic::AtomicU8,
    fails_at: u8,
}

impl connect_core::Converter for Counting {
    type Config = connect_core::config::NoConfig;

    fn new(_: Self::Config, _: Role) -> Result<Self> {
        Ok(counting(0))
    }

    fn from_connect(
        &self,
        _: &str,
        _: Option<&SchemaRef>,
        _: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        let call = self
            .calls
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed)
            + 1;
        out.push(b'0' + call);
        match call == self.fails_at {
            true => Err(ConnectError::retriable("not now")),
            false => Ok(true),
        }
    }

    fn to_connect(&self, _: &str, _: Option<&Blob>) -> Result<connect_core::data::SchemaAndValue> {
        Err(ConnectError::data("it only writes"))
    }
}

fn counting(fails_at: u8) -> Counting {
    Counting {
        calls: std::sync::atomic::AtomicU8::new(0),
        fails_at,
    }
}

#[test]
fn only_the_conversion_that_failed_is_repeated() {
    let mut converters = converters(STRING);
    converters.key = NamedConverter::new(STRING, Box::new(counting(0)));
    converters.value = NamedConverter::new(STRING, Box::new(counting(2)));
    let mut transforms = chain(&[], &[]).unwrap();
    let mut queue = queue(["a", "b"].map(record), true);
    let mut chunk = EncodedChunk::default();

    let filled = chunk.fill(&mut queue, &mut transforms, &converters);
    assert!(matches!(filled, Ok(Encoded::Failed(_))));
    assert_eq!(values(&chunk, &queue), [b"1"]);
    // What was encoded so far is sent meanwhile.
    chunk.clear();
    let filled = chunk.fill(&mut queue, &mut transforms, &converters);

    assert!(matches!(filled, Ok(Encoded::Chunk)));
    assert_eq!(first_key(&chunk, &queue).unwrap(), b"2");
    assert_eq!(values(&chunk, &queue), [b"3"]);
}

#[test]
fn a_timestamp_before_the_epoch_fails_the_task_and_minus_one_is_none() {
    let mut transforms = chain(&[], &[]).unwrap();
    let fill = |transforms: &mut TransformChain, timestamp| {
        let mut record = record("a");
        record.timestamp = Some(timestamp);
        let mut queue = queue([record], false);
        let mut chunk = EncodedChunk::default();
        let filled = chunk.fill(&mut queue, transforms, &converters(STRING));
        filled.map(|_| first(&chunk, &queue).timestamp)
    };

    assert_eq!(fill(&mut transforms, -1).unwrap(), None);
    assert_eq!(fill(&mut transforms, 7).unwrap(), Some(7));
    let error = fill(&mut transforms, -2).unwrap_err();
    assert_eq!(error.to_string(), "Invalid record timestamp -2");
}

#[test]
fn times_that_nobody_sees_are_left_to_the_producer() {
    let mut record = record("a");
    record.timestamp = Some(7);
    let mut queue = queue([record], false).without_time();
    let mut chunk = EncodedChunk::default();

    let filled = chunk.fill(
        &mut queue,
        &mut chain(&[], &[]).unwrap(),
        &converters(STRING),
    );

    assert!(matches!(filled, Ok(Encoded::Chunk)));
    assert_eq!(first(&chunk, &queue).timestamp, None);
}

#[test]
fn text_is_sent_from_where_it_is() {
    let text = Text::from_blob(Blob::from_static(b"a text that shares its buffer")).unwrap();
    let mut record = record("");
    record.value = text.clone().into();
    let (mut queue, mut chunk) = (queue([record], false), EncodedChunk::default());

    let filled = chunk.fill(
        &mut queue,
        &mut chain(&[], &[]).unwrap(),
        &converters(STRING),
    );

    assert!(matches!(filled, Ok(Encoded::Chunk)));
    let sent = first(&chunk, &queue).value.unwrap();
    assert_eq!(sent.as_ptr(), text.as_bytes().as_ptr());
    assert_eq!(sent, text.as_bytes());
}

#[test]
fn only_converters_that_write_null_as_null_are_not_asked() {
    let keys = [
        (converters(STRING).key, None),
        (converters(INTEGER).value, None),
        (
            NamedConverter::new(STRING, Box::new(counting(0))),
            Some(&b"1"[..]),
        ),
    ];
    for (key, expected) in keys {
        let converters = Converters {
            key,
            ..converters(STRING)
        };
        let (mut queue, mut chunk) = (queue([record("a")], false), EncodedChunk::default());

        let filled = chunk.fill(&mut queue, &mut chain(&[], &[]).unwrap(), &converters);

        assert!(matches!(filled, Ok(Encoded::Chunk)));
        assert_eq!(first(&chunk, &queue).key, expected);
    }
}

#[test]
fn bytes_that_are_not_copied_fill_a_chunk_too() {
    let long = "x".repeat(MOST_BYTES);
    let records = ["a", &long, "b"].map(record);
    let (mut queue, mut chunk) = (queue(records, false), EncodedChunk::default());
    let mut transforms = chain(&[], &[]).unwrap();
    let mut fill = |chunk: &mut EncodedChunk| {
        chunk.clear();
        let filled = chunk.fill(&mut queue, &mut transforms, &converters(STRING));
        assert!(matches!(filled, Ok(Encoded::Chunk)));
        chunk.len()
    };

    assert_eq!([fill(&mut chunk), fill(&mut chunk)], [2, 1]);
}

#[test]
fn a_key_that_is_not_copied_survives_a_value_that_fails() {
    let mut converters = converters(STRING);
    converters.value = NamedConverter::new(STRING, Box::new(counting(2)));
    let mut transforms = chain(&[], &[]).unwrap();
    let mut records = ["a", "b"].map(record);
    records[1].key = "key".into();
    let (mut queue, mut chunk) = (queue(records, true), EncodedChunk::default());
    let filled = chunk.fill(&mut queue, &mut transforms, &converters);
    assert!(matches!(filled, Ok(Encoded::Failed(_))));
    chunk.clear();

    let filled = chunk.fill(&mut queue, &mut transforms, &converters);

    assert!(matches!(filled, Ok(Encoded::Chunk)));
    assert_eq!(first_key(&chunk, &queue).unwrap(), b"key");
    assert_eq!(values(&chunk, &queue), [b"3"]);
}

/// Writes how many headers there are, and adds one of this name.
struct Adding {
    name: &'static str,
    inner: Counting,
}

impl connect_core::Converter for Adding {
    type Config = connect_core::config::NoConfig;

    const USES_HEADERS: bool = true;

    fn new(_: Self::Config, _: Role) -> Result<Self> {
        Ok(adding("made", 0))
    }

    fn from_connect(
        &self,
        topic: &str,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        self.inner.from_connect(topic, schema, value, out)
    }

    fn to_connect(
        &self,
        topic: &str,
        data: Option<&Blob>,
    ) -> Result<connect_core::data::SchemaAndValue> {
        self.inner.to_connect(topic, data)
    }

    fn from_connect_with_headers(
        &self,
        topic: &str,
        headers: &mut KafkaHeaders,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        headers.add(self.name, None);
        let names: Vec<_> = headers.iter().map(|(name, _)| name).collect();
        out.extend_from_slice(names.join(" ").as_bytes());
        self.from_connect(topic, schema, value, out)
    }
}

fn adding(name: &'static str, fails_at: u8) -> Adding {
    Adding {
        name,
        inner: counting(fails_at),
    }
}

#[test]
fn converters_see_headers_and_add_to_them_once() {
    let mut converters = converters(STRING);
    converters.key = NamedConverter::new(STRING, Box::new(adding("of-key", 0)));
    converters.value = NamedConverter::new(STRING, Box::new(adding("of-value", 2)));
    let mut transforms = chain(&[], &[]).unwrap();
    let mut records = ["a", "b", "c"].map(record).to_vec();
    let own = &mut records[1].headers;
    own.add("own", None, Value::from("x")).unwrap();
    let mut queue = queue(records, true);
    let mut chunk = EncodedChunk::default();
    let headers = |chunk: &EncodedChunk, queue: &RecordQueue| -> Vec<String> {
        let headers = chunk.headers(queue);
        let outgoing = chunk.outgoing(queue, &headers, 0);
        let names = outgoing.map(|it| it.headers.iter().map(|it| it.key));
        names.map(|it| it.collect::<Vec<_>>().join(" ")).collect()
    };

    let filled = chunk.fill(&mut queue, &mut transforms, &converters);
    assert!(matches!(filled, Ok(Encoded::Failed(_))));
    assert_eq!(headers(&chunk, &queue), ["of-key of-value"]);
    chunk.clear();
    chunk
        .fill(&mut queue, &mut transforms, &converters)
        .unwrap();

    assert_eq!(
        headers(&chunk, &queue),
        ["own of-key of-value", "of-key of-value"]
    );
    let all = chunk.headers(&queue);
    let from_second = chunk.outgoing(&queue, &all, 1);
    let names: Vec<_> = from_second.flat_map(|it| it.headers).collect();
    assert_eq!(names.len(), 2, "those of the second record: {names:?}");
    assert_eq!(
        values(&chunk, &queue),
        [&b"own of-key of-value3"[..], b"of-key of-value4"]
    );
    assert_eq!(first_key(&chunk, &queue).unwrap(), b"own of-key2");
}
