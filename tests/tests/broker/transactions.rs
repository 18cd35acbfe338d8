//! Transactions: what readers see, who may write, and how they end.

use connect_tests::eventually::eventually;
use connect_tests::raw::RawClient;
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::describe_producers_request::TopicRequest;
use kafka_protocol::messages::describe_transactions_response::TransactionState;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::{
    AddOffsetsToTxnRequest, AddPartitionsToTxnRequest, DescribeProducersRequest,
    DescribeTransactionsRequest, EndTxnRequest, ListTransactionsRequest, ProducerId,
    TxnOffsetCommitRequest,
};

use crate::bench::{Bench, LIMIT, conformance};
use crate::offsets::committed;
use crate::requests::{
    COMMITTED, LATEST, UNCOMMITTED, Writer, batch_by, batch_of, create, fetch, group_id,
    init_producer, offset_at, produce_request, record, records, text, topic_name, transactional_id,
    try_produce,
};

conformance!(
    records_count_when_their_transaction_is_committed,
    readers_learn_which_records_were_aborted,
    a_transaction_ends_in_all_its_partitions,
    the_next_producer_of_an_id_fences_off_the_one_before,
    a_transaction_that_takes_too_long_is_aborted,
    an_unknown_producer_can_neither_add_nor_end,
    an_end_can_be_asked_for_again_but_not_turned_round,
    time_outs_are_limited,
    only_announced_partitions_take_records,
    unknown_partitions_cannot_be_added,
    plain_records_do_not_mix_with_an_open_transaction,
    records_of_a_transaction_need_its_id,
    offsets_are_committed_with_the_transaction,
    offsets_of_an_aborted_transaction_are_dropped,
    open_transactions_are_listed_and_described,
    producers_are_described,
    a_transactional_id_keeps_its_producer_id,
);

const INVALID_EPOCH: i16 = 47;
const INVALID_STATE: i16 = 48;
const INVALID_MAPPING: i16 = 49;
const INVALID_TIMEOUT: i16 = 50;
const NOT_AUTHORIZED: i16 = 53;
const NOT_ATTEMPTED: i16 = 55;
const UNKNOWN_TOPIC: i16 = 3;
const UNSTABLE: i16 = 88;
const FENCED: i16 = 90;
const NO_SUCH_ID: i16 = 105;

/// A transactional producer.
pub(crate) struct Transactional {
    client: RawClient,
    id: String,
    pub(crate) writer: Writer,
}

impl Transactional {
    async fn new(bench: &Bench, timeout_ms: i32) -> Self {
        Self::start(bench.bootstrap(), &bench.name("transactional"), timeout_ms).await
    }

    pub(crate) async fn start(bootstrap: &str, id: &str, timeout_ms: i32) -> Self {
        let mut client = RawClient::connect(bootstrap).await;
        let given = init_producer(&mut client, Some(id), timeout_ms).await;
        assert_eq!(given.error_code, 0, "{given:?}");
        Self {
            client,
            id: id.to_owned(),
            writer: Writer(given.producer_id.0, given.producer_epoch, 0),
        }
    }

    pub(crate) async fn add(&mut self, topic: &str) -> i16 {
        // The reference answers so until the markers of the transaction before are written.
        const CONCURRENT_TRANSACTIONS: i16 = 51;
        let topic = AddPartitionsToTxnTopic::default()
            .with_name(topic_name(topic))
            .with_partitions(vec![0]);
        let request = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(transactional_id(&self.id))
            .with_v3_and_below_producer_id(ProducerId(self.writer.0))
            .with_v3_and_below_producer_epoch(self.writer.1)
            .with_v3_and_below_topics(vec![topic]);
        eventually(LIMIT, "an answer", async || {
            let response = self.client.call(3, &request).await;
            let topic = &response.results_by_topic_v3_and_below[0];
            match topic.results_by_partition[0].partition_error_code {
                CONCURRENT_TRANSACTIONS => Err(()),
                code => Ok(code),
            }
        })
        .await
    }

    pub(crate) async fn write(&mut self, topic: &str, value: &str) -> i16 {
        let records = vec![record(Some("k"), Some(value))];
        let batch = batch_of(records, self.writer, true);
        let id = Some(transactional_id(&self.id));
        let request = produce_request(topic, batch).with_transactional_id(id);
        let response = self.client.call(9, &request).await;
        let code = response.responses[0].partition_responses[0].error_code;
        self.writer.2 += i32::from(code == 0);
        code
    }

