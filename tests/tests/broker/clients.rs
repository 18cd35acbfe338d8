//! Our own client on librdkafka, as the worker uses it.

use std::collections::BTreeSet;
use std::time::Duration;

use connect_kafka::{
    ClientSettings, Consumer, OutgoingHeader, OutgoingRecord, Polled, Producer, StartOffset,
    TopicPartition,
};
use connect_tests::eventually::eventually;

use crate::bench::{Bench, LIMIT, conformance};
use crate::requests::read_all;

conformance!(
    every_compression_comes_through,
    keys_values_and_headers_may_be_absent,
    a_compacted_topic_sees_keys_in_compressed_batches,
    a_group_reads_everything_once,
    keys_are_placed_as_by_java_and_records_without_one_stay_together,
    records_for_a_partition_that_is_not_there_give_their_room_back,
    committed_transactions_are_read_and_aborted_ones_are_not,
);

fn settings(bench: &Bench, more: &[(&str, &str)]) -> ClientSettings {
    let own = [("bootstrap.servers", bench.bootstrap())];
    ClientSettings::from_iter(own.into_iter().chain(more.iter().copied()))
}

fn plain<'a>(topic: &'a str, key: Option<&'a str>, value: Option<&'a str>) -> OutgoingRecord<'a> {
    OutgoingRecord {
        topic,
        partition: None,
        key: key.map(str::as_bytes),
        value: value.map(str::as_bytes),
        headers: &[],
        timestamp: None,
    }
}

/// Sends records and says whether all were taken.
async fn send(producer: &mut Producer, records: &[OutgoingRecord<'_>]) -> bool {
    assert_eq!(producer.send(records.iter().copied()), records.len());
    producer.flush(LIMIT).await.unwrap();
    let mut acks = Vec::new();
    producer.try_acks(&mut acks);
    acks.iter().all(|it| it.result.is_ok())
}

/// Reads until so many records have come.
async fn read(consumer: &mut Consumer, count: usize) -> Vec<(Option<String>, Option<String>)> {
    let mut found = Vec::new();
    let text = |bytes: Option<&[u8]>| bytes.map(|it| String::from_utf8(it.to_vec()).unwrap());
    eventually(LIMIT, "records", async || {
        if let Polled::Records(batch) = consumer.poll(Duration::from_millis(200)).await.unwrap() {
            found.extend(batch.iter().map(|it| (text(it.key()), text(it.value()))));
        }
        (found.len() >= count).then_some(()).ok_or(found.len())
    })
    .await;
    found
}

fn reader(bench: &Bench, topic: &str, more: &[(&str, &str)]) -> Consumer {
    let mut consumer = Consumer::new(&settings(bench, more)).unwrap();
    let partition = TopicPartition::new(topic, 0);
    consumer
        .assign(&[(partition, StartOffset::Earliest)])
        .unwrap();
    consumer
}

async fn every_compression_comes_through(bench: Bench) {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let mut client = bench.client().await;
        let topic = bench.name(codec);
        crate::requests::create(&mut client, &topic, 1, &[]).await;
        let own = settings(&bench, &[("compression.type", codec), ("linger.ms", "50")]);
        let mut producer = Producer::new(&own).unwrap();
        let value = "the same again, ".repeat(100);
        let records = [plain(&topic, Some("k"), Some(&value)); 20];

        assert!(send(&mut producer, &records).await);

        let found = read(&mut reader(&bench, &topic, &[]), 20).await;
        assert!(
            found
                .iter()
                .all(|it| it.1.as_deref() == Some(value.as_str()))
        );
    }
}

async fn keys_values_and_headers_may_be_absent(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut producer = Producer::new(&settings(&bench, &[])).unwrap();
    let headers = [("one", Some(&b"1"[..])), ("none", None)]
        .map(|(key, value)| OutgoingHeader { key, value });
    let with_headers = OutgoingRecord {
        headers: &headers,
        ..plain(&topic, None, Some(""))
    };

    let records = [
        plain(&topic, Some("k"), None),
        plain(&topic, None, None),
        with_headers,
    ];
    assert!(send(&mut producer, &records).await);

    let found: Vec<_> = read_all(&mut client, &topic)
        .await
        .into_iter()
        .map(|it| (it.1, it.2))
        .collect();
    let k = Some("k".to_owned());
    assert_eq!(
        found,
        [(k, None), (None, None), (None, Some(String::new()))]
    );
}

async fn a_compacted_topic_sees_keys_in_compressed_batches(bench: Bench) {
    for codec in ["gzip", "snappy", "lz4", "zstd"] {
        let mut client = bench.client().await;
        let topic = bench.name(codec);
        let compacted = [("cleanup.policy", "compact")];
        crate::requests::create(&mut client, &topic, 1, &compacted).await;
        let own = settings(&bench, &[("compression.type", codec)]);
        let mut producer = Producer::new(&own).unwrap();
        let value = "the same again, ".repeat(100);

        let taken = send(&mut producer, &[plain(&topic, Some("k"), Some(&value))]).await;
        let refused = send(&mut producer, &[plain(&topic, None, Some(&value))]).await;

        assert_eq!((taken, refused), (true, false), "{codec}");
    }
}

