//! Groups: who is in them, who leads, and what happens when somebody comes, goes or falls silent.

use connect_tests::eventually::eventually;
use connect_tests::raw::RawClient;
use kafka_protocol::messages::describe_groups_response::DescribedGroup;
use kafka_protocol::messages::{DeleteGroupsRequest, DescribeGroupsRequest, ListGroupsRequest};

use crate::bench::{Bench, LIMIT, conformance};
use crate::members::{MEMBER_ID_REQUIRED, METADATA, Member};
use crate::requests::{group_id, text};

conformance!(
    a_new_member_is_given_its_id_first,
    the_first_member_leads_and_assigns,
    a_second_member_makes_all_join_again,
    a_wrong_generation_or_member_is_refused,
    members_that_leave_are_not_waited_for,
    a_static_member_takes_its_own_place,
    two_cannot_be_the_same_static_member,
    members_without_a_common_protocol_are_refused,
    the_protocol_that_most_prefer_is_taken,
    a_silent_member_is_out,
    session_timeouts_are_limited,
    groups_are_described_and_listed,
    only_empty_groups_are_deleted,
    a_group_needs_a_name,
);

const INVALID_GENERATION: i16 = 22;
const INCONSISTENT_PROTOCOL: i16 = 23;
const INVALID_GROUP: i16 = 24;
const UNKNOWN_MEMBER: i16 = 25;
const INVALID_SESSION: i16 = 26;
const REBALANCE: i16 = 27;
const NON_EMPTY: i16 = 68;
const NO_SUCH_GROUP: i16 = 69;
const FENCED: i16 = 82;

async fn a_new_member_is_given_its_id_first(bench: Bench) {
    let mut member = Member::new(&bench, &bench.name("group")).await;

    member.send_join().await;
    let sent_back = member.joined().await;

    assert_eq!(sent_back.error_code, MEMBER_ID_REQUIRED);
    assert!(sent_back.member_id.starts_with("raw-"), "{sent_back:?}");
    member.send_join().await;
    assert_eq!(member.joined().await.error_code, 0);
}

async fn the_first_member_leads_and_assigns(bench: Bench) {
    let mut member = Member::new(&bench, &bench.name("group")).await;

    let joined = member.join().await;

    assert_eq!((joined.error_code, joined.generation_id), (0, 1));
    assert_eq!(joined.leader, joined.member_id);
    assert_eq!(joined.protocol_name, Some(text("range")));
    assert_eq!(joined.protocol_type, Some(text("consumer")));
    assert_eq!(joined.members.len(), 1);
    assert_eq!(joined.members[0].metadata, METADATA);
    let id = member.id.clone();
    member.send_sync(&[(&id, "mine")]).await;
    assert_eq!(member.synced().await.assignment, "mine");
    assert_eq!(member.beat().await, 0);
}

async fn a_second_member_makes_all_join_again(bench: Bench) {
    let group = bench.name("group");
    let (mut one, mut two) = (
        Member::new(&bench, &group).await,
        Member::new(&bench, &group).await,
    );
    one.become_stable().await;

    two.send_join().await;
    assert_eq!(two.joined().await.error_code, MEMBER_ID_REQUIRED);
    two.send_join().await;
    eventually(LIMIT, "a rebalance", async || {
        let code = one.beat().await;
        (code == REBALANCE).then_some(()).ok_or(code)
    })
    .await;
    one.send_join().await;
    let (first, second) = (one.joined().await, two.joined().await);

    assert_eq!((first.generation_id, second.generation_id), (2, 2));
    assert_eq!((&first.leader, &second.leader), (&one.id, &one.id));
    assert_eq!((first.members.len(), second.members.len()), (2, 0));
    // The follower may ask before the leader has assigned.
    two.send_sync(&[]).await;
    let (id, other) = (one.id.clone(), two.id.clone());
    one.send_sync(&[(&id, "a"), (&other, "b")]).await;
    assert_eq!(one.synced().await.assignment, "a");
    assert_eq!(two.synced().await.assignment, "b");
}

async fn a_wrong_generation_or_member_is_refused(bench: Bench) {
    let mut member = Member::new(&bench, &bench.name("group")).await;
    member.become_stable().await;

    member.generation += 1;
    assert_eq!(member.beat().await, INVALID_GENERATION);
    member.send_sync(&[]).await;
    assert_eq!(member.synced().await.error_code, INVALID_GENERATION);
    member.id = text("somebody");
    assert_eq!(member.beat().await, UNKNOWN_MEMBER);
    assert_eq!(member.leave().await, UNKNOWN_MEMBER);
    member.send_join().await;
    assert_eq!(member.joined().await.error_code, UNKNOWN_MEMBER);
}

async fn members_that_leave_are_not_waited_for(bench: Bench) {
    let group = bench.name("group");
    let (mut one, mut two) = (
        Member::new(&bench, &group).await,
        Member::new(&bench, &group).await,
    );
    one.become_stable().await;
    two.send_join().await;
    two.joined().await;
    two.send_join().await;

    assert_eq!(one.leave().await, 0);

    let joined = two.joined().await;
    assert_eq!((joined.error_code, joined.members.len()), (0, 1));
    assert_eq!(joined.leader, two.id);
}

