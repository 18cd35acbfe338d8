//! The settings of topics: which there are, what they may be, and what they mean here.

use std::collections::BTreeMap;

use crate::log::{CleaningRules, Retention, Rolling};

/// How a setting's value looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Int { min: i64 },
    Long { min: i64 },
    Double,
    Text(&'static [&'static str]),
    List(&'static [&'static str]),
    Replicas,
}

impl Kind {
    /// The number that stands for the kind in the protocol.
    pub(crate) fn code(self) -> i8 {
        match self {
            Self::Boolean => 1,
            Self::Text(_) => 2,
            Self::Int { .. } => 3,
            Self::Long { .. } => 5,
            Self::Double => 6,
            Self::List(_) | Self::Replicas => 7,
        }
    }
}

/// A setting that topics have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) kind: Kind,
}

const fn setting(name: &'static str, default: &'static str, kind: Kind) -> Setting {
    Setting {
        name,
        default,
        kind,
    }
}

const DELETE_RETENTION: &str = "delete.retention.ms";
const DIRTY_RATIO: &str = "min.cleanable.dirty.ratio";
const MAX_COMPACTION_LAG: &str = "max.compaction.lag.ms";
const MIN_COMPACTION_LAG: &str = "min.compaction.lag.ms";
const CLEANUP_POLICY: &str = "cleanup.policy";
const MAX_MESSAGE_BYTES: &str = "max.message.bytes";
const TIMESTAMP_TYPE: &str = "message.timestamp.type";
const TIMESTAMP_AFTER: &str = "message.timestamp.after.max.ms";
const TIMESTAMP_BEFORE: &str = "message.timestamp.before.max.ms";
const RETENTION_BYTES: &str = "retention.bytes";
const RETENTION_MS: &str = "retention.ms";
const SEGMENT_BYTES: &str = "segment.bytes";
const SEGMENT_MS: &str = "segment.ms";

const CODECS: &[&str] = &["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];
const POLICIES: &[&str] = &["compact", "delete"];
const TIMESTAMP_TYPES: &[&str] = &["CreateTime", "LogAppendTime"];
const FOREVER: &str = "9223372036854775807";

/// All of them, by name.
pub(crate) const SETTINGS: &[Setting] = &[
    setting(CLEANUP_POLICY, "delete", Kind::List(POLICIES)),
    setting("compression.gzip.level", "-1", Kind::Int { min: -1 }),
    setting("compression.lz4.level", "9", Kind::Int { min: 1 }),
    setting("compression.type", "producer", Kind::Text(CODECS)),
    setting("compression.zstd.level", "3", Kind::Int { min: -131_072 }),
    setting(DELETE_RETENTION, "86400000", Kind::Long { min: 0 }),
    setting("file.delete.delay.ms", "60000", Kind::Long { min: 0 }),
    setting("flush.messages", FOREVER, Kind::Long { min: 1 }),
    setting("flush.ms", FOREVER, Kind::Long { min: 0 }),
    setting(
        "follower.replication.throttled.replicas",
        "",
        Kind::Replicas,
    ),
    setting("index.interval.bytes", "4096", Kind::Int { min: 0 }),
    setting("leader.replication.throttled.replicas", "", Kind::Replicas),
    setting("local.retention.bytes", "-2", Kind::Long { min: -2 }),
    setting("local.retention.ms", "-2", Kind::Long { min: -2 }),
    setting(MAX_COMPACTION_LAG, FOREVER, Kind::Long { min: 1 }),
    setting(MAX_MESSAGE_BYTES, "1048588", Kind::Int { min: 0 }),
    setting(TIMESTAMP_AFTER, "3600000", Kind::Long { min: 0 }),
    setting(TIMESTAMP_BEFORE, FOREVER, Kind::Long { min: 0 }),
    setting(TIMESTAMP_TYPE, "CreateTime", Kind::Text(TIMESTAMP_TYPES)),
    setting(DIRTY_RATIO, "0.5", Kind::Double),
    setting(MIN_COMPACTION_LAG, "0", Kind::Long { min: 0 }),
    setting("min.insync.replicas", "1", Kind::Int { min: 1 }),
    setting("preallocate", "false", Kind::Boolean),
    setting("remote.log.copy.disable", "false", Kind::Boolean),
    setting("remote.log.delete.on.disable", "false", Kind::Boolean),
    setting("remote.storage.enable", "false", Kind::Boolean),
    setting(RETENTION_BYTES, "-1", Kind::Long { min: i64::MIN }),
    setting(RETENTION_MS, "604800000", Kind::Long { min: -1 }),
    setting(SEGMENT_BYTES, "1073741824", Kind::Int { min: 1_048_576 }),
    setting("segment.index.bytes", "10485760", Kind::Int { min: 4 }),
    setting("segment.jitter.ms", "0", Kind::Long { min: 0 }),
    setting(SEGMENT_MS, "604800000", Kind::Long { min: 1 }),
    setting("unclean.leader.election.enable", "false", Kind::Boolean),
];

/// The setting with a name.
pub(crate) fn find(name: &str) -> Option<&'static Setting> {
    let at = SETTINGS.binary_search_by(|it| it.name.cmp(name)).ok()?;
    Some(&SETTINGS[at])
}

