//! `Metadata`: which topics there are and where their partitions live; makes topics on the way.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{BrokerId, MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use tracing::info;
use uuid::Uuid;

use super::Call;
use super::cluster::NO_OPERATIONS;
use crate::batch::LEADER_EPOCH;
use crate::node::NODE_ID;
use crate::topics::settings::Overrides;
use crate::topics::{NewTopic, Topic, Topics};
use crate::wire::shape::{BOOL, Field, TEXT, UUID, structs};

pub(super) const SHAPE: &[Field] = &[
    structs(&[UUID.since(10), TEXT]),
    BOOL.since(4),
    BOOL.since(8).until(10),
    BOOL.since(8),
];

pub(super) fn answer(call: &Call<'_>, request: MetadataRequest) -> MetadataResponse {
    let (host, port) = call.host_and_port();
    let broker = MetadataResponseBroker::default()
        .with_node_id(BrokerId(NODE_ID))
        .with_host(host)
        .with_port(port);
    let response = MetadataResponse::default()
        .with_brokers(vec![broker])
        .with_cluster_id(Some(StrBytes::from_string(call.node.cluster_id.clone())))
        .with_controller_id(BrokerId(NODE_ID));

    let mut topics = call.node.topics.borrow_mut();
    let wants_all = match &request.topics {
        None => true,
        // The oldest version has no other way of asking for all.
        Some(names) => call.version == 0 && names.is_empty(),
    };
    let described = if wants_all {
        let all = topics.iter();
        all.map(|(name, topic)| describe(name, topic, call.version))
            .collect()
    } else {
        let may_create = call.node.config.auto_create_topics
            && (call.version < 4 || request.allow_auto_topic_creation);
        let wanted = request.topics.unwrap_or_default().into_iter();
        wanted
            .map(|it| one(call, &mut topics, it, may_create))
            .collect()
    };
    response.with_topics(described)
}

fn one(
    call: &Call<'_>,
    topics: &mut Topics,
    wanted: MetadataRequestTopic,
    may_create: bool,
) -> MetadataResponseTopic {
    let failed = |name: Option<TopicName>, id, error: ResponseError| {
        let topic = MetadataResponseTopic::default().with_error_code(error.code());
        let topic = topic.with_name(name);
        match call.version {
            10.. => topic.with_topic_id(id),
            _ => topic,
        }
    };
    let Some(name) = wanted.name else {
        let id = wanted.topic_id;
        let found = topics
            .name_of(id)
            .and_then(|it| Some((it, topics.get(it)?)));
        return match found {
            Some((name, topic)) => describe(name, topic, call.version),
            None => failed(None, id, ResponseError::UnknownTopicId),
        };
    };
    if let Some(topic) = topics.get(&name) {
        return describe(&name, topic, call.version);
    }
    let new = NewTopic {
        name: name.to_string(),
        partitions: u32::from(call.node.config.default_partitions),
        overrides: Overrides::new(),
    };
    if !may_create {
        let error = match crate::topics::names::check(&name) {
            Ok(()) => ResponseError::UnknownTopicOrPartition,
            Err(_) => ResponseError::InvalidTopicException,
        };
        return failed(Some(name), Uuid::nil(), error);
    }
    match topics.create(new) {
        Ok(topic) => {
            info!(topic = %name.as_str(), "created a topic that a client asked for");
            describe(&name, topic, call.version)
        }
        Err(refusal) => failed(Some(name), Uuid::nil(), refusal.error),
    }
}

fn describe(name: &str, topic: &Topic, version: i16) -> MetadataResponseTopic {
    let partitions = (0..).take(topic.partitions.len()).map(|index| {
        let partition = MetadataResponsePartition::default()
            .with_partition_index(index)
            .with_leader_id(BrokerId(NODE_ID))
            .with_replica_nodes(vec![BrokerId(NODE_ID)])
            .with_isr_nodes(vec![BrokerId(NODE_ID)]);
        match version {
            7.. => partition.with_leader_epoch(LEADER_EPOCH),
            _ => partition,
        }
    });
    let described = MetadataResponseTopic::default()
        .with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))))
        .with_partitions(partitions.collect());
    let described = match version {
        10.. => described.with_topic_id(topic.id),
        _ => described,
    };
    match version {
        8.. => described.with_topic_authorized_operations(NO_OPERATIONS),
        _ => described,
    }
}
