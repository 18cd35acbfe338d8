//! Committed offsets.

use connect_tests::raw::RawClient;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_delete_request::{
    OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestTopic;
use kafka_protocol::messages::{
    DeleteGroupsRequest, OffsetCommitRequest, OffsetDeleteRequest, OffsetFetchRequest,
};

use crate::bench::{Bench, conformance};
use crate::members::Member;
use crate::requests::{group_id, text, topic_name};

conformance!(
    what_is_committed_can_be_fetched,
    nothing_is_committed_at_first,
    a_commit_is_replaced_by_the_next,
    unknown_topics_cannot_be_committed,
    metadata_is_limited,
    strangers_cannot_commit_for_a_group_with_members,
    members_commit_in_their_generation,
    commits_can_be_deleted,
    commits_go_with_their_group,
);

const UNKNOWN_TOPIC: i16 = 3;
const METADATA_TOO_LARGE: i16 = 12;
const INVALID_GENERATION: i16 = 22;
const UNKNOWN_MEMBER: i16 = 25;

fn commit_request(group: &str, topic: &str, offset: i64, metadata: &str) -> OffsetCommitRequest {
    let partition = OffsetCommitRequestPartition::default()
        .with_committed_offset(offset)
        .with_committed_metadata(Some(text(metadata)));
    let topic = OffsetCommitRequestTopic::default()
        .with_name(topic_name(topic))
        .with_partitions(vec![partition]);
    OffsetCommitRequest::default()
        .with_group_id(group_id(group))
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![topic])
}

async fn commit(client: &mut RawClient, request: &OffsetCommitRequest) -> i16 {
    client.call(7, request).await.topics[0].partitions[0].error_code
}

/// What a group has committed for partition 0, or the error code.
pub(crate) async fn committed(
    client: &mut RawClient,
    group: &str,
    topic: &str,
    require_stable: bool,
) -> Result<i64, i16> {
    let topic = OffsetFetchRequestTopic::default()
        .with_name(topic_name(topic))
        .with_partition_indexes(vec![0]);
    let request = OffsetFetchRequest::default()
        .with_group_id(group_id(group))
        .with_require_stable(require_stable)
        .with_topics(Some(vec![topic]));
    let response = client.call(7, &request).await;
    let partition = &response.topics[0].partitions[0];
    match partition.error_code {
        0 => Ok(partition.committed_offset),
        code => Err(code),
    }
}

async fn what_is_committed_can_be_fetched(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let group = bench.name("group");
    assert_eq!(
        commit(&mut client, &commit_request(&group, &topic, 42, "note")).await,
        0
    );

    let request = OffsetFetchRequest::default()
        .with_group_id(group_id(&group))
        .with_topics(None);
    let response = client.call(7, &request).await;

    assert_eq!(response.topics.len(), 1);
    let partition = &response.topics[0].partitions[0];
    assert_eq!((partition.committed_offset, partition.error_code), (42, 0));
    assert_eq!(partition.metadata, Some(text("note")));
}

async fn nothing_is_committed_at_first(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;

    let found = committed(&mut client, &bench.name("group"), &topic, false).await;

    assert_eq!(found, Ok(-1));
}

async fn a_commit_is_replaced_by_the_next(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let group = bench.name("group");
    for offset in [42, 7] {
        commit(&mut client, &commit_request(&group, &topic, offset, "")).await;
        assert_eq!(
            committed(&mut client, &group, &topic, true).await,
            Ok(offset)
        );
    }
}

async fn unknown_topics_cannot_be_committed(bench: Bench) {
    let mut client = bench.client().await;
    let request = commit_request(&bench.name("group"), &bench.name("none"), 1, "");

    assert_eq!(commit(&mut client, &request).await, UNKNOWN_TOPIC);
}

async fn metadata_is_limited(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    for (length, code) in [(4_096, 0), (4_097, METADATA_TOO_LARGE)] {
        let request = commit_request(&bench.name("group"), &topic, 1, &"x".repeat(length));
        assert_eq!(commit(&mut client, &request).await, code);
    }
}

async fn strangers_cannot_commit_for_a_group_with_members(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut member = Member::new(&bench, &bench.name("group")).await;
    member.become_stable().await;

    let code = commit(&mut client, &commit_request(&member.group, &topic, 1, "")).await;

    assert_eq!(code, UNKNOWN_MEMBER);
}

async fn members_commit_in_their_generation(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let mut member = Member::new(&bench, &bench.name("group")).await;
    member.become_stable().await;
    for (ahead, code) in [(0, 0), (1, INVALID_GENERATION)] {
        let request = commit_request(&member.group, &topic, 1, "")
            .with_member_id(member.id.clone())
            .with_generation_id_or_member_epoch(member.generation + ahead);
        assert_eq!(commit(&mut client, &request).await, code);
    }
}

async fn commits_can_be_deleted(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let group = bench.name("group");
    commit(&mut client, &commit_request(&group, &topic, 1, "")).await;
    let wanted = OffsetDeleteRequestTopic::default()
        .with_name(topic_name(&topic))
        .with_partitions(vec![OffsetDeleteRequestPartition::default()]);
    let request = OffsetDeleteRequest::default()
        .with_group_id(group_id(&group))
        .with_topics(vec![wanted]);

    let response = client.call(0, &request).await;

    assert_eq!(response.error_code, 0);
    assert_eq!(response.topics[0].partitions[0].error_code, 0);
    assert_eq!(committed(&mut client, &group, &topic, false).await, Ok(-1));
}

async fn commits_go_with_their_group(bench: Bench) {
    let (mut client, topic) = bench.with_topic(&[]).await;
    let group = bench.name("group");
    commit(&mut client, &commit_request(&group, &topic, 1, "")).await;
    let request = DeleteGroupsRequest::default().with_groups_names(vec![group_id(&group)]);

    assert_eq!(client.call(2, &request).await.results[0].error_code, 0);

    assert_eq!(committed(&mut client, &group, &topic, false).await, Ok(-1));
}
