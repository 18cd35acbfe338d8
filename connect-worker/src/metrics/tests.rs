//! Figures from their first to their last moment, compared with the table of names.

mod page;
mod reference;
mod stalls;

use std::collections::BTreeSet;

use connect_core::config::Props;
use connect_core::plugin::PluginKind;
use connect_core::registry::PluginRegistry;

use super::names::GROUPS;
use super::*;
use crate::config::worker::Brokers;
use crate::storage::status::Status;

const PART: Part = Part {
    class: "example.Thing",
    version: "1.2",
};

/// A worker's metrics, with a limit for work that waits.
pub(crate) fn metrics(stall_timeout: &str) -> Arc<Metrics> {
    let plugins = PluginRegistry::from_inventory().unwrap();
    let config = Props::from_iter([
        ("bootstrap.servers", "127.0.0.1:1"),
        ("key.converter", "StringConverter"),
        ("value.converter", "StringConverter"),
        ("offset.storage.file.filename", "offsets"),
        ("task.stall.timeout.ms", stall_timeout),
    ]);
    let config = WorkerConfig::parse(config, Brokers::Configured, &plugins).unwrap();
    Arc::new(Metrics::new(&config, "worker:8083", Arc::default()))
}

/// Figures that nobody shows, of task 0 of connector `c`.
pub(crate) fn task_figures(kind: PluginKind) -> Arc<TaskFigures> {
    Arc::clone(show(&metrics("0"), "c", kind).figures())
}

fn show(metrics: &Arc<Metrics>, connector: &str, kind: PluginKind) -> ShownTask {
    let id = TaskId {
        connector: connector.into(),
        task: 0,
    };
    let parts = TaskParts {
        connector: PART,
        kind,
        task_class: Some("example.Task".to_owned()),
        key: Some(PART),
        value: Some(PART),
        header: None,
        transforms: vec![("hoist".to_owned(), PART)],
        predicates: vec![("tombstone".to_owned(), PART)],
    };
    metrics.show_task(&id, parts, State::Running)
}

fn show_connector(metrics: &Arc<Metrics>, name: &str) -> ShownConnector {
    let parts = ConnectorParts {
        part: PART,
        kind: "source",
    };
    metrics.show_connector(name.into(), parts)
}

/// Everything that is measured.
pub(super) fn readings(metrics: &Metrics) -> Vec<Reading> {
    let mut readings = Vec::new();
    metrics.read(|it| readings.push(it));
    readings
}

/// What is shown of a group, as `attribute=value` for each whose name starts like that.
fn shown(metrics: &Metrics, group: &str, attributes: &str) -> Vec<String> {
    let readings = readings(metrics).into_iter();
    let figures = readings
        .filter(|it| it.group.name == group)
        .flat_map(|it| it.figures);
    figures
        .filter(|it| it.name.starts_with(attributes))
        .map(|it| match it.value {
            Value::Number(number) => format!("{}={number}", it.name),
            Value::Text(text) => format!("{}={text}", it.name),
            Value::Unknown => format!("{}=?", it.name),
        })
        .collect()
}

#[test]
fn every_figure_is_in_the_table_and_every_line_of_the_table_is_measured() {
    let metrics = metrics("0");
    let _connector = show_connector(&metrics, "c");
    let _source = show(&metrics, "a", PluginKind::Source);
    let _sink = show(&metrics, "b", PluginKind::Sink);

    let readings = readings(&metrics);

    let found: Vec<_> = readings.iter().map(|it| it.group).collect();
    for group in GROUPS {
        let is_clients = group.domain != "kafka.connect";
        let is_plugins = group.attributes.is_empty();
        assert!(
            is_clients || is_plugins || found.contains(&group),
            "{}",
            group.name
        );
    }
    for reading in readings {
        let names: Vec<_> = reading.figures.iter().map(|it| &*it.name).collect();
        let table: Vec<_> = reading.group.attributes.iter().map(|it| it.name).collect();
        assert_eq!(names, table, "{}", reading.group.name);
        let tags: Vec<_> = reading.tags.iter().map(|(name, _)| &**name).collect();
        assert_eq!(tags, reading.group.tags, "{}", reading.group.name);
    }
}

#[test]
fn figures_are_gone_with_the_last_task_that_has_them() {
    let metrics = metrics("0");
    let first = show(&metrics, "c", PluginKind::Source);
    let plugin = first.figures().plugin_metrics(Some(("converter", "key")));
    let counter = plugin.counter("converted", "Conversions.").unwrap();
    counter.add(3);
    assert_eq!(shown(&metrics, "plugins", ""), ["converted=3"]);

    // A second run of the task is there before the first one, which was abandoned, is forgotten.
    let second = show(&metrics, "c", PluginKind::Source);
    drop(first);

    counter.add(1);
    assert_eq!(shown(&metrics, "plugins", ""), [""; 0]);
    assert!(plugin.gauge("late", "Too late.").is_err());
    assert_eq!(
        shown(&metrics, "connect-worker-metrics", "task-count"),
        ["task-count=1"]
    );
    drop(second);
    assert_eq!(
        shown(&metrics, "connect-worker-metrics", "task-count"),
        ["task-count=0"]
    );
    assert_eq!(shown(&metrics, "connector-task-metrics", ""), [""; 0]);
}

