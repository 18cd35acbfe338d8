//! Records of the status topic, in bytes: a key in plain text, a value in JSON.

use serde::{Deserialize, Serialize};

use super::{State, Status};
use crate::identity::{ConnectorName, TaskId};
use crate::storage::configs::record::task_id;

const CONNECTOR: &str = "status-connector-";
const TASK: &str = "status-task-";
const TOPIC: &str = "status-topic-";
const OF_CONNECTOR: &str = ":connector-";

/// What a record is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusKey {
    /// A connector.
    Connector(ConnectorName),
    /// A task.
    Task(TaskId),
    /// A topic that a connector uses.
    Topic {
        /// The topic.
        topic: String,
        /// The connector.
        connector: ConnectorName,
    },
}

impl StatusKey {
    /// The key in bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Connector(name) => format!("{CONNECTOR}{name}"),
            Self::Task(id) => format!("{TASK}{id}"),
            Self::Topic { topic, connector } => format!("{TOPIC}{topic}{OF_CONNECTOR}{connector}"),
        }
        .into_bytes()
    }

    /// Reads a key; `None` when it is about nothing that is known.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        if let Some(name) = text.strip_prefix(CONNECTOR) {
            return Some(Self::Connector(name.into()));
        }
        if let Some(id) = text.strip_prefix(TASK) {
            return Some(Self::Task(task_id(id)?));
        }
        let (topic, connector) = text.strip_prefix(TOPIC)?.split_once(':')?;
        let connector = connector.strip_prefix("connector-")?;
        Some(Self::Topic {
            topic: topic.to_owned(),
            connector: connector.into(),
        })
    }
}

/// Fields in the order of the reference.
#[derive(Serialize, Deserialize)]
struct Fields {
    state: String,
    #[serde(default)]
    trace: Option<String>,
    worker_id: String,
    generation: i32,
    #[serde(default)]
    version: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct TopicFields {
    topic: UsedTopic,
}

/// That a task has used a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedTopic {
    /// The topic.
    pub name: String,
    /// Name of the connector.
    pub connector: String,
    /// Number of the task.
    pub task: u32,
    /// When, in milliseconds since 1970.
    #[serde(rename = "discoverTimestamp")]
    pub discovered: i64,
}

/// The bytes of a status in a generation of the group.
#[must_use]
pub fn status_to_bytes(status: &Status, generation: i32) -> Vec<u8> {
    json(&Fields {
        state: status.state.as_str().to_owned(),
        trace: status.trace.clone(),
        worker_id: status.worker_id.clone(),
        generation,
        version: status.version.clone(),
    })
}

/// Reads a status and the generation that it was written in; `None` when it is none.
#[must_use]
pub fn status_from_bytes(bytes: &[u8]) -> Option<(Status, i32)> {
    let fields: Fields = serde_json::from_slice(bytes).ok()?;
    let status = Status {
        state: State::parse(&fields.state)?,
        trace: fields.trace,
        worker_id: fields.worker_id,
        version: fields.version,
    };
    Some((status, fields.generation))
}

/// The bytes of a topic that is used.
#[must_use]
pub fn topic_to_bytes(topic: &UsedTopic) -> Vec<u8> {
    json(&TopicFields {
        topic: topic.clone(),
    })
}

/// Whether these are the bytes of a topic that is used.
#[must_use]
pub fn is_topic(bytes: &[u8]) -> bool {
    serde_json::from_slice::<TopicFields>(bytes).is_ok()
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("records are structs of text and numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_the_bytes_of_the_reference() {
        let status = Status {
            state: State::Running,
            trace: None,
            worker_id: "127.0.0.1:28481".to_owned(),
            version: Some("4.3.1".to_owned()),
        };
        let bytes = br#"{"state":"RUNNING","trace":null,"worker_id":"127.0.0.1:28481","generation":3,"version":"4.3.1"}"#;
        assert_eq!(status_to_bytes(&status, 3), bytes);
        assert_eq!(status_from_bytes(bytes), Some((status, 3)));
        let topic = UsedTopic {
            name: "lines".to_owned(),
            connector: "file-src".to_owned(),
            task: 0,
            discovered: 1_795_355_620_456,
        };
        let bytes = br#"{"topic":{"name":"lines","connector":"file-src","task":0,"discoverTimestamp":1795355620456}}"#;
        assert_eq!(topic_to_bytes(&topic), bytes);
        assert!(is_topic(bytes));
    }

    #[test]
    fn statuses_of_older_workers_are_read_and_others_are_not() {
        let old = br#"{"state":"PAUSED","worker_id":"a:1","generation":1,"more":[]}"#;
        let (status, generation) = status_from_bytes(old).unwrap();
        assert_eq!(
            (status.state, status.trace, status.version, generation),
            (State::Paused, None, None, 1)
        );
        for wrong in [
            &br#"{"state":"GONE","worker_id":"a:1","generation":1}"#[..],
            br#"{"state":"PAUSED","worker_id":"a:1","generation":"1"}"#,
            br#"{"state":"PAUSED","worker_id":"a:1"}"#,
            b"x",
        ] {
            assert_eq!(status_from_bytes(wrong), None);
        }
    }

    #[test]
    fn keys_are_read_back_whatever_dashes_names_have() {
        for key in [
            StatusKey::Connector("a-1".into()),
            StatusKey::Task(TaskId {
                connector: "a-1".into(),
                task: 12,
            }),
            StatusKey::Topic {
                topic: "x.y".to_owned(),
                connector: "b:connector-c".into(),
            },
        ] {
            assert_eq!(StatusKey::parse(&key.to_bytes()), Some(key));
        }
        assert_eq!(StatusKey::parse(b"status-task-a"), None);
        assert_eq!(StatusKey::parse(b"other"), None);
    }
}
