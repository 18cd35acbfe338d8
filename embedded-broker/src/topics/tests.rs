//! Tests of topics over restarts.

use tempfile::TempDir;

use super::*;
use crate::batch::check_produced;
use crate::batch::tests::Sample;

const MAX_MESSAGE_BYTES: u32 = 1_000_000;

fn open(dir: &TempDir) -> Topics {
    Topics::open(dir.path(), MAX_MESSAGE_BYTES, SyncPolicy::AtShutdown).unwrap()
}

fn new(name: &str) -> NewTopic {
    NewTopic {
        name: name.to_owned(),
        partitions: 2,
        overrides: Overrides::new(),
    }
}

fn write(topics: &mut Topics, name: &str) {
    let batch = Sample::of(&[(None, "a"), (None, "b")]).build();
    let header = check_produced(&batch).unwrap();
    let (meaning, partition) = topics.partition(name, 0).unwrap();
    let appended = partition.log.append(&header, &batch, meaning.rolling, 0);
    appended.unwrap();
}

#[test]
fn everything_about_a_topic_is_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let mut topics = open(&dir);
    let id = topics.create(new("orders")).unwrap().id;
    topics.add_partitions("orders", 3).unwrap();
    let overrides = Overrides::from([("retention.ms".to_owned(), "9".to_owned())]);
    topics.set_overrides("orders", overrides.clone()).unwrap();
    write(&mut topics, "orders");
    assert_eq!(topics.delete_records("orders", 0, 1).unwrap(), 1);
    drop(topics);

    let mut topics = open(&dir);

    let topic = topics.get("orders").unwrap();
    assert_eq!((topic.id, topic.partitions.len()), (id, 3));
    assert_eq!(topic.overrides, overrides);
    let (_, partition) = topics.partition("orders", 0).unwrap();
    assert_eq!(partition.log.start_offset(), 1);
    assert_eq!(partition.log.next_offset(), 2);
}

#[test]
fn a_topic_of_the_same_name_begins_empty() {
    let dir = tempfile::tempdir().unwrap();
    let mut topics = open(&dir);
    let first = topics.create(new("orders")).unwrap().id;
    write(&mut topics, "orders");

    topics.delete("orders").unwrap();
    let second = topics.create(new("orders")).unwrap().id;

    assert_ne!(first, second);
    let (_, partition) = topics.partition("orders", 0).unwrap();
    assert_eq!(partition.log.next_offset(), 0);
}

#[test]
fn what_a_crash_left_of_a_deleted_topic_is_removed_and_other_folders_stay() {
    let dir = tempfile::tempdir().unwrap();
    let mut topics = open(&dir);
    topics.create(new("orders")).unwrap();
    topics.delete("orders").unwrap();
    drop(topics);
    let left = dir.path().join("topics/orders-0");
    let foreign = dir.path().join("topics/foreign-0");
    fs::create_dir(&left).unwrap();
    fs::create_dir(&foreign).unwrap();

    let mut topics = open(&dir);

    assert!(!left.exists());
    assert!(foreign.exists());
    let refused = topics.create(new("foreign")).unwrap_err();
    assert_eq!(refused.error, ResponseError::KafkaStorageError);
}

#[test]
fn names_that_collide_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut topics = open(&dir);
    topics.create(new("a.b")).unwrap();

    let collides = topics.create(new("a_b")).unwrap_err();
    let exists = topics.create(new("a.b")).unwrap_err();

    assert_eq!(collides.error, ResponseError::InvalidTopicException);
    assert_eq!(exists.error, ResponseError::TopicAlreadyExists);
}

#[test]
fn a_producer_id_is_given_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut given = BTreeSet::new();
    for _ in 0..3 {
        let mut topics = open(&dir);
        for _ in 0..1_500 {
            assert!(given.insert(topics.new_producer_id().unwrap()));
        }
    }
}

#[test]
fn a_catalogue_that_was_written_anew_says_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let mut topics = open(&dir);
    let id = topics.create(new("orders")).unwrap().id;
    write(&mut topics, "orders");
    topics.delete_records("orders", 0, 2).unwrap();
    for round in 0..5_000 {
        let overrides = [("retention.ms".to_owned(), round.to_string())];
        topics.set_overrides("orders", overrides.into()).unwrap();
    }
    drop(topics);
    let length = fs::metadata(dir.path().join("catalogue")).unwrap().len();
    assert!(length < 400_000, "{length}");

    let mut topics = open(&dir);

    let topic = topics.get("orders").unwrap();
    assert_eq!(topic.id, id);
    assert_eq!(topic.overrides["retention.ms"], "4999");
    let (_, partition) = topics.partition("orders", 0).unwrap();
    assert_eq!(partition.log.start_offset(), 2);
}
