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
        NamedConverter { class, converter }
    };
    Converters {
        key: make(STRING, Role::Key),
        value: make(value, Role::Value),
        header: make(STRING, Role::Header),
    }
}

fn values(chunk: &EncodedChunk) -> Vec<&[u8]> {
    let values = chunk.records.iter().map(|it| chunk.slice(&it.value));
    values.map(Option::unwrap).collect()
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
    let mut queue = RecordQueue::new(["a", "b", "c"].map(record).to_vec(), false);
    let mut chunk = EncodedChunk::default();

    let filled = chunk.fill(&mut queue, &mut transforms, &converters(STRING));

    assert!(matches!(filled, Ok(Encoded::Chunk)));
    assert_eq!(chunk.indexes().collect::<Vec<_>>(), [0, 2]);
    assert_eq!(values(&chunk), [b"a", b"c"]);
    assert_eq!(queue.next_index(), None);
}

#[test]
fn a_record_that_fails_is_transformed_again_if_it_is_kept() {
    let connector = [
        ("transforms.a.type", "Append"),
        ("transforms.a.text", "1"),
        ("transforms.f.type", "FailFirst"),
    ];
    let fail_once = |keeps_failed| {
        let mut transforms = chain(&["a", "f"], &connector).unwrap();
        let mut queue = RecordQueue::new(["a"].map(record).to_vec(), keeps_failed);
        let mut chunk = EncodedChunk::default();
        let filled = chunk.fill(&mut queue, &mut transforms, &converters(STRING));
        assert!(matches!(filled, Ok(Encoded::Failed(_))));
        (transforms, queue, chunk)
    };

    let (mut transforms, mut queue, mut chunk) = fail_once(true);
    assert_eq!(queue.next_record(), Some(&record("a")));
    let filled = chunk.fill(&mut queue, &mut transforms, &converters(STRING));
    assert!(matches!(filled, Ok(Encoded::Chunk)));
    assert_eq!(values(&chunk), [b"a1"]);

    let (_, queue, _) = fail_once(false);
    assert_eq!(queue.next_record(), Some(&Record::new("t")));
}

#[test]
fn a_record_that_cannot_be_encoded_is_not_transformed_twice() {
    let connector = [("transforms.a.type", "Append"), ("transforms.a.text", "1")];
    let mut transforms = chain(&["a"], &connector).unwrap();
    let mut queue = RecordQueue::new(["a"].map(record).to_vec(), false);
    let mut chunk = EncodedChunk::default();
    let filled = chunk.fill(&mut queue, &mut transforms, &converters(INTEGER));
    assert!(matches!(filled, Ok(Encoded::Failed(_))));

    let filled = chunk.fill(&mut queue, &mut transforms, &converters(STRING));

    assert!(matches!(filled, Ok(Encoded::Chunk)));
    assert_eq!(values(&chunk), [b"a1"]);
}
