//! `DeleteRecords`, and `OffsetForLeaderEpoch`, of which there is one.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use kafka_protocol::messages::offset_for_leader_epoch_request::OffsetForLeaderPartition;
use kafka_protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use kafka_protocol::messages::{
    DeleteRecordsRequest, DeleteRecordsResponse, OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
};

use super::Call;
use crate::batch::LEADER_EPOCH;
use crate::topics::Topics;
use crate::wire::shape::{Field, I32, I64, TEXT, structs};

pub(super) const DELETE_SHAPE: &[Field] = &[structs(&[TEXT, structs(&[I32, I64])]), I32];
pub(super) const EPOCH_SHAPE: &[Field] =
    &[I32.since(3), structs(&[TEXT, structs(&[I32, I32, I32])])];

pub(super) fn delete(call: &Call<'_>, request: DeleteRecordsRequest) -> DeleteRecordsResponse {
    let mut topics = call.node.topics.borrow_mut();
    let results = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|it| {
            let result =
                DeleteRecordsPartitionResult::default().with_partition_index(it.partition_index);
            match topics.delete_records(&topic.name, it.partition_index, it.offset) {
                Ok(start) => result.with_low_watermark(start),
                Err(refusal) => result
                    .with_low_watermark(-1)
                    .with_error_code(refusal.error.code()),
            }
        });
        DeleteRecordsTopicResult::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name.clone())
    });
    DeleteRecordsResponse::default().with_topics(results.collect())
}

pub(super) fn end_of_epoch(
    call: &Call<'_>,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let mut topics = call.node.topics.borrow_mut();
    let results = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter();
        let ends = partitions.map(|it| end(&mut topics, &topic.topic, it));
        OffsetForLeaderTopicResult::default()
            .with_partitions(ends.collect())
            .with_topic(topic.topic.clone())
    });
    OffsetForLeaderEpochResponse::default().with_topics(results.collect())
}

fn end(topics: &mut Topics, topic: &str, asked: &OffsetForLeaderPartition) -> EpochEndOffset {
    let unknown = EpochEndOffset::default()
        .with_partition(asked.partition)
        .with_leader_epoch(-1)
        .with_end_offset(-1);
    match topics.partition(topic, asked.partition) {
        Err(refusal) => unknown.with_error_code(refusal.error.code()),
        Ok(_) if asked.current_leader_epoch > LEADER_EPOCH => {
            unknown.with_error_code(ResponseError::UnknownLeaderEpoch.code())
        }
        Ok((_, partition)) if asked.leader_epoch == LEADER_EPOCH => unknown
            .with_leader_epoch(LEADER_EPOCH)
            .with_end_offset(partition.log.next_offset()),
        Ok(_) => unknown,
    }
}
