//! The way of planned tasks to the leader, who writes them for everybody.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connect_core::config::Props;
use hyper::Method;
use hyper::header::{HeaderName, HeaderValue};
use indexmap::IndexMap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::sleep;

use super::protocol::Subprotocol;
use super::shared::Configs;
use super::writer::ConfigWriter;
use crate::config::worker::SessionConfig;
use crate::herder::live::Plan;
use crate::herder::{HerderError, Signature, TargetState};
use crate::identity::ConnectorName;
use crate::peers::{PeerRequest, Peers};
use crate::providers::ConfigProviders;
use crate::storage::configs::session_key::{check_form, verify};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
const SIGNATURE: HeaderName = HeaderName::from_static("x-connect-authorization");
const ALGORITHM: HeaderName = HeaderName::from_static("x-connect-request-signature-algorithm");

/// Who leads, as of the last rebalance.
#[derive(Clone, Debug, Default)]
struct Leader {
    is_here: bool,
    url: String,
}

/// A connector's configuration when its tasks were written last, with what it refers to.
struct Applied {
    generation: u64,
    resolved: Props,
}

/// What a publisher is made of.
pub(super) struct PublisherParts {
    pub(super) configs: Arc<Configs>,
    pub(super) writer: Arc<ConfigWriter>,
    pub(super) peers: Peers,
    pub(super) session: SessionConfig,
    pub(super) providers: Arc<ConfigProviders>,
}

/// Hands planned tasks to the leader.
pub(super) struct Publisher {
    parts: PublisherParts,
    leader: Mutex<Leader>,
    /// Looked up once for each set of tasks, so that a value which expires shows as a difference.
    applied: Mutex<HashMap<ConnectorName, Applied>>,
}

impl Publisher {
    pub(super) fn new(parts: PublisherParts) -> Self {
        Self {
            parts,
            leader: Mutex::default(),
            applied: Mutex::default(),
        }
    }

    pub(super) fn set_leader(&self, is_here: bool, url: String) {
        *lock(&self.leader) = Leader { is_here, url };
    }

    /// Whether a request comes from a worker of the cluster; only `sessioned` groups can tell.
    pub(super) fn verify(
        &self,
        signature: &Signature,
        protocol: Option<Subprotocol>,
    ) -> Result<(), HerderError> {
        check_form(signature)?;
        if protocol.is_some_and(|it| it != Subprotocol::Sessioned) {
            return Ok(());
        }
        let key = self.parts.configs.session_key();
        let allowed = &self.parts.session.verification_algorithms;
        verify(signature, key.as_ref(), allowed)
    }

    /// Has the tasks of a plan written, however long that takes, unless they are there already.
    pub(super) async fn publish(&self, name: &ConnectorName, plan: Plan) {
        let mut pause = FIRST_PAUSE;
        while self.is_news(name, &plan).await {
            match self.hand_over(name, &plan).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(
                    connector = %name,
                    %error,
                    ?pause,
                    "tasks could not be handed to the leader, which is tried again"
                ),
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether a plan differs from what the connector has.
    async fn is_news(&self, name: &ConnectorName, plan: &Plan) -> bool {
        let target = self.parts.configs.connector(name).map(|it| it.1);
        if target != Some(TargetState::Started) {
            return false;
        }
        if self.parts.configs.has_other_tasks(name, &plan.shown) {
            return true;
        }
        let Some((generation, config)) = self.parts.configs.applied(name) else {
            return true;
        };
        let known = lock(&self.applied)
            .get(name)
            .and_then(|it| (it.generation == generation).then(|| it.resolved.clone()));
        let resolved = match known {
            Some(resolved) => resolved,
            None => match self.parts.providers.resolve(&config).await {
                Ok(resolved) => {
                    let applied = Applied {
                        generation,
                        resolved: resolved.props.clone(),
                    };
                    lock(&self.applied).insert(name.clone(), applied);
                    resolved.props
                }
                Err(_) => return true,
            },
        };
        resolved != plan.used.connector
    }

    async fn hand_over(&self, name: &ConnectorName, plan: &Plan) -> Result<(), String> {
        let leader = lock(&self.leader).clone();
        if leader.is_here {
            let written = self.parts.writer.put_tasks(name, plan.shown.clone()).await;
            return written.map_err(|error| error.to_string());
        }
        if leader.url.is_empty() {
            return Err("no leader is known".to_owned());
        }
        self.send(name, plan, &leader.url).await
    }

    async fn send(&self, name: &ConnectorName, plan: &Plan, url: &str) -> Result<(), String> {
        let configs: Vec<IndexMap<&str, Option<&str>>> =
            plan.shown.iter().map(|it| it.iter().collect()).collect();
        let body = serde_json::to_vec(&configs).map_err(|error| error.to_string())?;
        let encoded = utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC);
        let path = format!("connectors/{encoded}/tasks");
        let answer = self.parts.peers.ask(PeerRequest {
            method: Method::POST,
            base: url,
            path: &path,
            headers: self.signed(&body),
            body: Some(body.into()),
            authorization: None,
        });
        let answer = answer.await.map_err(|error| error.to_string())?;
        match answer.status.is_success() {
            true => Ok(()),
            false => Err(format!(
                "the leader at {url} answers {}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            )),
        }
    }

    /// The headers that prove a request; none as long as there is no key.
    fn signed(&self, body: &[u8]) -> Vec<(HeaderName, HeaderValue)> {
        let algorithm = &self.parts.session.signature_algorithm;
        let key = self.parts.configs.session_key();
        let signature = key.and_then(|it| it.sign(algorithm, body));
        let header = |name, text: &str| Some((name, HeaderValue::from_str(text).ok()?));
        signature
            .and_then(|it| Some(vec![header(SIGNATURE, &it)?, header(ALGORITHM, algorithm)?]))
            .unwrap_or_default()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that holds such a lock can panic in between.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
