//! Records go in: which ones, at which offsets, and what idempotent producers can rely on.

use kafka_protocol::messages::{InitProducerIdRequest, ProducerId};

use crate::bench::{Bench, conformance};
use crate::requests::{
    NOBODY, UNCOMMITTED, Writer, batch, batch_by, batch_of, fetch, init_producer, now, produce,
    produce_request, read_all, record, tampered, try_produce,
};

conformance!(
    offsets_follow_each_other,
    an_unknown_topic_takes_nothing,
    a_batch_with_a_wrong_checksum_is_refused,
    a_compacted_topic_takes_only_records_with_keys,
    a_batch_that_is_too_large_is_refused,
    a_topic_can_take_larger_and_smaller_batches_than_others,
    wrong_acks_are_refused,
    nothing_is_said_of_records_that_are_not_to_be_acknowledged,
    a_topic_can_bear_the_time_of_arrival,
    timestamps_far_ahead_are_refused,
    an_older_format_of_batches_is_refused,
    two_batches_for_one_partition_are_refused,
    clients_cannot_write_markers,
    a_batch_that_is_sent_again_is_stored_once,
    a_gap_in_sequence_numbers_is_refused,
    an_older_epoch_is_fenced_off,
    a_new_epoch_starts_at_zero,
    an_idempotent_producer_can_ask_for_its_next_epoch,
    a_producer_that_is_not_transactional_gets_a_new_id_each_time,
);

const CORRUPT: i16 = 2;
const UNKNOWN_TOPIC: i16 = 3;
const TOO_LARGE: i16 = 10;
const INVALID_ACKS: i16 = 21;
const INVALID_TIMESTAMP: i16 = 32;
const OUT_OF_ORDER: i16 = 45;
const INVALID_EPOCH: i16 = 47;
const INVALID_RECORD: i16 = 87;

async fn offsets_follow_each_other(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;

    let first = try_produce(&mut client, &topic, batch(&["a", "b"])).await;
    let second = produce(&mut client, &topic, batch(&["c"])).await;

    assert_eq!((first.error_code, first.base_offset), (0, 0));
    assert_eq!((first.log_append_time_ms, first.log_start_offset), (-1, 0));
    assert_eq!(second, 2);
}

async fn an_unknown_topic_takes_nothing(bench: Bench) {
    let mut client = bench.client().await;

    let refused = try_produce(&mut client, &bench.name("none"), batch(&["a"])).await;

    assert_eq!(
        (refused.error_code, refused.base_offset),
        (UNKNOWN_TOPIC, -1)
    );
}

async fn a_batch_with_a_wrong_checksum_is_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut wrong = batch(&["a"]).to_vec();
    wrong[17] ^= 1;

    let refused = try_produce(&mut client, &topic, wrong.into()).await;

    assert_eq!(refused.error_code, CORRUPT);
}

async fn a_compacted_topic_takes_only_records_with_keys(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[("cleanup.policy", "compact")]).await;
    let with_key = batch_of(vec![record(Some("k"), Some("v"))], NOBODY, false);
    let one_without = batch_of(
        vec![record(Some("k"), Some("v")), record(None, Some("v"))],
        NOBODY,
        false,
    );

    assert_eq!(produce(&mut client, &topic, with_key).await, 0);
    let refused = try_produce(&mut client, &topic, one_without).await;

    assert_eq!(refused.error_code, INVALID_RECORD);
}

async fn a_batch_that_is_too_large_is_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let limit = 1_048_588;
    // The lengths of the record and of its value take more bytes than those of an empty one.
    let around_value = batch(&[""]).len() + 4;

    let fits = batch(&[&"x".repeat(limit - around_value)]);
    assert_eq!(fits.len(), limit);
    assert_eq!(produce(&mut client, &topic, fits).await, 0);
    let too_large = batch(&[&"x".repeat(limit - around_value + 1)]);
    let refused = try_produce(&mut client, &topic, too_large).await;

    assert_eq!(refused.error_code, TOO_LARGE);
}

async fn a_topic_can_take_larger_and_smaller_batches_than_others(bench: Bench) {
    let mut client = bench.client().await;
    for (limit, size, code) in [
        ("200", 300, TOO_LARGE),
        ("200", 50, 0),
        ("3000000", 2_000_000, 0),
    ] {
        let topic = bench.name(&format!("limit-{limit}-{size}"));
        let settings = [("max.message.bytes", limit)];
        crate::requests::create(&mut client, &topic, 1, &settings).await;
        let response = try_produce(&mut client, &topic, batch(&[&"x".repeat(size)])).await;
        assert_eq!(response.error_code, code, "{limit} {size}");
    }
}

async fn wrong_acks_are_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;

    let request = produce_request(&topic, batch(&["a"])).with_acks(2);
    let response = client.call(9, &request).await;

    let refused = &response.responses[0].partition_responses[0];
    assert_eq!(refused.error_code, INVALID_ACKS);
}

async fn nothing_is_said_of_records_that_are_not_to_be_acknowledged(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;

    let request = produce_request(&topic, batch(&["a"])).with_acks(0);
    client.send(9, &request).await;
    // The answer to the next request is the next that comes.
    let next = produce(&mut client, &topic, batch(&["b"])).await;

    assert_eq!(next, 1);
}

