//! Bodies of answers. The order of the fields is part of them.

mod validation;

use std::collections::BTreeMap;

use connect_core::config::Props;
use connect_core::offset::{OffsetMap, OffsetValue};
use connect_core::plugin::PluginKind;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

pub(super) use validation::{ConfigInfos, ConfigKeyInfo};

use crate::herder::{self, ConnectorStatus};
use crate::identity::{ConnectorName, TaskId};
use crate::log_levels;
use crate::storage::status::{State, Status};

/// Why a request failed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorMessage {
    pub(super) error_code: u16,
    pub(super) message: String,
}

/// Who answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServerInfo {
    pub(super) version: &'static str,
    pub(super) commit: &'static str,
    pub(super) kafka_cluster_id: Option<String>,
}

/// How the worker is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkerStatus {
    pub(super) status: &'static str,
    pub(super) message: &'static str,
}

/// A configuration, in the order of its keys.
#[derive(Debug, ToSchema)]
#[schema(as = Config, value_type = HashMap<String, Option<String>>)]
pub(super) struct ConfigMap(pub(super) Props);

impl Serialize for ConfigMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

/// A connector.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectorInfo {
    name: String,
    config: ConfigMap,
    tasks: Vec<ConnectorTaskId>,
    r#type: &'static str,
}

impl From<herder::ConnectorInfo> for ConnectorInfo {
    fn from(info: herder::ConnectorInfo) -> Self {
        let name = info.name.as_str();
        let task = |task| ConnectorTaskId {
            connector: name.to_owned(),
            task,
        };
        Self {
            name: name.to_owned(),
            tasks: (0..info.task_count).map(task).collect(),
            config: ConfigMap(info.config),
            r#type: type_name(info.kind),
        }
    }
}

/// A task by its connector and number.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectorTaskId {
    connector: String,
    task: u32,
}

impl From<TaskId> for ConnectorTaskId {
    fn from(id: TaskId) -> Self {
        Self {
            connector: id.connector.to_string(),
            task: id.task,
        }
    }
}

/// A task with its configuration.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskInfo {
    id: ConnectorTaskId,
    config: ConfigMap,
}

impl From<herder::TaskInfo> for TaskInfo {
    fn from(info: herder::TaskInfo) -> Self {
        Self {
            id: info.id.into(),
            config: ConfigMap(info.config),
        }
    }
}

/// Statuses of a connector and its tasks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectorStateInfo {
    name: String,
    connector: StateInfo,
    tasks: Vec<TaskState>,
    r#type: &'static str,
}

impl From<ConnectorStatus> for ConnectorStateInfo {
    fn from(status: ConnectorStatus) -> Self {
        let tasks = status.tasks.into_iter();
        Self {
            name: status.name.to_string(),
            connector: status.connector.into(),
            tasks: tasks
                .map(|(id, status)| TaskState::new(id, status))
                .collect(),
            r#type: type_name(status.kind),
        }
    }
}

/// Status of a connector; of a task, too, after its number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectorState)]
pub(super) struct StateInfo {
    state: &'static str,
    worker_id: String,
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
}

impl From<Status> for StateInfo {
    fn from(status: Status) -> Self {
        Self {
            state: State::as_str(status.state),
            worker_id: status.worker_id,
            version: status.version,
            trace: status.trace.filter(|it| !it.is_empty()),
        }
    }
}

/// Status of a task.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TaskState {
    id: u32,
    #[serde(flatten)]
    status: StateInfo,
}

impl TaskState {
    pub(super) fn new(id: u32, status: Status) -> Self {
        Self {
            id,
            status: status.into(),
        }
    }
}

/// What `expand` adds to the list of connectors.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Expanded {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<ConnectorStateInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) info: Option<ConnectorInfo>,
}

/// Topics of a connector, under its name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActiveTopics(BTreeMap<String, Topics>);

#[derive(Debug, Serialize, ToSchema)]
struct Topics {
    topics: Vec<String>,
}

impl ActiveTopics {
    pub(super) fn new(connector: &ConnectorName, topics: Vec<String>) -> Self {
        Self(BTreeMap::from([(connector.to_string(), Topics { topics })]))
    }
}

/// How far a connector has come.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectorOffsets {
    offsets: Vec<ConnectorOffset>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ConnectorOffset {
    partition: Fields,
    offset: Fields,
}

impl From<Vec<herder::ConnectorOffset>> for ConnectorOffsets {
    fn from(offsets: Vec<herder::ConnectorOffset>) -> Self {
        let offsets = offsets.into_iter().map(|it| ConnectorOffset {
            partition: Fields(it.partition),
            offset: Fields(it.offset),
        });
        Self {
            offsets: offsets.collect(),
        }
    }
}

/// A stored partition or offset.
#[derive(Debug, ToSchema)]
#[schema(as = OffsetFields, value_type = Option<HashMap<String, serde_json::Value>>)]
struct Fields(OffsetMap);

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Field(value))))
    }
}

struct Field<'a>(&'a OffsetValue);

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            OffsetValue::Null => serializer.serialize_unit(),
            OffsetValue::Boolean(it) => serializer.serialize_bool(*it),
            OffsetValue::Integer(it) => serializer.serialize_i64(*it),
            OffsetValue::Float(it) => serializer.serialize_f64(*it),
            OffsetValue::Text(it) => serializer.serialize_str(it.as_str()),
        }
    }
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Message {
    pub(super) message: String,
}

/// How much a logger logs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoggerLevel {
    level: &'static str,
    last_modified: Option<i64>,
}

impl From<log_levels::LoggerLevel> for LoggerLevel {
    fn from(logger: log_levels::LoggerLevel) -> Self {
        let log_levels::LoggerLevel {
            level,
            last_modified,
        } = logger;
        Self {
            level: level.as_str(),
            last_modified,
        }
    }
}

/// Names of connectors, or an object with what is known of each.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum ConnectorList {
    /// Without `expand`.
    Names(Vec<String>),
    /// With it.
    Expanded(BTreeMap<String, Expanded>),
}

/// A plugin.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PluginInfo {
    pub(super) class: &'static str,
    pub(super) r#type: &'static str,
    pub(super) version: &'static str,
}

/// What a connector is called in bodies.
pub(super) fn type_name(kind: Option<PluginKind>) -> &'static str {
    match kind {
        Some(PluginKind::Source) => "source",
        Some(PluginKind::Sink) => "sink",
        Some(
            PluginKind::Converter
            | PluginKind::Transform
            | PluginKind::Predicate
            | PluginKind::ConfigProvider
            | PluginKind::ClientConfigPolicy
            | PluginKind::RestExtension,
        )
        | None => "unknown",
    }
}