async fn a_group_reads_everything_once(bench: Bench) {
    let mut client = bench.client().await;
    let topic = bench.name("topic");
    crate::requests::create(&mut client, &topic, 3, &[]).await;
    let mut producer = Producer::new(&settings(&bench, &[])).unwrap();
    let values: Vec<String> = (0..300).map(|it| it.to_string()).collect();
    let records: Vec<_> = values
        .iter()
        .map(|it| plain(&topic, Some(it), Some(it)))
        .collect();
    assert!(send(&mut producer, &records).await);
    let group = bench.name("group");
    let own = settings(
        &bench,
        &[("group.id", &group), ("auto.offset.reset", "earliest")],
    );
    let mut consumer = Consumer::new(&own).unwrap();
    consumer.subscribe(&[&topic]).unwrap();

    let mut found: Vec<u32> = read(&mut consumer, 300)
        .await
        .into_iter()
        .map(|it| it.1.unwrap().parse().unwrap())
        .collect();

    found.sort_unstable();
    assert!(found.into_iter().eq(0..300));
    consumer.close(LIMIT).await.unwrap();
}

async fn keys_are_placed_as_by_java_and_records_without_one_stay_together(bench: Bench) {
    let mut client = bench.client().await;
    let topic = bench.name("topic");
    crate::requests::create(&mut client, &topic, 3, &[]).await;
    let mut producer = Producer::new(&settings(&bench, &[])).unwrap();
    let mut consumer = Consumer::new(&settings(&bench, &[])).unwrap();
    let all = [0, 1, 2].map(|it| {
        (
            TopicPartition::new(topic.as_str(), it),
            StartOffset::Earliest,
        )
    });
    consumer.assign(&all).unwrap();

    // By hand: the murmur2 hash of the key without its sign, modulo three.
    let keyed = [("21", 0), ("three", 1), ("a-little-bit-long-string", 2)];
    let records = keyed.map(|(key, _)| plain(&topic, Some(key), None));
    assert!(send(&mut producer, &records).await);
    let mut found = read_places(&mut consumer, 3).await;
    found.sort_unstable();
    let expected = keyed.map(|(key, partition)| (partition, Some(key.to_owned())));
    assert_eq!(found, expected);

    let records = [plain(&topic, None, Some("v")); 1_000];
    let (mut used, mut were_together) = (BTreeSet::new(), false);
    eventually(LIMIT, "records together, in each partition", async || {
        assert!(send(&mut producer, &records).await);
        let places = read_places(&mut consumer, records.len()).await;
        // On a busy machine a thousand records may take longer than they stay.
        were_together |= places.iter().all(|it| it == &places[0]);
        used.extend(places.iter().map(|it| it.0));
        (were_together && used.len() == 3)
            .then_some(())
            .ok_or((were_together, used.clone()))
    })
    .await;
}

async fn records_for_a_partition_that_is_not_there_give_their_room_back(bench: Bench) {
    let (_, topic) = bench.with_topic(&[]).await;
    let small = settings(&bench, &[("buffer.memory", "1048576")]);
    let mut producer = Producer::new(&small).unwrap();
    let value = "x".repeat(64 << 10);
    let good = plain(&topic, None, Some(&value));
    let lost = OutgoingRecord {
        partition: Some(99),
        ..good
    };
    // The partitions are known from here on.
    assert!(send(&mut producer, &[good]).await);

    for _ in 0..4 {
        assert!(!send(&mut producer, &[lost; 8]).await);
    }

    assert!(send(&mut producer, &[good]).await);
}

/// Partitions and keys of so many records.
async fn read_places(consumer: &mut Consumer, count: usize) -> Vec<(i32, Option<String>)> {
    let mut found = Vec::new();
    eventually(LIMIT, "records", async || {
        if let Polled::Records(batch) = consumer.poll(Duration::from_millis(200)).await.unwrap() {
            let text = |key: &[u8]| String::from_utf8(key.to_vec()).unwrap();
            found.extend(batch.iter().map(|it| (it.partition(), it.key().map(text))));
        }
        (found.len() >= count).then_some(()).ok_or(found.len())
    })
    .await;
    found
}

async fn committed_transactions_are_read_and_aborted_ones_are_not(bench: Bench) {
    let (_, topic) = bench.with_topic(&[]).await;
    let id = bench.name("id");
    let mut producer = Producer::new(&settings(&bench, &[("transactional.id", &id)])).unwrap();
    producer.init_transactions(LIMIT).await.unwrap();
    for (value, commits) in [("one", true), ("two", false), ("three", true)] {
        producer.begin_transaction().unwrap();
        assert!(send(&mut producer, &[plain(&topic, None, Some(value))]).await);
        if commits {
            producer.commit_transaction(LIMIT).await.unwrap();
        } else {
            producer.abort_transaction(LIMIT).await.unwrap();
        }
    }

    let committed = [("isolation.level", "read_committed")];
    let found = read(&mut reader(&bench, &topic, &committed), 2).await;

    let values: Vec<_> = found.iter().map(|it| it.1.as_deref().unwrap()).collect();
    assert_eq!(values, ["one", "three"]);
    let all = read(
        &mut reader(&bench, &topic, &[("isolation.level", "read_uncommitted")]),
        3,
    )
    .await;
    assert_eq!(all.len(), 3);
}
