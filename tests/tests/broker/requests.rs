//! Requests as most checks need them, short to write down.

use bytes::{Bytes, BytesMut};
use connect_tests::eventually::eventually;
use connect_tests::raw::RawClient;
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::fetch_response::PartitionData;
use kafka_protocol::messages::init_producer_id_response::InitProducerIdResponse;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::produce_response::PartitionProduceResponse;
use kafka_protocol::messages::{
    CreateTopicsRequest, FetchRequest, GroupId, InitProducerIdRequest, ListOffsetsRequest,
    ProduceRequest, ProducerId, TopicName, TransactionalId,
};
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

use crate::bench::LIMIT;

/// Bytes of a batch before its records.
pub(crate) const HEADER_LEN: usize = 61;
pub(crate) const LATEST: i64 = -1;
pub(crate) const EARLIEST: i64 = -2;
pub(crate) const NEWEST: i64 = -3;
pub(crate) const UNCOMMITTED: i8 = 0;
pub(crate) const COMMITTED: i8 = 1;

pub(crate) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub(crate) fn topic_name(topic: &str) -> TopicName {
    TopicName(text(topic))
}

pub(crate) fn group_id(group: &str) -> GroupId {
    GroupId(text(group))
}

pub(crate) fn transactional_id(id: &str) -> TransactionalId {
    TransactionalId(text(id))
}

/// A topic to be created.
pub(crate) fn new_topic(topic: &str, partitions: i32, configs: &[(&str, &str)]) -> CreatableTopic {
    let configs = configs.iter().map(|(name, value)| {
        CreatableTopicConfig::default()
            .with_name(text(name))
            .with_value(Some(text(value)))
    });
    CreatableTopic::default()
        .with_name(topic_name(topic))
        .with_num_partitions(partitions)
        .with_replication_factor(1)
        .with_configs(configs.collect())
}

/// Asks for a topic and returns what the broker says of it.
pub(crate) async fn try_create(
    client: &mut RawClient,
    topic: CreatableTopic,
) -> CreatableTopicResult {
    let request = CreateTopicsRequest::default()
        .with_topics(vec![topic])
        .with_timeout_ms(10_000);
    client.call(7, &request).await.topics.remove(0)
}

/// Makes a topic and waits until all its partitions answer.
pub(crate) async fn create(
    client: &mut RawClient,
    topic: &str,
    partitions: i32,
    configs: &[(&str, &str)],
) {
    let created = try_create(client, new_topic(topic, partitions, configs)).await;
    assert_eq!(created.error_code, 0, "{created:?}");
    wait_for_topic(client, topic, partitions).await;
}

/// Waits until all partitions of a topic answer.
pub(crate) async fn wait_for_topic(client: &mut RawClient, topic: &str, partitions: i32) {
    eventually(LIMIT, "partitions", async || {
        for partition in 0..partitions {
            let code = offset_at(client, (topic, partition), LATEST, UNCOMMITTED).await;
            code.map(|_| ())?;
        }
        Ok::<_, i16>(())
    })
    .await;
}

/// Who writes: id, epoch and the next sequence number of a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Writer(pub(crate) i64, pub(crate) i16, pub(crate) i32);

pub(crate) const NOBODY: Writer = Writer(-1, -1, -1);

/// A record without headers.
pub(crate) fn record(key: Option<&str>, value: Option<&str>) -> Record {
    let bytes = |text: Option<&str>| text.map(|it| Bytes::copy_from_slice(it.as_bytes()));
    Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: -1,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset: 0,
        sequence: -1,
        timestamp: now(),
        key: bytes(key),
        value: bytes(value),
        headers: Default::default(),
    }
}

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// One batch of the records.
pub(crate) fn batch_of(records: Vec<Record>, writer: Writer, transactional: bool) -> Bytes {
    let records: Vec<Record> = (0..)
        .zip(records)
        .map(|(index, record)| Record {
            offset: i64::from(index),
            sequence: writer.2 + index,
            producer_id: writer.0,
            producer_epoch: writer.1,
            transactional,
            ..record
        })
        .collect();
    let options = RecordEncodeOptions {
        version: 2,
        compression: Compression::None,
    };
    let mut bytes = BytesMut::new();
    RecordBatchEncoder::encode(&mut bytes, &records, &options).unwrap();
    bytes.freeze()
}

/// A batch of values without keys.
pub(crate) fn batch(values: &[&str]) -> Bytes {
    batch_by(NOBODY, values)
}

pub(crate) fn batch_by(writer: Writer, values: &[&str]) -> Bytes {
    let records = values.iter().map(|it| record(None, Some(it))).collect();
    batch_of(records, writer, false)
}

/// A batch with other bytes somewhere behind its checksum, which fits again.
pub(crate) fn tampered(batch: &Bytes, at: usize, bytes: &[u8]) -> Bytes {
    let mut tampered = batch.to_vec();
    tampered[at..at + bytes.len()].copy_from_slice(bytes);
    let crc = crc32c::crc32c(&tampered[21..]);
    tampered[17..21].copy_from_slice(&crc.to_be_bytes());
    tampered.into()
}

pub(crate) fn produce_request(topic: &str, records: Bytes) -> ProduceRequest {
    let data = PartitionProduceData::default().with_records(Some(records));
    let data = TopicProduceData::default()
        .with_name(topic_name(topic))
        .with_partition_data(vec![data]);
    ProduceRequest::default()
        .with_transactional_id(None)
        .with_acks(-1)
        .with_timeout_ms(10_000)
        .with_topic_data(vec![data])
}

