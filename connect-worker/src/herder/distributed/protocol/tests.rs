//! Bytes as the reference writes them, and bytes that nobody should write.

use proptest::prelude::*;

use super::*;
use crate::identity::{ConnectorName, TaskId};

/// `http://w1:8083/` as a text.
const URL: &str = "000f 687474703a2f2f77313a383038332f";
/// From the error to the configuration's offset, for an assignment without an error.
const HEAD: &str = "0000 0002 6d31 000f 687474703a2f2f77313a383038332f 0000000000000005";
/// The connector and its two tasks.
const SRC: &str = "00000001 0003 737263 00000003 ffffffff 00000000 00000001";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    let pairs = digits.chunks_exact(2);
    pairs
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn work(connectors: &[&str], tasks: &[(&str, u32)]) -> Work {
    let tasks = tasks.iter().map(|(connector, task)| TaskId {
        connector: ConnectorName::from(*connector),
        task: *task,
    });
    Work {
        connectors: connectors.iter().map(|it| (*it).into()).collect(),
        tasks: tasks.collect(),
    }
}

fn assignment() -> Assignment {
    Assignment {
        error: AssignmentError::None,
        leader: "m1".to_owned(),
        leader_url: "http://w1:8083/".to_owned(),
        config_offset: 5,
        assigned: Work::default(),
        revoked: Work::default(),
        delay: Duration::ZERO,
    }
}

fn src() -> Assignment {
    Assignment {
        assigned: work(&["src"], &[("src", 0), ("src", 1)]),
        ..assignment()
    }
}

fn metadata(allocation: Option<Assignment>) -> WorkerMetadata {
    WorkerMetadata {
        url: "http://w1:8083/".to_owned(),
        config_offset: 5,
        allocation,
    }
}

#[track_caller]
fn check_assignment(subprotocol: Subprotocol, assignment: &Assignment, expected: &str) {
    let expected = bytes(expected);
    let encoded = assignment.encode(subprotocol).unwrap();

    assert_eq!(hex(&encoded), hex(&expected));
    assert_eq!(Assignment::decode(&expected).as_ref(), Ok(assignment));
}

#[track_caller]
fn check_metadata(subprotocol: Subprotocol, metadata: &WorkerMetadata, expected: &str) {
    let expected = bytes(expected);
    let encoded = metadata.encode(subprotocol).unwrap();

    assert_eq!(hex(&encoded), hex(&expected));
    assert_eq!(WorkerMetadata::decode(&expected).as_ref(), Ok(metadata));
}

#[track_caller]
fn check_refused(assignment: &str, message: &str) {
    let error = Assignment::decode(&bytes(assignment)).unwrap_err();

    assert_eq!(error.to_string(), message);
}

#[test]
fn preferences_have_the_names_of_the_reference() {
    let offered = |value: &str| {
        let chosen: Subprotocol = value.parse().unwrap();
        let names = chosen.offered().iter().map(|it| it.wire_name());
        names.collect::<Vec<_>>().join(" ")
    };

    assert_eq!(offered("eager"), "default");
    assert_eq!(offered("Compatible"), "compatible default");
    assert_eq!(offered("SESSIONED"), "sessioned compatible default");
    assert!("default".parse::<Subprotocol>().is_err());
    for subprotocol in Subprotocol::Sessioned.offered() {
        let found = Subprotocol::from_wire_name(subprotocol.wire_name());
        assert_eq!(found, Some(*subprotocol));
    }
    assert_eq!(Subprotocol::from_wire_name("eager"), None);
    assert_eq!(Subprotocol::Eager.metric_name(), "EAGER");
}

#[test]
fn eager_members_write_what_the_reference_writes() {
    let eager = Subprotocol::Eager;
    let mismatch = Assignment {
        error: AssignmentError::ConfigMismatch,
        ..assignment()
    };

    check_metadata(
        eager,
        &metadata(None),
        &format!("0000 {URL} 0000000000000005"),
    );
    check_assignment(eager, &src(), &format!("0000 {HEAD} {SRC}"));
    check_assignment(
        eager,
        &mismatch,
        &format!("0000 0001 0002 6d31 {URL} 0000000000000005 00000000"),
    );
}

