//! `ListOffsets`: where a partition begins and ends, and which offset belongs to a time.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse};

use super::Call;
use super::fetch::Isolation;
use crate::batch::LEADER_EPOCH;
use crate::refusal::Refusal;
use crate::topics::Topics;
use crate::wire::shape::{Field, I8, I32, I64, TEXT, structs};

pub(super) const SHAPE: &[Field] = &[
    I32,
    I8.since(2),
    structs(&[TEXT, structs(&[I32, I32.since(4), I64])]),
];

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const NEWEST_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;

const NOTHING: (i64, i64) = (-1, -1);

pub(super) fn answer(call: &Call<'_>, request: ListOffsetsRequest) -> ListOffsetsResponse {
    let isolation = Isolation::of(request.isolation_level);
    let mut topics = call.node.topics.borrow_mut();
    let responses = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.iter().map(|it| {
            let place = (topic.name.as_str(), it.partition_index);
            let found = find(&mut topics, place, it.timestamp, isolation);
            respond(call.version, it.partition_index, found)
        });
        ListOffsetsTopicResponse::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name.clone())
    });
    ListOffsetsResponse::default().with_topics(responses.collect())
}

/// The offset and its timestamp, [`NOTHING`] if there is none.
fn find(
    topics: &mut Topics,
    (topic, index): (&str, i32),
    timestamp: i64,
    isolation: Isolation,
) -> Result<(i64, i64), Refusal> {
    let (_, partition) = topics.partition(topic, index)?;
    let log = &mut partition.log;
    let end = isolation.end(log);
    let shown = |found: Option<(i64, i64)>| found.filter(|it| it.0 < end);
    let found = match timestamp {
        LATEST => Ok(Some((end, -1))),
        EARLIEST | EARLIEST_LOCAL => Ok(Some((log.start_offset(), -1))),
        LATEST_TIERED => Ok(None),
        NEWEST_TIMESTAMP => log.offset_of_newest().map(shown),
        0.. => log.offset_of_time(timestamp).map(shown),
        _ => {
            let text = format!("the timestamp {timestamp} has no meaning");
            return Err(Refusal::new(ResponseError::InvalidRequest, text));
        }
    };
    match found {
        Ok(found) => Ok(found.unwrap_or(NOTHING)),
        Err(error) => Err(Refusal::storage(format_args!("{topic}-{index}"), &error)),
    }
}

fn respond(
    version: i16,
    index: i32,
    found: Result<(i64, i64), Refusal>,
) -> ListOffsetsPartitionResponse {
    let response = ListOffsetsPartitionResponse::default().with_partition_index(index);
    match found {
        Ok((offset, timestamp)) => {
            let response = response.with_offset(offset).with_timestamp(timestamp);
            match version {
                4.. if offset >= 0 => response.with_leader_epoch(LEADER_EPOCH),
                _ => response,
            }
        }
        Err(refusal) => response
            .with_offset(-1)
            .with_timestamp(-1)
            .with_error_code(refusal.error.code()),
    }
}
