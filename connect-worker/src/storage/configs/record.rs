//! Records of the topic of configurations, in bytes: a key in plain text, a value in JSON.

use connect_core::config::Props;
use serde::Serialize;
use serde_json::{Map, Value};

use super::session_key::SessionKey;
use crate::herder::{RestartScope, TargetState};
use crate::identity::{ConnectorName, TaskId};

const TARGET_STATE: &str = "target-state-";
const CONNECTOR: &str = "connector-";
const TASK: &str = "task-";
const COMMIT: &str = "commit-";
const RESTART: &str = "restart-connector-";
const FENCING: &str = "tasks-fencing-";
const LOGGER: &str = "logger-cluster-";
const SESSION_KEY: &str = "session-key";

/// One record. `None` stands for a tombstone.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigRecord {
    /// What a connector is meant to do.
    TargetState(ConnectorName, Option<TargetState>),
    /// The configuration of a connector.
    Connector(ConnectorName, Option<Props>),
    /// The configuration of a task, which counts from the next commit on.
    Task(TaskId, Props),
    /// How many tasks a connector has from now on.
    Commit(ConnectorName, u32),
    /// A connector is to be restarted.
    Restart(ConnectorName, RestartScope),
    /// How many tasks a connector had when older ones were fenced.
    Fencing(ConnectorName, u32),
    /// The key between workers.
    SessionKey(SessionKey),
    /// The level of a logger on all workers.
    Logger {
        /// The logger.
        namespace: String,
        /// Its level, as it was written.
        level: String,
    },
}

/// Why a record is passed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The value is no JSON. Such a record does not count for the position either.
    #[error("the value is not JSON: {0}")]
    NotJson(String),
    /// The key is of no kind that is known.
    #[error("the key is of no known kind")]
    UnknownKey,
    /// The value is not what belongs to the key.
    #[error("{0}")]
    Malformed(&'static str),
}

#[derive(Serialize)]
struct Properties<'a> {
    properties: indexmap::IndexMap<&'a str, Option<&'a str>>,
}

#[derive(Serialize)]
struct Target<'a> {
    state: &'a str,
    #[serde(rename = "state.v2")]
    state_v2: &'a str,
}

#[derive(Serialize)]
struct Tasks {
    tasks: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Restart {
    include_tasks: bool,
    only_failed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Fencing {
    task_count: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Session<'a> {
    key: String,
    algorithm: &'a str,
    creation_timestamp: i64,
}

#[derive(Serialize)]
struct Level<'a> {
    level: &'a str,
}

impl ConfigRecord {
    /// The key in bytes.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        match self {
            Self::TargetState(name, _) => format!("{TARGET_STATE}{name}"),
            Self::Connector(name, _) => format!("{CONNECTOR}{name}"),
            Self::Task(id, _) => format!("{TASK}{id}"),
            Self::Commit(name, _) => format!("{COMMIT}{name}"),
            Self::Restart(name, _) => format!("{RESTART}{name}"),
            Self::Fencing(name, _) => format!("{FENCING}{name}"),
            Self::SessionKey(_) => SESSION_KEY.to_owned(),
            Self::Logger { namespace, .. } => format!("{LOGGER}{namespace}"),
        }
        .into_bytes()
    }

    /// The value in bytes; `None` for a tombstone.
    #[must_use]
    pub fn value(&self) -> Option<Vec<u8>> {
        Some(match self {
            Self::TargetState(_, None) | Self::Connector(_, None) => return None,
            Self::TargetState(_, Some(target)) => {
                let (state, state_v2) = words(*target);
                json(&Target { state, state_v2 })
            }
            Self::Connector(_, Some(props)) | Self::Task(_, props) => json(&Properties {
                properties: props.iter().collect(),
            }),
            Self::Commit(_, tasks) => json(&Tasks { tasks: *tasks }),
            Self::Restart(_, scope) => json(&Restart {
                include_tasks: scope.include_tasks,
                only_failed: scope.only_failed,
            }),
            Self::Fencing(_, task_count) => json(&Fencing {
                task_count: *task_count,
            }),
            Self::SessionKey(key) => json(&Session {
                key: key.encoded(),
                algorithm: key.algorithm(),
                creation_timestamp: key.created(),
            }),
            Self::Logger { level, .. } => json(&Level { level }),
        })
    }

    /// Reads a record.
    ///
    /// # Errors
    /// Why it is passed over.
    pub fn parse(key: &[u8], value: Option<&[u8]>) -> Result<Self, Unreadable> {
        let value = match value {
            None => Value::Null,
            Some(bytes) => serde_json::from_slice(bytes)
                .map_err(|error| Unreadable::NotJson(error.to_string()))?,
        };
        let key = std::str::from_utf8(key).map_err(|_| Unreadable::UnknownKey)?;
        if let Some(name) = key.strip_prefix(TARGET_STATE) {
            return target_state(name.into(), &value);
        }
        if let Some(name) = key.strip_prefix(CONNECTOR) {
            let name = ConnectorName::from(name);
            return match value {
                Value::Null => Ok(Self::Connector(name, None)),
                value => Ok(Self::Connector(name, Some(properties(&value)?))),
            };
        }
        if let Some(id) = key.strip_prefix(TASK) {
            let id = task_id(id).ok_or(Unreadable::Malformed("the key names no task"))?;
            return Ok(Self::Task(id, properties(&value)?));
        }
        if let Some(name) = key.strip_prefix(COMMIT) {
            return Ok(Self::Commit(name.into(), count(&value, "tasks")?));
        }
        if let Some(name) = key.strip_prefix(RESTART) {
            let fields = object(&value)?;
            let flag = |name| fields.get(name).and_then(Value::as_bool).unwrap_or(false);
            let scope = RestartScope {
                include_tasks: flag("include-tasks"),
                only_failed: flag("only-failed"),
            };
            return Ok(Self::Restart(name.into(), scope));
        }
        if let Some(name) = key.strip_prefix(FENCING) {
            return Ok(Self::Fencing(name.into(), count(&value, "task-count")?));
        }
        if key == SESSION_KEY {
            return session_key(&value);
        }
        if let Some(namespace) = key.strip_prefix(LOGGER) {
            return Ok(Self::Logger {
                namespace: namespace.to_owned(),
                level: text(object(&value)?, "level")?.to_owned(),
            });
        }
        Err(Unreadable::UnknownKey)
    }
}