#[test]
fn incremental_members_write_what_the_reference_writes() {
    let compatible = Subprotocol::Compatible;
    let moving = Assignment {
        revoked: work(&["src"], &[("src", 1)]),
        delay: Duration::from_secs(300),
        ..assignment()
    };
    let whole = format!("{HEAD} {SRC} 00000000 00000000");

    check_assignment(compatible, &src(), &format!("0001 {whole}"));
    check_assignment(Subprotocol::Sessioned, &src(), &format!("0002 {whole}"));
    check_assignment(
        compatible,
        &moving,
        &format!("0001 {HEAD} 00000000 00000001 0003 737263 00000002 ffffffff 00000001 000493e0"),
    );
}

#[test]
fn incremental_metadata_has_the_allocation() {
    let (compatible, sessioned) = (Subprotocol::Compatible, Subprotocol::Sessioned);
    let nothing = "00000000 00000000 00000000";

    check_metadata(
        compatible,
        &metadata(None),
        &format!("0001 {URL} 0000000000000005 ffffffff"),
    );
    check_metadata(
        compatible,
        &metadata(Some(src())),
        &format!("0001 {URL} 0000000000000005 00000042 0001 {HEAD} {SRC} 00000000 00000000"),
    );
    check_metadata(
        sessioned,
        &metadata(None),
        &format!("0002 {URL} 0000000000000005 ffffffff"),
    );
    check_metadata(
        sessioned,
        &metadata(Some(assignment())),
        &format!("0002 {URL} 0000000000000005 0000002d 0002 {HEAD} {nothing}"),
    );
}

#[test]
fn metadata_of_a_worker_that_joined_before_the_first_configuration() {
    let url = "http://127.0.0.1:28481/";
    let leader = "connect-127.0.0.1:28481-dfec088b-ce2c-4327-bc2e-b2a7b7e1c6a1";
    let (url_hex, leader_hex) = (hex(url.as_bytes()), hex(leader.as_bytes()));
    let allocation = Assignment {
        leader: leader.to_owned(),
        leader_url: url.to_owned(),
        config_offset: -1,
        ..assignment()
    };
    let metadata = WorkerMetadata {
        url: url.to_owned(),
        config_offset: 1,
        allocation: Some(allocation),
    };

    check_metadata(
        Subprotocol::Sessioned,
        &metadata,
        &format!(
            "0002 0017 {url_hex} 0000000000000001 0000006f 0002 0000 003c {leader_hex} \
             0017 {url_hex} ffffffffffffffff 00000000 00000000 00000000"
        ),
    );
}

#[test]
fn connectors_come_before_those_with_tasks_alone() {
    let mixed = Assignment {
        assigned: work(&["b", "c"], &[("a", 1), ("b", 2), ("a", 0)]),
        ..assignment()
    };
    let lists = "00000003 0001 62 00000002 ffffffff 00000002 0001 63 00000001 ffffffff \
                 0001 61 00000002 00000001 00000000";

    check_assignment(Subprotocol::Eager, &mixed, &format!("0000 {HEAD} {lists}"));
}

#[test]
fn a_connector_may_come_in_parts() {
    let parts = "00000003 0003 737263 00000001 00000001 0003 737263 00000001 ffffffff \
                 0003 737263 00000002 00000000 00000001";
    let read = Assignment::decode(&bytes(&format!("0000 {HEAD} {parts}"))).unwrap();

    let tasks: Vec<_> = read.assigned.tasks.iter().map(|id| id.task).collect();
    assert_eq!(tasks, [1, 0]);
    assert_eq!(read.assigned, src().assigned);
}

#[test]
fn other_versions_are_read() {
    let later = format!("0007 {HEAD} {SRC} 00000000 00000000 0123456789");
    let without_lists = format!("0001 {HEAD} ffffffff ffffffff ffffffff");

    assert_eq!(Assignment::decode(&bytes(&later)), Ok(src()));
    assert_eq!(Assignment::decode(&bytes(&without_lists)), Ok(assignment()));
}

