//! The settings of a worker, alone or of a cluster.

mod clients;
mod cluster;
pub(crate) mod keys;
mod known_keys;
mod listeners;
mod response_headers;
mod tls;

use std::path::PathBuf;
use std::time::Duration;

use connect_core::config::{ConfigErrors, Props};
use connect_core::converter::Role;
use connect_core::plugin::PluginDescriptor;
use connect_core::registry::PluginRegistry;

use self::known_keys::KnownKeys;
use super::definition::{Interface, JavaClass, Values, invalid};
use super::override_policy::OverridePolicy;

pub use clients::{Client, sink_group};
pub use cluster::{ClusterConfig, InternalTopic, SessionConfig};
pub use listeners::{
    Advertised, AdvertisedParts, Listener, ListenerError, Scheme, local_host_address,
};
pub use response_headers::{HeaderAction, HeaderRule};
pub use tls::{ClientAuth, StoreSettings, TlsSettings};

/// Least time between two commits of a task: without any it would do nothing else.
const SHORTEST_FLUSH_INTERVAL: Duration = Duration::from_millis(10);

/// Where the Kafka cluster of a worker comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brokers {
    /// `bootstrap.servers` names it.
    Configured,
    /// The worker starts a broker of its own; `bootstrap.servers` may be absent until
    /// [`WorkerConfig::with_bootstrap`] gives its address.
    Embedded,
}

/// Whether a worker shares its connectors with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It runs all that it is told of.
    Alone,
    /// It runs its part of what a cluster is told of.
    Cluster,
}

/// What a worker keeps where, by its membership.
#[derive(Clone, Debug)]
pub enum Mode {
    /// A worker alone.
    Standalone {
        /// File with the offsets of source connectors.
        offsets_file: PathBuf,
    },
    /// A worker of a cluster.
    Distributed(Box<ClusterConfig>),
}

/// Where `/admin/loggers` is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminListeners {
    /// With everything else.
    Shared,
    /// Nowhere.
    Off,
    /// On listeners of its own, and only there.
    Separate(Vec<Listener>),
}

/// Who may ask from a page of another origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossOrigin {
    /// Origins that may, as they were written; empty is none.
    pub origins: String,
    /// Methods that they may use, as they were written; empty is the usual ones.
    pub methods: String,
}

/// How the worker measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricsConfig {
    /// Length of one sample.
    pub sample_window: Duration,
    /// How many samples are kept.
    pub sample_count: u32,
}

/// The settings of a worker, all of them checked.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    originals: Props,
    cluster_id: Option<String>,
    bootstrap: String,
    effective: Vec<(String, String)>,
    /// What the worker keeps where.
    pub mode: Mode,
    /// Time between two commits of offsets.
    pub offset_flush_interval: Duration,
    /// Longest time that one commit of offsets may take.
    pub offset_flush_timeout: Duration,
    /// Longest time for stopping a group of tasks together.
    pub task_shutdown_timeout: Duration,
    /// Whether source connectors may have topics created by their own rules.
    pub topic_creation: bool,
    /// Whether topics that connectors use are remembered.
    pub topic_tracking: bool,
    /// Whether clients may have the remembered topics forgotten.
    pub topic_tracking_reset: bool,
    /// What connectors may change of their clients.
    pub override_policy: OverridePolicy,
    /// Where REST is served.
    pub listeners: Vec<Listener>,
    /// Where loggers are administered.
    pub admin_listeners: AdminListeners,
    /// TLS of the listeners, if there is one that speaks it.
    pub tls: Option<TlsSettings>,
    /// TLS of the listeners for administrators, likewise.
    pub admin_tls: Option<TlsSettings>,
    /// What other programs are told of the worker's address.
    pub advertised: AdvertisedParts,
    /// Pages of other origins.
    pub cross_origin: CrossOrigin,
    /// Headers that are added to answers.
    pub response_headers: Vec<HeaderRule>,
    /// REST extensions, by class.
    pub rest_extensions: Vec<String>,
    /// How the worker measures.
    pub metrics: MetricsConfig,
    /// Whether sources write in transactions; `None` where that cannot be had, and sources are not
    /// even asked whether they could.
    pub exactly_once_sources: Option<bool>,
    /// Time in which a task with work gets some of it done; zero is for ever.
    pub task_stall_timeout: Duration,
}

impl WorkerConfig {
    /// Reads the settings of a worker alone. Keys that are not known are kept in
    /// [`originals`](Self::originals).
    ///
    /// # Errors
    /// The first mistake of every key.
    pub fn parse(
        props: Props,
        brokers: Brokers,
        plugins: &PluginRegistry,
    ) -> Result<Self, ConfigErrors> {
        Self::parse_for(Membership::Alone, props, brokers, plugins)
    }

