//! The keys that the worker adds to those of every connector.
//!
//! Order, groups, names and widths are what clients of the reference see.

pub mod aliases;
pub mod settings;
pub mod sink_rules;
pub(crate) mod task_limit;
pub mod topic_creation;

use connect_core::config::{ConfigType, Importance, Width};
use connect_core::converter::Role;

use super::definition::{Check, Definition, Interface, Setting};
use super::worker::{converter_key, converter_version_key};

/// Name of the connector.
pub const NAME: &str = "name";
/// Class of the connector.
pub const CONNECTOR_CLASS: &str = "connector.class";
/// Which version of that class.
pub const CONNECTOR_VERSION: &str = "connector.plugin.version";
/// Most tasks that the connector may have.
pub const TASKS_MAX: &str = "tasks.max";
/// Whether more tasks are refused.
pub const TASKS_MAX_ENFORCE: &str = "tasks.max.enforce";
/// Aliases of transformations.
pub const TRANSFORMS: &str = "transforms";
/// Aliases of predicates.
pub const PREDICATES: &str = "predicates";
/// What follows when an externalised value expires.
pub const RELOAD_ACTION: &str = "config.action.reload";
/// How long a failed operation is tried again.
pub const RETRY_TIMEOUT: &str = "errors.retry.timeout";
/// Longest wait between two tries.
pub const RETRY_DELAY_MAX: &str = "errors.retry.delay.max.ms";
/// Whether records that fail are skipped.
pub const TOLERANCE: &str = "errors.tolerance";
/// Whether records that fail are logged.
pub const LOG_ERRORS: &str = "errors.log.enable";
/// Whether that log shows the records.
pub const LOG_RECORDS: &str = "errors.log.include.messages";
/// Groups of topics that a source has created.
pub const TOPIC_CREATION_GROUPS: &str = "topic.creation.groups";
/// Whether exactly-once delivery is asked for or insisted on.
pub const EXACTLY_ONCE: &str = "exactly.once.support";
/// When a source's transactions end.
pub const TRANSACTION_BOUNDARY: &str = "transaction.boundary";
/// How long a source's transactions last.
pub const TRANSACTION_INTERVAL: &str = "transaction.boundary.interval.ms";
/// Topic with the offsets of a source.
pub const OFFSETS_TOPIC: &str = "offsets.storage.topic";
/// Topics that a sink reads.
pub const TOPICS: &str = "topics";
/// Pattern of the topics that a sink reads.
pub const TOPICS_REGEX: &str = "topics.regex";
/// Topic for records that a sink could not handle.
pub const DLQ_TOPIC: &str = "errors.deadletterqueue.topic.name";
/// Replication factor of that topic.
pub const DLQ_REPLICATION: &str = "errors.deadletterqueue.topic.replication.factor";
/// Whether such records carry headers that tell what happened.
pub const DLQ_HEADERS: &str = "errors.deadletterqueue.context.headers.enable";

const COMMON: &str = "Common";
const ERRORS: &str = "Error Handling";
const EXACTLY_ONCE_GROUP: &str = "Exactly Once Support";

/// The keys of every connector.
#[must_use]
pub fn common_definition() -> Definition {
    [identity(), converters(), stages(), errors()]
        .into_iter()
        .flatten()
        .collect()
}

/// The keys that name transformations and predicates.
#[must_use]
pub fn stages_definition() -> Definition {
    stages().into_iter().collect()
}

/// The keys of every source connector.
#[must_use]
pub fn source_definition() -> Definition {
    let mut definition = common_definition();
    source()
        .into_iter()
        .for_each(|setting| definition.add(setting));
    definition
}

/// The keys of every sink connector.
#[must_use]
pub fn sink_definition() -> Definition {
    let mut definition = common_definition();
    sink()
        .into_iter()
        .for_each(|setting| definition.add(setting));
    definition
}

fn key(
    name: &'static str,
    kind: ConfigType,
    importance: Importance,
    documentation: &'static str,
) -> Setting {
    Setting::new(name, kind, documentation).importance(importance)
}