async fn a_topic_can_bear_the_time_of_arrival(bench: Bench) {
    let settings = [("message.timestamp.type", "LogAppendTime")];
    let (mut client, topic) = bench.with_topic(&settings).await;
    let before = now();

    let stored = try_produce(&mut client, &topic, batch(&["a", "b"])).await;

    assert!(stored.log_append_time_ms >= before, "{stored:?}");
    let data = fetch(&mut client, &topic, 0, UNCOMMITTED).await;
    let bytes = data.records.unwrap();
    let attributes = i16::from_be_bytes([bytes[21], bytes[22]]);
    assert_eq!(attributes, 0x08);
    let max_timestamp = i64::from_be_bytes(bytes[35..43].try_into().unwrap());
    assert_eq!(max_timestamp, stored.log_append_time_ms);
    assert_eq!(bytes[17..21], crc32c::crc32c(&bytes[21..]).to_be_bytes());
}

async fn timestamps_far_ahead_are_refused(bench: Bench) {
    let settings = [("message.timestamp.before.max.ms", "1000000")];
    let (mut client, topic) = bench.with_topic(&settings).await;
    for (timestamp, code) in [
        (now() + 2 * 3_600_000, INVALID_TIMESTAMP),
        (now() - 2_000_000, INVALID_TIMESTAMP),
        (now() - 900_000, 0),
    ] {
        let mut record = record(None, Some("a"));
        record.timestamp = timestamp;
        let response =
            try_produce(&mut client, &topic, batch_of(vec![record], NOBODY, false)).await;
        assert_eq!(response.error_code, code, "{timestamp}");
    }
}

async fn an_older_format_of_batches_is_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut old = batch(&["a"]).to_vec();
    old[16] = 1;

    let refused = try_produce(&mut client, &topic, old.into()).await;

    assert_ne!(refused.error_code, 0);
    assert!(read_all(&mut client, &topic).await.is_empty());
}

async fn two_batches_for_one_partition_are_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let twice = [batch(&["a"]), batch(&["b"])].concat();

    let refused = try_produce(&mut client, &topic, twice.into()).await;

    assert_eq!(refused.error_code, INVALID_RECORD);
}

async fn clients_cannot_write_markers(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let marker = tampered(&batch(&["a"]), 21, &[0, 0x20]);

    let refused = try_produce(&mut client, &topic, marker).await;

    assert_eq!(refused.error_code, INVALID_RECORD);
}

async fn a_batch_that_is_sent_again_is_stored_once(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let id = init_producer(&mut client, None, 1_000).await.producer_id.0;
    for index in 0..5 {
        let next = batch_by(Writer(id, 0, index * 2), &["a", "b"]);
        assert_eq!(
            produce(&mut client, &topic, next).await,
            i64::from(index) * 2
        );
    }

    let last = try_produce(&mut client, &topic, batch_by(Writer(id, 0, 8), &["a", "b"])).await;
    let first = try_produce(&mut client, &topic, batch_by(Writer(id, 0, 0), &["a", "b"])).await;

    assert_eq!((last.error_code, last.base_offset), (0, 8));
    assert_eq!((first.error_code, first.base_offset), (0, 0));
    assert_eq!(read_all(&mut client, &topic).await.len(), 10);
}

async fn a_gap_in_sequence_numbers_is_refused(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let id = init_producer(&mut client, None, 1_000).await.producer_id.0;
    produce(&mut client, &topic, batch_by(Writer(id, 0, 0), &["a"])).await;

    let gap = try_produce(&mut client, &topic, batch_by(Writer(id, 0, 2), &["b"])).await;

    assert_eq!(gap.error_code, OUT_OF_ORDER);
}

async fn an_older_epoch_is_fenced_off(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let id = init_producer(&mut client, None, 1_000).await.producer_id.0;
    produce(&mut client, &topic, batch_by(Writer(id, 1, 0), &["a"])).await;

    let old = try_produce(&mut client, &topic, batch_by(Writer(id, 0, 1), &["b"])).await;

    assert_eq!(old.error_code, INVALID_EPOCH);
}

async fn a_new_epoch_starts_at_zero(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let id = init_producer(&mut client, None, 1_000).await.producer_id.0;
    produce(&mut client, &topic, batch_by(Writer(id, 0, 0), &["a"])).await;

    let late = try_produce(&mut client, &topic, batch_by(Writer(id, 1, 1), &["b"])).await;
    let right = try_produce(&mut client, &topic, batch_by(Writer(id, 1, 0), &["b"])).await;

    assert_eq!((late.error_code, right.error_code), (OUT_OF_ORDER, 0));
}

async fn an_idempotent_producer_can_ask_for_its_next_epoch(bench: Bench) {
    let mut client = bench.client().await;
    let given = init_producer(&mut client, None, 1_000).await;
    assert_eq!(given.producer_epoch, 0);
    let request = InitProducerIdRequest::default()
        .with_transactional_id(None)
        .with_transaction_timeout_ms(1_000)
        .with_producer_id(given.producer_id)
        .with_producer_epoch(0);

    let next = client.call(4, &request).await;

    assert_eq!(next.error_code, 0);
    let is_next = (next.producer_id, next.producer_epoch) == (given.producer_id, 1);
    let is_new = next.producer_id != given.producer_id && next.producer_epoch == 0;
    assert!(is_next || is_new, "{next:?}");
}

async fn a_producer_that_is_not_transactional_gets_a_new_id_each_time(bench: Bench) {
    let mut client = bench.client().await;

    let one = init_producer(&mut client, None, 1_000).await;
    let two = init_producer(&mut client, None, 1_000).await;

    assert!(one.producer_id >= ProducerId(0));
    assert_ne!(one.producer_id, two.producer_id);
}