    /// Reads the settings of a worker that is alone or of a cluster, likewise.
    ///
    /// # Errors
    /// The first mistake of every key.
    pub fn parse_for(
        membership: Membership,
        props: Props,
        brokers: Brokers,
        plugins: &PluginRegistry,
    ) -> Result<Self, ConfigErrors> {
        let values = keys::definition(membership, brokers).parse(&props, plugins)?;
        let mut errors = ConfigErrors::default();
        let mode = match membership {
            Membership::Alone => Mode::Standalone {
                offsets_file: values.text(keys::OFFSETS_FILE).unwrap_or_default().into(),
            },
            Membership::Cluster => {
                let cluster = ClusterConfig::from_values(&values, &props, &mut errors);
                Mode::Distributed(Box::new(cluster))
            }
        };
        let config = Self::from_values(mode, &values, props, plugins, &mut errors);
        match errors.is_empty() {
            true => Ok(config),
            false => Err(errors),
        }
    }

    fn from_values(
        mode: Mode,
        values: &Values,
        originals: Props,
        plugins: &PluginRegistry,
        errors: &mut ConfigErrors,
    ) -> Self {
        let duration = |key| millis(values.number(key).unwrap_or_default());
        let text = |key| values.text(key).unwrap_or_default().to_owned();
        let list = |key| values.list(key).unwrap_or_default().to_vec();
        let port = values.number(keys::ADVERTISED_PORT);
        let response_headers = response_headers::parse(&text(keys::RESPONSE_HEADERS));
        let rest_listeners = listeners(keys::LISTENERS, &list(keys::LISTENERS), errors);
        let admin_listeners = match values.list(keys::ADMIN_LISTENERS) {
            None => AdminListeners::Shared,
            Some([]) => AdminListeners::Off,
            Some(urls) => AdminListeners::Separate(listeners(keys::ADMIN_LISTENERS, urls, errors)),
        };
        let admins: &[Listener] = match &admin_listeners {
            AdminListeners::Separate(listeners) => listeners,
            AdminListeners::Shared | AdminListeners::Off => &[],
        };
        let mut tls_of = |prefix, listeners: &[Listener]| {
            let is_wanted = listeners.iter().any(|it| it.scheme == Scheme::Https);
            let settings = is_wanted.then(|| TlsSettings::parse(prefix, &originals, plugins))?;
            settings
                .map_err(|mistakes| {
                    for (key, message) in mistakes.iter() {
                        errors.push(key, message);
                    }
                })
                .ok()
        };
        let tls = tls_of(keys::TLS_PREFIX, &rest_listeners);
        let admin_tls = tls_of(keys::ADMIN_TLS_PREFIX, admins);
        Self {
            cluster_id: None,
            bootstrap: list(keys::BOOTSTRAP_SERVERS).join(","),
            effective: values
                .rendered()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
            offset_flush_interval: duration(keys::OFFSET_FLUSH_INTERVAL)
                .max(SHORTEST_FLUSH_INTERVAL),
            offset_flush_timeout: duration(keys::OFFSET_FLUSH_TIMEOUT),
            task_shutdown_timeout: duration(keys::TASK_SHUTDOWN_TIMEOUT),
            topic_creation: values.switch(keys::TOPIC_CREATION),
            topic_tracking: values.switch(keys::TOPIC_TRACKING),
            topic_tracking_reset: values.switch(keys::TOPIC_TRACKING_RESET),
            override_policy: collect(
                keys::OVERRIDE_POLICY,
                OverridePolicy::from_worker(&text(keys::OVERRIDE_POLICY), &originals, plugins),
                errors,
            ),
            listeners: rest_listeners,
            admin_listeners,
            tls,
            admin_tls,
            advertised: AdvertisedParts {
                host: values.text(keys::ADVERTISED_HOST).map(str::to_owned),
                port: port.map(|it| collect(keys::ADVERTISED_PORT, port_number(it), errors)),
                listener: values.text(keys::ADVERTISED_LISTENER).map(str::to_owned),
            },
            cross_origin: CrossOrigin {
                origins: text(keys::ALLOW_ORIGIN),
                methods: text(keys::ALLOW_METHODS),
            },
            response_headers: collect(keys::RESPONSE_HEADERS, response_headers, errors),
            rest_extensions: list(keys::REST_EXTENSIONS),
            metrics: MetricsConfig {
                sample_window: duration(keys::METRICS_SAMPLE_WINDOW),
                sample_count: values
                    .number(keys::METRICS_SAMPLES)
                    .and_then(|it| u32::try_from(it).ok())
                    .unwrap_or_default(),
            },
            exactly_once_sources: match mode {
                Mode::Standalone { .. } => None,
                Mode::Distributed(_) => Some(false),
            },
            mode,
            task_stall_timeout: duration(keys::TASK_STALL_TIMEOUT),
            originals,
        }
    }

    /// The same settings for the cluster at this address.
    #[must_use]
    pub fn with_bootstrap(mut self, address: &str) -> Self {
        self.originals
            .insert(keys::BOOTSTRAP_SERVERS, Some(address.to_owned()));
        address.clone_into(&mut self.bootstrap);
        self
    }

    /// The same settings, with the id of the cluster that clients and metrics are labelled with.
    #[must_use]
    pub fn with_cluster_id(mut self, id: impl Into<String>) -> Self {
        self.cluster_id = Some(id.into());
        self
    }

    /// Everything that the user said, known or not.
    #[must_use]
    pub fn originals(&self) -> &Props {
        &self.originals
    }

