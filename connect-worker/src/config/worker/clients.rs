//! Settings of the Kafka clients that a connector uses.
//!
//! They are built in layers, later ones win: what the runtime needs, what the worker's file says
//! for this kind of client, what the connector overrides. Top-level security settings of the worker
//! reach admin clients only.

use connect_core::config::Props;
use connect_kafka::ClientSettings;

use super::known_keys::KnownKeys;
use super::{WorkerConfig, keys};
use crate::config::client_keys::ClientKind;
use crate::config::override_policy::OverrideRefused;
use crate::identity::{ConnectorName, TaskId};

const CLIENT_ID: &str = "client.id";
/// What producers of connectors must not lose or reorder.
const PRODUCER: [(&str, &str); 5] = [
    ("max.block.ms", "9223372036854775807"),
    ("enable.idempotence", "false"),
    ("acks", "all"),
    ("max.in.flight.requests.per.connection", "1"),
    ("delivery.timeout.ms", "2147483647"),
];
/// Offsets are committed by the runtime, and a new sink begins at the beginning.
const CONSUMER: [(&str, &str); 2] = [
    ("enable.auto.commit", "false"),
    ("auto.offset.reset", "earliest"),
];
const METRICS_CONTEXT: &str = "metrics.context.";
const CLUSTER_ID: &str = "metrics.context.connect.kafka.cluster.id";

/// A client that works for a connector; it decides the client id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client<'a> {
    /// Writes the records of a source task.
    TaskProducer(&'a TaskId),
    /// Reads the records of a sink task.
    TaskConsumer(&'a TaskId),
    /// Creates the topics of a source task.
    TaskAdmin(&'a TaskId),
    /// Writes the records that a task could not handle.
    DlqProducer(&'a TaskId),
    /// Creates the topic of such records.
    DlqAdmin(&'a TaskId),
    /// Changes the consumer offsets of a sink connector.
    WorkerAdmin(&'a ConnectorName),
}

impl Client<'_> {
    /// The client id, unless the user says otherwise.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::TaskProducer(task) => format!("connector-producer-{task}"),
            Self::TaskConsumer(task) => format!("connector-consumer-{task}"),
            Self::TaskAdmin(task) => format!("connector-adminclient-{task}"),
            Self::DlqProducer(task) => format!("connector-dlq-producer-{task}"),
            Self::DlqAdmin(task) => format!("connector-dlq-adminclient-{task}"),
            Self::WorkerAdmin(connector) => format!("connector-worker-adminclient-{connector}"),
        }
    }

    fn connector(&self) -> &ConnectorName {
        match self {
            Self::TaskProducer(task)
            | Self::TaskConsumer(task)
            | Self::TaskAdmin(task)
            | Self::DlqProducer(task)
            | Self::DlqAdmin(task) => &task.connector,
            Self::WorkerAdmin(connector) => connector,
        }
    }

    fn kind(&self) -> ClientKind {
        match self {
            Self::TaskProducer(_) | Self::DlqProducer(_) => ClientKind::Producer,
            Self::TaskConsumer(_) => ClientKind::Consumer,
            Self::TaskAdmin(_) | Self::DlqAdmin(_) | Self::WorkerAdmin(_) => ClientKind::Admin,
        }
    }
}

impl WorkerConfig {
    /// The settings of a client of a connector with this configuration.
    ///
    /// Serializers are left out: our clients handle bytes.
    ///
    /// # Errors
    /// When the connector overrides what the policy of the worker does not allow. The policy may have become stricter
    /// since the configuration was accepted.
    pub fn client_settings(
        &self,
        client: Client<'_>,
        connector: &Props,
    ) -> Result<ClientSettings, OverrideRefused> {
        let kind = client.kind();
        self.override_policy.check(kind, connector)?;
        let mut settings = ClientSettings::new();
        settings
            .set(keys::BOOTSTRAP_SERVERS, &self.bootstrap)
            .set(CLIENT_ID, client.id());
        match kind {
            ClientKind::Producer => settings.extend(PRODUCER),
            ClientKind::Consumer => {
                settings.set("group.id", sink_group(client.connector()));
                settings.extend(CONSUMER);
            }
            ClientKind::Admin => settings.extend(self.unprefixed()),
        }
        settings.extend(given(
            &self.originals.with_prefix_stripped(kind.worker_prefix()),
        ));
        let overrides = connector.with_prefix_stripped(kind.override_prefix());
        match kind {
            ClientKind::Producer | ClientKind::Consumer => {
                settings.extend(self.metrics_context());
                settings.extend(given(&overrides));
            }
            ClientKind::Admin => {
                settings.extend(given(&overrides));
                settings.extend(self.metrics_context());
            }
        }
        Ok(settings)
    }

    /// The settings of the worker's own clients: what its file says, but for keys that mean nothing
    /// to a client.
    #[must_use]
    pub fn own_client_settings(&self) -> ClientSettings {
        let known = KnownKeys::new();
        let mut settings: ClientSettings = given(&self.originals)
            .filter(|(key, _)| !known.is_workers_alone(key))
            .collect();
        settings.set(keys::BOOTSTRAP_SERVERS, &self.bootstrap);
        settings.extend(self.metrics_context());
        settings
    }

    /// The worker's properties that may mean something to a client of a connector.
    fn unprefixed(&self) -> impl Iterator<Item = (&str, &str)> {
        let known = KnownKeys::new();
        given(&self.originals).filter(move |(key, _)| !known.is_workers_alone(key))
    }

    fn metrics_context(&self) -> impl Iterator<Item = (&str, &str)> {
        let labels = given(&self.originals).filter(|(key, _)| key.starts_with(METRICS_CONTEXT));
        let cluster = self.cluster_id.as_deref().map(|id| (CLUSTER_ID, id));
        labels.chain(cluster)
    }
}

/// The consumer group of a sink connector, unless the user says otherwise.
#[must_use]
pub fn sink_group(connector: &ConnectorName) -> String {
    format!("connect-{connector}")
}

/// What has a name and is not null.
fn given(props: &Props) -> impl Iterator<Item = (&str, &str)> {
    let named = props.iter().filter(|(key, _)| !key.is_empty());
    named.filter_map(|(key, value)| Some((key, value?)))
}