    /// Adds the partition and writes to it.
    async fn add_and_write(&mut self, topic: &str, value: &str) {
        assert_eq!(self.add(topic).await, 0);
        assert_eq!(self.write(topic, value).await, 0);
    }

    pub(crate) async fn end(&mut self, committed: bool) -> i16 {
        let request = EndTxnRequest::default()
            .with_transactional_id(transactional_id(&self.id))
            .with_producer_id(ProducerId(self.writer.0))
            .with_producer_epoch(self.writer.1)
            .with_committed(committed);
        self.client.call(3, &request).await.error_code
    }

    pub(crate) async fn commit_offset(&mut self, group: &str, topic: &str, offset: i64) -> i16 {
        let request = AddOffsetsToTxnRequest::default()
            .with_transactional_id(transactional_id(&self.id))
            .with_producer_id(ProducerId(self.writer.0))
            .with_producer_epoch(self.writer.1)
            .with_group_id(group_id(group));
        assert_eq!(self.client.call(3, &request).await.error_code, 0);
        let partition = TxnOffsetCommitRequestPartition::default().with_committed_offset(offset);
        let topic = TxnOffsetCommitRequestTopic::default()
            .with_name(topic_name(topic))
            .with_partitions(vec![partition]);
        let request = TxnOffsetCommitRequest::default()
            .with_transactional_id(transactional_id(&self.id))
            .with_producer_id(ProducerId(self.writer.0))
            .with_producer_epoch(self.writer.1)
            .with_group_id(group_id(group))
            .with_topics(vec![topic]);
        let response = self.client.call(3, &request).await;
        response.topics[0].partitions[0].error_code
    }

    async fn described(&mut self) -> TransactionState {
        let request = DescribeTransactionsRequest::default()
            .with_transactional_ids(vec![transactional_id(&self.id)]);
        self.client
            .call(0, &request)
            .await
            .transaction_states
            .remove(0)
    }
}

async fn wait_for_stable(client: &mut RawClient, topic: &str, offset: i64) {
    eventually(LIMIT, "the last stable offset", async || {
        let stable = offset_at(client, (topic, 0), LATEST, COMMITTED).await;
        (stable == Ok((offset, -1))).then_some(()).ok_or(stable)
    })
    .await;
}

async fn records_count_when_their_transaction_is_committed(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut writer = Transactional::new(&bench, 60_000).await;
    writer.add_and_write(&topic, "a").await;
    let open = fetch(&mut client, &topic, 0, COMMITTED).await;
    assert_eq!((open.high_watermark, open.last_stable_offset), (1, 0));
    assert!(records(&open).is_empty());
    assert_eq!(
        records(&fetch(&mut client, &topic, 0, UNCOMMITTED).await).len(),
        1
    );

    assert_eq!(writer.end(true).await, 0);

    // The marker takes an offset.
    wait_for_stable(&mut client, &topic, 2).await;
    let closed = fetch(&mut client, &topic, 0, COMMITTED).await;
    assert_eq!(records(&closed).len(), 1);
    assert_eq!(closed.aborted_transactions.unwrap_or_default(), []);
}

async fn readers_learn_which_records_were_aborted(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut writer = Transactional::new(&bench, 60_000).await;
    writer.add_and_write(&topic, "a").await;
    assert_eq!(writer.end(false).await, 0);
    wait_for_stable(&mut client, &topic, 2).await;
    writer.add_and_write(&topic, "b").await;
    assert_eq!(writer.end(true).await, 0);
    wait_for_stable(&mut client, &topic, 4).await;

    let data = fetch(&mut client, &topic, 0, COMMITTED).await;

    let aborted = data.aborted_transactions.clone().unwrap();
    let aborted: Vec<_> = aborted
        .iter()
        .map(|it| (it.producer_id.0, it.first_offset))
        .collect();
    assert_eq!(aborted, [(writer.writer.0, 0)]);
    assert_eq!(records(&data).len(), 2);
    let later = fetch(&mut client, &topic, 2, COMMITTED).await;
    assert_eq!(later.aborted_transactions.unwrap_or_default(), []);
}

async fn a_transaction_ends_in_all_its_partitions(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let other = bench.name("other");
    create(&mut client, &other, 1, &[]).await;
    let mut writer = Transactional::new(&bench, 60_000).await;
    writer.add_and_write(&topic, "a").await;
    writer.writer.2 = 0;
    writer.add_and_write(&other, "b").await;

    assert_eq!(writer.end(true).await, 0);

    wait_for_stable(&mut client, &topic, 2).await;
    wait_for_stable(&mut client, &other, 2).await;
}