    /// Keys that look misspelt, each with the one that was meant.
    #[must_use]
    pub fn misspelt(&self) -> Vec<(String, String)> {
        let known = KnownKeys::new();
        let keys = self.originals.iter().map(|(key, _)| key);
        keys.filter_map(|key| Some((key.to_owned(), known.meant(key)?)))
            .collect()
    }

    /// Keys that meant something to workers of old and mean nothing since.
    pub fn removed(&self) -> impl Iterator<Item = &str> {
        let keys = self.originals.iter().map(|(key, _)| key);
        keys.filter(|key| known_keys::is_removed(key))
    }

    /// Every known key with the value that counts, for the log: defaults filled in, secrets hidden.
    #[must_use]
    pub fn effective(&self) -> &[(String, String)] {
        &self.effective
    }

    /// The settings of the cluster that the worker is of, if it is of one.
    #[must_use]
    pub fn cluster(&self) -> Option<&ClusterConfig> {
        match &self.mode {
            Mode::Standalone { .. } => None,
            Mode::Distributed(cluster) => Some(cluster),
        }
    }

    /// Addresses of the Kafka cluster, with commas between them.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Id of the Kafka cluster, once it is known.
    #[must_use]
    pub fn cluster_id(&self) -> Option<&str> {
        self.cluster_id.as_deref()
    }

    /// The class that converts when a connector does not choose one.
    #[must_use]
    pub fn converter_class(&self, role: Role) -> &str {
        self.originals
            .get(converter_key(role))
            .unwrap_or(keys::DEFAULT_HEADER_CONVERTER)
    }

    /// The converter of a connector, with its own settings: the connector's if it names one, else
    /// the worker's.
    ///
    /// # Errors
    /// When the class is not known or converts nothing of that kind.
    pub fn converter(
        &self,
        role: Role,
        connector: &Props,
        plugins: &PluginRegistry,
    ) -> Result<ConverterChoice, ConfigErrors> {
        let key = converter_key(role);
        let (class, owner) = match connector.get(key) {
            Some(class) => (class, connector),
            None => (self.converter_class(role), &self.originals),
        };
        let plugin = find_converter(role, class, plugins).map_err(|message| {
            let mut errors = ConfigErrors::default();
            errors.push(key, message);
            errors
        })?;
        Ok(ConverterChoice {
            plugin,
            role,
            config: converter_config(role, owner),
        })
    }
}

/// A converter and the settings that it is made with.
#[derive(Clone, Debug)]
pub struct ConverterChoice {
    /// The converter.
    pub plugin: PluginDescriptor,
    /// What it converts.
    pub role: Role,
    /// Its settings, without prefix.
    pub config: Props,
}

/// The key that names the converter of a role.
#[must_use]
pub fn converter_key(role: Role) -> &'static str {
    match role {
        Role::Key => "key.converter",
        Role::Value => "value.converter",
        Role::Header => "header.converter",
    }
}

/// The key with the version of the converter of a role.
#[must_use]
pub fn converter_version_key(role: Role) -> &'static str {
    match role {
        Role::Key => "key.converter.plugin.version",
        Role::Value => "value.converter.plugin.version",
        Role::Header => "header.converter.plugin.version",
    }
}

/// The settings below the key of a converter, without that prefix, and its role.
#[must_use]
pub fn converter_config(role: Role, owner: &Props) -> Props {
    const CONVERTER_TYPE: &str = "converter.type";
    let mut config = owner.with_prefix_stripped(&format!("{}.", converter_key(role)));
    // The reference takes null for an absent key.
    if config.get(CONVERTER_TYPE).is_none() {
        config.insert(CONVERTER_TYPE, Some(role.as_str().to_owned()));
    }
    config
}

fn find_converter(
    role: Role,
    class: &str,
    plugins: &PluginRegistry,
) -> Result<PluginDescriptor, String> {
    let key = converter_key(role);
    let interface = Interface::Converter(role);
    let Ok(plugin) = plugins.find(class.trim()) else {
        return Err(match JavaClass::find(class.trim()) {
            Some(java) => java.mistake(interface),
            None => invalid(
                key,
                class,
                format_args!("Class {class} could not be found."),
            ),
        });
    };
    interface.check(plugin)?;
    Ok(*plugin)
}

fn listeners(key: &str, urls: &[String], errors: &mut ConfigErrors) -> Vec<Listener> {
    let parsed: Result<Vec<Listener>, ListenerError> = urls.iter().map(|it| it.parse()).collect();
    collect(key, parsed, errors)
}

/// The value, or its default beside the error that makes the whole configuration void.
fn collect<T: Default, E: std::fmt::Display>(
    key: &str,
    result: Result<T, E>,
    errors: &mut ConfigErrors,
) -> T {
    result.unwrap_or_else(|error| {
        errors.push(key, error.to_string());
        T::default()
    })
}

fn port_number(number: i64) -> Result<u16, String> {
    u16::try_from(number).map_err(|_| format!("port out of range:{number}"))
}

/// A negative time is over at once.
pub(super) fn millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or_default())
}

#[cfg(test)]
mod tests;
