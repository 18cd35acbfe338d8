//! A member beside a broker that follows a script.

use kafka_protocol::messages::{
    ApiKey, HeartbeatResponse, LeaveGroupRequest, LeaveGroupResponse,
    join_group_response::JoinGroupResponseMember,
};
use kafka_protocol::protocol::StrBytes;
use tokio::time::Instant;

use super::*;
use broker::{Broker, Peer};

mod broker;

const BEAT: Duration = Duration::from_millis(300);
const SESSION: Duration = Duration::from_millis(1_200);

fn member(port: u16) -> GroupMember {
    let settings = GroupMemberSettings {
        group_id: "workers".to_owned(),
        protocol_type: "connect".to_owned(),
        client_id: "me".to_owned(),
        session_timeout: SESSION,
        rebalance_timeout: Duration::from_secs(60),
        heartbeat_interval: BEAT,
        request_timeout: Duration::from_secs(40),
        retry_backoff: Duration::from_millis(5),
        retry_backoff_max: Duration::from_millis(20),
    };
    let client = [("bootstrap.servers", format!("127.0.0.1:{port}"))];
    GroupMember::new(&client.into_iter().collect(), settings).unwrap()
}

fn offers() -> [Offer; 2] {
    [("sessioned", "2"), ("default", "0")].map(|(name, metadata)| Offer {
        name: name.to_owned(),
        metadata: metadata.into(),
    })
}

fn text(it: &'static str) -> StrBytes {
    StrBytes::from_static_str(it)
}

fn joined() -> JoinGroupResponse {
    let members = [("me-1", "a"), ("you-1", "b")].map(|(id, metadata)| {
        JoinGroupResponseMember::default()
            .with_member_id(text(id))
            .with_metadata(metadata.into())
    });
    JoinGroupResponse::default()
        .with_generation_id(7)
        .with_protocol_type(Some(text("connect")))
        .with_protocol_name(Some(text("sessioned")))
        .with_leader(text("me-1"))
        .with_member_id(text("me-1"))
        .with_members(members.to_vec())
}

fn refused(code: i16) -> JoinGroupResponse {
    joined().with_error_code(code)
}

fn synced() -> SyncGroupResponse {
    SyncGroupResponse::default()
        .with_protocol_type(Some(text("connect")))
        .with_protocol_name(Some(text("sessioned")))
        .with_assignment("work".into())
}

fn beaten(code: i16) -> HeartbeatResponse {
    HeartbeatResponse::default().with_error_code(code)
}

/// A member that has an assignment, and the broker's end of its connection.
async fn stable(broker: &Broker) -> (GroupMember, Peer) {
    let mut member = member(broker.port());
    let mut peer = joined_at(broker, &mut member).await;
    let (assigned, _) = tokio::join!(
        member.sync(Vec::new()),
        peer.serve::<SyncGroupRequest>(synced()),
    );
    assert_eq!(assigned, Ok(Synced::Assigned("work".into())));
    (member, peer)
}

async fn joined_at(broker: &Broker, member: &mut GroupMember) -> Peer {
    let offers = offers();
    let (joined, peer) = tokio::join!(member.join(&offers, ""), async {
        let mut peer = broker.coordinate().await;
        peer.serve::<JoinGroupRequest>(joined()).await;
        peer
    });
    assert_eq!(joined.unwrap().generation, 7);
    peer
}

#[tokio::test]
async fn a_member_says_who_it_is_and_takes_the_id_that_it_is_given() {
    let broker = Broker::start().await;
    let mut member = member(broker.port());
    let reason = "x".repeat(300);

    let offers = offers();
    let (joined, mut peer) = tokio::join!(member.join(&offers, &reason), async {
        let mut peer = broker.coordinate().await;
        let first = peer.serve::<JoinGroupRequest>(refused(79)).await;
        assert_eq!(&*first.member_id, "");
        let second = peer.serve::<JoinGroupRequest>(joined()).await;
        assert_eq!(&*second.member_id, "me-1");
        assert_eq!(second.session_timeout_ms, 1_200);
        assert_eq!(second.rebalance_timeout_ms, 60_000);
        assert_eq!(&*second.protocol_type, "connect");
        assert_eq!(second.group_instance_id, None);
        assert_eq!(second.reason.unwrap().len(), 255);
        let protocols = second.protocols.iter();
        let protocols: Vec<_> = protocols.map(|it| (&*it.name, &it.metadata[..])).collect();
        assert_eq!(protocols, [("sessioned", &b"2"[..]), ("default", b"0")]);
        peer
    });

    let joined = joined.unwrap();
    assert!(joined.is_leader());
    assert_eq!((joined.generation, &*joined.protocol), (7, "sessioned"));
    let expected = [("me-1", "a"), ("you-1", "b")].map(|(id, it)| (id.to_owned(), it.into()));
    assert_eq!(joined.members, expected);
    let assignments = vec![("you-1".to_owned(), "rest".into())];
    let (assigned, sync) = tokio::join!(
        member.sync(assignments),
        peer.serve::<SyncGroupRequest>(synced()),
    );
    assert_eq!(assigned, Ok(Synced::Assigned("work".into())));
    assert_eq!((sync.generation_id, &*sync.member_id), (7, "me-1"));
    assert_eq!(sync.protocol_name.as_deref(), Some("sessioned"));
    assert_eq!(&*sync.assignments[0].member_id, "you-1");
    assert_eq!(sync.assignments[0].assignment, "rest");
}