async fn a_static_member_takes_its_own_place(bench: Bench) {
    let group = bench.name("group");
    let mut before = Member::new(&bench, &group).await;
    before.instance = Some(text("instance"));
    before.become_stable().await;

    let mut after = Member::new(&bench, &group).await;
    after.instance = Some(text("instance"));
    let joined = after.join().await;

    assert_eq!(joined.error_code, 0);
    assert_ne!(joined.member_id, before.id);
    assert_eq!(
        joined.generation_id, before.generation,
        "nobody has to join again"
    );
    after.send_sync(&[]).await;
    assert_eq!(after.synced().await.assignment, "all");
    assert_eq!(before.beat().await, FENCED);
}

async fn two_cannot_be_the_same_static_member(bench: Bench) {
    let group = bench.name("group");
    let mut member = Member::new(&bench, &group).await;
    member.instance = Some(text("instance"));
    member.become_stable().await;

    member.id = text("somebody");

    assert_eq!(member.beat().await, FENCED);
    assert_eq!(member.leave().await, FENCED);
    member.instance = Some(text("another"));
    assert_eq!(member.beat().await, UNKNOWN_MEMBER);
}

async fn members_without_a_common_protocol_are_refused(bench: Bench) {
    let group = bench.name("group");
    let mut one = Member::new(&bench, &group).await;
    one.become_stable().await;
    for (protocol_type, protocols) in [("consumer", vec!["other"]), ("connect", vec!["range"])] {
        let mut two = Member::new(&bench, &group).await;
        (two.protocol_type, two.protocols) = (protocol_type, protocols);
        assert_eq!(two.join().await.error_code, INCONSISTENT_PROTOCOL);
    }
    let mut nothing = Member::new(&bench, &group).await;
    nothing.protocols = Vec::new();
    assert_eq!(nothing.join().await.error_code, INCONSISTENT_PROTOCOL);
}

async fn the_protocol_that_most_prefer_is_taken(bench: Bench) {
    let group = bench.name("group");
    let (mut one, mut two) = (
        Member::new(&bench, &group).await,
        Member::new(&bench, &group).await,
    );
    one.protocols = vec!["sessioned", "compatible", "default"];
    two.protocols = vec!["compatible", "default"];
    one.become_stable().await;

    two.send_join().await;
    two.joined().await;
    two.send_join().await;
    eventually(LIMIT, "a rebalance", async || {
        let code = one.beat().await;
        (code == REBALANCE).then_some(()).ok_or(code)
    })
    .await;
    one.send_join().await;

    assert_eq!(one.joined().await.protocol_name, Some(text("compatible")));
    assert_eq!(two.joined().await.protocol_name, Some(text("compatible")));
}

async fn a_silent_member_is_out(bench: Bench) {
    let mut member = Member::new(&bench, &bench.name("group")).await;
    member.session_timeout_ms = 600;
    member.become_stable().await;
    let mut client = bench.client().await;

    eventually(LIMIT, "the end of the session", async || {
        let described = describe(&mut client, &member.group).await;
        let state = described.group_state.to_string();
        matches!(state.as_str(), "Empty" | "Dead")
            .then_some(())
            .ok_or(state)
    })
    .await;

    assert_eq!(member.beat().await, UNKNOWN_MEMBER);
}

async fn session_timeouts_are_limited(bench: Bench) {
    for timeout in [1, 31 * 60 * 1000] {
        let mut member = Member::new(&bench, &bench.name("group")).await;
        member.session_timeout_ms = timeout;
        assert_eq!(member.join().await.error_code, INVALID_SESSION, "{timeout}");
    }
}

async fn describe(client: &mut RawClient, group: &str) -> DescribedGroup {
    let request = DescribeGroupsRequest::default().with_groups(vec![group_id(group)]);
    client.call(4, &request).await.groups.remove(0)
}

async fn groups_are_described_and_listed(bench: Bench) {
    let mut client = bench.client().await;
    let group = bench.name("group");
    assert_eq!(
        describe(&mut client, &group).await.group_state.as_str(),
        "Dead"
    );
    let mut member = Member::new(&bench, &group).await;
    member.become_stable().await;

    let described = describe(&mut client, &group).await;

    assert_eq!(described.group_state.as_str(), "Stable");
    assert_eq!(described.protocol_type.as_str(), "consumer");
    assert_eq!(described.protocol_data.as_str(), "range");
    assert_eq!(described.members[0].client_id.as_str(), "raw");
    assert_eq!(described.members[0].client_host.as_str(), "/127.0.0.1");
    assert_eq!(described.members[0].member_assignment, "all");
    for (states, listed) in [
        (vec![], true),
        (vec!["Stable"], true),
        (vec!["Empty"], false),
    ] {
        let states = states.into_iter().map(text).collect();
        let request = ListGroupsRequest::default().with_states_filter(states);
        let response = client.call(4, &request).await;
        let found = response
            .groups
            .iter()
            .any(|it| it.group_id == group_id(&group));
        assert_eq!(found, listed);
    }
}

async fn only_empty_groups_are_deleted(bench: Bench) {
    let mut client = bench.client().await;
    let group = bench.name("group");
    let request = DeleteGroupsRequest::default().with_groups_names(vec![group_id(&group)]);
    assert_eq!(
        client.call(2, &request).await.results[0].error_code,
        NO_SUCH_GROUP
    );
    let mut member = Member::new(&bench, &group).await;
    member.become_stable().await;

    assert_eq!(
        client.call(2, &request).await.results[0].error_code,
        NON_EMPTY
    );
}

async fn a_group_needs_a_name(bench: Bench) {
    let mut member = Member::new(&bench, "").await;

    assert_eq!(member.join().await.error_code, INVALID_GROUP);
}