fn identity() -> Vec<Setting> {
    use ConfigType::{Boolean, Int, String};
    use Importance::{High, Low, Medium};
    vec![
        key(
            NAME,
            String,
            High,
            "Name of the connector; no two connectors share one.",
        )
        .check(Check::NoControlCharacters)
        .shown(COMMON, 1, Width::Medium, "Connector name"),
        key(
            CONNECTOR_CLASS,
            String,
            High,
            "Class of the connector: its full name, its simple name, or the simple name without \
             `Connector`.",
        )
        .shown(COMMON, 2, Width::Long, "Connector class"),
        key(
            CONNECTOR_VERSION,
            String,
            Medium,
            "Which version of the class is acceptable.",
        )
        .optional()
        .check(Check::VersionRange)
        .shown(COMMON, 3, Width::Medium, "Connector version"),
        key(
            TASKS_MAX,
            Int,
            High,
            "Most tasks that the connector may have.",
        )
        .default("1")
        .check(Check::AtLeast(1))
        .shown(COMMON, 4, Width::Short, "Tasks max"),
        key(
            TASKS_MAX_ENFORCE,
            Boolean,
            Low,
            "Whether a connector fails that plans more tasks than it may have.",
        )
        .default("true")
        .shown(COMMON, 5, Width::Short, "Enforce tasks max"),
    ]
}

fn converters() -> Vec<Setting> {
    let roles = [
        (Role::Key, 6, "Key converter class", "Key converter version"),
        (
            Role::Value,
            8,
            "Value converter class",
            "Value converter version",
        ),
        (
            Role::Header,
            10,
            "Header converter class",
            "Header converter version",
        ),
    ];
    let settings = roles.into_iter().flat_map(|(role, order, class, version)| {
        let own = "Converter of this connector; its settings follow below the same key. Without \
                   it the worker's converter is used, with the worker's settings.";
        [
            Setting::new(converter_key(role), ConfigType::Class, own)
                .optional()
                .check(Check::Class(Interface::Converter(role)))
                .shown(COMMON, order, Width::Short, class),
            Setting::new(
                converter_version_key(role),
                ConfigType::String,
                "Which version of the connector's own converter is acceptable.",
            )
            .optional()
            .check(Check::VersionRange)
            .shown(COMMON, order + 1, Width::Short, version),
        ]
    });
    settings.collect()
}

fn stages() -> Vec<Setting> {
    use ConfigType::{List, String};
    use Importance::Low;
    vec![
        key(
            TRANSFORMS,
            List,
            Low,
            "Aliases of the transformations of records, in order.",
        )
        .default("")
        .check(Check::UniqueAliases)
        .shown("Transforms", 12, Width::Long, "Transforms"),
        key(
            PREDICATES,
            List,
            Low,
            "Aliases of the predicates that transformations refer to.",
        )
        .default("")
        .check(Check::UniqueAliases)
        .shown("Predicates", 13, Width::Long, "Predicates"),
        key(
            RELOAD_ACTION,
            String,
            Low,
            "What follows when an externalised value expires.",
        )
        .default("restart")
        .check(Check::OneOf(&["none", "restart"]))
        .shown(COMMON, 14, Width::Medium, "Reload Action"),
    ]
}

