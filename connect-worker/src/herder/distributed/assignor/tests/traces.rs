//! Rounds in the order in which the reference was seen to make them.

use expect_test::{Expect, expect};

use super::*;

const FIVE_MINUTES: u64 = 300_000;

#[track_caller]
fn check(group: &mut Group, expected: &Expect) {
    expected.assert_eq(&group.round());
}

#[track_caller]
fn check_quiet(group: &mut Group) {
    let assignments = group.rebalance();
    let told = assignments.by_member.values();
    let mut told = told.map(|it| (it.assigned.is_empty(), it.revoked.is_empty(), it.delay));
    assert!(
        told.all(|it| it == (true, true, Duration::ZERO)),
        "{assignments:#?}"
    );
}

/// A group of two that has one connector with two tasks.
fn settled_pair(max_delay_ms: u64) -> Group {
    let mut group = Group::new(max_delay_ms);
    group.configure("c1", 2);
    group.join("w1");
    group.join("w2");
    check(
        &mut group,
        &expect![[r"
            w1 +c1 +c1-0
            w2 +c1-1
            delay 0
        "]],
    );
    group
}

/// Three members that share two connectors with eight tasks.
fn settled_three() -> Group {
    let mut group = Group::new(FIVE_MINUTES);
    group.configure("c1", 4);
    group.configure("c2", 4);
    for (member, rounds) in [("w1", 1), ("w2", 2), ("w3", 2)] {
        group.join(member);
        for _ in 0..rounds {
            group.rebalance();
        }
    }
    group
}

#[test]
fn members_that_come_get_their_share() {
    let mut group = Group::new(FIVE_MINUTES);
    group.configure("c1", 4);
    group.configure("c2", 4);
    group.join("w1");
    check(
        &mut group,
        &expect![[r"
            w1 +c1 +c2 +c1-0 +c1-1 +c1-2 +c1-3 +c2-0 +c2-1 +c2-2 +c2-3
            delay 0
        "]],
    );
    group.join("w2");
    check(
        &mut group,
        &expect![[r"
            w1 -c1 -c1-0 -c1-1 -c1-2 -c1-3
            w2
            delay 0
        "]],
    );
    check(
        &mut group,
        &expect![[r"
            w1
            w2 +c1 +c1-0 +c1-1 +c1-2 +c1-3
            delay 0
        "]],
    );
    group.join("w3");
    check(
        &mut group,
        &expect![[r"
            w1 -c2-0
            w2 -c1-0
            w3
            delay 0
        "]],
    );
    check(
        &mut group,
        &expect![[r"
            w1
            w2
            w3 +c1-0 +c2-0
            delay 0
        "]],
    );
    check_quiet(&mut group);
}

#[test]
fn a_member_that_comes_during_the_delay_gets_what_was_lost() {
    let mut group = settled_three();
    group.leave("w3");
    check(
        &mut group,
        &expect![[r"
            w1
            w2
            delay 300000
        "]],
    );
    group.wait(100_000);
    group.join("w4");
    check(
        &mut group,
        &expect![[r"
            w1
            w2
            w4
            delay 200000
        "]],
    );
    group.wait(200_000);
    check(
        &mut group,
        &expect![[r"
            w1
            w2
            w4 +c1-0 +c2-0
            delay 0
        "]],
    );
    check_quiet(&mut group);

    group.delete("c2");
    check(
        &mut group,
        &expect![[r"
            w1 -c2 -c2-1 -c2-2 -c2-3
            w2 -c1-1
            w4 -c2-0
            delay 0
        "]],
    );
    check(
        &mut group,
        &expect![[r"
            w1 +c1-1
            w2
            w4
            delay 0
        "]],
    );
    check_quiet(&mut group);
}

#[test]
fn rounds_that_revoke_do_not_follow_each_other_at_once() {
    let mut group = Group::new(FIVE_MINUTES);
    group.configure("c1", 12);
    group.join("w1");
    group.rebalance();
    group.join("w2");
    check(
        &mut group,
        &expect![[r"
            w1 -c1-0 -c1-1 -c1-2 -c1-3 -c1-4 -c1-5
            w2
            delay 0
        "]],
    );
    group.join("w3");
    check(
        &mut group,
        &expect![[r"
            w1
            w2 +c1-0 +c1-2 +c1-4
            w3 +c1-1 +c1-3 +c1-5
            delay 40
        "]],
    );
    group.join("w4");
    check(
        &mut group,
        &expect![[r"
            w1
            w2
            w3
            w4
            delay 40
        "]],
    );
    group.wait(1);
    check(
        &mut group,
        &expect![[r"
            w1 -c1-6 -c1-7 -c1-8
            w2
            w3
            w4
            delay 0
        "]],
    );
    check(
        &mut group,
        &expect![[r"
            w1
            w2
            w3
            w4 +c1-6 +c1-7 +c1-8
            delay 0
        "]],
    );
    check_quiet(&mut group);
}

#[test]
fn without_a_delay_lost_work_moves_at_once() {
    let mut group = settled_pair(0);
    group.leave("w2");

    check(
        &mut group,
        &expect![[r"
            w1 +c1-1
            delay 0
        "]],
    );
}

#[test]
fn without_a_delay_rounds_that_revoke_follow_each_other() {
    let mut group = Group::new(0);
    group.configure("c1", 12);
    group.join("w1");
    group.rebalance();
    group.join("w2");
    group.rebalance();
    group.join("w3");

    check(
        &mut group,
        &expect![[r"
            w1 -c1-6 -c1-7
            w2 +c1-0 +c1-2 +c1-4
            w3 +c1-1 +c1-3 +c1-5
            delay 0
        "]],
    );
}

#[test]
fn what_was_lost_while_the_leader_missed_a_generation_counts_as_new() {
    let mut group = settled_pair(FIVE_MINUTES);
    group.leave("w2");
    group.members.get_mut("w1").unwrap().completed -= 1;

    check(
        &mut group,
        &expect![[r"
            w1 +c1-1
            delay 0
        "]],
    );
}

#[test]
fn work_of_a_leader_that_is_gone_is_handed_out_at_once() {
    let mut group = settled_pair(FIVE_MINUTES);
    group.leave("w1");

    check(
        &mut group,
        &expect![[r"
            w2 +c1 +c1-0
            delay 0
        "]],
    );
}

#[test]
fn what_two_report_stops_everywhere_before_one_gets_it() {
    let mut group = Group::new(FIVE_MINUTES);
    group.configure("c1", 1);
    group.join("w1");
    group.rebalance();
    group.join("w2");
    let held = group.members["w1"].held.clone();
    group.members.get_mut("w2").unwrap().held = held;
    group.members.get_mut("w1").unwrap().assignor = Assignor::new(group.max_delay);

    check(
        &mut group,
        &expect![[r"
            w1 -c1 -c1-0
            w2 -c1 -c1-0
            delay 0
        "]],
    );
    check(
        &mut group,
        &expect![[r"
            w1 +c1 +c1-0
            w2
            delay 0
        "]],
    );
}

#[test]
fn a_new_leader_needs_a_round_to_see_what_was_deleted() {
    let mut group = Group::new(FIVE_MINUTES);
    group.configure("c1", 2);
    group.join("w1");
    group.rebalance();
    group.delete("c1");
    group.members.get_mut("w1").unwrap().assignor = Assignor::new(group.max_delay);

    check_quiet(&mut group);
    check(
        &mut group,
        &expect![[r"
            w1 -c1 -c1-0 -c1-1
            delay 0
        "]],
    );
}

/// The reference counts what it does not know to be deleted, and takes what was reported first.
#[test]
fn what_was_deleted_weighs_as_much_as_the_rest_until_a_new_leader_knows() {
    let mut group = Group::new(FIVE_MINUTES);
    group.configure("c1", 0);
    group.configure("c2", 0);
    group.join("w1");
    group.rebalance();
    group.delete("c2");
    group.members.get_mut("w1").unwrap().assignor = Assignor::new(group.max_delay);

    check(
        &mut group,
        &expect![[r"
            w1 -c1
            delay 0
        "]],
    );
    check(
        &mut group,
        &expect![[r"
            w1 +c1 -c2
            delay 0
        "]],
    );
    check_quiet(&mut group);
}

#[test]
fn without_candidates_lost_work_is_shared_when_the_delay_is_over() {
    let mut group = settled_three();
    group.leave("w3");
    group.rebalance();
    group.wait(FIVE_MINUTES);

    check(
        &mut group,
        &expect![[r"
            w1 +c1-0
            w2 +c2-0
            delay 0
        "]],
    );
}

#[test]
fn candidates_that_left_again_get_nothing() {
    let mut group = settled_three();
    group.leave("w3");
    group.join("w4");
    group.join("w5");
    group.rebalance();
    group.leave("w4");
    group.wait(FIVE_MINUTES);

    check(
        &mut group,
        &expect![[r"
            w1
            w2
            w5 +c1-0 +c2-0
            delay 0
        "]],
    );
}

#[test]
fn what_a_member_brings_back_is_not_lost() {
    let mut group = settled_three();
    let gone = group.leave("w3").unwrap();
    group.rebalance();
    group.wait(1000);
    group.members.insert("w3-again".to_owned(), gone);

    check_quiet(&mut group);
}

#[test]
fn a_member_without_work_may_go() {
    let mut group = settled_pair(FIVE_MINUTES);
    group.configure("c1", 1);
    group.rebalance();
    group.leave("w2");

    check_quiet(&mut group);
}

#[test]
fn a_member_without_work_that_goes_after_something_was_revoked_is_waited_for() {
    let mut group = Group::new(FIVE_MINUTES);
    group.configure("c1", 2);
    group.join("w1");
    group.rebalance();
    group.join("w2");
    group.rebalance();
    group.leave("w2");

    check(
        &mut group,
        &expect![[r"
            w1 +c1-0
            delay 300000
        "]],
    );
    check_quiet(&mut group);
}

#[test]
fn what_a_member_did_not_hear_of_is_said_again() {
    let mut group = Group::new(FIVE_MINUTES);
    group.configure("c1", 2);
    group.join("w1");
    group.rebalance();
    group.join("w2");
    let assignments = group.compute();
    group.deliver("w2", &assignments.by_member["w2"]);
    group.members.get_mut("w1").unwrap().completed = group.generation;
    group.delete("c1");

    check(
        &mut group,
        &expect![[r"
            w1 -c1 -c1-0 -c1-1
            w2
            delay 0
        "]],
    );
}

#[test]
fn the_rest_of_a_delay_is_in_whole_milliseconds_and_not_too_short() {
    let mut group = settled_three();
    group.leave("w3");
    group.rebalance();
    group.now += Duration::from_micros(299_999_600);
    let delay = group.rebalance().by_member["w1"].delay;
    group.now += delay;
    let assignments = group.rebalance();

    assert_eq!(delay, Duration::from_millis(1));
    let mut told = assignments.by_member.values();
    assert!(told.any(|it| !it.assigned.is_empty()), "{assignments:#?}");
}
