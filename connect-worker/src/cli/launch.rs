//! The parts of a worker's process, from the first to the last: broker, REST, herder, connectors.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use connect_core::config::Props;
use connect_core::registry::PluginRegistry;
use connect_kafka::Admin;
use embedded_broker::Broker;

use crate::cli::failure::Failure;
use crate::cli::signals::Signals;
use crate::cli::{broker, plugins};
use crate::config::connector_file;
use crate::config::worker::{Brokers, ClusterConfig, Membership, Mode, WorkerConfig};
use crate::herder::distributed::{self, DistributedHerder, DistributedParts};
use crate::herder::standalone::{self, StandaloneHerder};
use crate::herder::validation::Admission;
use crate::herder::{HerderError, Request};
use crate::identity::ConnectorName;
use crate::log_levels::LogLevels;
use crate::providers::{ConfigProviders, Resolved, Secrets};
use crate::rest::{BoundServer, RestServer, SetupError};
use crate::storage::offsets::file::FileOffsetStore;
use crate::storage::offsets::kafka::KafkaOffsetStore;
use crate::storage::status::State;
use crate::worker::WorkerParts;

/// How long the cluster may take to answer for the first time, unless the user says otherwise.
const CLUSTER_LIMIT: Duration = Duration::from_secs(30);
const CLUSTER_LIMIT_KEY: &str = "default.api.timeout.ms";

/// When what only the start has needed is given back.
const SETTLED: Duration = Duration::from_secs(3);

/// Gives back what a worker needs for its start alone, and waits for ever.
pub(in crate::cli) async fn settle<T>() -> T {
    tokio::time::sleep(SETTLED).await;
    connect_kafka::give_back_code();
    connect_kafka::give_back_memory();
    std::future::pending().await
}

/// The herder of a worker, by its membership.
#[derive(Debug)]
enum RunningHerder {
    Alone(StandaloneHerder),
    Cluster(DistributedHerder),
}

/// A worker that runs, and everything around it.
#[derive(Debug)]
pub(in crate::cli) struct Launched {
    rest: RestServer,
    herder: RunningHerder,
    admission: Admission,
    broker: Option<Broker>,
    /// What the settings refer to: held, so that no log line shows it.
    _secrets: Secrets,
}

impl Launched {
    /// Starts a worker that answers REST requests and has no connectors yet.
    pub(in crate::cli) async fn start(
        membership: Membership,
        settings: Props,
        log_levels: LogLevels,
        broker_dir: Option<&Path>,
    ) -> Result<Self, Failure> {
        let plugins = plugins::registry()?;
        tracing::info!(count = plugins.len(), "plugins found");
        let brokers = match broker_dir {
            Some(_) => Brokers::Embedded,
            None => Brokers::Configured,
        };
        let (settings, providers) = Settings::resolve(settings, &plugins).await?;
        let props = settings.resolved.props.clone();
        let config = WorkerConfig::parse_for(membership, props, brokers, &plugins);
        let mut config = config.map_err(|errors| settings.failure(&errors))?;
        let server = BoundServer::bind(&config).await;
        let server = server.map_err(|error| refused(&error))?;
        let broker = match broker_dir {
            Some(dir) => {
                let broker = broker::start(dir, broker_address(&config).await?).await?;
                config = config.with_bootstrap(&broker.local_addr().to_string());
                Some(broker)
            }
            None => None,
        };
        if let Some(id) = cluster_id(&config).await? {
            config = config.with_cluster_id(id);
        }
        settings.log(&config);
        let parts = |offsets| WorkerParts {
            config: config.clone(),
            plugins: plugins.clone(),
            providers: Arc::clone(&providers),
            worker_id: server.worker_id(),
            offsets,
        };
        let (handle, herder, metrics) = match &config.mode {
            Mode::Standalone { offsets_file } => {
                let offsets = FileOffsetStore::open(offsets_file).await;
                let offsets = offsets.map_err(|error| Failure::start(&error))?;
                let (handle, herder) = standalone::start(parts(Arc::new(offsets)));
                let metrics = herder.metrics();
                (handle, RunningHerder::Alone(herder), metrics)
            }
            Mode::Distributed(cluster) => {
                let cluster = ClusterConfig::clone(cluster);
                let offsets = Arc::new(KafkaOffsetStore::new(&*cluster.offset_topic.name));
                let peers = server.peers(&config).map_err(|error| refused(&error))?;
                let (handle, herder) = distributed::start(DistributedParts {
                    worker: parts(Arc::clone(&offsets) as _),
                    cluster,
                    offsets,
                    url: server.url(),
                    log_levels: log_levels.clone(),
                    peers,
                })
                .map_err(|error| Failure::setup(&error))?;
                let metrics = herder.metrics();
                (handle, RunningHerder::Cluster(herder), metrics)
            }
        };
        let admission = Admission::new(handle, Arc::new(plugins), Arc::new(config), providers);
        let rest = server.serve(admission.clone(), log_levels, metrics);
        let rest = rest.map_err(|error| refused(&error))?;
        Ok(Self {
            rest,
            herder,
            admission,
            broker,
            _secrets: settings.resolved.secrets,
        })
    }

    /// Creates the connectors of these files, one after the other.
    pub(in crate::cli) async fn create(&self, files: &[PathBuf]) -> Result<(), Failure> {
        for file in files {
            let connector = connector_file::read(file).map_err(|error| Failure::start(&error))?;
            let name = connector.name.clone();
            let created = match self.admission.create(connector).await {
                Ok(_) => self.refuse_failed(&name).await.map_err(Into::into),
                Err(error) => Err(error),
            };
            created.map_err(|error| {
                Failure::start(&error).about(format_args!("connector {name} of {}", file.display()))
            })?;
            tracing::info!(connector = %name, file = %file.display(), "connector created");
        }
        self.rest.set_ready();
        Ok(())
    }

