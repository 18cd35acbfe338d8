//! Sequences of records, and what workers make of them.

use super::*;

/// A topic that is applied as it is written.
#[derive(Default)]
struct Topic {
    state: ConfigState,
    end: i64,
}

impl Topic {
    fn put(&mut self, key: &str, value: &str) -> Option<ConfigChange> {
        self.end += 1;
        self.state
            .apply(self.end - 1, key.as_bytes(), Some(value.as_bytes()), true)
            .unwrap()
    }

    fn delete(&mut self, key: &str) -> Option<ConfigChange> {
        self.end += 1;
        self.state
            .apply(self.end - 1, key.as_bytes(), None, true)
            .unwrap()
    }

    fn connector(&mut self, name: &str) -> Option<ConfigChange> {
        self.put(
            &format!("connector-{name}"),
            &format!(r#"{{"properties":{{"name":"{name}"}}}}"#),
        )
    }

    fn task(&mut self, id: &str, text: &str) {
        let value = format!(r#"{{"properties":{{"t":"{text}"}}}}"#);
        assert_eq!(self.put(&format!("task-{id}"), &value), None);
    }

    fn commit(&mut self, name: &str, tasks: u32) -> Option<ConfigChange> {
        self.put(
            &format!("commit-{name}"),
            &format!(r#"{{"tasks":{tasks}}}"#),
        )
    }
}

fn name(name: &str) -> ConnectorName {
    name.into()
}

#[test]
fn a_position_counts_what_was_applied_or_passed_over_but_no_broken_values() {
    let mut state = ConfigState::default();
    assert_eq!(state.offset(), -1);
    state
        .apply(4, b"commit-a", Some(b"{\"tasks\":1}"), true)
        .unwrap();
    assert_eq!(state.offset(), 5);
    state.apply(5, b"unknown", Some(b"{}"), true).unwrap_err();
    assert_eq!(state.offset(), 6);
    state
        .apply(9, b"connector-a", Some(b"{"), true)
        .unwrap_err();
    assert_eq!(state.offset(), 6);
    state.apply(10, b"connector-a", None, true).unwrap();
    assert_eq!(state.offset(), 11);
}

#[test]
fn tasks_count_from_their_commit_on() {
    let mut topic = Topic::default();
    assert_eq!(
        topic.connector("a-b"),
        Some(ConfigChange::ConnectorChanged(name("a-b")))
    );
    topic.task("a-b-0", "x");
    topic.task("a-b-1", "y");
    assert_eq!(topic.state.task_count(&name("a-b")), 0);

    assert_eq!(
        topic.commit("a-b", 2),
        Some(ConfigChange::TasksCommitted(name("a-b")))
    );

    assert_eq!(topic.state.task_count(&name("a-b")), 2);
    let second = topic.state.task_config(&name("a-b"), 1).unwrap();
    assert_eq!(second.get("t"), Some("y"));
    assert_eq!(topic.state.applied(&name("a-b")).unwrap().0, 1);
    let tasks = [("x"), ("y")].map(|it| Props::from_iter([("t", it)]));
    assert!(!topic.state.has_other_tasks(&name("a-b"), &tasks));
    assert!(topic.state.has_other_tasks(&name("a-b"), &tasks[..1]));
    topic.task("a-b-0", "z");
    topic.commit("a-b", 1);
    assert_eq!(topic.state.applied(&name("a-b")).unwrap().0, 2);
    assert!(topic.state.has_other_tasks(&name("a-b"), &tasks[..1]));
}

#[test]
fn a_commit_without_all_tasks_leaves_none_until_a_complete_one() {
    let mut topic = Topic::default();
    topic.connector("a");
    topic.task("a-0", "x");
    topic.commit("a", 1);

    topic.task("a-1", "y");
    assert_eq!(
        topic.commit("a", 2),
        Some(ConfigChange::TasksCommitted(name("a")))
    );
    assert_eq!(topic.state.task_count(&name("a")), 0);
    assert_eq!(topic.state.committed_count(&name("a")), Some(2));
    assert_eq!(topic.state.task_configs(&name("a")).count(), 1);

    topic.task("a-0", "x");
    topic.task("a-1", "y");
    topic.task("a-7", "more than asked for");
    topic.commit("a", 2);
    assert_eq!(topic.state.task_count(&name("a")), 2);
}

#[test]
fn tasks_that_were_not_all_there_are_committed_again() {
    let mut topic = Topic::default();
    topic.connector("a");
    topic.task("a-0", "x");
    topic.commit("a", 1);
    let tasks = [Props::from_iter([("t", "x")])];
    assert!(!topic.state.has_other_tasks(&name("a"), &tasks));

    topic.commit("a", 1);

    assert_eq!(topic.state.task_count(&name("a")), 0);
    assert!(topic.state.has_other_tasks(&name("a"), &tasks));
}

#[test]
fn every_set_of_tasks_is_another_one_even_an_empty_one() {
    let mut topic = Topic::default();
    topic.connector("a");
    let mut generation = || {
        topic.commit("a", 0);
        topic.state.applied(&name("a")).unwrap().0
    };

    assert_ne!(generation(), generation());
}

#[test]
fn work_is_what_it_was_until_connectors_or_sets_of_tasks_change() {
    let mut topic = Topic::default();
    topic.connector("a");
    topic.commit("a", 0);
    let position = topic.state.offset();
    assert!(topic.state.has_work_of(position));
    assert!(!topic.state.has_work_of(position + 1), "not read yet");

    topic.connector("a");
    topic.put(
        "target-state-a",
        r#"{"state":"PAUSED","state.v2":"PAUSED"}"#,
    );
    topic.task("a-0", "x");
    assert!(topic.state.offset() > position);
    assert!(topic.state.has_work_of(position));

    topic.commit("a", 1);
    assert!(!topic.state.has_work_of(position));
    assert!(topic.state.has_work_of(topic.state.offset()));
    for change in ["connector-b", "connector-a"] {
        let position = topic.state.offset();
        match change {
            "connector-b" => topic.connector("b"),
            _ => topic.delete(change),
        };
        assert!(!topic.state.has_work_of(position), "{change}");
    }
}

#[test]
fn tasks_of_a_deleted_connector_do_not_come_back_with_its_name() {
    let mut topic = Topic::default();
    topic.task("a-0", "old");
    assert_eq!(topic.commit("a", 1), None);
    topic.connector("a");
    assert_eq!(topic.state.task_count(&name("a")), 0);
    topic.task("a-0", "new");
    topic.commit("a", 1);

    assert_eq!(
        topic.delete("connector-a"),
        Some(ConfigChange::ConnectorRemoved(name("a")))
    );

    assert_eq!(topic.state.connectors().count(), 0);
    topic.connector("a");
    assert_eq!(topic.state.task_configs(&name("a")).count(), 0);
}

#[test]
fn a_target_is_told_of_once_and_only_of_connectors_that_exist() {
    let paused = r#"{"state":"PAUSED","state.v2":"PAUSED"}"#;
    let mut topic = Topic::default();
    assert_eq!(topic.put("target-state-a", paused), None);
    topic.connector("a");
    assert_eq!(topic.state.target(&name("a")), TargetState::Paused);
    assert_eq!(topic.put("target-state-a", paused), None);
    let stopped = r#"{"state":"PAUSED","state.v2":"STOPPED"}"#;
    assert_eq!(
        topic.put("target-state-a", stopped),
        Some(ConfigChange::TargetChanged(name("a")))
    );
    assert_eq!(topic.delete("target-state-a"), None);
    assert_eq!(topic.state.target(&name("a")), TargetState::Started);
    topic.connector("b");
    assert_eq!(topic.state.target(&name("b")), TargetState::Started);
}

#[test]
fn what_was_there_at_the_start_is_applied_without_a_word() {
    let mut state = ConfigState::default();
    let mut old = |key: &str, value: &str| {
        state
            .apply(0, key.as_bytes(), Some(value.as_bytes()), false)
            .unwrap()
    };
    assert_eq!(old("connector-a", r#"{"properties":{}}"#), None);
    assert_eq!(
        old("restart-connector-a", r#"{"include-tasks":true}"#),
        None
    );
    assert_eq!(old("logger-cluster-x", r#"{"level":"DEBUG"}"#), None);
    assert_eq!(state.connectors().count(), 1);
}
