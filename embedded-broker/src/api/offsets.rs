//! `OffsetCommit`, `OffsetFetch`, `OffsetDelete`.

use std::collections::BTreeMap;
use std::time::Instant;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use kafka_protocol::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponsePartition, OffsetFetchResponseTopic,
};
use kafka_protocol::messages::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetDeleteRequest, OffsetDeleteResponse,
    OffsetFetchRequest, OffsetFetchResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;

use super::Call;
use crate::groups::Groups;
use crate::groups::group::{Caller, State};
use crate::groups::offsets::{Committed, Place};
use crate::refusal::Refusal;
use crate::wire::shape::{BOOL, Field, I32, I32S, I64, TEXT, structs};

pub(super) const COMMIT_SHAPE: &[Field] = &[
    TEXT,
    I32,
    TEXT,
    TEXT.since(7),
    I64.until(4),
    structs(&[TEXT, structs(&[I32, I64, I32.since(6), TEXT])]),
];
pub(super) const FETCH_SHAPE: &[Field] = &[TEXT, structs(&[TEXT, I32S]), BOOL.since(7)];
pub(super) const DELETE_SHAPE: &[Field] = &[TEXT, structs(&[TEXT, structs(&[I32])])];

/// Bytes that a commit may carry besides the offset.
pub(super) const MAX_METADATA: usize = 4096;

pub(super) fn commit(call: &Call<'_>, request: OffsetCommitRequest) -> OffsetCommitResponse {
    let mut groups = call.node.groups.borrow_mut();
    let allowed = allow_commit(&mut groups, &request);
    let mut commits = Vec::new();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for partition in topic.partitions {
            let index = partition.partition_index;
            let metadata = partition.committed_metadata.unwrap_or_default();
            let error = match allowed {
                Err(error) => error.code(),
                Ok(()) if metadata.len() > MAX_METADATA => {
                    ResponseError::OffsetMetadataTooLarge.code()
                }
                Ok(()) if !call.node.topics.borrow().has_partition(&topic.name, index) => {
                    ResponseError::UnknownTopicOrPartition.code()
                }
                Ok(()) => {
                    let committed = Committed {
                        offset: partition.committed_offset,
                        leader_epoch: partition.committed_leader_epoch,
                        metadata: metadata.to_string(),
                    };
                    commits.push(((topic.name.to_string(), index), committed));
                    0
                }
            };
            partitions.push((index, error));
        }
        topics.push((topic.name, partitions));
    }
    let stored = store(&mut groups, &request.group_id, commits);
    let topics = topics.into_iter().map(|(name, partitions)| {
        let partitions = partitions.into_iter().map(|(index, error)| {
            let error = match stored {
                Err(storage) if error == 0 => storage.code(),
                _ => error,
            };
            OffsetCommitResponsePartition::default()
                .with_partition_index(index)
                .with_error_code(error)
        });
        OffsetCommitResponseTopic::default()
            .with_partitions(partitions.collect())
            .with_name(name)
    });
    OffsetCommitResponse::default().with_topics(topics.collect())
}

fn allow_commit(groups: &mut Groups, request: &OffsetCommitRequest) -> Result<(), ResponseError> {
    if request.group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    let generation = request.generation_id_or_member_epoch;
    match groups.get_mut(&request.group_id) {
        None if generation < 0 => Ok(()),
        None => Err(ResponseError::IllegalGeneration),
        Some(group) => {
            let caller = Caller {
                member_id: &request.member_id,
                instance_id: request.group_instance_id.as_deref(),
                generation,
            };
            group.allow_commit(caller, Instant::now())
        }
    }
}

fn store(
    groups: &mut Groups,
    group: &str,
    commits: Vec<(Place, Committed)>,
) -> Result<(), ResponseError> {
    if commits.is_empty() {
        return Ok(());
    }
    let stored = groups.offsets.commit(group, commits);
    stored.map_err(|error| Refusal::storage("the committed offsets", &error).error)
}

pub(super) fn fetch(call: &Call<'_>, request: OffsetFetchRequest) -> OffsetFetchResponse {
    let groups = call.node.groups.borrow();
    let transactions = call.node.transactions.borrow();
    let nothing = BTreeMap::new();
    let commits = groups.offsets.of(&request.group_id).unwrap_or(&nothing);
    let wanted = match request.topics {
        Some(topics) => topics,
        None => everything(commits),
    };
    let topics = wanted.into_iter().map(|topic| {
        let name = topic.name.to_string();
        let partitions = topic.partition_indexes.iter().map(|index| {
            let place = (name.clone(), *index);
            let waits =
                request.require_stable && transactions.is_unstable(&request.group_id, &place);
            if waits {
                let error = ResponseError::UnstableOffsetCommit.code();
                return respond_fetched(call.version, *index, None).with_error_code(error);
            }
            respond_fetched(call.version, *index, commits.get(&place))
        });
        OffsetFetchResponseTopic::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name.clone())
    });
    OffsetFetchResponse::default().with_topics(topics.collect())
}

fn everything(commits: &BTreeMap<Place, Committed>) -> Vec<OffsetFetchRequestTopic> {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for (topic, partition) in commits.keys() {
        topics.entry(topic).or_default().push(*partition);
    }
    let topics = topics.into_iter().map(|(name, partitions)| {
        OffsetFetchRequestTopic::default()
            .with_name(TopicName(StrBytes::from_string(name.to_owned())))
            .with_partition_indexes(partitions)
    });
    topics.collect()
}

fn respond_fetched(
    version: i16,
    index: i32,
    committed: Option<&Committed>,
) -> OffsetFetchResponsePartition {
    let response = OffsetFetchResponsePartition::default()
        .with_partition_index(index)
        .with_committed_offset(committed.map_or(-1, |it| it.offset));
    let metadata = committed.map_or("", |it| &it.metadata).to_owned();
    let response = response.with_metadata(Some(StrBytes::from_string(metadata)));
    match version {
        5.. => response.with_committed_leader_epoch(committed.map_or(-1, |it| it.leader_epoch)),
        _ => response,
    }
}

pub(super) fn delete(call: &Call<'_>, request: OffsetDeleteRequest) -> OffsetDeleteResponse {
    let mut groups = call.node.groups.borrow_mut();
    let group = request.group_id.as_str();
    if !groups.exists(group) {
        let error = ResponseError::GroupIdNotFound.code();
        return OffsetDeleteResponse::default().with_error_code(error);
    }
    let is_in_use = groups
        .get(group)
        .is_some_and(|it| it.state() != State::Empty);
    let mut places = Vec::new();
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|it| {
            let index = it.partition_index;
            let error = if !call.node.topics.borrow().has_partition(&topic.name, index) {
                ResponseError::UnknownTopicOrPartition.code()
            } else if is_in_use {
                ResponseError::GroupSubscribedToTopic.code()
            } else {
                places.push((topic.name.to_string(), index));
                0
            };
            OffsetDeleteResponsePartition::default()
                .with_partition_index(index)
                .with_error_code(error)
        });
        OffsetDeleteResponseTopic::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name.clone())
    });
    let topics = topics.collect();
    let deleted = groups.offsets.delete(group, places);
    let error = match deleted {
        Ok(()) => 0,
        Err(error) => Refusal::storage("the committed offsets", &error)
            .error
            .code(),
    };
    OffsetDeleteResponse::default()
        .with_error_code(error)
        .with_topics(topics)
}
