//! Every kind of request in every version: its shape fits what a client sends, and a client can
//! read the answer.

use std::net::SocketAddr;

use bytes::{Buf, BytesMut};
use kafka_protocol::messages::alter_configs_request::{
    AlterConfigsResource as AlteredResource, AlterableConfig as AlteredConfig,
};
use kafka_protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsTopic,
};
use kafka_protocol::messages::create_topics_request::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig,
};
use kafka_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsTopic,
};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_log_dirs_request::DescribableLogDirTopic;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic, ForgottenTopic};
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_delete_request::{
    OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
use kafka_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::{
    AlterConfigsRequest, ApiVersionsRequest, CreatePartitionsRequest, CreateTopicsRequest,
    DeleteGroupsRequest, DeleteRecordsRequest, DeleteTopicsRequest, DescribeClusterRequest,
    DescribeConfigsRequest, DescribeGroupsRequest, DescribeLogDirsRequest, FetchRequest,
    FindCoordinatorRequest, GroupId, HeartbeatRequest, IncrementalAlterConfigsRequest,
    InitProducerIdRequest, JoinGroupRequest, LeaveGroupRequest, ListGroupsRequest,
    ListOffsetsRequest, MetadataRequest, OffsetCommitRequest, OffsetDeleteRequest,
    OffsetFetchRequest, OffsetForLeaderEpochRequest, ProduceRequest, ResponseHeader,
    SyncGroupRequest, TopicName,
};
use kafka_protocol::protocol::{HeaderVersion, Request};
use tempfile::TempDir;

use super::*;
use crate::batch::tests::Sample;
use crate::config::BrokerConfig;
use crate::topics::NewTopic;

/// A topic that exists.
const TOPIC: StrBytes = StrBytes::from_static_str("orders");

struct Fixture {
    node: Node,
    _dir: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::open(BrokerConfig::new(dir.path())).unwrap();
        let new = NewTopic {
            name: TOPIC.to_string(),
            partitions: 1,
            overrides: Default::default(),
        };
        node.topics.borrow_mut().create(new).unwrap();
        Self { node, _dir: dir }
    }

    async fn answer(&self, incoming: Incoming) -> Result<Option<Answer>, Hangup> {
        let address = SocketAddr::from(([127, 0, 0, 1], 9092));
        let client = Client {
            peer: address,
            local: address,
        };
        answer(&self.node, client, incoming).await
    }

    /// Sends the request in all its versions; `show` sees the answers.
    async fn check<R: Request>(&self, build: impl Fn(i16) -> R, show: impl Fn(i16, R::Response)) {
        let api = ApiKey::try_from(R::KEY).unwrap();
        let known = SUPPORTED.iter().find(|it| it.key == api).unwrap();
        let to_be_spoiled = Self::new();
        for version in known.min..=known.max {
            let mut body = BytesMut::new();
            build(version).encode(&mut body, version).unwrap();
            let incoming = incoming(api, version, &body);
            to_be_spoiled.answer_to_rubbish(known, &incoming).await;

            let mut answer = self.answer(incoming).await.unwrap().unwrap();

            let mut bytes = answer.copy_to_bytes(answer.remaining());
            assert_eq!(bytes.get_u32() as usize, bytes.len());
            let header_version = R::Response::header_version(version);
            let header = ResponseHeader::decode(&mut bytes, header_version).unwrap();
            assert_eq!(header.correlation_id, CORRELATION_ID);
            let response = R::Response::decode(&mut bytes, version).unwrap();
            assert!(bytes.is_empty(), "{api:?} {version}");
            show(version, response);
        }
    }

    /// Sends the request cut at every byte, which is refused, and with every byte changed, which
    /// may mean anything and must do no harm.
    async fn answer_to_rubbish(&self, known: &Supported, sound: &Incoming) {
        let Incoming {
            api, version, body, ..
        } = sound;
        let flexible = api.request_header_version(*version) >= 2;
        for position in 0..body.len() {
            let cut = &body[..position];
            let fits = shape::fits(known.shape, *version, flexible, cut);
            assert!(!fits, "{api:?} {version} cut to {position}");
            for change in [0x01, 0x7f, 0x80, 0xff] {
                let mut changed = body.to_vec();
                changed[position] ^= change;
                let changed = incoming(*api, *version, &changed);
                tokio::select! {
                    biased;
                    // An answer, a hang-up and a long wait are all right.
                    _ = self.answer(changed) => {}
                    () = std::future::ready(()) => {}
                }
            }
        }
    }
}

const CORRELATION_ID: i32 = 7;

fn incoming(api: ApiKey, version: i16, body: &[u8]) -> Incoming {
    Incoming {
        api,
        version,
        correlation_id: CORRELATION_ID,
        client_id: StrBytes::from_static_str("test"),
        body: Bytes::copy_from_slice(body),
    }
}

