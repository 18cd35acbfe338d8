//! Writes to the topic of configurations, one change after the other.
//!
//! Each change is decided on what was read up to then, written, and read back before it is answered.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use connect_core::config::Props;
use connect_kafka::KafkaError;
use jiff::Timestamp;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{sleep, timeout};

use super::shared::Configs;
use crate::config::worker::SessionConfig;
use crate::herder::{
    ConnectorInfo, ConnectorStatus, HerderError, OffsetChange, OffsetsChanged, PutOutcome,
    REQUEST_TIMEOUT, RestartScope, TargetState, offsets,
};
use crate::identity::{ConnectorName, TaskId};
use crate::storage::configs::record::ConfigRecord;
use crate::storage::configs::session_key::SessionKey;
use crate::storage::status::{State, Status};
use crate::worker::Worker;

/// Longest time for one change, and for the wait for those before it.
const LIMIT: Duration = Duration::from_secs(30);
/// Longest time for a change of offsets, after which nobody waits for its answer.
const OFFSETS_LIMIT: Duration = REQUEST_TIMEOUT;
/// Pause before a key that could not be written is tried again.
const KEY_PAUSE: Duration = Duration::from_secs(5);

const CONNECTOR: &str = "Error writing connector configuration to Kafka";
const REMOVAL: &str = "Error removing connector configuration from Kafka";
const TARGET: &str = "Error writing target state to Kafka";
const ROOT: &str = "Error writing root configuration to Kafka";
const LOGGER: &str = "Error writing logger level to Kafka";

type Result<T> = std::result::Result<T, HerderError>;

/// Changes what all workers of the cluster follow.
pub(super) struct ConfigWriter {
    worker: Arc<Worker>,
    configs: Arc<Configs>,
    session: SessionConfig,
    /// Whoever holds it decides and writes.
    turn: Mutex<()>,
}

impl ConfigWriter {
    pub(super) fn new(worker: Arc<Worker>, configs: Arc<Configs>, session: SessionConfig) -> Self {
        Self {
            worker,
            configs,
            session,
            turn: Mutex::new(()),
        }
    }

    /// Creates a connector that does not exist.
    pub(super) async fn create(
        &self,
        name: &ConnectorName,
        config: Props,
        target: TargetState,
    ) -> Result<ConnectorInfo> {
        let _turn = self.turn(CONNECTOR).await?;
        if self.configs.contains(name) {
            return Err(HerderError::AlreadyExists(name.clone()));
        }
        let mut records = Vec::new();
        if target != TargetState::Started {
            records.push(ConfigRecord::TargetState(name.clone(), Some(target)));
        }
        records.push(ConfigRecord::Connector(name.clone(), Some(config)));
        self.change(&records, CONNECTOR).await?;
        self.configs.info(name)
    }

    /// Creates a connector or replaces its configuration.
    pub(super) async fn put(&self, name: &ConnectorName, config: Props) -> Result<PutOutcome> {
        let _turn = self.turn(CONNECTOR).await?;
        let existed = self.configs.contains(name);
        self.put_connector(name, config).await?;
        let info = self.configs.info(name)?;
        Ok(match existed {
            true => PutOutcome::Updated(info),
            false => PutOutcome::Created(info),
        })
    }

    /// Replaces a configuration if it is still the one that it was made from.
    pub(super) async fn replace(
        &self,
        name: &ConnectorName,
        present: &Props,
        config: Props,
    ) -> Result<Option<ConnectorInfo>> {
        let _turn = self.turn(CONNECTOR).await?;
        if self.configs.info(name)?.config != *present {
            return Ok(None);
        }
        self.put_connector(name, config).await?;
        self.configs.info(name).map(Some)
    }

    async fn put_connector(&self, name: &ConnectorName, config: Props) -> Result<()> {
        let record = ConfigRecord::Connector(name.clone(), Some(config));
        self.change(&[record], CONNECTOR).await
    }

    pub(super) async fn delete(&self, name: &ConnectorName) -> Result<()> {
        let _turn = self.turn(REMOVAL).await?;
        self.configs.info(name)?;
        let records = [
            ConfigRecord::Connector(name.clone(), None),
            ConfigRecord::TargetState(name.clone(), None),
        ];
        self.change(&records, REMOVAL).await
    }

    /// Pauses or resumes a connector, which every worker may.
    pub(super) async fn set_target(&self, name: &ConnectorName, target: TargetState) -> Result<()> {
        self.require(name, "Unknown connector ")?;
        let record = ConfigRecord::TargetState(name.clone(), Some(target));
        self.write(&[record], TARGET).await
    }

    /// Stops a connector: it has no tasks from then on.
    pub(super) async fn stop(&self, name: &ConnectorName) -> Result<()> {
        let _turn = self.turn(ROOT).await?;
        self.require(name, "Unknown connector ")?;
        self.change(&[ConfigRecord::Commit(name.clone(), 0)], ROOT)
            .await?;
        let target = ConfigRecord::TargetState(name.clone(), Some(TargetState::Stopped));
        self.change(&[target], TARGET).await
    }

    /// Gives a connector other tasks.
    pub(super) async fn put_tasks(&self, name: &ConnectorName, configs: Vec<Props>) -> Result<()> {
        let _turn = self.turn(ROOT).await?;
        let Some((_, target)) = self.configs.connector(name) else {
            let text = format!("Connector {name} not found");
            return Err(HerderError::NotFound(text));
        };
        if target == TargetState::Stopped && !configs.is_empty() {
            let text =
                format!("Cannot submit non-empty set of task configs for stopped connector {name}");
            return Err(HerderError::BadRequest(text));
        }
        let tasks: Vec<ConfigRecord> = (0..)
            .zip(configs)
            .map(|(task, config)| {
                let connector = name.clone();
                ConfigRecord::Task(TaskId { connector, task }, config)
            })
            .collect();
        let count = u32::try_from(tasks.len()).unwrap_or(u32::MAX);
        if count > 0 {
            self.change(&tasks, ROOT).await?;
        }
        self.change(&[ConfigRecord::Commit(name.clone(), count)], ROOT)
            .await
    }

