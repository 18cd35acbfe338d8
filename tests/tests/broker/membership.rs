//! Members of a group that is none of consumers, as workers are: what our own client makes of the protocol.

use std::time::Duration;

use bytes::Bytes;
use connect_kafka::{
    ClientSettings, GroupMember, GroupMemberSettings, Joined, Offer, Stay, Synced,
};
use tokio::time::timeout;

use crate::bench::{Bench, LIMIT, conformance};

conformance!(
    the_leader_assigns_and_the_others_are_told,
    who_comes_and_who_leaves_makes_all_join_again,
    a_member_that_stays_is_kept_and_a_silent_one_is_not,
    the_protocol_that_all_offer_is_taken,
    a_member_of_another_type_is_refused,
);

const SESSION: Duration = Duration::from_millis(1_500);

/// A member that has not joined yet.
pub(crate) fn member(client: &ClientSettings, group: &str) -> GroupMember {
    member_of_type(client, group, "connect")
}

fn member_of_type(client: &ClientSettings, group: &str, protocol_type: &str) -> GroupMember {
    let settings = GroupMemberSettings {
        group_id: group.to_owned(),
        protocol_type: protocol_type.to_owned(),
        client_id: "worker".to_owned(),
        session_timeout: SESSION,
        rebalance_timeout: Duration::from_secs(30),
        heartbeat_interval: Duration::from_millis(500),
        request_timeout: Duration::from_secs(40),
        retry_backoff: Duration::from_millis(100),
        retry_backoff_max: Duration::from_secs(1),
    };
    GroupMember::new(client, settings).unwrap()
}

fn member_at(bench: &Bench) -> GroupMember {
    let client = [("bootstrap.servers", bench.bootstrap())];
    member(&client.into_iter().collect(), &bench.name("workers"))
}

/// What somebody with this name offers.
pub(crate) fn offers(name: &str) -> [Offer; 2] {
    ["sessioned", "default"].map(|protocol| Offer {
        name: protocol.to_owned(),
        metadata: Bytes::from(format!("{name} by {protocol}")),
    })
}

/// Joins, as often as it takes to find the coordinator.
pub(crate) async fn join(member: &mut GroupMember) -> Joined {
    join_as(member, "me").await
}

async fn join_as(member: &mut GroupMember, name: &str) -> Joined {
    let joined = timeout(LIMIT, async {
        loop {
            match member.join(&offers(name), "").await {
                Ok(joined) => return joined,
                Err(error) => assert!(error.is_retriable(), "{error}"),
            }
        }
    });
    joined.await.expect("the group is there")
}

/// Ends a round; the leader gives each member its own id.
async fn sync(member: &mut GroupMember, joined: &Joined) -> Synced {
    let members = joined.members.iter();
    let assignments = members.map(|(id, _)| (id.clone(), Bytes::from(id.clone())));
    let synced = timeout(LIMIT, member.sync(assignments.collect())).await;
    synced.expect("the round ends").unwrap()
}

fn own(joined: &Joined) -> Synced {
    Synced::Assigned(joined.member_id.clone().into())
}

async fn staying(member: &mut GroupMember) -> Stay {
    let stay = timeout(LIMIT, member.stay()).await;
    stay.expect("something happens").unwrap()
}

/// A member that has what it was assigned.
async fn stable(bench: &Bench) -> GroupMember {
    let mut member = member_at(bench);
    let joined = join_as(&mut member, "first").await;
    assert_eq!(sync(&mut member, &joined).await, own(&joined));
    member
}

/// Both are in, with what the one that leads gave them.
async fn balanced(first: &mut GroupMember, second: &mut GroupMember) {
    let ((stay, again), joined) = tokio::join!(
        async { (staying(first).await, join_as(first, "first").await) },
        join_as(second, "second"),
    );
    assert_eq!(stay, Stay::Rejoin);
    assert_eq!(again.generation, joined.generation);
    let synced = tokio::join!(sync(first, &again), sync(second, &joined));
    assert_eq!(synced, (own(&again), own(&joined)));
}

async fn the_leader_assigns_and_the_others_are_told(bench: Bench) {
    let (mut first, mut second) = (stable(&bench).await, member_at(&bench));

    let (again, joined) = tokio::join!(
        async {
            assert_eq!(staying(&mut first).await, Stay::Rejoin);
            join_as(&mut first, "first").await
        },
        join_as(&mut second, "second"),
    );

    assert_eq!(again.leader_id, joined.leader_id);
    assert_eq!(again.protocol, "sessioned");
    let (leader, other) = match again.is_leader() {
        true => (&again, &joined),
        false => (&joined, &again),
    };
    assert_eq!(other.members, []);
    let mut told: Vec<_> = leader.members.iter().map(|it| it.1.clone()).collect();
    told.sort();
    assert_eq!(told, ["first by sessioned", "second by sessioned"]);
    assert!(joined.member_id.starts_with("worker-"), "{joined:?}");
}

async fn who_comes_and_who_leaves_makes_all_join_again(bench: Bench) {
    let (mut first, mut second) = (stable(&bench).await, member_at(&bench));
    balanced(&mut first, &mut second).await;

    second.leave("the worker stops").await;

    assert_eq!(staying(&mut first).await, Stay::Rejoin);
    let alone = join_as(&mut first, "first").await;
    assert_eq!(alone.members.len(), 1);
    assert_eq!(sync(&mut first, &alone).await, own(&alone));
    balanced(&mut first, &mut second).await;
}

async fn a_member_that_stays_is_kept_and_a_silent_one_is_not(bench: Bench) {
    let (mut first, mut second) = (stable(&bench).await, member_at(&bench));
    balanced(&mut first, &mut second).await;

    // The second one says nothing from now on, and the first one waits in many small steps.
    let rejoin = timeout(LIMIT, async {
        loop {
            if let Ok(stay) = timeout(Duration::from_millis(30), first.stay()).await {
                return stay.unwrap();
            }
        }
    });
    assert_eq!(rejoin.await.expect("the second one is out"), Stay::Rejoin);

    let alone = join_as(&mut first, "first").await;
    assert_eq!(alone.members.len(), 1);
    assert_eq!(sync(&mut first, &alone).await, own(&alone));
    let quiet = timeout(3 * SESSION, first.stay()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    // The broker has forgotten it, so it is a new member.
    assert_eq!(staying(&mut second).await, Stay::Rejoin);
    balanced(&mut first, &mut second).await;
}

async fn the_protocol_that_all_offer_is_taken(bench: Bench) {
    let (mut first, mut second) = (stable(&bench).await, member_at(&bench));
    let only = &offers("second")[1..];

    let (again, joined) = tokio::join!(
        async {
            assert_eq!(staying(&mut first).await, Stay::Rejoin);
            join_as(&mut first, "first").await
        },
        second.join(only, ""),
    );

    assert_eq!(joined.unwrap().protocol, "default");
    assert_eq!(again.protocol, "default");
}

async fn a_member_of_another_type_is_refused(bench: Bench) {
    let _first = stable(&bench).await;
    let client = [("bootstrap.servers", bench.bootstrap())];
    let client = client.into_iter().collect();
    let mut other = member_of_type(&client, &bench.name("workers"), "other");

    let error = other.join(&offers("other"), "").await.unwrap_err();

    assert!(!error.is_retriable(), "{error}");
    assert_eq!(error.code().unwrap().number, 23);
}