fn topic() -> TopicName {
    TopicName(TOPIC)
}

fn group() -> GroupId {
    GroupId(StrBytes::from_static_str("group"))
}

fn text() -> StrBytes {
    StrBytes::from_static_str("text")
}

#[tokio::test]
async fn records_go_in_and_out() {
    let fixture = Fixture::new();
    let batch = Bytes::from(Sample::of(&[(Some("key"), "value")]).build());
    let data = PartitionProduceData::default().with_records(Some(batch.clone()));
    let data = TopicProduceData::default()
        .with_name(topic())
        .with_partition_data(vec![data]);
    let produce = ProduceRequest::default()
        .with_acks(-1)
        .with_topic_data(vec![data]);
    fixture
        .check(
            |_| produce.clone(),
            |_, response| {
                assert_eq!(response.responses[0].partition_responses[0].error_code, 0);
            },
        )
        .await;

    let forgotten = ForgottenTopic::default()
        .with_topic(topic())
        .with_partitions(vec![3]);
    let wish = FetchPartition::default().with_partition_max_bytes(1000);
    let wish = FetchTopic::default()
        .with_topic(topic())
        .with_partitions(vec![wish]);
    let fetch = FetchRequest::default()
        .with_max_bytes(1)
        .with_topics(vec![wish]);
    fixture
        .check(
            |version| match version {
                7.. => fetch
                    .clone()
                    .with_forgotten_topics_data(vec![forgotten.clone()]),
                _ => fetch.clone(),
            },
            |_, response| {
                let records = response.responses[0].partitions[0].records.clone();
                let records = records.unwrap();
                assert_eq!(records.len(), batch.len());
                assert_eq!(records[16..], batch[16..]);
            },
        )
        .await;

    let partition = ListOffsetsPartition::default().with_timestamp(-1);
    let wish = ListOffsetsTopic::default()
        .with_name(topic())
        .with_partitions(vec![partition]);
    let request = ListOffsetsRequest::default().with_topics(vec![wish]);
    fixture
        .check(
            |_| request.clone(),
            |_, response| assert_eq!(response.topics[0].partitions[0].offset, 9),
        )
        .await;

    let partition = OffsetForLeaderPartition::default();
    let wish = OffsetForLeaderTopic::default()
        .with_topic(topic())
        .with_partitions(vec![partition]);
    let request = OffsetForLeaderEpochRequest::default().with_topics(vec![wish]);
    fixture
        .check(
            |_| request.clone(),
            |_, response| assert_eq!(response.topics[0].partitions[0].end_offset, 9),
        )
        .await;

    let partition = DeleteRecordsPartition::default().with_offset(-1);
    let wish = DeleteRecordsTopic::default()
        .with_name(topic())
        .with_partitions(vec![partition]);
    let request = DeleteRecordsRequest::default().with_topics(vec![wish]);
    fixture
        .check(
            |_| request.clone(),
            |_, response| assert_eq!(response.topics[0].partitions[0].low_watermark, 9),
        )
        .await;
}

#[tokio::test]
async fn the_cluster_is_described() {
    let fixture = Fixture::new();
    fixture
        .check(
            |_| ApiVersionsRequest::default(),
            |_, response| assert_eq!(response.api_keys.len(), SUPPORTED.len()),
        )
        .await;

    let wish = MetadataRequestTopic::default().with_name(Some(topic()));
    let metadata = MetadataRequest::default().with_topics(Some(vec![wish]));
    fixture
        .check(
            |_| metadata.clone(),
            |_, response| {
                assert_eq!(response.topics[0].partitions.len(), 1);
                assert_eq!(response.brokers[0].port, 9092);
            },
        )
        .await;
    fixture
        .check(
            |_| DescribeClusterRequest::default(),
            |_, response| assert_eq!(response.brokers[0].port, 9092),
        )
        .await;
    fixture
        .check(
            |version| match version {
                4.. => FindCoordinatorRequest::default().with_coordinator_keys(vec![text()]),
                _ => FindCoordinatorRequest::default().with_key(text()),
            },
            |version, response| match version {
                4.. => assert_eq!(response.coordinators[0].port, 9092),
                _ => assert_eq!(response.port, 9092),
            },
        )
        .await;
    fixture
        .check(
            |_| InitProducerIdRequest::default().with_transactional_id(None),
            |_, response| assert_eq!(response.error_code, 0),
        )
        .await;
}

