//! Groups of tasks.

use super::Kind::{Average, Fraction, Max, Rate, Ratio, Text, Total, Value};
use super::{Attribute, CONNECT, Group, attribute};

const TASK_TAGS: &[&str] = &["connector", "task"];

pub(in crate::metrics) const TASK: Group = Group {
    domain: CONNECT,
    name: "connector-task-metrics",
    tags: TASK_TAGS,
    attributes: &[
        attribute("connector-class", Text, "", "Class of the connector."),
        attribute("connector-version", Text, "", "Version of the connector."),
        attribute("connector-type", Text, "", "`source` or `sink`."),
        attribute("task-class", Text, "", "Class of the task."),
        attribute("task-version", Text, "", "Version of the task."),
        attribute("key-converter-class", Text, "", "Converter of keys."),
        attribute("key-converter-version", Text, "", "Its version."),
        attribute("value-converter-class", Text, "", "Converter of values."),
        attribute("value-converter-version", Text, "", "Its version."),
        attribute("header-converter-class", Text, "", "Converter of headers."),
        attribute("header-converter-version", Text, "", "Its version."),
        attribute(
            "status",
            Text,
            "",
            "`running`, `paused`, `failed`, `unassigned` or `restarting`.",
        ),
        attribute("running-ratio", Ratio, "", "Share of its time that it ran."),
        attribute(
            "pause-ratio",
            Ratio,
            "",
            "Share of its time that it was paused.",
        ),
        attribute(
            "offset-commit-max-time-ms",
            Max,
            "ms",
            "Longest commit of offsets that succeeded.",
        ),
        attribute(
            "offset-commit-avg-time-ms",
            Average,
            "ms",
            "Time of commits of offsets that succeeded.",
        ),
        attribute(
            "offset-commit-success-percentage",
            Fraction,
            "",
            "Share of commits that succeeded, those with nothing to do included.",
        ),
        attribute(
            "offset-commit-failure-percentage",
            Fraction,
            "",
            "Share of commits that failed or took too long.",
        ),
        attribute(
            "batch-size-max",
            Max,
            "records",
            "Largest batch: of a source what a poll returned, of a sink what `put` was given.",
        ),
        attribute(
            "batch-size-avg",
            Average,
            "records",
            "Size of batches; those of a sink may be empty.",
        ),
    ],
};

pub(in crate::metrics) const SOURCE: Group = Group {
    domain: CONNECT,
    name: "source-task-metrics",
    tags: TASK_TAGS,
    attributes: &[
        attribute(
            "source-record-poll-rate",
            Rate,
            "records/s",
            "Records that polls returned, before transforms.",
        ),
        attribute(
            "source-record-poll-total",
            Total,
            "records",
            "Records that polls returned, before transforms.",
        ),
        attribute(
            "source-record-write-rate",
            Rate,
            "records/s",
            "Records that the brokers have acknowledged.",
        ),
        attribute(
            "source-record-write-total",
            Total,
            "records",
            "Records that the brokers have acknowledged.",
        ),
        attribute(
            "poll-batch-max-time-ms",
            Max,
            "ms",
            "Longest poll that returned records.",
        ),
        attribute(
            "poll-batch-avg-time-ms",
            Average,
            "ms",
            "Time of polls that returned records.",
        ),
        attribute(
            "source-record-active-count",
            Value,
            "records",
            "Records that were polled, and neither written nor dropped yet.",
        ),
        attribute(
            "source-record-active-count-max",
            Max,
            "records",
            "Most of them at any time.",
        ),
        attribute(
            "source-record-active-count-avg",
            Average,
            "records",
            "How many of them there were.",
        ),
    ],
};