    /// Waits for the worker to have joined its cluster, then for its end, which only comes when
    /// the worker cannot go on.
    pub(in crate::cli) async fn run_in_cluster(&mut self) -> Failure {
        let RunningHerder::Cluster(herder) = &mut self.herder else {
            return std::future::pending().await;
        };
        if herder.has_joined().await {
            self.rest.set_ready();
        }
        Failure::herder(&herder.failed().await)
    }

    /// A connector with null in its configuration is taken and may have failed all the same.
    async fn refuse_failed(&self, name: &ConnectorName) -> Result<(), HerderError> {
        let status = self.admission.herder();
        let status = status.ask(|it| Request::Status(name.clone(), it)).await?;
        match (status.connector.state, status.connector.trace) {
            (State::Failed, Some(trace)) => Err(HerderError::Failed(trace)),
            _ => Ok(()),
        }
    }

    /// Where the REST API is.
    pub(in crate::cli) fn url(&self) -> &str {
        self.rest.url()
    }

    /// Address of the Kafka cluster.
    pub(in crate::cli) fn bootstrap(&self) -> &str {
        self.admission.worker().bootstrap()
    }

    /// Stops everything within the limits of the settings; at once when asked again.
    pub(in crate::cli) async fn stop(self, signals: &mut Signals) {
        tracing::info!("worker is stopping");
        let Self {
            rest,
            herder,
            admission: _,
            broker,
            _secrets,
        } = self;
        let stop = async {
            rest.shutdown().await;
            match herder {
                RunningHerder::Alone(herder) => herder.shutdown().await,
                RunningHerder::Cluster(herder) => herder.shutdown().await,
            }
            if let Some(broker) = broker {
                broker.shutdown().await;
            }
        };
        tokio::select! {
            () = stop => tracing::info!("worker has stopped"),
            _ = signals.next() => tracing::warn!("worker ends before everything has stopped"),
        }
    }
}

/// The settings of a worker as they were written, and as they are used.
struct Settings {
    written: Props,
    resolved: Resolved,
}

impl Settings {
    /// Looks up what the settings refer to. The providers of connectors are made from the resolved
    /// settings: one may have its parameters from another.
    async fn resolve(
        written: Props,
        plugins: &PluginRegistry,
    ) -> Result<(Self, Arc<ConfigProviders>), Failure> {
        let own = ConfigProviders::new(&written, plugins);
        let own = own.map_err(|errors| Failure::setup(&errors))?;
        let resolved = own.resolve(&written).await;
        let resolved = resolved.map_err(|error| Failure::setup(&error))?;
        let settings = Self { written, resolved };
        if settings.resolved.props == settings.written {
            return Ok((settings, Arc::new(own)));
        }
        let providers = ConfigProviders::new(&settings.resolved.props, plugins);
        let providers = providers.map_err(|errors| settings.failure(&errors))?;
        Ok((settings, Arc::new(providers)))
    }

    /// A failure whose message shows nothing that was looked up.
    fn failure(&self, error: &dyn std::error::Error) -> Failure {
        Failure::setup(error).hiding(&self.resolved.secrets)
    }

    fn log(&self, config: &WorkerConfig) {
        for (key, meant) in config.misspelt() {
            tracing::warn!(
                key,
                meant,
                "unknown worker setting has no effect; is it misspelt?"
            );
        }
        for key in config.removed() {
            tracing::warn!(
                key,
                "worker setting has no effect since Kafka 3.0: internal data is JSON without schemas"
            );
        }
        let (written, used) = (&self.written, &self.resolved.props);
        let shown = |(key, value): &'_ (String, String)| match written.get(key) {
            Some(written) if used.get(key) != Some(written) => (key.clone(), written.to_owned()),
            _ => (key.clone(), value.clone()),
        };
        let settings: BTreeMap<_, _> = config.effective().iter().map(shown).collect();
        tracing::info!(?settings, "worker settings");
    }
}

/// Where the embedded broker listens: where the settings look for brokers, else on any free port.
async fn broker_address(config: &WorkerConfig) -> Result<SocketAddr, Failure> {
    let Some(first) = config
        .bootstrap()
        .split(',')
        .next()
        .filter(|it| !it.is_empty())
    else {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    };
    let first_address = async {
        let mut addresses = tokio::net::lookup_host(first).await?;
        addresses
            .next()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    };
    first_address.await.map_err(|error| {
        let about = format_args!("bootstrap.servers: the embedded broker cannot use `{first}`");
        Failure::setup(&error).about(about)
    })
}

/// Why the REST server cannot be had.
fn refused(error: &SetupError) -> Failure {
    match error {
        SetupError::Extension(_) => Failure::start(error),
        SetupError::Bind { .. } | SetupError::Setting { .. } => Failure::setup(error),
    }
}

/// Asks the cluster for its id; older brokers have none to tell.
async fn cluster_id(config: &WorkerConfig) -> Result<Option<String>, Failure> {
    const NO_CLUSTER: &str = "Failed to connect to and describe Kafka cluster. \
                              Check worker's broker connection and security properties. Cause";
    let given = config
        .originals()
        .get(CLUSTER_LIMIT_KEY)
        .and_then(|it| it.trim().parse().ok());
    let limit = given.map_or(CLUSTER_LIMIT, Duration::from_millis);
    let admin = Admin::new(&config.own_client_settings());
    let admin = admin.map_err(|error| Failure::setup(&error).about(NO_CLUSTER))?;
    let cluster = admin.describe_cluster(limit).await;
    Ok(cluster
        .map_err(|error| Failure::setup(&error).about(NO_CLUSTER))?
        .id)
}