#[tokio::test]
async fn security_is_off_and_the_folder_is_known() {
    let fixture = Fixture::new();
    let security_disabled = 54;
    fixture
        .check(
            |_| DescribeAclsRequest::default(),
            |_, response| assert_eq!(response.error_code, security_disabled),
        )
        .await;

    let wish = DescribableLogDirTopic::default()
        .with_topic(topic())
        .with_partitions(vec![0]);
    let request = DescribeLogDirsRequest::default().with_topics(Some(vec![wish]));
    fixture
        .check(
            |_| request.clone(),
            |_, response| {
                let topics = &response.results[0].topics;
                assert_eq!(topics[0].partitions[0].partition_size, 0);
            },
        )
        .await;
}

#[tokio::test]
async fn topics_come_and_go() {
    let fixture = Fixture::new();
    let config = CreatableTopicConfig::default()
        .with_name(StrBytes::from_static_str("retention.ms"))
        .with_value(Some(StrBytes::from_static_str("1000")));
    let name = |version: i16| TopicName(StrBytes::from_string(format!("new-{version}")));
    let assignment = CreatableReplicaAssignment::default().with_broker_ids(vec![1.into()]);
    let new = CreatableTopic::default()
        .with_num_partitions(-1)
        .with_replication_factor(-1)
        .with_assignments(vec![assignment])
        .with_configs(vec![config]);
    fixture
        .check(
            |version| {
                CreateTopicsRequest::default()
                    .with_topics(vec![new.clone().with_name(name(version))])
            },
            |version, response| {
                let created = &response.topics[0];
                assert_eq!(created.error_code, 0, "{:?}", created.error_message);
                let configs = created.configs.as_deref().unwrap_or_default();
                assert_eq!(configs.is_empty(), version < 5);
            },
        )
        .await;

    let assignment = CreatePartitionsAssignment::default().with_broker_ids(vec![1.into()]);
    fixture
        .check(
            |version| {
                let more = CreatePartitionsTopic::default()
                    .with_name(topic())
                    .with_count(2 + i32::from(version))
                    .with_assignments(Some(vec![assignment.clone()]));
                CreatePartitionsRequest::default().with_topics(vec![more])
            },
            |_, response| assert_eq!(response.results[0].error_code, 0),
        )
        .await;

    fixture
        .check(
            |version| {
                let names = vec![name(version.max(2))];
                DeleteTopicsRequest::default().with_topic_names(names)
            },
            |version, response| {
                // Version 1 and version 2 ask for the same.
                let expected = if version == 2 { 3 } else { 0 };
                assert_eq!(response.responses[0].error_code, expected);
            },
        )
        .await;
}

#[tokio::test]
async fn settings_are_shown_and_changed() {
    let fixture = Fixture::new();
    let resource = DescribeConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(TOPIC)
        .with_configuration_keys(Some(vec![StrBytes::from_static_str("segment.ms")]));
    let request = DescribeConfigsRequest::default()
        .with_resources(vec![resource])
        .with_include_synonyms(true);
    fixture
        .check(
            |_| request.clone(),
            |_, response| {
                let configs = &response.results[0].configs;
                assert_eq!(configs[0].value.as_deref(), Some("604800000"));
            },
        )
        .await;

    let config = AlteredConfig::default()
        .with_name(StrBytes::from_static_str("retention.ms"))
        .with_value(Some(StrBytes::from_static_str("5")));
    let resource = AlteredResource::default()
        .with_resource_type(2)
        .with_resource_name(TOPIC)
        .with_configs(vec![config]);
    let request = AlterConfigsRequest::default().with_resources(vec![resource]);
    fixture
        .check(
            |_| request.clone(),
            |_, response| assert_eq!(response.responses[0].error_code, 0),
        )
        .await;

    let config = AlterableConfig::default()
        .with_name(StrBytes::from_static_str("cleanup.policy"))
        .with_config_operation(2)
        .with_value(Some(StrBytes::from_static_str("compact")));
    let resource = AlterConfigsResource::default()
        .with_resource_type(2)
        .with_resource_name(TOPIC)
        .with_configs(vec![config]);
    let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
    fixture
        .check(
            |_| request.clone(),
            |_, response| assert_eq!(response.responses[0].error_code, 0),
        )
        .await;

    let topics = fixture.node.topics.borrow();
    let overrides = &topics.get(&TOPIC).unwrap().overrides;
    assert_eq!(overrides["cleanup.policy"], "delete,compact");
    assert_eq!(overrides["retention.ms"], "5");
}

