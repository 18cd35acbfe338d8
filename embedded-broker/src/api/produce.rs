//! `Produce`: checks batches and appends them.

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{ProduceRequest, ProduceResponse};
use kafka_protocol::protocol::StrBytes;

use super::Call;
use crate::batch::{BatchHeader, check_produced, each_record};
use crate::config::SyncPolicy;
use crate::log::{Appended, stamped};
use crate::node::now_ms;
use crate::refusal::Refusal;
use crate::topics::Topics;
use crate::topics::settings::Meaning;
use crate::transactions::Identity;
use crate::wire::shape::{BYTES, Field, I16, I32, TEXT, structs};
use crate::wire::{Answer, Hangup};

pub(super) const SHAPE: &[Field] = &[TEXT, I16, I32, structs(&[TEXT, structs(&[I32, BYTES])])];

/// What a producer learns about a stored batch.
struct Stored {
    base_offset: i64,
    append_time: i64,
    start_offset: i64,
}

pub(super) fn answer(mut call: Call<'_>) -> Result<Option<Answer>, Hangup> {
    let request: ProduceRequest = call.decode()?;
    let acks = request.acks;
    let response = produce(&call, request);
    if acks == 0 {
        return match first_error(&response) {
            // Hanging up is the only way to tell a client that waits for no answer.
            Some(error) => Err(call.nonsense(&format!("unacknowledged records: {error}"))),
            None => Ok(None),
        };
    }
    call.encode(&response).map(Some)
}

fn first_error(response: &ProduceResponse) -> Option<ResponseError> {
    let partitions = response
        .responses
        .iter()
        .flat_map(|it| &it.partition_responses);
    let mut codes = partitions.map(|it| it.error_code);
    codes.find_map(ResponseError::try_from_code)
}

fn produce(call: &Call<'_>, request: ProduceRequest) -> ProduceResponse {
    let mut topics = call.node.topics.borrow_mut();
    let has_id = request.transactional_id.is_some();
    let acks_known = matches!(request.acks, -1..=1);
    let now = now_ms();
    let responses = request.topic_data.into_iter().map(|topic| {
        let partitions = topic.partition_data.into_iter().map(|data| {
            let stored = if acks_known {
                let place = (topic.name.as_str(), data.index);
                let check = |it: &_| check_transaction(call, it, has_id, place);
                append(call, &mut topics, (place, &data.records), check, now)
            } else {
                let text = "acks must be -1, 0 or 1";
                Err(Refusal::new(ResponseError::InvalidRequiredAcks, text))
            };
            respond(call.version, data.index, stored)
        });
        TopicProduceResponse::default()
            .with_partition_responses(partitions.collect())
            .with_name(topic.name.clone())
    });
    ProduceResponse::default().with_responses(responses.collect())
}

fn append(
    call: &Call<'_>,
    topics: &mut Topics,
    ((topic, index), records): ((&str, i32), &Option<Bytes>),
    check_transaction: impl Fn(&BatchHeader) -> Result<(), Refusal>,
    now: i64,
) -> Result<Stored, Refusal> {
    let (meaning, partition) = topics.partition(topic, index)?;
    let batch = records.as_ref().map_or(&[][..], Bytes::as_ref);
    let header = check_produced(batch).map_err(|(error, text)| Refusal::new(error, text))?;
    check_for_topic(&header, batch, &meaning, now)?;
    if header.is_transactional() {
        check_transaction(&header)?;
    }
    let storage = |error| Refusal::storage(format_args!("{topic}-{index}"), &error);

    let appended = if meaning.log_append_time {
        let (header, batch) = stamped(&header, batch, now);
        partition.log.append(&header, &batch, meaning.rolling, now)
    } else {
        partition.log.append(&header, batch, meaning.rolling, now)
    };
    let base_offset = match appended.map_err(storage)? {
        Appended::At(offset) | Appended::Again(offset) => offset,
        Appended::Refused(error) => {
            let text = format!(
                "producer {} of epoch {} sent sequence number {}",
                header.producer_id, header.producer_epoch, header.base_sequence
            );
            return Err(Refusal::new(error, text));
        }
    };
    if call.node.config.sync == SyncPolicy::EveryWrite {
        partition.log.sync().map_err(storage)?;
    }
    partition.wake();
    Ok(Stored {
        base_offset,
        append_time: if meaning.log_append_time { now } else { -1 },
        start_offset: partition.log.start_offset(),
    })
}