/// The settings of one topic that differ from the defaults.
pub(crate) type Overrides = BTreeMap<String, String>;

/// Checks names and values.
///
/// # Errors
/// A sentence that names the first setting that is unknown or has a wrong value.
pub(crate) fn check(overrides: &Overrides) -> Result<(), String> {
    for (name, value) in overrides {
        let setting = find(name).ok_or_else(|| format!("Unknown topic config name: {name}"))?;
        check_value(setting, value)?;
    }
    check_together(overrides)
}

/// Checks what depends on more than one setting.
fn check_together(overrides: &Overrides) -> Result<(), String> {
    // Values have been checked, and the defaults are valid.
    let number = |name: &str| text_of(overrides, name).trim().parse::<i64>().unwrap_or(0);
    let (shortest, longest) = (number(MIN_COMPACTION_LAG), number(MAX_COMPACTION_LAG));
    if shortest <= longest {
        return Ok(());
    }
    Err(format!(
        "conflict topic config setting {MIN_COMPACTION_LAG} ({shortest}) > {MAX_COMPACTION_LAG} \
         ({longest})"
    ))
}

/// A value as it is set, or the default.
fn text_of<'a>(overrides: &'a Overrides, name: &str) -> &'a str {
    let default = || find(name).map_or("", |it| it.default);
    overrides.get(name).map_or_else(default, String::as_str)
}

fn check_value(setting: &Setting, value: &str) -> Result<(), String> {
    let name = setting.name;
    let invalid = |why: &str| {
        Err(format!(
            "Invalid value {value} for configuration {name}: {why}"
        ))
    };
    match setting.kind {
        Kind::Boolean => match value.to_ascii_lowercase().as_str() {
            "true" | "false" => Ok(()),
            _ => invalid("Expected value to be either true or false"),
        },
        Kind::Int { min } => match value.trim().parse::<i32>() {
            Ok(number) if i64::from(number) >= min => Ok(()),
            Ok(_) => invalid(&format!("Value must be at least {min}")),
            Err(_) => invalid("Not a number of type INT"),
        },
        Kind::Long { min } => match value.trim().parse::<i64>() {
            Ok(number) if number >= min => Ok(()),
            Ok(_) => invalid(&format!("Value must be at least {min}")),
            Err(_) => invalid("Not a number of type LONG"),
        },
        Kind::Double => match value.trim().parse::<f64>() {
            Ok(number) if (0.0..=1.0).contains(&number) => Ok(()),
            Ok(_) => invalid("Value must be between 0 and 1"),
            Err(_) => invalid("Not a number of type DOUBLE"),
        },
        Kind::Text(allowed) => {
            if allowed.contains(&value) {
                Ok(())
            } else {
                invalid(&format!("String must be one of: {}", allowed.join(", ")))
            }
        }
        Kind::List(allowed) => {
            if value.split(',').all(|it| allowed.contains(&it.trim())) {
                Ok(())
            } else {
                invalid(&format!("Strings must be one of: {}", allowed.join(", ")))
            }
        }
        Kind::Replicas => {
            let is_pair = |it: &str| {
                it.split_once(':').is_some_and(|(partition, broker)| {
                    partition.parse::<u32>().is_ok() && broker.parse::<u32>().is_ok()
                })
            };
            if value.is_empty() || value == "*" || value.split(',').all(|it| is_pair(it.trim())) {
                Ok(())
            } else {
                invalid("Must be * or pairs of partition:broker")
            }
        }
    }
}