#[test]
fn a_task_has_the_state_that_it_is_meant_to_have_from_its_creation_on() {
    let metrics = metrics("0");
    let task = show(&metrics, "c", PluginKind::Source);
    let status = || shown(&metrics, "connector-task-metrics", "status");
    assert_eq!(status(), ["status=running"]);

    metrics.task_reported(task.figures(), State::Paused);

    assert_eq!(status(), ["status=paused"]);
    let started = shown(&metrics, "connect-worker-metrics", "task-startup-attempts");
    assert_eq!(started, ["task-startup-attempts-total=0"]);
}

#[test]
fn starts_count_once_however_often_a_task_runs() {
    let metrics = metrics("0");
    let good = show(&metrics, "good", PluginKind::Source);
    for state in [
        State::Paused,
        State::Running,
        State::Paused,
        State::Running,
        State::Failed,
    ] {
        metrics.task_reported(good.figures(), state);
    }
    let late = show(&metrics, "late", PluginKind::Source);
    late.figures().set_made();
    let bad = show(&metrics, "bad", PluginKind::Source);
    metrics.task_reported(late.figures(), State::Failed);
    metrics.task_reported(bad.figures(), State::Failed);

    // One that failed while it was made is not there.
    let worker = "connect-worker-metrics";
    assert_eq!(shown(&metrics, worker, "task-count"), ["task-count=2"]);
    let expected = [
        "task-startup-attempts-total=3",
        "task-startup-success-total=1",
        "task-startup-failure-total=2",
    ];
    assert_eq!(shown(&metrics, worker, "task-startup")[..3], expected);
    metrics.connector_started(true);
    let share = shown(&metrics, worker, "connector-startup-success-percentage");
    assert_eq!(share, ["connector-startup-success-percentage=1"]);
}

#[test]
fn tasks_are_counted_by_the_state_that_clients_see() {
    let metrics = metrics("0");
    let _task = show(&metrics, "c", PluginKind::Sink);
    let status = Status {
        state: State::Restarting,
        trace: None,
        worker_id: "worker:8083".to_owned(),
        version: None,
    };
    let id = TaskId {
        connector: "c".into(),
        task: 0,
    };
    metrics.statuses.put_task(id, status);

    let counts: BTreeSet<_> = shown(&metrics, "connect-worker-metrics", "connector-")
        .into_iter()
        .filter(|it| it.ends_with("task-count=1"))
        .collect();

    let expected = [
        "connector-restarting-task-count=1",
        "connector-total-task-count=1",
    ];
    assert_eq!(counts, expected.map(str::to_owned).into());
}

#[tokio::test(start_paused = true)]
async fn a_source_shows_what_is_under_way() {
    let metrics = metrics("0");
    let task = show(&metrics, "c", PluginKind::Source);
    let figures = task.figures();
    metrics.task_reported(figures, State::Running);

    figures.polled(10, Duration::from_millis(20));
    figures.settled(6, 1);
    tokio::time::advance(Duration::from_secs(30)).await;

    let expected = [
        "source-record-poll-rate=0.3333333333333333",
        "source-record-poll-total=10",
        "source-record-write-rate=0.2",
        "source-record-write-total=6",
        "poll-batch-max-time-ms=20",
        "poll-batch-avg-time-ms=20",
        "source-record-active-count=3",
        "source-record-active-count-max=10",
        "source-record-active-count-avg=6.5",
    ];
    assert_eq!(shown(&metrics, "source-task-metrics", ""), expected);
    let task = "connector-task-metrics";
    assert_eq!(shown(&metrics, task, "running-ratio"), ["running-ratio=1"]);
    assert_eq!(
        shown(&metrics, task, "batch-size-max"),
        ["batch-size-max=10"]
    );
    figures.settled(3, 0);
    let active = shown(
        &metrics,
        "source-task-metrics",
        "source-record-active-count=",
    );
    assert_eq!(active, [""; 0]);
    let active = shown(
        &metrics,
        "source-task-metrics",
        "source-record-active-count",
    );
    assert_eq!(active[0], "source-record-active-count=0");
}

#[tokio::test(start_paused = true)]
async fn a_sink_shows_what_put_has_taken() {
    let metrics = metrics("0");
    let task = show(&metrics, "c", PluginKind::Sink);
    let figures = task.figures();

    figures.set_partitions(2, 0);
    figures.read_records(5);
    figures.set_uncommitted(5);
    figures.put(4, Duration::from_millis(8));
    figures.put(0, Duration::from_millis(2));
    figures.commit_begins();
    figures.committed(Duration::from_millis(7));
    figures.set_uncommitted(0);

    let found = shown(&metrics, "sink-task-metrics", "");
    let totals = [
        "sink-record-read-total=5",
        "sink-record-send-total=4",
        "partition-count=2",
        "offset-commit-seq-no=1",
        "offset-commit-completion-total=1",
        "put-batch-max-time-ms=8",
        "put-batch-avg-time-ms=5",
        "sink-record-active-count=0",
        "sink-record-active-count-max=5",
    ];
    for total in totals {
        assert!(found.iter().any(|it| it == total), "{total} in {found:?}");
    }
    let task = "connector-task-metrics";
    assert_eq!(
        shown(&metrics, task, "batch-size"),
        ["batch-size-max=4", "batch-size-avg=2"]
    );
    assert_eq!(
        shown(&metrics, task, "offset-commit-max"),
        ["offset-commit-max-time-ms=7"]
    );
}
