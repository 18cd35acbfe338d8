//! The requests of one transaction, each in all its versions.

use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::describe_producers_request::TopicRequest;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, DescribeProducersRequest,
    DescribeTransactionsRequest, EndTxnRequest, ListTransactionsRequest, ProducerId,
    TransactionalId, TxnOffsetCommitRequest,
};

use super::*;

#[tokio::test]
async fn transactions_begin_and_end() {
    let fixture = Fixture::new();
    let id = || TransactionalId(text());
    let start = InitProducerIdRequest::default()
        .with_transactional_id(Some(id()))
        .with_transaction_timeout_ms(60_000);
    let init = |version| match version {
        3.. => start
            .clone()
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1),
        _ => start.clone(),
    };
    let epoch = std::cell::Cell::new(-1);
    fixture
        .check(init, |_, response| {
            assert_eq!((response.error_code, response.producer_id.0), (0, 0));
            epoch.set(response.producer_epoch);
        })
        .await;
    let epoch = epoch.get();

    let added = AddPartitionsToTxnTopic::default()
        .with_name(topic())
        .with_partitions(vec![0]);
    let request = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(id())
        .with_v3_and_below_producer_epoch(epoch)
        .with_v3_and_below_topics(vec![added]);
    fixture
        .check(
            |_| request.clone(),
            |_, response| {
                let topic = &response.results_by_topic_v3_and_below[0];
                assert_eq!(topic.results_by_partition[0].partition_error_code, 0);
            },
        )
        .await;
    let request = AddOffsetsToTxnRequest::default()
        .with_transactional_id(id())
        .with_producer_epoch(epoch)
        .with_group_id(group());
    fixture
        .check(
            |_| request.clone(),
            |_, response| assert_eq!(response.error_code, 0),
        )
        .await;
    let partition = TxnOffsetCommitRequestPartition::default().with_committed_offset(3);
    let committed = TxnOffsetCommitRequestTopic::default()
        .with_name(topic())
        .with_partitions(vec![partition]);
    let request = TxnOffsetCommitRequest::default()
        .with_transactional_id(id())
        .with_producer_epoch(epoch)
        .with_group_id(group())
        .with_topics(vec![committed]);
    fixture
        .check(
            |_| request.clone(),
            |_, response| assert_eq!(response.topics[0].partitions[0].error_code, 0),
        )
        .await;

    fixture
        .check(
            |_| DescribeTransactionsRequest::default().with_transactional_ids(vec![id()]),
            |_, response| {
                let state = &response.transaction_states[0];
                assert_eq!(state.transaction_state.as_str(), "Ongoing");
                assert_eq!(state.topics[0].partitions, [0]);
            },
        )
        .await;
    let filters = || vec![StrBytes::from_static_str("Ongoing"), text()];
    fixture
        .check(
            |version| {
                let request = ListTransactionsRequest::default()
                    .with_state_filters(filters())
                    .with_producer_id_filters(vec![ProducerId(0)]);
                match version {
                    1.. => request.with_duration_filter(-1),
                    _ => request,
                }
            },
            |_, response| {
                assert_eq!(response.transaction_states.len(), 1);
                assert_eq!(response.unknown_state_filters, [text()]);
            },
        )
        .await;
    let wanted = TopicRequest::default()
        .with_name(topic())
        .with_partition_indexes(vec![0, 7]);
    fixture
        .check(
            |_| DescribeProducersRequest::default().with_topics(vec![wanted.clone()]),
            |_, response| {
                let partitions = &response.topics[0].partitions;
                assert_eq!((partitions[0].error_code, partitions[1].error_code), (0, 3));
            },
        )
        .await;

    let request = EndTxnRequest::default()
        .with_transactional_id(id())
        .with_producer_epoch(epoch)
        .with_committed(true);
    fixture
        .check(
            |_| request.clone(),
            |_, response| assert_eq!(response.error_code, 0),
        )
        .await;
    let groups = fixture.node.groups.borrow();
    let committed = &groups.offsets.of("group").unwrap()[&(TOPIC.to_string(), 0)];
    assert_eq!(committed.offset, 3);
}