pub(in crate::metrics) const SINK: Group = Group {
    domain: CONNECT,
    name: "sink-task-metrics",
    tags: TASK_TAGS,
    attributes: &[
        attribute(
            "sink-record-read-rate",
            Rate,
            "records/s",
            "Records that were read from topics.",
        ),
        attribute(
            "sink-record-read-total",
            Total,
            "records",
            "Records that were read from topics.",
        ),
        attribute(
            "sink-record-send-rate",
            Rate,
            "records/s",
            "Records that `put` has taken, after transforms.",
        ),
        attribute(
            "sink-record-send-total",
            Total,
            "records",
            "Records that `put` has taken, after transforms.",
        ),
        attribute(
            "partition-count",
            Value,
            "partitions",
            "Partitions that the task has.",
        ),
        attribute(
            "offset-commit-seq-no",
            Value,
            "",
            "Number of the latest commit of offsets.",
        ),
        attribute(
            "offset-commit-completion-rate",
            Rate,
            "commits/s",
            "Commits that succeeded, those with nothing to do included.",
        ),
        attribute(
            "offset-commit-completion-total",
            Total,
            "commits",
            "Commits that succeeded, those with nothing to do included.",
        ),
        attribute(
            "offset-commit-skip-rate",
            Rate,
            "commits/s",
            "Outcomes of commits that came too late. Nobody waits for those here, so this is 0.",
        ),
        attribute(
            "offset-commit-skip-total",
            Total,
            "commits",
            "Outcomes of commits that came too late: 0, as above.",
        ),
        attribute(
            "put-batch-max-time-ms",
            Max,
            "ms",
            "Longest `put` that succeeded.",
        ),
        attribute(
            "put-batch-avg-time-ms",
            Average,
            "ms",
            "Time of `put`, empty ones included.",
        ),
        attribute(
            "sink-record-active-count",
            Value,
            "records",
            "Records that were read, and whose offsets are not committed yet.",
        ),
        attribute(
            "sink-record-active-count-max",
            Max,
            "records",
            "Most of them at any time.",
        ),
        attribute(
            "sink-record-active-count-avg",
            Average,
            "records",
            "How many of them there were.",
        ),
    ],
};

pub(in crate::metrics) const ERRORS: Group = Group {
    domain: CONNECT,
    name: "task-error-metrics",
    tags: TASK_TAGS,
    attributes: &[
        total(
            "total-record-failures",
            "failures",
            "Failed attempts: each that may be repeated, and each operation that was given up.",
        ),
        total(
            "total-record-errors",
            "failures",
            "Operations on records that failed for good, tolerated or not.",
        ),
        total(
            "total-records-skipped",
            "records",
            "Records that were left out because of errors.",
        ),
        total(
            "total-retries",
            "attempts",
            "Operations that were tried again.",
        ),
        total("total-errors-logged", "lines", "Errors that were logged."),
        total(
            "deadletterqueue-produce-requests",
            "records",
            "Records that were sent to the dead letter queue.",
        ),
        total(
            "deadletterqueue-produce-failures",
            "records",
            "Those of them that could not be written.",
        ),
        attribute(
            "last-error-timestamp",
            Value,
            "ms",
            "When a record failed last, since the epoch; 0 when none did.",
        ),
    ],
};

const fn total(name: &'static str, unit: &'static str, meaning: &'static str) -> Attribute {
    attribute(name, Total, unit, meaning)
}

pub(in crate::metrics) const TRANSFORM: Group = Group {
    domain: CONNECT,
    name: "connector-transform-metrics",
    tags: &["connector", "task", "transform"],
    attributes: &[
        attribute("transform-class", Text, "", "Class of the transformation."),
        attribute("transform-version", Text, "", "Its version."),
    ],
};

pub(in crate::metrics) const PREDICATE: Group = Group {
    domain: CONNECT,
    name: "connector-predicate-metrics",
    tags: &["connector", "task", "predicate"],
    attributes: &[
        attribute("predicate-class", Text, "", "Class of the predicate."),
        attribute("predicate-version", Text, "", "Its version."),
    ],
};

/// What the reference does not have.
pub(in crate::metrics) const PROGRESS: Group = Group {
    domain: CONNECT,
    name: "ext-task-progress-metrics",
    tags: TASK_TAGS,
    attributes: &[
        attribute(
            "stalled",
            Value,
            "",
            "1 when there is work and none was done for `task.stall.timeout.ms`, else 0.",
        ),
        attribute(
            "time-without-progress-ms",
            Value,
            "ms",
            "How long there has been work and none was done; 0 when there is none.",
        ),
    ],
};