/// The words of a state for workers that know no stopped connectors, and for those that do.
fn words(target: TargetState) -> (&'static str, &'static str) {
    match target {
        TargetState::Started => ("STARTED", "STARTED"),
        TargetState::Paused => ("PAUSED", "PAUSED"),
        TargetState::Stopped => ("PAUSED", "STOPPED"),
    }
}

fn target_state(name: ConnectorName, value: &Value) -> Result<ConfigRecord, Unreadable> {
    if value.is_null() {
        return Ok(ConfigRecord::TargetState(name, None));
    }
    let fields = object(value)?;
    let newer = fields.get("state.v2").and_then(Value::as_str);
    let state = match newer {
        Some(state) => state,
        None => text(fields, "state")?,
    };
    let target = match state {
        "STARTED" => TargetState::Started,
        "PAUSED" => TargetState::Paused,
        "STOPPED" => TargetState::Stopped,
        _ => return Err(Unreadable::Malformed("the state is not known")),
    };
    Ok(ConfigRecord::TargetState(name, Some(target)))
}

fn session_key(value: &Value) -> Result<ConfigRecord, Unreadable> {
    let fields = object(value)?;
    let created = fields.get("creation-timestamp").and_then(Value::as_i64);
    let created = created.ok_or(Unreadable::Malformed("there is no `creation-timestamp`"))?;
    let key = SessionKey::decoded(text(fields, "key")?, text(fields, "algorithm")?, created);
    let key = key.ok_or(Unreadable::Malformed("the key is not base64"))?;
    Ok(ConfigRecord::SessionKey(key))
}

fn object(value: &Value) -> Result<&Map<String, Value>, Unreadable> {
    value
        .as_object()
        .ok_or(Unreadable::Malformed("the value is not an object"))
}

fn text<'a>(fields: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Unreadable> {
    let text = fields.get(name).and_then(Value::as_str);
    text.ok_or(Unreadable::Malformed("a field with text is missing"))
}

fn count(value: &Value, name: &str) -> Result<u32, Unreadable> {
    let number = object(value)?.get(name).and_then(Value::as_u64);
    number
        .and_then(|it| u32::try_from(it).ok())
        .ok_or(Unreadable::Malformed("there is no number of tasks"))
}

fn properties(value: &Value) -> Result<Props, Unreadable> {
    const MALFORMED: Unreadable = Unreadable::Malformed("there are no `properties` of text");
    let fields = object(value)?.get("properties");
    let fields = fields.and_then(Value::as_object).ok_or(MALFORMED)?;
    let mut props = Props::new();
    for (key, value) in fields {
        let text = match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            _ => return Err(MALFORMED),
        };
        props.insert(key.clone(), text);
    }
    Ok(props)
}

