//! The life of groups, with the time as a number.

use std::net::{IpAddr, Ipv4Addr};

use tokio::sync::oneshot::{self, error::TryRecvError};

use super::*;
use crate::groups::member::{Joined, Protocol};

const SESSION: Duration = Duration::from_secs(10);
const REBALANCE: Duration = Duration::from_secs(60);

type JoinAnswer = oneshot::Receiver<Result<Joined, JoinError>>;
type SyncAnswer = oneshot::Receiver<Result<Synced, ResponseError>>;

struct Fixture {
    group: Group,
    now: Instant,
    ids: u32,
}

fn protocols(names: &[&str]) -> Vec<Protocol> {
    let protocol = |name: &&str| Protocol {
        name: (*name).to_owned(),
        metadata: Bytes::from((*name).to_owned()),
    };
    names.iter().map(protocol).collect()
}

fn request(member_id: &str, names: &[&str]) -> Join {
    Join {
        member_id: member_id.to_owned(),
        instance_id: None,
        client_id: "client".to_owned(),
        client_host: IpAddr::V4(Ipv4Addr::LOCALHOST),
        session_timeout: SESSION,
        rebalance_timeout: REBALANCE,
        protocol_type: "connect".to_owned(),
        protocols: protocols(names),
        id_first: false,
        can_skip_assignment: true,
    }
}

#[track_caller]
fn answered<T>(answer: &mut oneshot::Receiver<T>) -> T {
    answer.try_recv().expect("there is an answer")
}

#[track_caller]
fn waits<T: std::fmt::Debug>(answer: &mut oneshot::Receiver<T>) {
    assert_eq!(answer.try_recv().unwrap_err(), TryRecvError::Empty);
}

impl Fixture {
    fn new(initial_delay: Duration) -> Self {
        Self {
            group: Group::new(initial_delay),
            now: Instant::now(),
            ids: 0,
        }
    }

    fn join(&mut self, join: Join) -> JoinAnswer {
        let (reply, answer) = oneshot::channel();
        self.ids += 1;
        self.group
            .join(join, format!("m{}", self.ids), reply, self.now);
        answer
    }

    fn sync(&mut self, member_id: &str, generation: i32, assigned: &[&str]) -> SyncAnswer {
        let (reply, answer) = oneshot::channel();
        let assignments = assigned.iter();
        let assignments =
            assignments.map(|it| ((*it).to_owned(), Bytes::from(format!("for {it}"))));
        let assignments = assignments.collect();
        let caller = caller(member_id, generation);
        self.group
            .sync(caller, (None, None), assignments, reply, self.now);
        answer
    }

    fn beat(&mut self, member_id: &str, generation: i32) -> Result<(), ResponseError> {
        self.group
            .heartbeat(caller(member_id, generation), self.now)
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.group.tick(self.now);
    }

    /// A stable group with the members m1 and m2, of generation 2.
    fn with_two() -> Self {
        let mut fixture = Self::new(Duration::ZERO);
        answered(&mut fixture.join(request("", &["a", "b"]))).unwrap();
        answered(&mut fixture.sync("m1", 1, &["m1"])).unwrap();
        let mut second = fixture.join(request("", &["a", "b"]));
        waits(&mut second);
        let first = answered(&mut fixture.join(request("m1", &["a", "b"]))).unwrap();
        assert_eq!(first.members.len(), 2);
        let second = answered(&mut second).unwrap();
        assert_eq!((second.generation, second.leader.as_str()), (2, "m1"));
        assert!(second.members.is_empty());
        let mut waiting = fixture.sync("m2", 2, &[]);
        waits(&mut waiting);
        let lead = answered(&mut fixture.sync("m1", 2, &["m1", "m2"])).unwrap();
        assert_eq!(lead.assignment, "for m1");
        assert_eq!(answered(&mut waiting).unwrap().assignment, "for m2");
        fixture
    }
}

fn caller(member_id: &str, generation: i32) -> Caller<'_> {
    Caller {
        member_id,
        instance_id: None,
        generation,
    }
}

#[test]
fn two_members_agree_and_get_what_the_leader_assigns() {
    let fixture = Fixture::with_two();

    assert_eq!(fixture.group.state(), State::Stable);
    assert_eq!(fixture.group.protocol(), "a");
}

#[test]
fn a_client_gets_an_id_first_and_the_group_waits_for_it() {
    let mut fixture = Fixture::new(Duration::ZERO);
    let mut join = request("", &["a"]);
    join.id_first = true;

    let sent_back = answered(&mut fixture.join(join)).unwrap_err();
    assert_eq!(sent_back.error, ResponseError::MemberIdRequired);
    let mut other = fixture.join(request("", &["a"]));
    waits(&mut other);
    let joined = answered(&mut fixture.join(request(&sent_back.member_id, &["a"]))).unwrap();

    assert_eq!(joined.member_id, "m1");
    assert_eq!(answered(&mut other).unwrap().members.len(), 2);
}