#[tokio::test]
async fn groups_answer() {
    let fixture = Fixture::new();
    let protocol = JoinGroupRequestProtocol::default().with_name(text());
    let join = JoinGroupRequest::default()
        .with_group_id(group())
        .with_session_timeout_ms(10_000)
        .with_protocol_type(text())
        .with_protocols(vec![protocol]);
    fixture
        .check(
            |version| {
                let id = StrBytes::from_string(format!("group-{version}"));
                join.clone().with_group_id(GroupId(id))
            },
            |version, response| {
                let expected = if version >= 4 { 79 } else { 0 };
                assert_eq!(response.error_code, expected);
                assert!(!response.member_id.is_empty());
            },
        )
        .await;

    let unknown_member = 25;
    let assignment = SyncGroupRequestAssignment::default().with_member_id(text());
    let sync = SyncGroupRequest::default()
        .with_group_id(group())
        .with_assignments(vec![assignment]);
    fixture
        .check(
            |_| sync.clone(),
            |_, response| assert_eq!(response.error_code, unknown_member),
        )
        .await;
    fixture
        .check(
            |_| HeartbeatRequest::default().with_group_id(group()),
            |_, response| assert_eq!(response.error_code, unknown_member),
        )
        .await;
    fixture
        .check(
            |version| match version {
                3.. => LeaveGroupRequest::default().with_members(vec![MemberIdentity::default()]),
                _ => LeaveGroupRequest::default(),
            },
            |version, response| match version {
                3.. => assert_eq!(response.members[0].error_code, unknown_member),
                _ => assert_eq!(response.error_code, unknown_member),
            },
        )
        .await;
}

#[tokio::test]
async fn offsets_are_committed_fetched_and_deleted() {
    let fixture = Fixture::new();
    let partition = OffsetCommitRequestPartition::default()
        .with_committed_offset(5)
        .with_committed_metadata(Some(text()));
    let commit = OffsetCommitRequestTopic::default()
        .with_name(topic())
        .with_partitions(vec![partition]);
    let commit = OffsetCommitRequest::default()
        .with_group_id(group())
        .with_topics(vec![commit]);
    fixture
        .check(
            |_| commit.clone(),
            |_, response| assert_eq!(response.topics[0].partitions[0].error_code, 0),
        )
        .await;

    let wish = OffsetFetchRequestTopic::default()
        .with_name(topic())
        .with_partition_indexes(vec![0]);
    let fetch = OffsetFetchRequest::default()
        .with_group_id(group())
        .with_topics(Some(vec![wish]));
    fixture
        .check(
            |_| fetch.clone(),
            |_, response| {
                let fetched = &response.topics[0].partitions[0];
                assert_eq!(fetched.committed_offset, 5);
                assert_eq!(fetched.metadata, Some(text()));
            },
        )
        .await;
    fixture
        .check(
            |_| DescribeGroupsRequest::default().with_groups(vec![group()]),
            |_, response| assert_eq!(&*response.groups[0].group_state, "Empty"),
        )
        .await;
    fixture
        .check(
            |version| {
                let request = ListGroupsRequest::default();
                let request = match version {
                    4.. => request.with_states_filter(vec![StrBytes::from_static_str("Empty")]),
                    _ => request,
                };
                match version {
                    5.. => request.with_types_filter(vec![StrBytes::from_static_str("classic")]),
                    _ => request,
                }
            },
            |_, response| assert_eq!(response.groups[0].group_id, group()),
        )
        .await;

    let partition = OffsetDeleteRequestPartition::default();
    let wish = OffsetDeleteRequestTopic::default()
        .with_name(topic())
        .with_partitions(vec![partition]);
    let request = OffsetDeleteRequest::default()
        .with_group_id(group())
        .with_topics(vec![wish]);
    fixture
        .check(
            |_| request.clone(),
            |_, response| assert_eq!(response.topics[0].partitions[0].error_code, 0),
        )
        .await;
    let not_found = 69;
    fixture
        .check(
            |_| DeleteGroupsRequest::default().with_groups_names(vec![group()]),
            |_, response| assert_eq!(response.results[0].error_code, not_found),
        )
        .await;
}

#[tokio::test]
async fn a_version_from_the_future_is_answered_with_the_known_ones() {
    let fixture = Fixture::new();
    let incoming = incoming(ApiKey::ApiVersions, 99, &[]);

    let mut answer = fixture.answer(incoming).await.unwrap().unwrap();

    let mut bytes = answer.copy_to_bytes(answer.remaining()).split_off(8);
    let response = kafka_protocol::messages::ApiVersionsResponse::decode(&mut bytes, 0).unwrap();
    assert_eq!(response.error_code, 35);
    assert_eq!(response.api_keys.len(), SUPPORTED.len());
}

#[tokio::test]
async fn unknown_requests_and_versions_end_the_connection() {
    let fixture = Fixture::new();
    for (api, version) in [(ApiKey::Vote, 0), (ApiKey::Fetch, 13), (ApiKey::Produce, 2)] {
        let refused = fixture.answer(incoming(api, version, &[])).await;
        let hangup = refused.unwrap_err().to_string();

        assert!(
            hangup.contains(&format!("{api:?} version {version}")),
            "{hangup}"
        );
    }
}

mod fuzz;
mod transactions;