#[tokio::test]
async fn heartbeats_go_on_until_the_group_is_balanced_anew() {
    let broker = Broker::start().await;
    let (mut member, mut peer) = stable(&broker).await;
    let start = Instant::now();

    let (stay, ()) = tokio::join!(member.stay(), async {
        for code in [0, 0, 27] {
            let beat = peer.serve::<HeartbeatRequest>(beaten(code)).await;
            assert_eq!((beat.generation_id, &*beat.member_id), (7, "me-1"));
        }
    });

    assert_eq!(stay, Ok(Stay::Rejoin));
    assert!(start.elapsed() >= 3 * BEAT);
    let offers = offers();
    let (again, request) = tokio::join!(
        member.join(&offers, ""),
        peer.serve::<JoinGroupRequest>(joined()),
    );
    assert_eq!(again.unwrap().generation, 7);
    assert_eq!(&*request.member_id, "me-1");
}

#[tokio::test]
async fn a_lost_generation_keeps_the_id_and_an_unknown_member_does_not() {
    for (code, id) in [(22, "me-1"), (25, "")] {
        let broker = Broker::start().await;
        let (mut member, mut peer) = stable(&broker).await;

        let beat = async { peer.serve::<HeartbeatRequest>(beaten(code)).await };
        let (stay, _) = tokio::join!(member.stay(), beat);

        assert_eq!(stay, Ok(Stay::Rejoin));
        assert_eq!(member.stay().await, Ok(Stay::Rejoin), "without asking");
        assert_eq!(member.sync(Vec::new()).await, Ok(Synced::Rejoin));
        assert_eq!(member.member_id, id);
    }
}

#[tokio::test]
async fn a_coordinator_that_moved_is_looked_for() {
    let (old, new) = (Broker::start().await, Broker::start().await);
    let mut member = member(old.port());

    let offers = offers();
    let (joined, _peer) = tokio::join!(member.join(&offers, ""), async {
        let mut peer = old.coordinate().await;
        peer.serve::<JoinGroupRequest>(refused(16)).await;
        // Not known yet, then known.
        old.point_to(15, 0).await;
        old.point_to(0, new.port()).await;
        let mut peer = new.accept().await;
        peer.serve::<JoinGroupRequest>(refused(14)).await;
        peer.serve::<JoinGroupRequest>(joined()).await;
        peer
    });

    assert_eq!(joined.unwrap().generation, 7);
}

#[tokio::test]
async fn a_broken_connection_is_made_again_while_staying() {
    let broker = Broker::start().await;
    let (mut member, peer) = stable(&broker).await;

    let (stay, ()) = tokio::join!(member.stay(), async {
        // While nothing is asked, then while an answer is waited for.
        drop(peer);
        let mut peer = broker.coordinate().await;
        peer.serve::<HeartbeatRequest>(beaten(0)).await;
        peer.read::<HeartbeatRequest>().await;
        drop(peer);
        let mut peer = broker.coordinate().await;
        peer.serve::<HeartbeatRequest>(beaten(27)).await;
    });

    assert_eq!(stay, Ok(Stay::Rejoin));
}

#[tokio::test]
async fn nobody_at_home_is_said_after_one_attempt() {
    let broker = Broker::start().await;
    let (mut member, peer) = stable(&broker).await;
    drop((peer, broker));
    let start = Instant::now();

    assert_eq!(member.stay().await, Ok(Stay::CoordinatorLost));
    assert!(start.elapsed() < SESSION, "{:?}", start.elapsed());

    let error = member.join(&offers(), "").await.unwrap_err();
    assert!(error.is_retriable(), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("the coordinator cannot be found: 127.0.0.1:")
    );
}

#[tokio::test]
async fn a_group_is_found_by_brokers_that_nobody_named() {
    let (named, other) = (Broker::start().await, Broker::start().await);
    let mut member = member(named.port());
    let offers = offers();
    let (first, peer) = tokio::join!(member.join(&offers, ""), async {
        named.point_to(0, other.port()).await;
        let mut peer = other.accept().await;
        peer.serve::<JoinGroupRequest>(joined()).await;
        peer
    });
    assert_eq!(first.unwrap().generation, 7);
    drop((peer, named));

    let (joined, _peer) = tokio::join!(member.join(&offers, ""), async {
        let mut peer = other.coordinate().await;
        peer.serve::<JoinGroupRequest>(joined()).await;
        peer
    });

    assert_eq!(joined.unwrap().generation, 7);
}