#[test]
fn a_group_does_not_wait_for_ever_for_a_promised_member() {
    let mut fixture = Fixture::new(Duration::ZERO);
    let mut join = request("", &["a"]);
    join.id_first = true;
    answered(&mut fixture.join(join)).unwrap_err();
    let mut other = fixture.join(request("", &["a"]));
    waits(&mut other);

    fixture.pass(SESSION);

    answered(&mut other).unwrap();
}

#[test]
fn the_protocol_is_voted_on_again_when_members_change() {
    let mut fixture = Fixture::with_two();

    let mut third = fixture.join(request("", &["b"]));
    answered_later(&mut fixture, &["m1", "m2"]);

    assert_eq!(answered(&mut third).unwrap().protocol, "b");
    assert_eq!(
        fixture.group.leave("m3", None, fixture.now),
        Err(ResponseError::UnknownMemberId)
    );
    fixture.group.leave("m4", None, fixture.now).unwrap();
    answered_later(&mut fixture, &["m1", "m2"]);
    assert_eq!(fixture.group.protocol(), "a");
}

fn answered_later(fixture: &mut Fixture, members: &[&str]) {
    let answers: Vec<_> = members
        .iter()
        .map(|it| fixture.join(request(it, &["a", "b"])))
        .collect();
    for mut answer in answers {
        answered(&mut answer).unwrap();
    }
}

#[test]
fn who_shares_no_protocol_stays_outside() {
    let mut fixture = Fixture::with_two();

    for join in [
        request("", &["c"]),
        request("", &[]),
        Join {
            protocol_type: "consumer".to_owned(),
            ..request("", &["a"])
        },
    ] {
        let refused = answered(&mut fixture.join(join)).unwrap_err();
        assert_eq!(refused.error, ResponseError::InconsistentGroupProtocol);
    }
    assert_eq!(fixture.group.state(), State::Stable);
}

#[test]
fn a_silent_member_is_out_and_the_others_join_again() {
    let mut fixture = Fixture::with_two();

    fixture.pass(SESSION / 2);
    fixture.beat("m1", 2).unwrap();
    fixture.pass(SESSION / 2);

    assert_eq!(fixture.beat("m2", 2), Err(ResponseError::UnknownMemberId));
    assert_eq!(
        fixture.beat("m1", 2),
        Err(ResponseError::RebalanceInProgress)
    );
    let joined = answered(&mut fixture.join(request("m1", &["a"]))).unwrap();
    assert_eq!((joined.generation, joined.members.len()), (3, 1));
}

#[test]
fn who_does_not_join_again_in_time_is_left_behind() {
    let mut fixture = Fixture::with_two();

    let mut third = fixture.join(request("", &["a"]));
    let mut first = fixture.join(request("m1", &["a"]));
    for _ in 0..11 {
        fixture.pass(SESSION / 2);
        _ = fixture.beat("m2", 2);
    }
    waits(&mut first);
    fixture.pass(SESSION / 2);

    assert_eq!(answered(&mut first).unwrap().members.len(), 2);
    answered(&mut third).unwrap();
    assert_eq!(fixture.beat("m2", 2), Err(ResponseError::UnknownMemberId));
}

#[test]
fn a_leader_that_does_not_assign_is_left_behind() {
    let mut fixture = Fixture::with_two();
    let mut second = fixture.join(request("m2", &["a"]));
    answered(&mut fixture.join(request("m1", &["a"]))).unwrap();
    assert_eq!(answered(&mut second).unwrap().leader, "m1");
    let mut waiting = fixture.sync("m2", 3, &[]);

    for _ in 0..12 {
        fixture.pass(SESSION / 2);
        _ = fixture.beat("m1", 3);
    }

    let error = answered(&mut waiting).unwrap_err();
    assert_eq!(error, ResponseError::RebalanceInProgress);
    let joined = answered(&mut fixture.join(request("m2", &["a"]))).unwrap();
    assert_eq!(joined.leader, "m2");
}

#[test]
fn a_member_that_joins_needlessly_changes_nothing_but_the_leader_does() {
    let mut fixture = Fixture::with_two();

    let again = answered(&mut fixture.join(request("m2", &["a", "b"]))).unwrap();
    assert_eq!(again.generation, 2);
    assert_eq!(fixture.group.state(), State::Stable);

    let mut leader = fixture.join(request("m1", &["a", "b"]));
    waits(&mut leader);
    assert_eq!(fixture.group.state(), State::PreparingRebalance);
}

#[test]
fn wrong_generations_and_members_are_told() {
    let mut fixture = Fixture::with_two();

    assert_eq!(fixture.beat("m1", 1), Err(ResponseError::IllegalGeneration));
    assert_eq!(fixture.beat("m9", 2), Err(ResponseError::UnknownMemberId));
    let error = answered(&mut fixture.sync("m1", 1, &[])).unwrap_err();
    assert_eq!(error, ResponseError::IllegalGeneration);
    let error = answered(&mut fixture.join(request("m9", &["a"]))).unwrap_err();
    assert_eq!(error.error, ResponseError::UnknownMemberId);
}