/// What the settings mean for the log of a partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    pub(crate) max_message_bytes: usize,
    pub(crate) log_append_time: bool,
    pub(crate) max_ms_ahead: i64,
    pub(crate) max_ms_behind: i64,
    pub(crate) rolling: Rolling,
    /// `None` when old records are not deleted.
    pub(crate) retention: Option<Retention>,
    /// `None` when older records of a key stay.
    pub(crate) cleaning: Option<CleaningRules>,
}

impl Meaning {
    /// `default_max_message_bytes` holds for topics that do not say otherwise.
    pub(crate) fn of(overrides: &Overrides, default_max_message_bytes: u32) -> Self {
        let text = |name: &str| text_of(overrides, name);
        // Values were checked when they were set.
        let number = |name: &str| text(name).trim().parse::<i64>().unwrap_or(i64::MAX);
        let max_message_bytes = match overrides.get(MAX_MESSAGE_BYTES) {
            Some(_) => number(MAX_MESSAGE_BYTES),
            None => i64::from(default_max_message_bytes),
        };
        let policies: Vec<&str> = text(CLEANUP_POLICY).split(',').map(str::trim).collect();
        let retention = Retention {
            age_ms: Some(number(RETENTION_MS)).filter(|it| *it >= 0),
            bytes: u64::try_from(number(RETENTION_BYTES)).ok(),
        };
        let segment_bytes = u64::try_from(number(SEGMENT_BYTES)).unwrap_or(u64::MAX);
        let cleaning = CleaningRules {
            min_lag_ms: number(MIN_COMPACTION_LAG),
            max_lag_ms: number(MAX_COMPACTION_LAG),
            delete_retention_ms: number(DELETE_RETENTION),
            dirty_ratio: text(DIRTY_RATIO).trim().parse().unwrap_or(0.5),
            segment_bytes,
        };
        let cleaning = policies.contains(&"compact").then_some(cleaning);
        // Only sealed segments are compacted.
        let longest = cleaning.map_or(i64::MAX, |it| it.max_lag_ms);
        Self {
            max_message_bytes: usize::try_from(max_message_bytes).unwrap_or(usize::MAX),
            log_append_time: text(TIMESTAMP_TYPE) == "LogAppendTime",
            max_ms_ahead: number(TIMESTAMP_AFTER),
            max_ms_behind: number(TIMESTAMP_BEFORE),
            rolling: Rolling {
                bytes: segment_bytes,
                age_ms: number(SEGMENT_MS).min(longest),
            },
            retention: policies.contains(&"delete").then_some(retention),
            cleaning,
        }
    }
}

/// The default of a setting as this broker has it.
pub(crate) fn default_of(setting: &Setting, default_max_message_bytes: u32) -> String {
    match setting.name {
        MAX_MESSAGE_BYTES => default_max_message_bytes.to_string(),
        _ => setting.default.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(name: &str, value: &str) -> String {
        check(&Overrides::from([(name.to_owned(), value.to_owned())])).unwrap_err()
    }

    #[test]
    fn settings_are_sorted_and_their_defaults_are_valid() {
        assert!(SETTINGS.is_sorted_by_key(|it| it.name));
        for setting in SETTINGS {
            check_value(setting, setting.default).unwrap();
        }
    }

    #[test]
    fn unknown_names_and_wrong_values_are_refused() {
        assert_eq!(
            refused("no.such", "1"),
            "Unknown topic config name: no.such"
        );
        for (name, value) in [
            ("retention.ms", "soon"),
            ("retention.ms", "-2"),
            ("segment.bytes", "4294967296"),
            ("cleanup.policy", "shred"),
            ("message.timestamp.type", "createtime"),
            ("preallocate", "yes"),
            ("min.cleanable.dirty.ratio", "1.5"),
            ("leader.replication.throttled.replicas", "x"),
        ] {
            let text = refused(name, value);
            assert!(text.contains(name) && text.contains(value), "{text}");
        }
    }

    #[test]
    fn settings_mean_something() {
        let overrides = [
            ("cleanup.policy", "compact, delete"),
            ("retention.ms", "-1"),
            ("retention.bytes", "1000"),
        ];
        let overrides = overrides.map(|(name, value)| (name.to_owned(), value.to_owned()));

        let meaning = Meaning::of(&overrides.into(), 5_000);

        assert!(meaning.cleaning.is_some());
        let retention = meaning.retention.unwrap();
        assert_eq!((retention.age_ms, retention.bytes), (None, Some(1000)));
        assert_eq!(meaning.max_message_bytes, 5_000);
    }
}
