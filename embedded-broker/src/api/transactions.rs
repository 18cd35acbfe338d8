//! `AddPartitionsToTxn`, `AddOffsetsToTxn`, `TxnOffsetCommit`, `EndTxn`.

use std::collections::BTreeSet;
use std::time::Instant;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse, EndTxnRequest, EndTxnResponse, ProducerId, TxnOffsetCommitRequest,
    TxnOffsetCommitResponse,
};

use super::Call;
use super::offsets::MAX_METADATA;
use crate::batch::Outcome;
use crate::groups::group::Caller;
use crate::groups::offsets::{Committed, Place};
use crate::node::now_ms;
use crate::transactions::{self, Identity};
use crate::wire::shape::{BOOL, Field, I16, I32, I32S, I64, TEXT, structs};

pub(super) const PARTITIONS_SHAPE: &[Field] = &[TEXT, I64, I16, structs(&[TEXT, I32S])];
pub(super) const OFFSETS_SHAPE: &[Field] = &[TEXT, I64, I16, TEXT];
pub(super) const END_SHAPE: &[Field] = &[TEXT, I64, I16, BOOL];
pub(super) const COMMIT_SHAPE: &[Field] = &[
    TEXT,
    TEXT,
    I64,
    I16,
    I32.since(3),
    TEXT.since(3),
    TEXT.since(3),
    structs(&[TEXT, structs(&[I32, I64, I32.since(2), TEXT])]),
];

/// Clients before this version know no `PRODUCER_FENCED`.
const KNOWS_FENCED: i16 = 2;

fn identity(producer_id: ProducerId, epoch: i16) -> Identity {
    Identity {
        producer_id: producer_id.0,
        epoch,
    }
}

/// The error as the client's version knows it.
fn known_error(version: i16, error: ResponseError) -> ResponseError {
    match error {
        ResponseError::ProducerFenced if version < KNOWS_FENCED => {
            ResponseError::InvalidProducerEpoch
        }
        other => other,
    }
}

pub(super) fn add_partitions(
    call: &Call<'_>,
    request: AddPartitionsToTxnRequest,
) -> AddPartitionsToTxnResponse {
    let topics = request.v3_and_below_topics;
    let places = topics.iter().flat_map(|topic| {
        let name = topic.name.to_string();
        topic.partitions.iter().map(move |it| (name.clone(), *it))
    });
    let places: Vec<Place> = places.collect();
    let known = call.node.topics.borrow();
    let unknown: BTreeSet<Place> = places
        .iter()
        .filter(|(topic, index)| !known.has_partition(topic, *index))
        .cloned()
        .collect();
    let added = if unknown.is_empty() {
        let id = request.v3_and_below_transactional_id.as_str();
        let client = identity(
            request.v3_and_below_producer_id,
            request.v3_and_below_producer_epoch,
        );
        let mut transactions = call.node.transactions.borrow_mut();
        let added = transactions.check(id, client).map(|_| ());
        added.and_then(|()| {
            let added = transactions.add(id, places, None, now_ms());
            added.map_err(|refusal| refusal.error)
        })
    } else {
        Err(ResponseError::OperationNotAttempted)
    };
    call.node.transactions_changed.notify_one();
    let code = |place: &Place| match added {
        Ok(()) => 0,
        Err(_) if unknown.contains(place) => ResponseError::UnknownTopicOrPartition.code(),
        Err(error) => known_error(call.version, error).code(),
    };
    let results = topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|index| {
            AddPartitionsToTxnPartitionResult::default()
                .with_partition_index(*index)
                .with_partition_error_code(code(&(topic.name.to_string(), *index)))
        });
        AddPartitionsToTxnTopicResult::default()
            .with_results_by_partition(partitions.collect())
            .with_name(topic.name.clone())
    });
    AddPartitionsToTxnResponse::default().with_results_by_topic_v3_and_below(results.collect())
}