#[test]
fn commits_need_a_member_of_the_generation_or_an_empty_group() {
    let mut fixture = Fixture::with_two();
    let now = fixture.now;
    let mut allow =
        |member, generation| fixture.group.allow_commit(caller(member, generation), now);

    assert_eq!(allow("m1", 2), Ok(()));
    assert_eq!(allow("m1", 1), Err(ResponseError::IllegalGeneration));
    assert_eq!(allow("", -1), Err(ResponseError::UnknownMemberId));
    let mut empty = Group::new(Duration::ZERO);
    assert_eq!(empty.allow_commit(caller("", -1), now), Ok(()));
}

#[test]
fn the_last_member_leaves_an_empty_group() {
    let mut fixture = Fixture::with_two();

    fixture.group.leave("m1", None, fixture.now).unwrap();
    fixture.group.leave("m2", None, fixture.now).unwrap();

    assert_eq!(fixture.group.state(), State::Empty);
    assert!(fixture.group.is_idle());
    let joined = answered(&mut fixture.join(request("", &["z"]))).unwrap();
    assert_eq!((joined.generation, joined.protocol.as_str()), (4, "z"));
}

#[test]
fn a_new_group_waits_a_moment_for_more_members() {
    let mut fixture = Fixture::new(Duration::from_secs(3));
    let mut first = fixture.join(request("", &["a"]));
    fixture.pass(Duration::from_secs(2));
    let mut second = fixture.join(request("", &["a"]));
    fixture.pass(Duration::from_secs(2));
    waits(&mut first);

    fixture.pass(Duration::from_secs(1));

    assert_eq!(answered(&mut first).unwrap().members.len(), 2);
    assert_eq!(answered(&mut second).unwrap().generation, 1);
}

#[test]
fn the_next_deadline_is_the_earliest_thing_that_can_happen() {
    let mut fixture = Fixture::with_two();
    assert_eq!(fixture.group.next_deadline(), Some(fixture.now + SESSION));

    fixture.pass(SESSION / 2);
    fixture.beat("m1", 2).unwrap();

    assert_eq!(
        fixture.group.next_deadline(),
        Some(fixture.now + SESSION / 2)
    );
    assert_eq!(Group::new(Duration::ZERO).next_deadline(), None);
}

mod static_members {
    use super::*;

    fn named(member_id: &str, instance: &str) -> Join {
        Join {
            instance_id: Some(instance.to_owned()),
            ..request(member_id, &["a"])
        }
    }

    fn with_two() -> Fixture {
        let mut fixture = Fixture::new(Duration::ZERO);
        answered(&mut fixture.join(named("", "one"))).unwrap();
        let mut second = fixture.join(named("", "two"));
        answered(&mut fixture.join(named("m1", "one"))).unwrap();
        answered(&mut second).unwrap();
        let mut follower = fixture.sync("m2", 2, &[]);
        answered(&mut fixture.sync("m1", 2, &["m1", "m2"])).unwrap();
        answered(&mut follower).unwrap();
        fixture
    }

    #[test]
    fn a_restart_within_the_session_changes_nothing() {
        let mut fixture = with_two();

        let back = answered(&mut fixture.join(named("", "two"))).unwrap();

        assert_eq!((back.generation, back.leader.as_str()), (2, "m1"));
        assert_eq!(fixture.group.state(), State::Stable);
        let assignment = answered(&mut fixture.sync(&back.member_id, 2, &[])).unwrap();
        assert_eq!(assignment.assignment, "for m2");
    }

    #[test]
    fn the_former_self_is_fenced() {
        let mut fixture = with_two();
        answered(&mut fixture.join(named("", "two"))).unwrap();
        let former = Caller {
            instance_id: Some("two"),
            ..caller("m2", 2)
        };

        let beaten = fixture.group.heartbeat(former, fixture.now);

        assert_eq!(beaten, Err(ResponseError::FencedInstanceId));
    }

    #[test]
    fn a_leader_that_comes_back_need_not_assign() {
        let mut fixture = with_two();

        let back = answered(&mut fixture.join(named("", "one"))).unwrap();

        assert!(back.skip_assignment);
        assert_eq!(back.leader, back.member_id);
        assert_eq!(back.members.len(), 2);
    }

    #[test]
    fn a_member_can_be_removed_by_its_name() {
        let mut fixture = with_two();

        fixture.group.leave("", Some("two"), fixture.now).unwrap();

        assert_eq!(fixture.group.members().len(), 1);
        let unknown = fixture.group.leave("", Some("three"), fixture.now);
        assert_eq!(unknown, Err(ResponseError::UnknownMemberId));
    }
}