#[tokio::test]
async fn a_coordinator_that_says_nothing_is_lost_after_the_session() {
    let broker = Broker::start().await;
    let (mut member, mut peer) = stable(&broker).await;
    let start = Instant::now();

    let (stay, ()) = tokio::join!(member.stay(), async {
        peer.read::<HeartbeatRequest>().await;
        let mut second = broker.coordinate().await;
        assert!(start.elapsed() >= SESSION);
        second.read::<HeartbeatRequest>().await;
        second.ends().await;
    });

    assert_eq!(stay, Ok(Stay::CoordinatorLost));
}

#[tokio::test]
async fn an_answer_that_is_none_costs_the_connection() {
    let broker = Broker::start().await;
    let mut member = member(broker.port());

    let offers = offers();
    let (joined, _peer) = tokio::join!(member.join(&offers, ""), async {
        let mut peer = broker.coordinate().await;
        peer.read::<JoinGroupRequest>().await;
        peer.write_as::<JoinGroupRequest>(99, &joined()).await;
        peer.ends().await;

        // A list of four thousand million members.
        let mut peer = broker.coordinate().await;
        peer.read::<JoinGroupRequest>().await;
        let list = [
            0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 1, 1, 1, 0, 1, 255, 255, 255, 255, 15,
        ];
        peer.write_bytes(&list).await;
        peer.ends().await;

        let mut peer = broker.coordinate().await;
        peer.read::<JoinGroupRequest>().await;
        peer.write_bytes(&[1, 2, 3]).await;
        peer.ends().await;

        let mut peer = broker.coordinate().await;
        peer.read::<JoinGroupRequest>().await;
        peer.stream
            .try_write(b"HTTP/1.1 400 Bad Request\r\n")
            .unwrap();
        peer.ends().await;

        let mut peer = broker.coordinate().await;
        peer.serve::<JoinGroupRequest>(joined()).await;
        peer
    });

    assert_eq!(joined.unwrap().generation, 7);
}

#[tokio::test]
async fn a_heartbeat_that_was_dropped_keeps_its_answer() {
    let broker = Broker::start().await;
    let (mut member, mut peer) = stable(&broker).await;

    for _ in 0..2 {
        let dropped = timeout(BEAT * 3 / 2, member.stay()).await;
        assert!(dropped.is_err());
        peer.read::<HeartbeatRequest>().await;
        peer.write::<HeartbeatRequest>(&beaten(0)).await;
    }
    let dropped = timeout(BEAT * 3 / 2, member.stay()).await;
    assert!(dropped.is_err());

    let offers = offers();
    let (joined, ()) = tokio::join!(member.join(&offers, ""), async {
        peer.serve::<HeartbeatRequest>(beaten(27)).await;
        peer.serve::<JoinGroupRequest>(joined()).await;
    });
    assert_eq!(joined.unwrap().generation, 7);
}

#[tokio::test]
async fn a_join_that_was_dropped_takes_its_connection_along() {
    let broker = Broker::start().await;
    let (mut member, mut peer) = stable(&broker).await;
    let offers = offers();
    tokio::select! {
        _ = member.join(&offers, "") => panic!("nobody answered"),
        _ = peer.read::<JoinGroupRequest>() => {}
    }
    assert_eq!(member.stay().await, Ok(Stay::Rejoin));

    let (joined, _second) = tokio::join!(member.join(&offers, ""), async {
        peer.ends().await;
        let mut second = broker.coordinate().await;
        second.serve::<JoinGroupRequest>(joined()).await;
        second
    });
    assert_eq!(joined.unwrap().generation, 7);
}

#[tokio::test]
async fn what_no_join_can_mend_is_final() {
    for (code, kind) in [
        (22, ErrorKind::Fatal),
        (23, ErrorKind::Fatal),
        (24, ErrorKind::Fatal),
        (26, ErrorKind::Fatal),
        (30, ErrorKind::Authorization),
        (81, ErrorKind::Fatal),
        (-1, ErrorKind::Fatal),
    ] {
        let broker = Broker::start().await;
        let mut member = member(broker.port());

        let offers = offers();
        let (joined, ()) = tokio::join!(member.join(&offers, ""), async {
            let mut peer = broker.coordinate().await;
            peer.serve::<JoinGroupRequest>(refused(code)).await;
        });

        let error = joined.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.code().unwrap().number, i32::from(code));
        assert!(error.to_string().starts_with("group workers: "), "{error}");
    }
}