/// Writes a batch to partition 0.
pub(crate) async fn try_produce(
    client: &mut RawClient,
    topic: &str,
    records: Bytes,
) -> PartitionProduceResponse {
    let request = produce_request(topic, records);
    let mut response = client.call(9, &request).await;
    response.responses.remove(0).partition_responses.remove(0)
}

/// Writes a batch to partition 0 and returns its first offset.
pub(crate) async fn produce(client: &mut RawClient, topic: &str, records: Bytes) -> i64 {
    let response = try_produce(client, topic, records).await;
    assert_eq!(response.error_code, 0, "{response:?}");
    response.base_offset
}

pub(crate) fn fetch_request(topic: &str, offset: i64, isolation: i8) -> FetchRequest {
    let partition = FetchPartition::default()
        .with_fetch_offset(offset)
        .with_partition_max_bytes(1_000_000);
    let topic = FetchTopic::default()
        .with_topic(topic_name(topic))
        .with_partitions(vec![partition]);
    FetchRequest::default()
        .with_max_wait_ms(500)
        .with_min_bytes(1)
        .with_max_bytes(1_000_000)
        .with_isolation_level(isolation)
        .with_topics(vec![topic])
}

/// What a fetch of partition 0 brings.
pub(crate) async fn fetch(
    client: &mut RawClient,
    topic: &str,
    offset: i64,
    isolation: i8,
) -> PartitionData {
    let request = fetch_request(topic, offset, isolation);
    let mut response = client.call(12, &request).await;
    assert_eq!(response.error_code, 0);
    response.responses.remove(0).partitions.remove(0)
}

/// The records of a fetch, markers left out.
pub(crate) fn records(data: &PartitionData) -> Vec<Record> {
    let all = all_records(data).into_iter();
    all.filter(|it| !it.control).collect()
}

/// The records of a fetch, and its markers.
pub(crate) fn all_records(data: &PartitionData) -> Vec<Record> {
    assert_eq!(data.error_code, 0, "{data:?}");
    let Some(mut bytes) = data.records.clone() else {
        return Vec::new();
    };
    let sets = RecordBatchDecoder::decode_all(&mut bytes).unwrap();
    sets.into_iter().flat_map(|it| it.records).collect()
}

/// All records from the start of partition 0 on, as offset, key and value; markers left out.
pub(crate) async fn read_all(
    client: &mut RawClient,
    topic: &str,
) -> Vec<(i64, Option<String>, Option<String>)> {
    let (mut offset, _) = offset_at(client, (topic, 0), EARLIEST, UNCOMMITTED)
        .await
        .unwrap();
    let mut all = Vec::new();
    loop {
        let data = fetch(client, topic, offset, UNCOMMITTED).await;
        let end = next_offset(&data);
        let text = |bytes: Option<Bytes>| bytes.map(|it| String::from_utf8(it.to_vec()).unwrap());
        let new = records(&data).into_iter().filter(|it| it.offset >= offset);
        all.extend(new.map(|it| (it.offset, text(it.key), text(it.value))));
        match end {
            Some(end) => offset = end,
            None => return all,
        }
    }
}

/// The offset behind the last batch of a fetch, of whatever kind it is.
pub(crate) fn next_offset(data: &PartitionData) -> Option<i64> {
    let bytes = data.records.clone().unwrap_or_default();
    let mut rest = bytes.as_ref();
    let mut end = None;
    while rest.len() >= HEADER_LEN {
        let base = i64::from_be_bytes(rest[..8].try_into().unwrap());
        let length = u32::from_be_bytes(rest[8..12].try_into().unwrap()) as usize;
        let last = i32::from_be_bytes(rest[23..27].try_into().unwrap());
        end = Some(base + i64::from(last) + 1);
        rest = rest.get(12 + length..).unwrap_or_default();
    }
    end
}

/// The offset and the timestamp that a partition has for a time, or the error code.
pub(crate) async fn offset_at(
    client: &mut RawClient,
    (topic, partition): (&str, i32),
    time: i64,
    isolation: i8,
) -> Result<(i64, i64), i16> {
    let partition = ListOffsetsPartition::default()
        .with_partition_index(partition)
        .with_timestamp(time);
    let topic = ListOffsetsTopic::default()
        .with_name(topic_name(topic))
        .with_partitions(vec![partition]);
    let request = ListOffsetsRequest::default()
        .with_replica_id(kafka_protocol::messages::BrokerId(-1))
        .with_isolation_level(isolation)
        .with_topics(vec![topic]);
    let response = client.call(7, &request).await;
    let partition = &response.topics[0].partitions[0];
    match partition.error_code {
        0 => Ok((partition.offset, partition.timestamp)),
        code => Err(code),
    }
}

/// Asks for a producer id, for a transactional id if there is one.
pub(crate) async fn init_producer(
    client: &mut RawClient,
    id: Option<&str>,
    timeout_ms: i32,
) -> InitProducerIdResponse {
    let request = InitProducerIdRequest::default()
        .with_transactional_id(id.map(transactional_id))
        .with_transaction_timeout_ms(timeout_ms)
        .with_producer_id(ProducerId(-1))
        .with_producer_epoch(-1);
    // The reference answers so while it ends the transaction before.
    const CONCURRENT_TRANSACTIONS: i16 = 51;
    eventually(LIMIT, "a producer id", async || {
        let response = client.call(4, &request).await;
        match response.error_code {
            CONCURRENT_TRANSACTIONS => Err(response),
            _ => Ok(response),
        }
    })
    .await
}
