//! Brokers by their addresses, and the way to the one that coordinates a group.

use std::{fmt, time::Duration};

use kafka_protocol::messages::{FindCoordinatorRequest, MetadataRequest};
use kafka_protocol::protocol::StrBytes;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::debug;

use super::{connection::Connection, security::Security, wire};
use crate::backoff::Backoff;
use crate::error::{ErrorKind, KafkaError, Result};

/// Where a broker listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
}

impl Server {
    /// As a broker lists one.
    fn listed(host: &str, port: i32) -> Option<Self> {
        Some(Self {
            host: host.to_owned(),
            port: u16::try_from(port).ok()?,
        })
    }

    /// Reads `host:port`; the host may be an IPv6 address in brackets.
    fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.trim().rsplit_once(':')?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        Some(Self {
            host: host.to_owned(),
            port: port.parse().ok()?,
        })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// The brokers that are known, and how to talk to them.
#[derive(Debug)]
pub(super) struct Servers {
    /// Those that settings name, then the others of the cluster, by which the group is found when the first are gone.
    known: Vec<Server>,
    /// How many of them settings name.
    given: usize,
    /// The one that is asked first: the last one that answered, or one after those that did not.
    first: usize,
    client_id: StrBytes,
    security: Security,
}

impl Servers {
    /// `bootstrap` is a list of `host:port`, separated by commas.
    pub(super) fn new(bootstrap: &str, client_id: &str, security: Security) -> Self {
        let known: Vec<_> = bootstrap.split(',').filter_map(Server::parse).collect();
        Self {
            given: known.len(),
            known,
            first: 0,
            client_id: wire::text(client_id),
            security,
        }
    }

    /// A connection to the coordinator of a group: one attempt, in which each broker may be asked several times.
    ///
    /// # Errors
    /// Retriable when the coordinator was not found within `limit`; otherwise nobody may ask for it.
    pub(super) async fn coordinator(
        &mut self,
        group: &str,
        limit: Duration,
        backoff: &Backoff,
    ) -> Result<Connection> {
        let deadline = Instant::now() + limit;
        let mut backoff = backoff.clone();
        let mut last = None;
        loop {
            match timeout_at(deadline, self.ask_all(group, deadline)).await {
                Ok(Ok(connection)) => {
                    debug!(group, coordinator = %connection.server(), "found the coordinator of the group");
                    return Ok(connection);
                }
                Ok(Err(error)) if error.is_retriable() => last = Some(error),
                Ok(Err(error)) => return Err(error.during("the coordinator cannot be found")),
                Err(_) => {}
            }
            let pause = backoff.next();
            if Instant::now() + pause >= deadline {
                let last = last.unwrap_or_else(|| {
                    KafkaError::new(
                        ErrorKind::Timeout,
                        format!("no broker answered within {limit:?}"),
                    )
                });
                return Err(last.during("the coordinator cannot be found"));
            }
            sleep(pause).await;
        }
    }

    /// Asks one broker after the other; the first that answers decides. Each has half of what time is left, so that there
    /// is some for the next.
    async fn ask_all(&mut self, group: &str, deadline: Instant) -> Result<Connection> {
        let count = self.known.len();
        let mut last = KafkaError::config("bootstrap.servers: there is no broker to ask");
        for index in (0..count)
            .map(|it| (self.first + it) % count)
            .collect::<Vec<_>>()
        {
            let server = self.known[index].clone();
            let left = deadline - Instant::now();
            let share = if count == 1 { left } else { left / 2 };
            let asked = timeout(share, self.ask_one(&server, group)).await;
            let error = match asked {
                Ok(Ok((coordinator, brokers))) => {
                    self.learn(&server, brokers);
                    return self.open(&coordinator).await;
                }
                Ok(Err(error)) if error.is_retriable() => error,
                Ok(Err(error)) => return Err(error),
                Err(_) => KafkaError::new(
                    ErrorKind::Timeout,
                    format!("{server}: no answer within {share:?}"),
                ),
            };
            debug!(group, %error, "a broker does not tell who coordinates the group");
            // The next attempt begins with another one.
            self.first = (index + 1) % count;
            last = error;
        }
        Err(last)
    }

    /// Where the coordinator is, and where all brokers are.
    async fn ask_one(&self, server: &Server, group: &str) -> Result<(Server, Vec<Server>)> {
        let mut connection = self.open(server).await?;
        let version = connection.version::<FindCoordinatorRequest>(wire::FIND)?;
        connection.ask(version, &wire::find(group))?;
        let answer = connection.answer::<FindCoordinatorRequest>().await?;
        wire::check(answer.error_code).map_err(|error| error.during(server))?;
        let coordinator = Server::listed(&answer.host, answer.port).ok_or_else(|| {
            let text = format!("{server}: the coordinator has the port {}", answer.port);
            KafkaError::new(ErrorKind::Retriable, text)
        })?;
        // Who does not tell has told enough.
        let brokers = brokers(&mut connection).await.unwrap_or_default();
        Ok((coordinator, brokers))
    }

    /// Knows the brokers of the cluster from now on, and begins with the one that told.
    fn learn(&mut self, told: &Server, brokers: Vec<Server>) {
        if !brokers.is_empty() {
            self.known.truncate(self.given);
            for broker in brokers {
                if !self.known.contains(&broker) {
                    self.known.push(broker);
                }
            }
        }
        let position = self.known.iter().position(|it| it == told);
        self.first = position.unwrap_or(0);
    }

    async fn open(&self, server: &Server) -> Result<Connection> {
        Connection::open(server, &self.client_id, &self.security).await
    }
}

async fn brokers(connection: &mut Connection) -> Result<Vec<Server>> {
    let version = connection.version::<MetadataRequest>(wire::METADATA)?;
    connection.ask(version, &wire::metadata())?;
    let answer = connection.answer::<MetadataRequest>().await?;
    let brokers = answer.brokers.iter();
    Ok(brokers
        .filter_map(|it| Server::listed(&it.host, it.port))
        .collect())
}
