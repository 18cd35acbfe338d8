//! What clients and other workers ask: answered here, or with the address of the worker that can.

use std::sync::Arc;

use super::local::{ConnectorOperation, TaskOperation};
use super::member::Membership;
use super::{EventLoop, MOST_HELD_BACK};
use crate::herder::{
    ConnectorOffset, ConnectorOverview, ConnectorStatus, HerderError, Reply, Request, Submission,
    TargetState, TaskInfo, offsets,
};
use crate::identity::{ConnectorName, TaskId};
use crate::log_levels::LogLevels;
use crate::storage::configs::session_key::check_form;

/// Answers a request; nobody may be waiting any more.
fn answer<T>(reply: Reply<T>, result: Result<T, HerderError>) {
    let _ = reply.send(result);
}

impl EventLoop {
    pub(super) fn accept(&mut self, request: Request) {
        match request {
            Request::Ping(reply) if self.membership.is_some() || *self.has_joined.borrow() => {
                answer(reply, Ok(()));
            }
            Request::Ping(_) => self.hold_back(request),
            Request::Connectors(reply) => answer(reply, Ok(self.configs.names())),
            Request::Overview(reply) => answer(reply, Ok(self.overview())),
            Request::Connector(name, reply) => answer(reply, self.configs.info(&name)),
            Request::Status(name, reply) => answer(reply, self.status(name)),
            Request::TaskStatus(id, reply) => {
                let status = self.worker.statuses.task(&id);
                let missing = || HerderError::NotFound(format!("No status found for task {id}"));
                answer(reply, status.ok_or_else(missing));
            }
            Request::Tasks(name, reply) => answer(reply, self.tasks(&name)),
            Request::Offsets(name, reply) => self.read_offsets(name, reply),
            Request::Topics(name, reply) => answer(reply, Ok(self.worker.topics.of(&name))),
            Request::ResetTopics(name, reply) => {
                self.worker.topics.reset(&name);
                answer(reply, Ok(()));
            }
            Request::SetTarget(name, target, reply) if target != TargetState::Stopped => {
                let writer = Arc::clone(&self.writer);
                self.answer_later(reply, async move { writer.set_target(&name, target).await });
            }
            Request::SetClusterLogLevel {
                logger,
                level,
                reply,
            } => {
                let writer = Arc::clone(&self.writer);
                self.answer_later(
                    reply,
                    async move { writer.set_log_level(&logger, &level).await },
                );
            }
            Request::RestartConnector(name, reply) => self.restart_connector(&name, reply),
            Request::RestartTask(id, reply) => self.restart_task(&id, reply),
            _ if self.is_joining => self.hold_back(request),
            request => match self.leader_elsewhere() {
                Some(elsewhere) if !proves_itself_first(&request) => request.fail(elsewhere),
                _ => self.lead_request(request),
            },
        }
    }

    /// Keeps a request until the end of the rebalance.
    fn hold_back(&mut self, request: Request) {
        if let Request::SubmitTasks(_, Submission { signature, .. }, _)
        | Request::Fence(_, signature, _) = &request
            && let Err(error) = check_form(signature)
        {
            return request.fail(error);
        }
        if self.held_back.len() >= MOST_HELD_BACK {
            self.held_back.retain(|it| !it.is_abandoned());
        }
        if self.held_back.len() >= MOST_HELD_BACK {
            let text = "Too many requests wait for the end of a rebalance".to_owned();
            return request.fail(HerderError::Unavailable(text));
        }
        self.held_back.push(request);
    }

    /// The answer in place of the leader's, unless this worker leads.
    fn leader_elsewhere(&self) -> Option<HerderError> {
        match &self.membership {
            Some(membership) if membership.is_leader => None,
            membership => {
                let url = membership.as_ref().map(|it| it.leader_url.clone());
                Some(HerderError::Elsewhere(url.filter(|it| !it.is_empty())))
            }
        }
    }

    /// What only the leader does.
    fn lead_request(&mut self, request: Request) {
        let elsewhere = self.leader_elsewhere();
        let writer = Arc::clone(&self.writer);
        match request {
            Request::Create {
                name,
                config,
                target,
                reply,
            } => self.answer_later(
                reply,
                async move { writer.create(&name, config, target).await },
            ),
            Request::PutConfig {
                name,
                config,
                reply,
            } => self.answer_later(reply, async move { writer.put(&name, config).await }),
            Request::ReplaceConfig {
                name,
                present,
                config,
                reply,
            } => self.answer_later(reply, async move {
                writer.replace(&name, &present, config).await
            }),
            Request::Delete(name, reply) => {
                self.answer_later(reply, async move { writer.delete(&name).await });
            }
            Request::SetTarget(name, _, reply) => {
                self.answer_later(reply, async move { writer.stop(&name).await });
            }
            Request::Restart(name, scope, reply) => {
                self.answer_later(reply, async move { writer.restart(&name, scope).await });
            }
            Request::ChangeOffsets(name, change, reply) => {
                self.answer_later(
                    reply,
                    async move { writer.change_offsets(&name, change).await },
                );
            }
            Request::SubmitTasks(name, submission, reply) => {
                let protocol = self.membership.as_ref().map(|it| it.protocol);
                let proven = self.publisher.verify(&submission.signature, protocol);
                match proven.and_then(|()| elsewhere.map_or(Ok(()), Err)) {
                    Err(error) => answer(reply, Err(error)),
                    Ok(()) => self.answer_later(reply, async move {
                        writer.put_tasks(&name, submission.configs).await
                    }),
                }
            }
            Request::Fence(name, signature, reply) => {
                let protocol = self.membership.as_ref().map(|it| it.protocol);
                let proven = self.publisher.verify(&signature, protocol);
                let text = format!(
                    "This worker does not support exactly-once source connectors, such as {name}"
                );
                let refused = proven.and_then(|()| elsewhere.map_or(Ok(()), Err));
                answer(reply, refused.and(Err(HerderError::Failed(text))));
            }
            request => request.fail(HerderError::Elsewhere(None)),
        }
    }