async fn the_next_producer_of_an_id_fences_off_the_one_before(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut before = Transactional::new(&bench, 60_000).await;
    before.add_and_write(&topic, "a").await;

    let mut after = Transactional::new(&bench, 60_000).await;

    assert_eq!(after.writer.0, before.writer.0);
    assert!(after.writer.1 > before.writer.1);
    wait_for_stable(&mut client, &topic, 2).await;
    let data = fetch(&mut client, &topic, 0, COMMITTED).await;
    assert_eq!(data.aborted_transactions.unwrap().len(), 1);
    assert_eq!(before.add(&topic).await, FENCED);
    assert_eq!(before.end(true).await, FENCED);
    assert_eq!(before.write(&topic, "b").await, INVALID_EPOCH);
    after.add_and_write(&topic, "c").await;
    assert_eq!(after.end(true).await, 0);
}

async fn a_transaction_that_takes_too_long_is_aborted(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut writer = Transactional::new(&bench, 200).await;
    writer.add_and_write(&topic, "a").await;

    wait_for_stable(&mut client, &topic, 2).await;

    let data = fetch(&mut client, &topic, 0, COMMITTED).await;
    assert_eq!(data.aborted_transactions.unwrap().len(), 1);
    let code = writer.end(true).await;
    assert!([FENCED, INVALID_EPOCH].contains(&code), "{code}");
}

async fn an_unknown_producer_can_neither_add_nor_end(bench: Bench) {
    let (_, topic) = bench.with_topic(&[]).await;
    let mut writer = Transactional::new(&bench, 60_000).await;

    writer.writer.0 += 1_000_000;
    assert_eq!(writer.add(&topic).await, INVALID_MAPPING);
    assert_eq!(writer.end(true).await, INVALID_MAPPING);
    writer.id = bench.name("unknown");
    assert_eq!(writer.end(true).await, INVALID_MAPPING);
    assert_eq!(writer.described().await.error_code, NO_SUCH_ID);
}

async fn an_end_can_be_asked_for_again_but_not_turned_round(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut writer = Transactional::new(&bench, 60_000).await;
    assert_eq!(writer.end(true).await, INVALID_STATE, "nothing was begun");
    writer.add_and_write(&topic, "a").await;
    assert_eq!(writer.end(true).await, 0);
    wait_for_stable(&mut client, &topic, 2).await;
    eventually(LIMIT, "the end", async || {
        let state = writer.described().await.transaction_state.to_string();
        (state == "CompleteCommit").then_some(()).ok_or(state)
    })
    .await;

    assert_eq!(writer.end(true).await, 0);
    assert_eq!(writer.end(false).await, INVALID_STATE);
}

async fn time_outs_are_limited(bench: Bench) {
    let mut client = bench.client().await;
    for timeout in [0, -1, 15 * 60 * 1000 + 1] {
        let refused = init_producer(&mut client, Some(&bench.name("id")), timeout).await;
        assert_eq!(refused.error_code, INVALID_TIMEOUT, "{timeout}");
    }
}

async fn only_announced_partitions_take_records(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let other = bench.name("other");
    create(&mut client, &other, 1, &[]).await;
    let mut writer = Transactional::new(&bench, 60_000).await;
    writer.add_and_write(&topic, "a").await;
    writer.writer.2 = 0;

    assert_ne!(writer.write(&other, "b").await, 0);

    wait_for_stable(&mut client, &other, 0).await;
}

async fn unknown_partitions_cannot_be_added(bench: Bench) {
    let (_, topic) = bench.with_topic(&[]).await;
    let mut writer = Transactional::new(&bench, 60_000).await;
    let topics = [&topic, &bench.name("none")].map(|it| {
        AddPartitionsToTxnTopic::default()
            .with_name(topic_name(it))
            .with_partitions(vec![0])
    });
    let request = AddPartitionsToTxnRequest::default()
        .with_v3_and_below_transactional_id(transactional_id(&writer.id))
        .with_v3_and_below_producer_id(ProducerId(writer.writer.0))
        .with_v3_and_below_producer_epoch(writer.writer.1)
        .with_v3_and_below_topics(topics.into());

    let response = writer.client.call(3, &request).await;

    for result in response.results_by_topic_v3_and_below {
        let known = result.name == topic_name(&topic);
        let code = result.results_by_partition[0].partition_error_code;
        assert_eq!(code, if known { NOT_ATTEMPTED } else { UNKNOWN_TOPIC });
    }
}

