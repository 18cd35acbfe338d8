//! A herder that remembers configurations and runs nothing.

use std::collections::BTreeMap;

use connect_core::config::Props;
use connect_core::offset::{OffsetMap, OffsetValue};
use connect_core::plugin::PluginKind;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::herder::standalone::{NO_CLUSTER, NO_FENCING};
use crate::herder::{
    ConnectorInfo, ConnectorOffset, ConnectorOverview, ConnectorStatus, Herder, HerderError,
    OffsetChange, OffsetsChanged, PutOutcome, Request, TargetState, TaskInfo,
};
use crate::identity::{ConnectorName, TaskId};
use crate::storage::status::{State, Status};

/// Starts a herder that knows one connector, `src`, with two tasks of which the second has failed.
pub(super) fn start(tasks: &mut JoinSet<()>) -> Herder {
    let (herder, requests) = Herder::channel();
    let config = Props::from_iter([("connector.class", "FileStreamSource"), ("name", "src")]);
    let connectors = BTreeMap::from([(ConnectorName::from("src"), config)]);
    let partition = OffsetMap::new().with("file", "a").with("part", 2);
    let offsets = vec![ConnectorOffset {
        partition,
        offset: OffsetMap::new()
            .with("position", 7)
            .with("at", OffsetValue::Float(1.5)),
    }];
    let fake = Fake {
        connectors,
        offsets,
    };
    tasks.spawn(run(fake, requests));
    herder
}

struct Fake {
    connectors: BTreeMap<ConnectorName, Props>,
    offsets: Vec<ConnectorOffset>,
}

async fn run(mut fake: Fake, mut requests: mpsc::Receiver<Request>) {
    while let Some(request) = requests.recv().await {
        fake.answer(request);
    }
}

fn status(state: State, trace: Option<&str>) -> Status {
    Status {
        state,
        trace: trace.map(str::to_owned),
        worker_id: "worker:8083".to_owned(),
        version: Some("4.3.1".to_owned()),
    }
}

fn not_found<T>(what: impl std::fmt::Display) -> Result<T, HerderError> {
    Err(HerderError::NotFound(what.to_string()))
}

impl Fake {
    fn answer(&mut self, request: Request) {
        // A client that went away does not wait for its answer.
        match request {
            Request::Ping(reply)
            | Request::ResetTopics(_, reply)
            | Request::SetClusterLogLevel { reply, .. } => _ = reply.send(Ok(())),
            Request::Connectors(reply) => {
                _ = reply.send(Ok(self.connectors.keys().cloned().collect()));
            }
            Request::Overview(reply) => {
                let names = self.connectors.keys();
                let overviews = names.map(|name| {
                    let status = self.status(name).ok();
                    self.info(name)
                        .map(|info| ConnectorOverview { info, status })
                });
                _ = reply.send(overviews.collect());
            }
            Request::Connector(name, reply) => _ = reply.send(self.info(&name)),
            Request::Status(name, reply) => _ = reply.send(self.status(&name)),
            Request::TaskStatus(id, reply) => _ = reply.send(self.task_status(&id)),
            Request::Tasks(name, reply) => _ = reply.send(self.tasks(&name)),
            Request::Create {
                name,
                config,
                target,
                reply,
            } => {
                _ = reply.send(self.create(name, config, target));
            }
            Request::PutConfig {
                name,
                config,
                reply,
            } => _ = reply.send(self.put(&name, config)),
            Request::Delete(name, reply) => _ = reply.send(self.known(&name).map(drop)),
            Request::SetTarget(name, _, reply) => {
                let known = self.known(&name).map(drop);
                _ = reply.send(known.or(not_found(format_args!("Unknown connector {name}"))));
            }
            Request::RestartConnector(name, reply) => {
                let started = HerderError::Failed(format!("Failed to start connector: {name}"));
                _ = reply.send(self.known(&name).and(Err(started)));
            }
            Request::Restart(name, scope, reply) => {
                let planned = self.status(&name).map(|mut status| {
                    status.connector.state = match scope.only_failed {
                        true => State::Running,
                        false => State::Restarting,
                    };
                    status
                });
                _ = reply.send(planned);
            }
            Request::RestartTask(id, reply) => _ = reply.send(self.task_status(&id).map(drop)),
            Request::ReplaceConfig {
                name,
                present,
                config,
                reply,
            } => _ = reply.send(self.replace(&name, &present, config)),
            Request::Offsets(name, reply) => {
                _ = reply.send(self.known(&name).map(|_| self.offsets.clone()));
            }
            Request::ChangeOffsets(name, change, reply) => {
                _ = reply.send(self.change_offsets(&name, &change));
            }
            Request::Topics(name, reply) => {
                let topics = self
                    .known(&name)
                    .map(|_| vec!["t1".to_owned(), "t2".to_owned()]);
                _ = reply.send(Ok(topics.unwrap_or_default()));
            }
            Request::SubmitTasks(_, _, reply) => {
                _ = reply.send(Err(HerderError::Failed(NO_CLUSTER.to_owned())));
            }
            Request::Fence(_, _, reply) => {
                _ = reply.send(Err(HerderError::Failed(NO_FENCING.to_owned())));
            }
        }
    }