/// A batch of a transaction must come from its producer, to a partition that was announced.
fn check_transaction(
    call: &Call<'_>,
    header: &BatchHeader,
    has_id: bool,
    (topic, index): (&str, i32),
) -> Result<(), Refusal> {
    if !has_id {
        let text = "the request with a batch of a transaction has no transactional id";
        let error = ResponseError::TransactionalIdAuthorizationFailed;
        return Err(Refusal::new(error, text));
    }
    let client = Identity {
        producer_id: header.producer_id,
        epoch: header.producer_epoch,
    };
    let place = (topic.to_owned(), index);
    let allowed = call.node.transactions.borrow().check_write(client, &place);
    allowed.map_err(|error| {
        let text = format!(
            "producer {} of epoch {} has no transaction with this partition",
            client.producer_id, client.epoch
        );
        Refusal::new(error, text)
    })
}

/// Checks what depends on the topic's settings.
fn check_for_topic(
    header: &BatchHeader,
    batch: &[u8],
    meaning: &Meaning,
    now: i64,
) -> Result<(), Refusal> {
    if batch.len() > meaning.max_message_bytes {
        let text = format!(
            "the batch has {} bytes, the topic takes {}",
            batch.len(),
            meaning.max_message_bytes
        );
        return Err(Refusal::new(ResponseError::MessageTooLarge, text));
    }
    let too_far_ahead = header.max_timestamp.saturating_sub(now) > meaning.max_ms_ahead;
    let too_far_behind = now.saturating_sub(header.base_timestamp) > meaning.max_ms_behind;
    if !meaning.log_append_time && (too_far_ahead || too_far_behind) {
        let text = "the timestamp of a record is out of the range that the topic takes";
        return Err(Refusal::new(ResponseError::InvalidTimestamp, text));
    }
    if meaning.cleaning.is_some() {
        check_keys(header, batch)?;
    }
    Ok(())
}

/// Without a key, compaction would not know what to do with a record.
fn check_keys(header: &BatchHeader, batch: &[u8]) -> Result<(), Refusal> {
    let mut without_key = 0;
    let opened = each_record(header, batch, |_, it| {
        without_key += i32::from(it.key.is_none());
    });
    if let Err(error) = opened {
        let text = format!("the records of the batch cannot be read: {error}");
        return Err(Refusal::new(ResponseError::CorruptMessage, text));
    }
    if without_key > 0 {
        let text = "Compacted topic cannot accept message without key in topic partition";
        return Err(Refusal::new(ResponseError::InvalidRecord, text));
    }
    Ok(())
}

fn respond(version: i16, index: i32, stored: Result<Stored, Refusal>) -> PartitionProduceResponse {
    let response = PartitionProduceResponse::default().with_index(index);
    let refusal = match stored {
        Ok(stored) => {
            let response = response
                .with_base_offset(stored.base_offset)
                .with_log_append_time_ms(stored.append_time);
            return match version {
                5.. => response.with_log_start_offset(stored.start_offset),
                _ => response,
            };
        }
        Err(refusal) => refusal,
    };
    let response = response
        .with_error_code(refusal.error.code())
        .with_base_offset(-1)
        .with_log_append_time_ms(-1);
    match version {
        8.. => response.with_error_message(Some(StrBytes::from_string(refusal.message))),
        _ => response,
    }
}