async fn plain_records_do_not_mix_with_an_open_transaction(bench: Bench) {
    let (_, topic) = bench.with_topic(&[]).await;
    let mut writer = Transactional::new(&bench, 60_000).await;
    writer.add_and_write(&topic, "a").await;

    let plain = batch_by(writer.writer, &["b"]);
    let refused = try_produce(&mut writer.client, &topic, plain).await;

    assert_eq!(refused.error_code, INVALID_STATE);
}

async fn records_of_a_transaction_need_its_id(bench: Bench) {
    let (_, topic) = bench.with_topic(&[]).await;
    let mut writer = Transactional::new(&bench, 60_000).await;
    assert_eq!(writer.add(&topic).await, 0);

    let batch = batch_of(vec![record(None, Some("a"))], writer.writer, true);
    let refused = try_produce(&mut writer.client, &topic, batch).await;

    assert_eq!(refused.error_code, NOT_AUTHORIZED);
}

async fn offsets_are_committed_with_the_transaction(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let group = bench.name("group");
    let mut writer = Transactional::new(&bench, 60_000).await;
    assert_eq!(writer.commit_offset(&group, &topic, 42).await, 0);
    assert_eq!(committed(&mut client, &group, &topic, false).await, Ok(-1));
    assert_eq!(
        committed(&mut client, &group, &topic, true).await,
        Err(UNSTABLE)
    );

    assert_eq!(writer.end(true).await, 0);

    eventually(LIMIT, "the offset", async || {
        let found = committed(&mut client, &group, &topic, true).await;
        (found == Ok(42)).then_some(()).ok_or(found)
    })
    .await;
}

async fn offsets_of_an_aborted_transaction_are_dropped(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let group = bench.name("group");
    let mut writer = Transactional::new(&bench, 60_000).await;
    assert_eq!(writer.commit_offset(&group, &topic, 42).await, 0);

    assert_eq!(writer.end(false).await, 0);

    eventually(LIMIT, "the end of the transaction", async || {
        let found = committed(&mut client, &group, &topic, true).await;
        (found == Ok(-1)).then_some(()).ok_or(found)
    })
    .await;
}

async fn open_transactions_are_listed_and_described(bench: Bench) {
    let (_, topic) = bench.with_topic(&[]).await;
    let mut writer = Transactional::new(&bench, 54_321).await;
    assert_eq!(writer.described().await.transaction_state.as_str(), "Empty");
    writer.add_and_write(&topic, "a").await;

    let described = writer.described().await;

    assert_eq!(described.transaction_state.as_str(), "Ongoing");
    assert_eq!(described.transaction_timeout_ms, 54_321);
    assert_eq!(described.producer_id.0, writer.writer.0);
    assert!(described.transaction_start_time_ms > 0);
    assert_eq!(described.topics[0].topic, topic_name(&topic));
    for (state, found) in [("Ongoing", true), ("Empty", false), ("NoSuchState", false)] {
        let request = ListTransactionsRequest::default()
            .with_state_filters(vec![text(state)])
            .with_duration_filter(-1);
        let response = writer.client.call(1, &request).await;
        let id = transactional_id(&writer.id);
        let mut listed = response.transaction_states.iter();
        assert_eq!(listed.any(|it| it.transactional_id == id), found, "{state}");
        assert_eq!(
            response.unknown_state_filters.len(),
            usize::from(state == "NoSuchState")
        );
    }
}

async fn producers_are_described(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut writer = Transactional::new(&bench, 60_000).await;
    writer.add_and_write(&topic, "a").await;
    let wanted = TopicRequest::default()
        .with_name(topic_name(&topic))
        .with_partition_indexes(vec![0]);
    let request = DescribeProducersRequest::default().with_topics(vec![wanted]);

    let response = client.call(0, &request).await;

    let producers = &response.topics[0].partitions[0].active_producers;
    assert_eq!(producers.len(), 1);
    assert_eq!(producers[0].producer_id.0, writer.writer.0);
    assert_eq!(producers[0].last_sequence, 0);
    assert_eq!(producers[0].current_txn_start_offset, 0);
}

async fn a_transactional_id_keeps_its_producer_id(bench: Bench) {
    let one = Transactional::new(&bench, 60_000).await;
    let two = Transactional::new(&bench, 60_000).await;

    assert_eq!((one.writer.1, two.writer), (0, Writer(one.writer.0, 1, 0)));
}