#[test]
fn what_cannot_be_is_refused() {
    check_refused("", "`version` wants 2 bytes where 0 are left");
    check_refused("ffff", "`version` is -1, which is below zero");
    check_refused("0001 0000 ffff", "`leader` is -1, which is below zero");
    check_refused(
        "0001 0000 0002 6d",
        "`leader` wants 2 bytes where 1 are left",
    );
    check_refused("0001 0000 0001 ff", "`leader` is not UTF-8");
    check_refused(
        &format!("0001 {HEAD} 7fffffff"),
        "`connector` wants 2 bytes where 0 are left",
    );
    check_refused(
        &format!("0001 {HEAD} 00000001 0001 61 ffffffff"),
        "`tasks` is -1, which is below zero",
    );
    check_refused(
        &format!("0001 {HEAD} 00000001 0001 61 00000001 fffffffe"),
        "`task` is -2, which is below zero",
    );
    let empty_allocation = format!("0001 {URL} 0000000000000005 00000000");
    assert!(WorkerMetadata::decode(&bytes(&empty_allocation)).is_err());
}

#[test]
fn what_has_no_room_is_not_written() {
    let long_name = Assignment {
        assigned: work(&["x".repeat(40_000).as_str()], &[]),
        ..assignment()
    };
    let long_delay = Assignment {
        delay: Duration::from_secs(3_000_000),
        ..assignment()
    };
    let message = |assignment: &Assignment| {
        let encoded = assignment.encode(Subprotocol::Sessioned);
        encoded.unwrap_err().to_string()
    };

    assert_eq!(
        message(&long_name),
        "`connector` of 40000 is too big to be sent"
    );
    assert_eq!(
        message(&long_delay),
        "`delay` of 3000000000 is too big to be sent"
    );
}

#[test]
fn a_worker_keeps_what_is_not_revoked_behind_what_is_new() {
    let held = work(&["a", "b"], &[("a", 0), ("b", 0), ("b", 1)]);
    let mut told = Assignment {
        assigned: work(&["c"], &[("b", 2), ("b", 0)]),
        revoked: work(&["a"], &[("a", 0)]),
        ..assignment()
    };

    told.keep(&held);

    let connectors: Vec<_> = told
        .assigned
        .connectors
        .iter()
        .map(ConnectorName::as_str)
        .collect();
    let tasks: Vec<_> = told
        .assigned
        .tasks
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(connectors, ["c", "b"]);
    assert_eq!(tasks, ["b-2", "b-0", "b-1"]);
}

prop_compose! {
    fn any_work()(
        connectors in prop::collection::vec("[a-c]{0,2}", 0..4),
        tasks in prop::collection::vec(("[a-c]{0,2}", 0..5_u32), 0..8),
    ) -> Work {
        let connectors: Vec<_> = connectors.iter().map(String::as_str).collect();
        let tasks: Vec<_> = tasks.iter().map(|(name, task)| (name.as_str(), *task)).collect();
        work(&connectors, &tasks)
    }
}

prop_compose! {
    fn any_assignment()(
        code in 0..4_i16,
        (leader, leader_url) in (".{0,9}", ".{0,9}"),
        config_offset in any::<i64>(),
        (assigned, revoked) in (any_work(), any_work()),
        delay in 0..=2_147_483_647_u64,
    ) -> Assignment {
        let error = AssignmentError::from_code(code);
        let delay = Duration::from_millis(delay);
        Assignment { error, leader, leader_url, config_offset, assigned, revoked, delay }
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read(url in ".{0,9}", allocation in any_assignment()) {
        let metadata = WorkerMetadata { allocation: Some(allocation), ..metadata(None) };
        let metadata = WorkerMetadata { url, ..metadata };
        let encoded = metadata.encode(Subprotocol::Sessioned).unwrap();

        prop_assert_eq!(WorkerMetadata::decode(&encoded), Ok(metadata));
    }

    #[test]
    fn what_is_cut_off_is_refused_or_of_an_older_version(assignment in any_assignment()) {
        let encoded = assignment.encode(Subprotocol::Compatible).unwrap();
        let eager = assignment.encode(Subprotocol::Eager).unwrap().len();
        let before_delay = encoded.len() - 4;
        for end in 0..encoded.len() {
            let readable = Assignment::decode(&encoded[..end]).is_ok();
            prop_assert_eq!(readable, end == eager || end == before_delay, "{} bytes", end);
        }
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        _ = Assignment::decode(&bytes);
        _ = WorkerMetadata::decode(&bytes);
    }

    #[test]
    fn a_changed_byte_does_no_harm(assignment in any_assignment(), at: prop::sample::Index, to: u8) {
        let mut encoded = assignment.encode(Subprotocol::Sessioned).unwrap();
        let at = at.index(encoded.len());
        encoded[at] = to;

        _ = Assignment::decode(&encoded);
    }
}
