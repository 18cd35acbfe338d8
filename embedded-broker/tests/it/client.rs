//! A client that speaks the protocol without any help, over one connection.

use std::net::SocketAddr;

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    ApiKey, CreateTopicsRequest, FetchRequest, GroupId, HeartbeatRequest, JoinGroupRequest,
    JoinGroupResponse, OffsetCommitRequest, OffsetFetchRequest, ProduceRequest, RequestHeader,
    ResponseHeader, SyncGroupRequest, SyncGroupResponse, TopicName, TransactionalId,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Client {
    stream: TcpStream,
}

/// Who writes: id, epoch and the next sequence number of an idempotent producer.
#[derive(Clone, Copy)]
pub(crate) struct Producer(pub(crate) i64, pub(crate) i16, pub(crate) i32);

pub(crate) const NOBODY: Producer = Producer(-1, -1, -1);

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self { stream }
    }

    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Whether the broker has closed the connection.
    pub(crate) async fn is_closed(&mut self) -> bool {
        // A broken connection is as closed as one that was ended.
        self.stream.read(&mut [0]).await.unwrap_or(0) == 0
    }

    pub(crate) async fn call<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        self.send(version, request).await;
        self.receive::<R>(version).await
    }

    pub(crate) async fn send<R: Request>(&mut self, version: i16, request: &R) {
        let mut body = BytesMut::new();
        let api = ApiKey::try_from(R::KEY).unwrap();
        RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(1)
            .with_client_id(Some(text("it")))
            .encode(&mut body, api.request_header_version(version))
            .unwrap();
        request.encode(&mut body, version).unwrap();
        let length = u32::try_from(body.len()).unwrap();
        self.stream.write_u32(length).await.unwrap();
        self.stream.write_all(&body).await.unwrap();
    }

    pub(crate) async fn receive<R: Request>(&mut self, version: i16) -> R::Response {
        let length = self.stream.read_u32().await.unwrap() as usize;
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).await.unwrap();
        let mut bytes = Bytes::from(bytes);
        ResponseHeader::decode(&mut bytes, R::Response::header_version(version)).unwrap();
        let response = R::Response::decode(&mut bytes, version).unwrap();
        assert!(!bytes.has_remaining());
        response
    }

    /// Makes a topic with one partition and returns the error code.
    pub(crate) async fn create(&mut self, topic: &str, configs: &[(&str, &str)]) -> i16 {
        let configs = configs.iter().map(|(name, value)| {
            CreatableTopicConfig::default()
                .with_name(text(name))
                .with_value(Some(text(value)))
        });
        let new = CreatableTopic::default()
            .with_name(name(topic))
            .with_num_partitions(1)
            .with_replication_factor(1)
            .with_configs(configs.collect());
        let request = CreateTopicsRequest::default().with_topics(vec![new]);
        self.call(7, &request).await.topics[0].error_code
    }

    /// Writes values and returns the error code and the first offset.
    pub(crate) async fn produce(&mut self, topic: &str, values: &[&str]) -> (i16, i64) {
        self.produce_batch(topic, batch(values, NOBODY)).await
    }

    pub(crate) async fn produce_batch(&mut self, topic: &str, batch: Bytes) -> (i16, i64) {
        let data = PartitionProduceData::default().with_records(Some(batch));
        let data = TopicProduceData::default()
            .with_name(name(topic))
            .with_partition_data(vec![data]);
        let request = ProduceRequest::default()
            .with_transactional_id(Some(TransactionalId(text("copies"))))
            .with_acks(-1)
            .with_timeout_ms(1000)
            .with_topic_data(vec![data]);
        let response = self.call(9, &request).await;
        let partition = &response.responses[0].partition_responses[0];
        (partition.error_code, partition.base_offset)
    }

    /// Reads from an offset on, waiting up to ten seconds for the first record.
    pub(crate) async fn fetch(&mut self, topic: &str, offset: i64) -> Vec<(i64, String)> {
        self.send(12, &fetch_request(topic, offset)).await;
        self.fetched().await
    }

    pub(crate) async fn fetched(&mut self) -> Vec<(i64, String)> {
        let response = self.receive::<FetchRequest>(12).await;
        let partition = &response.responses[0].partitions[0];
        assert_eq!(partition.error_code, 0);
        let mut records = partition.records.clone().unwrap();
        let sets = RecordBatchDecoder::decode_all(&mut records).unwrap();
        let records = sets.into_iter().flat_map(|it| it.records);
        records
            .map(|it| {
                let value = it.value.unwrap_or_default();
                (it.offset, String::from_utf8(value.to_vec()).unwrap())
            })
            .collect()
    }

    /// The offset up to which all transactions have ended.
    pub(crate) async fn stable_offset(&mut self, topic: &str) -> i64 {
        let request = fetch_request(topic, 0)
            .with_max_wait_ms(0)
            .with_isolation_level(1);
        let response = self.call(12, &request).await;
        response.responses[0].partitions[0].last_stable_offset
    }

    pub(crate) async fn join(&mut self, group: &str, member_id: &str) -> JoinGroupResponse {
        self.send(7, &join_request(group, member_id)).await;
        self.receive::<JoinGroupRequest>(7).await
    }

    pub(crate) async fn sync(
        &mut self,
        group: &str,
        joined: &JoinGroupResponse,
        assigned: &[(&str, &'static str)],
    ) -> SyncGroupResponse {
        let assignments = assigned.iter().map(|(member_id, assignment)| {
            SyncGroupRequestAssignment::default()
                .with_member_id(text(member_id))
                .with_assignment(Bytes::from_static(assignment.as_bytes()))
        });
        let request = SyncGroupRequest::default()
            .with_group_id(group_id(group))
            .with_generation_id(joined.generation_id)
            .with_member_id(joined.member_id.clone())
            .with_group_instance_id(None)
            .with_assignments(assignments.collect());
        self.call(3, &request).await
    }

    /// Says that the member lives and returns the error code.
    pub(crate) async fn beat(&mut self, group: &str, joined: &JoinGroupResponse) -> i16 {
        let request = HeartbeatRequest::default()
            .with_group_id(group_id(group))
            .with_generation_id(joined.generation_id)
            .with_group_instance_id(None)
            .with_member_id(joined.member_id.clone());
        self.call(4, &request).await.error_code
    }

    /// Commits an offset without being a member and returns the error code.
    pub(crate) async fn commit(&mut self, group: &str, topic: &str, offset: i64) -> i16 {
        let partition = OffsetCommitRequestPartition::default()
            .with_committed_offset(offset)
            .with_committed_metadata(Some(text("note")));
        let topic = OffsetCommitRequestTopic::default()
            .with_name(name(topic))
            .with_partitions(vec![partition]);
        let request = OffsetCommitRequest::default()
            .with_group_id(group_id(group))
            .with_generation_id_or_member_epoch(-1)
            .with_topics(vec![topic]);
        let response = self.call(6, &request).await;
        response.topics[0].partitions[0].error_code
    }

    pub(crate) async fn committed(&mut self, group: &str, topic: &str) -> i64 {
        let topic = OffsetFetchRequestTopic::default()
            .with_name(name(topic))
            .with_partition_indexes(vec![0]);
        let request = OffsetFetchRequest::default()
            .with_group_id(group_id(group))
            .with_topics(Some(vec![topic]));
        let response = self.call(7, &request).await;
        response.topics[0].partitions[0].committed_offset
    }
}

pub(crate) fn fetch_request(topic: &str, offset: i64) -> FetchRequest {
    let partition = FetchPartition::default()
        .with_fetch_offset(offset)
        .with_partition_max_bytes(1_000_000);
    let topic = FetchTopic::default()
        .with_topic(name(topic))
        .with_partitions(vec![partition]);
    FetchRequest::default()
        .with_max_wait_ms(10_000)
        .with_min_bytes(1)
        .with_max_bytes(1_000_000)
        .with_topics(vec![topic])
}

pub(crate) fn join_request(group: &str, member_id: &str) -> JoinGroupRequest {
    let protocol = JoinGroupRequestProtocol::default()
        .with_name(text("range"))
        .with_metadata(Bytes::from_static(b"metadata"));
    JoinGroupRequest::default()
        .with_group_id(group_id(group))
        .with_member_id(text(member_id))
        .with_group_instance_id(None)
        .with_session_timeout_ms(500)
        .with_rebalance_timeout_ms(10_000)
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![protocol])
}

/// A batch of values without keys.
pub(crate) fn batch(values: &[&str], producer: Producer) -> Bytes {
    encoded(values, producer, false)
}

/// A batch that belongs to a transaction.
pub(crate) fn batch_in_transaction(values: &[&str], producer: Producer) -> Bytes {
    encoded(values, producer, true)
}

fn encoded(values: &[&str], producer: Producer, transactional: bool) -> Bytes {
    let records: Vec<Record> = (0..)
        .zip(values)
        .map(|(index, value)| Record {
            transactional,
            control: false,
            delete_horizon: false,
            partition_leader_epoch: -1,
            producer_id: producer.0,
            producer_epoch: producer.1,
            timestamp_type: TimestampType::Creation,
            offset: i64::from(index),
            sequence: producer.2 + index,
            timestamp: 1_000,
            key: None,
            value: Some(Bytes::copy_from_slice(value.as_bytes())),
            headers: Default::default(),
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

pub(crate) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub(crate) fn name(topic: &str) -> TopicName {
    TopicName(text(topic))
}

fn group_id(group: &str) -> GroupId {
    GroupId(text(group))
}