    /// Has parts of a connector restarted by the workers that run them; answered with the plan.
    pub(super) async fn restart(
        &self,
        name: &ConnectorName,
        scope: RestartScope,
    ) -> Result<ConnectorStatus> {
        let what = format!(
            "Error writing restart request for {{connectorName='{name}', onlyFailed={}, \
             includeTasks={}}} to Kafka",
            scope.only_failed, scope.include_tasks
        );
        let _turn = self.turn(&what).await?;
        let kind = self.require(name, "Unknown connector: ")?.kind;
        let statuses = &self.worker.statuses;
        let before = statuses.connector(name);
        let tasks = statuses.tasks(name);
        let record = ConfigRecord::Restart(name.clone(), scope);
        self.change(&[record], &what).await?;
        let Some(connector) = before else {
            let text = format!("Status for connector {name} not found");
            return Err(HerderError::NotFound(text));
        };
        let planned = |status: Status, is_covered: bool| {
            let is_chosen = is_covered && (!scope.only_failed || status.state == State::Failed);
            let state = if is_chosen {
                State::Restarting
            } else {
                status.state
            };
            Status { state, ..status }
        };
        let tasks = tasks.into_iter();
        Ok(ConnectorStatus {
            name: name.clone(),
            connector: planned(connector, true),
            tasks: tasks
                .map(|(task, status)| (task, planned(status, scope.include_tasks)))
                .collect(),
            kind,
        })
    }

    pub(super) async fn change_offsets(
        &self,
        name: &ConnectorName,
        change: OffsetChange,
    ) -> Result<OffsetsChanged> {
        let what = "Failed to read to end of config topic before modifying connector offsets";
        let _turn = self.turn(what).await?;
        let info = self.configs.info(name)?;
        let target = self.configs.connector(name).map(|it| it.1);
        if target != Some(TargetState::Stopped) || info.task_count > 0 {
            return Err(offsets::not_stopped(name));
        }
        // Brokers without the topic of offsets keep nobody else from a turn for ever. What was written may still come.
        let changed = offsets::change(&self.worker, name, &info.config, change);
        timeout(OFFSETS_LIMIT, changed)
            .await
            .unwrap_or(Err(HerderError::TimedOut))
    }

    pub(super) async fn set_log_level(&self, namespace: &str, level: &str) -> Result<()> {
        let record = ConfigRecord::Logger {
            namespace: namespace.to_owned(),
            level: level.to_owned(),
        };
        self.write(&[record], LOGGER).await
    }

    /// Sees to it that there is a key between workers, and that it is replaced in time.
    pub(super) async fn keep_session_key(&self) {
        loop {
            let now = Timestamp::now().as_millisecond();
            let rest = match self.configs.session_key() {
                Some(key) if key.suits(&self.session) => self.rest_of(&key, now),
                _ => Some(Duration::ZERO),
            };
            match rest {
                None => return,
                Some(Duration::ZERO) => {
                    let key = SessionKey::generate(&self.session, now);
                    let written = self
                        .change(&[ConfigRecord::SessionKey(key)], "session key")
                        .await;
                    if let Err(error) = written {
                        tracing::warn!(%error, "the key between workers was not written");
                        sleep(KEY_PAUSE).await;
                    }
                }
                Some(rest) => sleep(rest).await,
            }
        }
    }

    /// How long a key lasts; `None` is for ever.
    fn rest_of(&self, key: &SessionKey, now: i64) -> Option<Duration> {
        let ttl = self.session.ttl;
        let age = u64::try_from(now.saturating_sub(key.created())).unwrap_or_default();
        (!ttl.is_zero()).then(|| ttl.saturating_sub(Duration::from_millis(age)))
    }

    /// Waits until nobody else decides or writes, and reads what others have written.
    async fn turn(&self, what: &str) -> Result<MutexGuard<'_, ()>> {
        let turn = timeout(LIMIT, self.turn.lock()).await;
        let turn = turn.map_err(|_| failed(what, &"others have not finished"))?;
        within_limit(self.configs.read_to_end(), what).await?;
        Ok(turn)
    }

    fn require(&self, name: &ConnectorName, unknown: &str) -> Result<ConnectorInfo> {
        let info = self.configs.info(name);
        info.map_err(|_| HerderError::NotFound(format!("{unknown}{name}")))
    }

    async fn write(&self, records: &[ConfigRecord], what: &str) -> Result<()> {
        within_limit(self.configs.write(records), what).await
    }

    /// Writes and reads back.
    async fn change(&self, records: &[ConfigRecord], what: &str) -> Result<()> {
        let changed = async {
            self.configs.write(records).await?;
            self.configs.read_to_end().await
        };
        within_limit(changed, what).await
    }
}

async fn within_limit(
    work: impl Future<Output = std::result::Result<(), KafkaError>>,
    what: &str,
) -> Result<()> {
    match timeout(LIMIT, work).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(failed(what, &error)),
        Err(_) => Err(failed(what, &"not done in time")),
    }
}

/// Logs why something was not done, and answers that it was not.
fn failed(what: &str, problem: &dyn fmt::Display) -> HerderError {
    tracing::error!(%problem, "{what}");
    HerderError::Failed(what.to_owned())
}