fn errors() -> Vec<Setting> {
    use ConfigType::{Boolean, Long, String};
    use Importance::Medium;
    vec![
        key(
            RETRY_TIMEOUT,
            Long,
            Medium,
            "Milliseconds for which a failed operation is tried again; -1 is forever.",
        )
        .default("0")
        .shown(ERRORS, 1, Width::Medium, "Retry Timeout for Errors"),
        key(
            RETRY_DELAY_MAX,
            Long,
            Medium,
            "Longest wait between two tries, in milliseconds.",
        )
        .default("60000")
        .shown(
            ERRORS,
            2,
            Width::Medium,
            "Maximum Delay Between Retries for Errors",
        ),
        key(
            TOLERANCE,
            String,
            Medium,
            "Whether the first record that fails fails the task (`none`), or such records are \
             skipped (`all`).",
        )
        .default("none")
        .check(Check::OneOf(&["none", "all"]))
        .shown(ERRORS, 3, Width::Short, "Error Tolerance"),
        key(
            LOG_ERRORS,
            Boolean,
            Medium,
            "Whether every failure is logged.",
        )
        .default("false")
        .shown(ERRORS, 4, Width::Short, "Log Errors"),
        key(
            LOG_RECORDS,
            Boolean,
            Medium,
            "Whether that log shows the records themselves.",
        )
        .default("false")
        .shown(ERRORS, 5, Width::Short, "Log Error Details"),
    ]
}

fn source() -> Vec<Setting> {
    use ConfigType::{List, Long, String};
    use Importance::{Low, Medium};
    vec![
        key(
            TOPIC_CREATION_GROUPS,
            List,
            Low,
            "Groups of topics that are created with settings of their own, first match first.",
        )
        .default("")
        .check(Check::UniqueAliases)
        .shown("Topic Creation", 1, Width::Long, "Topic Creation Groups"),
        key(
            EXACTLY_ONCE,
            String,
            Medium,
            "Whether the connector must deliver exactly once.",
        )
        .default("requested")
        .check(Check::OneOfAnyCase(&["REQUIRED", "REQUESTED"]))
        .shown(EXACTLY_ONCE_GROUP, 2, Width::Short, "Exactly once support"),
        key(
            TRANSACTION_BOUNDARY,
            String,
            Medium,
            "When a transaction of a task ends.",
        )
        .default("poll")
        .check(Check::OneOfAnyCase(&["INTERVAL", "POLL", "CONNECTOR"]))
        .shown(EXACTLY_ONCE_GROUP, 3, Width::Short, "Transaction Boundary"),
        key(
            TRANSACTION_INTERVAL,
            Long,
            Low,
            "How long a transaction lasts, in milliseconds.",
        )
        .optional()
        .check(Check::NullOrAtLeast(0))
        .shown(
            EXACTLY_ONCE_GROUP,
            4,
            Width::Short,
            "Transaction boundary interval",
        ),
        key(
            OFFSETS_TOPIC,
            String,
            Low,
            "Topic with the offsets of this connector alone.",
        )
        .optional()
        .check(Check::NonEmpty)
        .shown("offsets.topic", 1, Width::Long, "Offsets topic"),
    ]
}

fn sink() -> Vec<Setting> {
    use ConfigType::{Boolean, List, Short, String};
    use Importance::{High, Medium};
    vec![
        key(
            TOPICS,
            List,
            High,
            "Topics whose records the connector takes.",
        )
        .default("")
        .check(Check::ValueList {
            or_null: false,
            or_empty: true,
        })
        .shown(COMMON, 4, Width::Long, "Topics"),
        key(
            TOPICS_REGEX,
            String,
            High,
            "Pattern of the names of such topics.",
        )
        .default("")
        .check(Check::Regex)
        .shown(COMMON, 4, Width::Long, "Topics regex"),
        key(
            DLQ_TOPIC,
            String,
            Medium,
            "Topic for records that fail; empty is none.",
        )
        .default("")
        .shown(ERRORS, 6, Width::Medium, "Dead Letter Queue Topic Name"),
        key(
            DLQ_REPLICATION,
            Short,
            Medium,
            "Replication factor with which it is created.",
        )
        .default("3")
        .shown(
            ERRORS,
            7,
            Width::Medium,
            "Dead Letter Queue Topic Replication Factor",
        ),
        key(
            DLQ_HEADERS,
            Boolean,
            Medium,
            "Whether records in that topic carry headers that tell what happened.",
        )
        .default("false")
        .shown(ERRORS, 8, Width::Medium, "Enable Error Context Headers"),
    ]
}

#[cfg(test)]
mod tests;
