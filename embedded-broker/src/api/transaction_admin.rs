//! `ListTransactions`, `DescribeTransactions`, `DescribeProducers`.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_producers_response::{
    PartitionResponse, ProducerState, TopicResponse,
};
use kafka_protocol::messages::describe_transactions_response::{
    TopicData, TransactionState as Described,
};
use kafka_protocol::messages::list_transactions_response::TransactionState as Listed;
use kafka_protocol::messages::{
    DescribeProducersRequest, DescribeProducersResponse, DescribeTransactionsRequest,
    DescribeTransactionsResponse, ListTransactionsRequest, ListTransactionsResponse, ProducerId,
    TopicName, TransactionalId,
};
use kafka_protocol::protocol::StrBytes;

use super::Call;
use crate::node::now_ms;
use crate::producers::ActiveProducer;
use crate::topics::Topics;
use crate::transactions::{State, Transaction};
use crate::wire::shape::{Field, I32S, I64, I64S, TEXT, TEXTS, structs};

pub(super) const LIST_SHAPE: &[Field] = &[TEXTS, I64S, I64.since(1)];
pub(super) const DESCRIBE_SHAPE: &[Field] = &[TEXTS];
pub(super) const PRODUCERS_SHAPE: &[Field] = &[structs(&[TEXT, I32S])];

pub(super) fn list(call: &Call<'_>, request: ListTransactionsRequest) -> ListTransactionsResponse {
    let transactions = call.node.transactions.borrow();
    let (states, unknown): (Vec<_>, Vec<_>) = request
        .state_filters
        .into_iter()
        .partition(|it| State::is_name(it));
    let now = now_ms();
    let is_wanted = |it: &Transaction| {
        let lasted = now.saturating_sub(it.since);
        let is_old =
            request.duration_filter < 0 || (it.since >= 0 && lasted > request.duration_filter);
        let id = ProducerId(it.identity.producer_id);
        let ids = &request.producer_id_filters;
        let has_state = states.iter().any(|name| name.as_str() == it.state.name());
        is_old && (ids.is_empty() || ids.contains(&id)) && (states.is_empty() || has_state)
    };
    let only_unknown = states.is_empty() && !unknown.is_empty();
    let wanted = transactions
        .iter()
        .filter(|(_, it)| !only_unknown && is_wanted(it));
    let listed = wanted.map(|(id, it)| {
        Listed::default()
            .with_transactional_id(TransactionalId(StrBytes::from_string(id.to_owned())))
            .with_producer_id(ProducerId(it.identity.producer_id))
            .with_transaction_state(StrBytes::from_static_str(it.state.name()))
    });
    ListTransactionsResponse::default()
        .with_transaction_states(listed.collect())
        .with_unknown_state_filters(unknown)
}

pub(super) fn describe(
    call: &Call<'_>,
    request: DescribeTransactionsRequest,
) -> DescribeTransactionsResponse {
    let transactions = call.node.transactions.borrow();
    let described = request.transactional_ids.into_iter().map(|id| {
        let described = match transactions.get(&id) {
            _ if id.is_empty() => {
                Described::default().with_error_code(ResponseError::InvalidRequest.code())
            }
            None => {
                Described::default().with_error_code(ResponseError::TransactionalIdNotFound.code())
            }
            Some(found) => describe_one(found),
        };
        described.with_transactional_id(id)
    });
    DescribeTransactionsResponse::default().with_transaction_states(described.collect())
}

fn describe_one(transaction: &Transaction) -> Described {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for (topic, partition) in &transaction.partitions {
        topics.entry(topic).or_default().push(*partition);
    }
    let topics = topics.into_iter().map(|(name, partitions)| {
        TopicData::default()
            .with_topic(TopicName(StrBytes::from_string(name.to_owned())))
            .with_partitions(partitions)
    });
    Described::default()
        .with_transaction_state(StrBytes::from_static_str(transaction.state.name()))
        .with_transaction_timeout_ms(transaction.timeout_ms)
        .with_transaction_start_time_ms(transaction.since)
        .with_producer_id(ProducerId(transaction.identity.producer_id))
        .with_producer_epoch(transaction.identity.epoch)
        .with_topics(topics.collect())
}

pub(super) fn producers(
    call: &Call<'_>,
    request: DescribeProducersRequest,
) -> DescribeProducersResponse {
    let mut topics = call.node.topics.borrow_mut();
    let described = request.topics.into_iter().map(|topic| {
        let partitions = topic.partition_indexes.iter();
        let partitions = partitions.map(|index| partition(&mut topics, &topic.name, *index));
        TopicResponse::default()
            .with_partitions(partitions.collect())
            .with_name(topic.name.clone())
    });
    DescribeProducersResponse::default().with_topics(described.collect())
}

fn partition(topics: &mut Topics, topic: &str, index: i32) -> PartitionResponse {
    let response = PartitionResponse::default().with_partition_index(index);
    match topics.partition(topic, index) {
        Err(refusal) => response
            .with_error_code(refusal.error.code())
            .with_error_message(Some(StrBytes::from_string(refusal.message))),
        Ok((_, partition)) => {
            let active = partition.log.producers().map(producer);
            response
                .with_error_message(None)
                .with_active_producers(active.collect())
        }
    }
}

fn producer(active: ActiveProducer) -> ProducerState {
    let only_coordinator = 0;
    ProducerState::default()
        .with_producer_id(ProducerId(active.id))
        .with_producer_epoch(i32::from(active.epoch))
        .with_last_sequence(active.last_sequence)
        .with_last_timestamp(active.last_timestamp)
        .with_coordinator_epoch(only_coordinator)
        .with_current_txn_start_offset(active.open_since.unwrap_or(-1))
}