#[tokio::test]
async fn another_type_of_protocols_is_not_ours() {
    let broker = Broker::start().await;
    let mut member = member(broker.port());
    let answer = joined().with_protocol_type(Some(text("consumer")));

    let offers = offers();
    let (joined, ()) = tokio::join!(member.join(&offers, ""), async {
        let mut peer = broker.coordinate().await;
        peer.serve::<JoinGroupRequest>(answer).await;
    });

    let error = joined.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fatal);
    let text = "group workers: its members use protocols of type consumer, not connect";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn a_round_that_fails_is_joined_again() {
    for (code, id) in [
        (15, "me-1"),
        (16, "me-1"),
        (22, "me-1"),
        (25, ""),
        (27, "me-1"),
    ] {
        let broker = Broker::start().await;
        let mut member = member(broker.port());
        let mut peer = joined_at(&broker, &mut member).await;

        let answer = synced().with_error_code(code);
        let (outcome, _) = tokio::join!(
            member.sync(Vec::new()),
            peer.serve::<SyncGroupRequest>(answer),
        );

        assert_eq!(outcome, Ok(Synced::Rejoin), "{code}");
        assert_eq!(member.member_id, id, "{code}");
    }
}

#[tokio::test]
async fn a_round_that_fails_as_none_should_is_final() {
    let of_other = synced().with_protocol_name(Some(text("default")));
    for (answer, kind) in [
        (synced().with_error_code(14), ErrorKind::Fatal),
        (synced().with_error_code(30), ErrorKind::Authorization),
        (of_other, ErrorKind::Fatal),
    ] {
        let broker = Broker::start().await;
        let mut member = member(broker.port());
        let mut peer = joined_at(&broker, &mut member).await;

        let (outcome, _) = tokio::join!(
            member.sync(Vec::new()),
            peer.serve::<SyncGroupRequest>(answer),
        );

        assert_eq!(outcome.unwrap_err().kind(), kind);
    }
}

#[tokio::test]
async fn who_leaves_says_so_and_forgets_who_it_was() {
    let broker = Broker::start().await;
    let (mut member, mut peer) = stable(&broker).await;
    let answer = LeaveGroupResponse::default();

    let ((), request) = tokio::join!(
        member.leave("the worker stops"),
        peer.serve::<LeaveGroupRequest>(answer),
    );

    assert_eq!(&*request.members[0].member_id, "me-1");
    assert_eq!(
        request.members[0].reason.as_deref(),
        Some("the worker stops")
    );
    assert_eq!(member.stay().await, Ok(Stay::Rejoin));
    // There is nobody left to say it for.
    member.leave("the worker stops").await;
}

#[tokio::test]
async fn who_leaves_waits_for_nobody() {
    let broker = Broker::start().await;
    let (mut member, peer) = stable(&broker).await;
    let start = Instant::now();

    member.leave("the worker stops").await;

    assert!(start.elapsed() < 2 * BEAT);
    drop(peer);
}

#[tokio::test]
async fn an_old_broker_is_spoken_to_in_its_versions() {
    let old = [
        (ApiKey::FindCoordinator, 2),
        (ApiKey::JoinGroup, 3),
        (ApiKey::SyncGroup, 2),
        (ApiKey::LeaveGroup, 2),
    ];
    let broker = Broker::start().await;
    let mut member = member(broker.port());
    let answer = joined().with_protocol_type(None);
    let offers = offers();
    let (joined, mut peer) = tokio::join!(member.join(&offers, "why"), async {
        broker.point_to(0, broker.port()).await;
        let mut peer = broker.accept_with(&old).await;
        peer.serve::<JoinGroupRequest>(answer).await;
        peer
    });
    assert_eq!(joined.unwrap().protocol, "sessioned");
    let answer = SyncGroupResponse::default().with_assignment("work".into());
    let (assigned, _) = tokio::join!(
        member.sync(Vec::new()),
        peer.serve::<SyncGroupRequest>(answer),
    );
    assert_eq!(assigned, Ok(Synced::Assigned("work".into())));

    // This one does not even know heartbeats.
    let error = member.stay().await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Fatal);
    assert!(
        error
            .to_string()
            .ends_with("the broker does not support Heartbeat in versions 0..4")
    );
    let answer = LeaveGroupResponse::default();
    let ((), left) = tokio::join!(member.leave("why"), peer.serve::<LeaveGroupRequest>(answer));
    assert_eq!(&*left.member_id, "me-1");
}

#[tokio::test]
async fn a_member_may_live_on_any_thread() {
    fn check(_future: &(impl Future + Send + 'static)) {}

    let mut member = member(1);
    check(&async move {
        let joined = member.join(&offers(), "").await;
        let synced = member.sync(Vec::new()).await;
        let stay = member.stay().await;
        member.leave("").await;
        (joined, synced, stay)
    });
}
