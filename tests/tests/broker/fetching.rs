//! Records come out: by offset, by time, as many as are wanted, as soon as they are there.

use std::time::Instant;

use kafka_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsTopic,
};
use kafka_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_protocol::messages::{
    BrokerId, DeleteRecordsRequest, FetchRequest, OffsetForLeaderEpochRequest,
};

use crate::bench::{Bench, conformance};
use crate::requests::{
    EARLIEST, HEADER_LEN, LATEST, NEWEST, NOBODY, UNCOMMITTED, batch, batch_of, fetch,
    fetch_request, offset_at, produce, record, records, topic_name,
};

conformance!(
    a_fetch_begins_with_the_batch_that_holds_the_offset,
    an_offset_outside_of_the_partition_is_refused,
    an_unknown_partition_is_refused,
    a_fetch_waits_for_the_next_record,
    a_fetch_without_news_ends_when_its_time_is_over,
    one_batch_comes_even_if_it_is_larger_than_wanted,
    an_unknown_session_is_refused,
    batches_come_as_they_were_sent,
    a_partition_has_a_first_and_a_last_offset,
    a_time_leads_to_the_first_record_that_reaches_it,
    deleted_records_are_gone,
    only_what_is_there_can_be_deleted,
    an_epoch_ends_at_the_end,
);

const OUT_OF_RANGE: i16 = 1;
const UNKNOWN_TOPIC: i16 = 3;
const UNKNOWN_SESSION: i16 = 70;

async fn a_fetch_begins_with_the_batch_that_holds_the_offset(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    produce(&mut client, &topic, batch(&["a", "b", "c"])).await;
    produce(&mut client, &topic, batch(&["d"])).await;

    for (from, first) in [(0, 0), (2, 0), (3, 3)] {
        let data = fetch(&mut client, &topic, from, UNCOMMITTED).await;
        assert_eq!(records(&data)[0].offset, first);
        assert_eq!((data.high_watermark, data.last_stable_offset), (4, 4));
        assert_eq!(data.log_start_offset, 0);
    }
}

async fn an_offset_outside_of_the_partition_is_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    produce(&mut client, &topic, batch(&["a"])).await;
    for offset in [2, 1_000] {
        let data = fetch(&mut client, &topic, offset, UNCOMMITTED).await;
        assert_eq!(data.error_code, OUT_OF_RANGE);
    }
    assert_eq!(
        fetch(&mut client, &topic, 1, UNCOMMITTED).await.error_code,
        0
    );
}

async fn an_unknown_partition_is_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let none = fetch(&mut client, &bench.name("none"), 0, UNCOMMITTED).await;
    let time = offset_at(&mut client, (&topic, 7), LATEST, UNCOMMITTED).await;

    assert_eq!((none.error_code, time), (UNKNOWN_TOPIC, Err(UNKNOWN_TOPIC)));
}

async fn a_fetch_waits_for_the_next_record(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut reader = bench.client().await;
    let request = fetch_request(&topic, 0, UNCOMMITTED).with_max_wait_ms(30_000);
    reader.send(12, &request).await;
    let started = Instant::now();

    produce(&mut client, &topic, batch(&["a"])).await;
    let response = reader.receive::<FetchRequest>(12).await;

    assert_eq!(records(&response.responses[0].partitions[0]).len(), 1);
    assert!(started.elapsed().as_secs() < 20);
}

async fn a_fetch_without_news_ends_when_its_time_is_over(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let started = Instant::now();

    let request = fetch_request(&topic, 0, UNCOMMITTED).with_max_wait_ms(300);
    let response = client.call(12, &request).await;

    assert!(records(&response.responses[0].partitions[0]).is_empty());
    assert!(started.elapsed().as_millis() >= 290);
}

async fn one_batch_comes_even_if_it_is_larger_than_wanted(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    for _ in 0..2 {
        produce(&mut client, &topic, batch(&[&"x".repeat(5_000)])).await;
    }
    let request = fetch_request(&topic, 0, UNCOMMITTED).with_max_bytes(1);

    let response = client.call(12, &request).await;

    // The second may come cut off, which a client has to know.
    let bytes = response.responses[0].partitions[0].records.clone().unwrap();
    assert!((5_000..10_000).contains(&bytes.len()), "{}", bytes.len());
}