pub(super) fn add_offsets(
    call: &Call<'_>,
    request: &AddOffsetsToTxnRequest,
) -> AddOffsetsToTxnResponse {
    let id = request.transactional_id.as_str();
    let client = identity(request.producer_id, request.producer_epoch);
    let mut transactions = call.node.transactions.borrow_mut();
    let checked = transactions.check(id, client).map(|_| ());
    let added = checked.and_then(|()| {
        if request.group_id.is_empty() {
            return Err(ResponseError::InvalidGroupId);
        }
        let added = transactions.add(id, Vec::new(), Some(&request.group_id), now_ms());
        added.map_err(|refusal| refusal.error)
    });
    call.node.transactions_changed.notify_one();
    let code = match added {
        Ok(()) => 0,
        Err(error) => known_error(call.version, error).code(),
    };
    AddOffsetsToTxnResponse::default().with_error_code(code)
}

pub(super) fn end(call: &Call<'_>, request: &EndTxnRequest) -> EndTxnResponse {
    let id = request.transactional_id.as_str();
    let client = identity(request.producer_id, request.producer_epoch);
    let outcome = if request.committed {
        Outcome::Commit
    } else {
        Outcome::Abort
    };
    let code = match transactions::end(call.node, id, client, outcome) {
        Ok(()) => 0,
        Err(refusal) => known_error(call.version, refusal.error).code(),
    };
    EndTxnResponse::default().with_error_code(code)
}

pub(super) fn commit(call: &Call<'_>, request: TxnOffsetCommitRequest) -> TxnOffsetCommitResponse {
    let allowed = allow_commit(call, &request);
    let mut commits = Vec::new();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for partition in topic.partitions {
            let index = partition.partition_index;
            let metadata = partition.committed_metadata.unwrap_or_default();
            let known = call.node.topics.borrow().has_partition(&topic.name, index);
            let checked = match allowed {
                Err(error) => Err(error),
                Ok(()) if metadata.len() > MAX_METADATA => {
                    Err(ResponseError::OffsetMetadataTooLarge)
                }
                Ok(()) if !known => Err(ResponseError::UnknownTopicOrPartition),
                Ok(()) => Ok(()),
            };
            if checked.is_ok() {
                let committed = Committed {
                    offset: partition.committed_offset,
                    leader_epoch: partition.committed_leader_epoch,
                    metadata: metadata.to_string(),
                };
                commits.push(((topic.name.to_string(), index), committed));
            }
            partitions.push((index, checked));
        }
        topics.push((topic.name, partitions));
    }
    let stored = if commits.is_empty() {
        Ok(())
    } else {
        let mut transactions = call.node.transactions.borrow_mut();
        transactions
            .add_offsets(&request.transactional_id, &request.group_id, commits)
            .map_err(|refusal| refusal.error)
    };
    let topics = topics.into_iter().map(|(name, partitions)| {
        let partitions = partitions.into_iter().map(|(index, checked)| {
            let code = match checked.and(stored) {
                Ok(()) => 0,
                Err(error) => error.code(),
            };
            TxnOffsetCommitResponsePartition::default()
                .with_partition_index(index)
                .with_error_code(code)
        });
        TxnOffsetCommitResponseTopic::default()
            .with_partitions(partitions.collect())
            .with_name(name)
    });
    TxnOffsetCommitResponse::default().with_topics(topics.collect())
}

fn allow_commit(call: &Call<'_>, request: &TxnOffsetCommitRequest) -> Result<(), ResponseError> {
    if request.group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    let client = identity(request.producer_id, request.producer_epoch);
    let transactions = call.node.transactions.borrow();
    let id = request.transactional_id.as_str();
    transactions
        .check(id, client)
        .map_err(|error| match error {
            // The coordinator of groups knows epochs only from batches.
            ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
            other => other,
        })?;
    if !transactions.has_group(id, &request.group_id) {
        return Err(ResponseError::InvalidTxnState);
    }
    let is_member = request.generation_id >= 0 || !request.member_id.is_empty();
    let mut groups = call.node.groups.borrow_mut();
    match groups.get_mut(&request.group_id) {
        _ if !is_member => Ok(()),
        None => Err(ResponseError::IllegalGeneration),
        Some(group) => {
            let caller = Caller {
                member_id: &request.member_id,
                instance_id: request.group_instance_id.as_deref(),
                generation: request.generation_id,
            };
            group.allow_commit_in_transaction(caller, Instant::now())
        }
    }
}