/// A task by its connector and, behind the last dash, its number.
pub(crate) fn task_id(text: &str) -> Option<TaskId> {
    let (connector, task) = text.rsplit_once('-')?;
    Some(TaskId {
        connector: connector.into(),
        task: task.parse().ok()?,
    })
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("records are maps with text for keys")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(record: &ConfigRecord, key: &str, value: Option<&str>) {
        assert_eq!(record.key(), key.as_bytes());
        assert_eq!(
            record.value().map(|it| String::from_utf8(it).unwrap()),
            value.map(str::to_owned)
        );
        let read = ConfigRecord::parse(key.as_bytes(), value.map(str::as_bytes));
        assert_eq!(read.as_ref(), Ok(record));
    }

    #[track_caller]
    fn check_refused(key: &str, value: &str, expected: &Unreadable) {
        let read = ConfigRecord::parse(key.as_bytes(), Some(value.as_bytes()));
        assert_eq!(read.as_ref(), Err(expected));
    }

    #[test]
    fn records_have_the_bytes_of_the_reference() {
        let props = Props::from_iter([
            ("connector.class", "FileStreamSource"),
            ("file", "/x/é\"\n"),
            ("name", "file-src"),
        ]);
        let properties = r#"{"properties":{"connector.class":"FileStreamSource","file":"/x/é\"\n","name":"file-src"}}"#;
        let name = || ConnectorName::from("file-src");
        let task = TaskId {
            connector: name(),
            task: 12,
        };
        check(
            &ConfigRecord::Connector(name(), Some(props.clone())),
            "connector-file-src",
            Some(properties),
        );
        check(
            &ConfigRecord::Task(task, props),
            "task-file-src-12",
            Some(properties),
        );
        check(
            &ConfigRecord::Commit(name(), 1),
            "commit-file-src",
            Some(r#"{"tasks":1}"#),
        );
        check(
            &ConfigRecord::Connector(name(), None),
            "connector-file-src",
            None,
        );
        let target = |state| ConfigRecord::TargetState(name(), Some(state));
        check(
            &target(TargetState::Paused),
            "target-state-file-src",
            Some(r#"{"state":"PAUSED","state.v2":"PAUSED"}"#),
        );
        check(
            &target(TargetState::Started),
            "target-state-file-src",
            Some(r#"{"state":"STARTED","state.v2":"STARTED"}"#),
        );
        check(
            &target(TargetState::Stopped),
            "target-state-file-src",
            Some(r#"{"state":"PAUSED","state.v2":"STOPPED"}"#),
        );
        check(
            &ConfigRecord::TargetState(name(), None),
            "target-state-file-src",
            None,
        );
        let scope = RestartScope {
            include_tasks: true,
            only_failed: false,
        };
        check(
            &ConfigRecord::Restart(name(), scope),
            "restart-connector-file-src",
            Some(r#"{"include-tasks":true,"only-failed":false}"#),
        );
        check(
            &ConfigRecord::Fencing(name(), 2),
            "tasks-fencing-file-src",
            Some(r#"{"task-count":2}"#),
        );
        check(
            &ConfigRecord::Logger {
                namespace: "org.apache.kafka".to_owned(),
                level: "INFO".to_owned(),
            },
            "logger-cluster-org.apache.kafka",
            Some(r#"{"level":"INFO"}"#),
        );
        let key = "kKne836wcDIEafsJYJ8ZqUZs7kpzRuxMoTvviX8hsLs=";
        check(
            &ConfigRecord::SessionKey(
                SessionKey::decoded(key, "HmacSHA256", 1_795_355_536_630).unwrap(),
            ),
            "session-key",
            Some(&format!(
                r#"{{"key":"{key}","algorithm":"HmacSHA256","creation-timestamp":1795355536630}}"#
            )),
        );
    }

    #[test]
    fn old_records_and_those_with_missing_flags_are_read() {
        let read = |key: &str, value: &str| {
            ConfigRecord::parse(key.as_bytes(), Some(value.as_bytes())).unwrap()
        };
        assert_eq!(
            read("target-state-a", r#"{"state":"PAUSED"}"#),
            ConfigRecord::TargetState("a".into(), Some(TargetState::Paused))
        );
        assert_eq!(
            read("restart-connector-a", r#"{"only-failed":"yes"}"#),
            ConfigRecord::Restart(
                "a".into(),
                RestartScope {
                    include_tasks: false,
                    only_failed: false
                }
            )
        );
    }

    #[test]
    fn what_is_no_record_is_passed_over_with_its_reason() {
        check_refused("nothing-like-it", "{}", &Unreadable::UnknownKey);
        let malformed = |text| Unreadable::Malformed(text);
        check_refused("task-a", "{}", &malformed("the key names no task"));
        check_refused(
            "task-a-x",
            r#"{"properties":{}}"#,
            &malformed("the key names no task"),
        );
        check_refused(
            "connector-a",
            r#"{"properties":{"a":1}}"#,
            &malformed("there are no `properties` of text"),
        );
        check_refused(
            "target-state-a",
            r#"{"state":"RUNNING"}"#,
            &malformed("the state is not known"),
        );
        check_refused(
            "commit-a",
            r#"{"tasks":"1"}"#,
            &malformed("there is no number of tasks"),
        );
        let broken = ConfigRecord::parse(b"connector-a", Some(b"{"));
        assert!(matches!(broken, Err(Unreadable::NotJson(_))));
    }
}