async fn an_unknown_session_is_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let request = fetch_request(&topic, 0, UNCOMMITTED)
        .with_session_id(12_345)
        .with_session_epoch(3);

    assert_eq!(client.call(12, &request).await.error_code, UNKNOWN_SESSION);
}

async fn batches_come_as_they_were_sent(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let sent = batch(&["a", "b"]);
    produce(&mut client, &topic, sent.clone()).await;

    let data = fetch(&mut client, &topic, 0, UNCOMMITTED).await;

    // Behind the offset and the epoch, which the broker writes.
    assert_eq!(data.records.unwrap()[16..], sent[16..]);
    assert!(sent.len() > HEADER_LEN);
}

async fn a_partition_has_a_first_and_a_last_offset(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let at = (topic.as_str(), 0);
    assert_eq!(
        offset_at(&mut client, at, LATEST, UNCOMMITTED).await,
        Ok((0, -1))
    );
    assert_eq!(
        offset_at(&mut client, at, NEWEST, UNCOMMITTED).await,
        Ok((-1, -1))
    );
    produce(&mut client, &topic, batch(&["a", "b"])).await;

    assert_eq!(
        offset_at(&mut client, at, EARLIEST, UNCOMMITTED).await,
        Ok((0, -1))
    );
    assert_eq!(
        offset_at(&mut client, at, LATEST, UNCOMMITTED).await,
        Ok((2, -1))
    );
}

async fn a_time_leads_to_the_first_record_that_reaches_it(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[("retention.ms", "-1")]).await;
    for times in [[1_000, 2_000], [3_000, 2_500]] {
        let records = times.map(|time| {
            let mut record = record(None, Some("v"));
            record.timestamp = time;
            record
        });
        produce(&mut client, &topic, batch_of(records.into(), NOBODY, false)).await;
    }
    let at = (topic.as_str(), 0);
    for (time, found) in [
        (0, (0, 1_000)),
        (1_001, (1, 2_000)),
        (2_001, (2, 3_000)),
        (3_000, (2, 3_000)),
        (3_001, (-1, -1)),
        (NEWEST, (2, 3_000)),
    ] {
        let answer = offset_at(&mut client, at, time, UNCOMMITTED).await;
        assert_eq!(answer, Ok(found), "{time}");
    }
}

fn delete_request(topic: &str, offset: i64) -> DeleteRecordsRequest {
    let partition = DeleteRecordsPartition::default().with_offset(offset);
    let topic = DeleteRecordsTopic::default()
        .with_name(topic_name(topic))
        .with_partitions(vec![partition]);
    DeleteRecordsRequest::default()
        .with_topics(vec![topic])
        .with_timeout_ms(10_000)
}

async fn deleted_records_are_gone(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    for value in ["a", "b", "c"] {
        produce(&mut client, &topic, batch(&[value])).await;
    }

    let response = client.call(2, &delete_request(&topic, 2)).await;

    assert_eq!(response.topics[0].partitions[0].low_watermark, 2);
    let at = (topic.as_str(), 0);
    assert_eq!(
        offset_at(&mut client, at, EARLIEST, UNCOMMITTED).await,
        Ok((2, -1))
    );
    let gone = fetch(&mut client, &topic, 1, UNCOMMITTED).await;
    assert_eq!(gone.error_code, OUT_OF_RANGE);
    let all = client.call(2, &delete_request(&topic, -1)).await;
    assert_eq!(all.topics[0].partitions[0].low_watermark, 3);
}

async fn only_what_is_there_can_be_deleted(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    for (topic, offset, code) in [
        (topic.clone(), 1, OUT_OF_RANGE),
        (bench.name("none"), 0, UNKNOWN_TOPIC),
    ] {
        let response = client.call(2, &delete_request(&topic, offset)).await;
        assert_eq!(response.topics[0].partitions[0].error_code, code);
    }
}

async fn an_epoch_ends_at_the_end(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    produce(&mut client, &topic, batch(&["a", "b"])).await;
    let partition = OffsetForLeaderPartition::default()
        .with_current_leader_epoch(-1)
        .with_leader_epoch(0);
    let topic = OffsetForLeaderTopic::default()
        .with_topic(topic_name(&topic))
        .with_partitions(vec![partition]);
    let request = OffsetForLeaderEpochRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_topics(vec![topic]);

    let response = client.call(4, &request).await;

    let end = &response.topics[0].partitions[0];
    assert_eq!(
        (end.error_code, end.leader_epoch, end.end_offset),
        (0, 0, 2)
    );
}
