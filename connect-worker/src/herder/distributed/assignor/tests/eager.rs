//! The eager way, and what both ways have in common.

use expect_test::expect;

use super::*;

#[test]
fn tasks_are_dealt_out_from_where_connectors_ended() {
    let mut group = Group::new(0);
    group.subprotocol = Subprotocol::Eager;
    group.configure("file-src", 1);
    group.configure("my-sink-1", 6);
    group.join("M1");
    group.join("M2");

    let expected = expect![[r"
        M1 +file-src +file-src-0 +my-sink-1-1 +my-sink-1-3 +my-sink-1-5
        M2 +my-sink-1 +my-sink-1-0 +my-sink-1-2 +my-sink-1-4
        delay 0
    "]];
    expected.assert_eq(&group.round());
    // All of it again: what was held before counts for nothing.
    expected.assert_eq(&group.round());
}

#[test]
fn the_next_member_gets_the_first_task() {
    let mut group = Group::new(0);
    group.subprotocol = Subprotocol::Eager;
    group.configure("c", 3);
    group.join("w1");
    group.join("w2");

    expect![[r"
        w1 +c +c-1
        w2 +c-0 +c-2
        delay 0
    "]]
    .assert_eq(&group.round());
}

#[test]
fn everybody_is_told_who_leads_and_owners_are_known() {
    for subprotocol in Subprotocol::Sessioned.offered() {
        let mut group = Group::new(0);
        group.subprotocol = *subprotocol;
        group.configure("c", 1);
        group.join("w2");
        group.join("w1");

        let assignments = group.rebalance();

        for assignment in assignments.by_member.values() {
            assert_eq!(assignment.leader, "w2");
            assert_eq!(assignment.leader_url, "http://w2/");
            assert_eq!(assignment.config_offset, 1);
            assert_eq!(assignment.error, AssignmentError::None);
        }
        let owner = &assignments.owners.connectors[&"c".into()];
        assert_eq!(&**owner, "http://w1/");
        assert_eq!(assignments.owners.tasks.len(), 1);
    }
}

#[test]
fn a_leader_that_is_behind_assigns_nothing() {
    for subprotocol in Subprotocol::Sessioned.offered() {
        let mut group = Group::new(0);
        group.subprotocol = *subprotocol;
        group.configure("c", 1);
        group.join("w1");
        group.join("w2");
        group.rebalance();
        let mut election = group.election();
        election.members.get_mut("w2").unwrap().config_offset = 1000;

        let mut assignor = Assignor::new(Duration::ZERO);
        let assignments = assignor.assign(*subprotocol, &election, &group.work(), group.now);

        assert_eq!(assignments.owners, Owners::default());
        assert_eq!(assignments.by_member.len(), 2);
        for assignment in assignments.by_member.values() {
            assert_eq!(assignment.error, AssignmentError::ConfigMismatch);
            assert_eq!(assignment.config_offset, 1000);
            assert_eq!(assignment.leader_url, "http://w1/");
            assert!(assignment.assigned.is_empty() && assignment.revoked.is_empty());
            assert_eq!(assignment.delay, Duration::ZERO);
        }
    }
}

#[test]
fn a_leader_that_looked_again_assigns_what_it_saw() {
    let mut group = Group::new(0);
    group.configure("c", 1);
    group.join("w1");
    group.join("w2");
    let mut election = group.election();
    election.members.get_mut("w2").unwrap().config_offset = 3;
    group.configure("d", 0);
    group.configure("e", 0);
    group.configure("f", 0);

    let mut assignor = Assignor::new(Duration::ZERO);
    let subprotocol = Subprotocol::Sessioned;
    let assignments = assignor.assign(subprotocol, &election, &group.work(), group.now);

    assert!(
        assignments
            .by_member
            .values()
            .all(|it| it.config_offset == 4)
    );
    expect![[r"
        w1 +c +e +c-0
        w2 +d +f
        delay 0
    "]]
    .assert_eq(&render(&assignments));
}