    /// Answers when something is done that others need not wait for.
    fn answer_later<T: Send + 'static>(
        &self,
        reply: Reply<T>,
        work: impl Future<Output = Result<T, HerderError>> + Send + 'static,
    ) {
        self.worker.running.spawn(async move {
            answer(reply, work.await);
        });
    }

    fn restart_connector(&mut self, name: &ConnectorName, reply: Reply<()>) {
        if !self.configs.contains(name) {
            let text = format!("Unknown connector: {name}");
            return answer(reply, Err(HerderError::NotFound(text)));
        }
        match self.owner(
            |it| it.work.connectors.contains(name),
            |it| it.owners.connectors.get(name).map(ToString::to_string),
        ) {
            Ok(()) => self.enqueue(name, ConnectorOperation::RestartNow(reply)),
            Err(elsewhere) => answer(reply, Err(elsewhere)),
        }
    }

    fn restart_task(&mut self, id: &TaskId, reply: Reply<()>) {
        let Some(count) = self.configs.task_count(&id.connector) else {
            let text = format!("Unknown connector: {}", id.connector);
            return answer(reply, Err(HerderError::NotFound(text)));
        };
        if id.task >= count {
            return answer(
                reply,
                Err(HerderError::NotFound(format!("Unknown task: {id}"))),
            );
        }
        match self.owner(
            |it| it.work.tasks.contains(id),
            |it| it.owners.tasks.get(id).map(ToString::to_string),
        ) {
            Ok(()) => {
                let restart = TaskOperation::RestartNow(id.task, reply);
                self.enqueue_tasks(&id.connector, restart);
            }
            Err(elsewhere) => answer(reply, Err(elsewhere)),
        }
    }

    /// Whether this worker has something; else where to ask: the leader knows who has it.
    fn owner(
        &self,
        is_here: impl Fn(&Membership) -> bool,
        url: impl Fn(&Membership) -> Option<String>,
    ) -> Result<(), HerderError> {
        match &self.membership {
            None => Err(HerderError::Elsewhere(None)),
            Some(it) if is_here(it) => Ok(()),
            Some(it) if it.is_leader && !self.is_joining => Err(HerderError::Elsewhere(url(it))),
            Some(it) if it.is_leader => Err(HerderError::Elsewhere(None)),
            Some(it) => Err(HerderError::Elsewhere(Some(it.leader_url.clone()))),
        }
    }

    /// Reads the offsets beside the event loop: brokers may take their time.
    fn read_offsets(&self, name: ConnectorName, reply: Reply<Vec<ConnectorOffset>>) {
        let info = match self.configs.info(&name) {
            Ok(info) => info,
            Err(error) => return answer(reply, Err(error)),
        };
        let worker = Arc::clone(&self.worker);
        self.answer_later(reply, async move {
            offsets::read(&worker, &name, &info.config).await
        });
    }

    fn overview(&self) -> Vec<ConnectorOverview> {
        let names = self.configs.names().into_iter();
        names
            .filter_map(|name| {
                Some(ConnectorOverview {
                    info: self.configs.info(&name).ok()?,
                    status: self.status(name).ok(),
                })
            })
            .collect()
    }

    fn status(&self, name: ConnectorName) -> Result<ConnectorStatus, HerderError> {
        let statuses = &self.worker.statuses;
        let Some(connector) = statuses.connector(&name) else {
            let text = format!("No status found for connector {name}");
            return Err(HerderError::NotFound(text));
        };
        Ok(ConnectorStatus {
            connector,
            tasks: statuses.tasks(&name),
            kind: self.configs.info(&name).ok().and_then(|it| it.kind),
            name,
        })
    }

    fn tasks(&self, name: &ConnectorName) -> Result<Vec<TaskInfo>, HerderError> {
        let tasks = self.configs.task_set(name);
        let missing = || HerderError::NotFound(format!("Connector {name} not found"));
        let tasks = tasks.ok_or_else(missing)?;
        let configs = tasks.configs.into_iter();
        Ok(configs
            .map(|(task, config)| TaskInfo {
                id: TaskId {
                    connector: name.clone(),
                    task,
                },
                config,
            })
            .collect())
    }
}

/// Whether a request is looked at by any worker before it is passed on.
fn proves_itself_first(request: &Request) -> bool {
    matches!(request, Request::SubmitTasks(..) | Request::Fence(..))
}

/// Sets a level that was written for the whole cluster. Loggers that this worker does not know are
/// those of other workers.
pub(super) fn set_log_level(levels: &LogLevels, namespace: &str, level: &str) {
    let Ok(level) = level.parse() else {
        return tracing::warn!(
            logger = namespace,
            level,
            "log level of the cluster is not known"
        );
    };
    let changed = levels.set(namespace, level);
    tracing::info!(logger = namespace, %level, ?changed, "log level of the cluster set");
}
