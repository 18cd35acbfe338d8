//! Groups of the worker, its connectors and its plugins.

use super::Kind::{Fraction, Text, Total, Value};
use super::{Attribute, CONNECT, Group, attribute};

pub(in crate::metrics) const WORKER: Group = Group {
    domain: CONNECT,
    name: "connect-worker-metrics",
    tags: &[],
    attributes: &[
        attribute(
            "connector-count",
            Value,
            "connectors",
            "Connectors on this worker, in any state.",
        ),
        attribute(
            "task-count",
            Value,
            "tasks",
            "Tasks on this worker, failed ones included unless they failed while they were made.",
        ),
        attribute(
            "connector-startup-attempts-total",
            Total,
            "starts",
            "Starts of connectors that ended, well or not.",
        ),
        attribute(
            "connector-startup-success-total",
            Total,
            "starts",
            "Starts after which a connector ran.",
        ),
        attribute(
            "connector-startup-failure-total",
            Total,
            "starts",
            "Starts that failed.",
        ),
        attribute(
            "connector-startup-success-percentage",
            Fraction,
            "",
            "Share of starts of connectors that succeeded.",
        ),
        attribute(
            "connector-startup-failure-percentage",
            Fraction,
            "",
            "Share of starts of connectors that failed.",
        ),
        attribute(
            "task-startup-attempts-total",
            Total,
            "starts",
            "Starts of tasks that ended, well or not. The reference does not count those that succeed.",
        ),
        attribute(
            "task-startup-success-total",
            Total,
            "starts",
            "Starts after which a task ran.",
        ),
        attribute(
            "task-startup-failure-total",
            Total,
            "starts",
            "Tasks that failed before they ran.",
        ),
        attribute(
            "task-startup-success-percentage",
            Fraction,
            "",
            "Share of starts of tasks that succeeded.",
        ),
        attribute(
            "task-startup-failure-percentage",
            Fraction,
            "",
            "Share of starts of tasks that failed.",
        ),
    ],
};

pub(in crate::metrics) const CONNECTOR_TASKS: Group = Group {
    domain: CONNECT,
    name: "connect-worker-metrics",
    tags: &["connector"],
    attributes: &[
        tasks(
            "connector-total-task-count",
            "Tasks of the connector on this worker.",
        ),
        tasks("connector-running-task-count", "Those that run."),
        tasks("connector-paused-task-count", "Those that are paused."),
        tasks("connector-failed-task-count", "Those that have failed."),
        tasks(
            "connector-unassigned-task-count",
            "Those that nobody runs at the moment.",
        ),
        tasks(
            "connector-destroyed-task-count",
            "Those that are deleted, which are not there any more: always 0.",
        ),
        tasks(
            "connector-restarting-task-count",
            "Those that are about to be restarted.",
        ),
    ],
};

const fn tasks(name: &'static str, meaning: &'static str) -> Attribute {
    attribute(name, Value, "tasks", meaning)
}

pub(in crate::metrics) const CONNECTOR: Group = Group {
    domain: CONNECT,
    name: "connector-metrics",
    tags: &["connector"],
    attributes: &[
        attribute("connector-type", Text, "", "`source` or `sink`."),
        attribute("connector-class", Text, "", "Class of the connector."),
        attribute("connector-version", Text, "", "Version of the connector."),
        attribute(
            "status",
            Text,
            "",
            "`running`, `paused`, `stopped`, `failed`, `restarting` or `unassigned`.",
        ),
    ],
};

/// What plugins register themselves, with names and tags of their own.
pub(in crate::metrics) const PLUGINS: Group = Group {
    domain: CONNECT,
    name: "plugins",
    tags: &["connector", "task"],
    attributes: &[],
};

pub(in crate::metrics) const APP_INFO: Group = Group {
    domain: CONNECT,
    name: "app-info",
    tags: &["client-id"],
    attributes: &[
        attribute(
            "version",
            Text,
            "",
            "Release of the reference whose behaviour this worker has.",
        ),
        attribute("commit-id", Text, "", "Version of this worker itself."),
        attribute(
            "start-time-ms",
            Value,
            "ms",
            "When the worker was started, since the epoch.",
        ),
    ],
};

pub(in crate::metrics) const COUNT: Group = Group {
    domain: CONNECT,
    name: "kafka-metrics-count",
    tags: &[],
    attributes: &[attribute(
        "count",
        Value,
        "figures",
        "Figures in the domain `kafka.connect`.",
    )],
};

/// What the worker itself holds; nothing of it is in the reference.
pub(in crate::metrics) const RUNTIME: Group = Group {
    domain: CONNECT,
    name: "ext-worker-metrics",
    tags: &[],
    attributes: &[attribute(
        "async-tasks",
        Value,
        "tasks",
        "Units of work of the program's runtime: some for each task, connector and request, so what is left when those are gone is a leak.",
    )],
};