    fn known(&self, name: &ConnectorName) -> Result<&Props, HerderError> {
        match self.connectors.get(name) {
            Some(config) => Ok(config),
            None => not_found(format_args!("Connector {name} not found")),
        }
    }

    fn info(&self, name: &ConnectorName) -> Result<ConnectorInfo, HerderError> {
        let config = self.known(name)?.clone();
        let kind = Some(PluginKind::Source);
        Ok(ConnectorInfo {
            name: name.clone(),
            config,
            task_count: 2,
            kind,
        })
    }

    fn status(&self, name: &ConnectorName) -> Result<ConnectorStatus, HerderError> {
        if self.known(name).is_err() {
            return not_found(format_args!("No status found for connector {name}"));
        }
        let mut failed = status(State::Failed, Some("boom"));
        failed.version = None;
        Ok(ConnectorStatus {
            name: name.clone(),
            connector: status(State::Running, None),
            tasks: vec![(0, status(State::Running, Some(""))), (1, failed)],
            kind: Some(PluginKind::Source),
        })
    }

    fn task_status(&self, id: &TaskId) -> Result<Status, HerderError> {
        let tasks = self
            .status(&id.connector)
            .map(|it| it.tasks)
            .unwrap_or_default();
        let task = tasks.into_iter().find(|(number, _)| *number == id.task);
        match task {
            Some((_, status)) => Ok(status),
            None => not_found(format_args!("No status found for task {id}")),
        }
    }

    fn tasks(&self, name: &ConnectorName) -> Result<Vec<TaskInfo>, HerderError> {
        let config = Props::from_iter([("task.class", "X")]);
        self.known(name)?;
        Ok(vec![TaskInfo {
            id: TaskId {
                connector: name.clone(),
                task: 0,
            },
            config,
        }])
    }

    fn create(
        &mut self,
        name: ConnectorName,
        config: Props,
        target: TargetState,
    ) -> Result<ConnectorInfo, HerderError> {
        if self.connectors.contains_key(&name) {
            return Err(HerderError::AlreadyExists(name));
        }
        self.connectors.insert(name.clone(), config);
        let info = self.info(&name)?;
        let task_count = if target == TargetState::Started {
            info.task_count
        } else {
            0
        };
        Ok(ConnectorInfo { task_count, ..info })
    }

    fn put(&mut self, name: &ConnectorName, config: Props) -> Result<PutOutcome, HerderError> {
        let existed = self.connectors.insert(name.clone(), config).is_some();
        let info = self.info(name)?;
        Ok(match existed {
            true => PutOutcome::Updated(info),
            false => PutOutcome::Created(info),
        })
    }

    fn replace(
        &mut self,
        name: &ConnectorName,
        present: &Props,
        config: Props,
    ) -> Result<Option<ConnectorInfo>, HerderError> {
        if self.known(name)? != present {
            return Ok(None);
        }
        self.connectors.insert(name.clone(), config);
        self.info(name).map(Some)
    }

    /// One connector confirms new offsets, and none does when they are forgotten.
    fn change_offsets(
        &self,
        name: &ConnectorName,
        change: &OffsetChange,
    ) -> Result<OffsetsChanged, HerderError> {
        self.known(name)?;
        Ok(match change {
            OffsetChange::Reset => OffsetsChanged::Unconfirmed,
            OffsetChange::Alter(_) => OffsetsChanged::Confirmed,
        })
    }
}
