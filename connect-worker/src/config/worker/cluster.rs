//! The settings that only workers of a cluster have: its group, its topics, what its members trust.

use std::time::Duration;

use connect_core::config::{ConfigErrors, ConfigType, Importance, Props};

use super::millis;
use crate::config::definition::{Check, Parsed, Setting, Values, invalid};
use crate::herder::distributed::protocol::Subprotocol;

const GROUP_ID: &str = "group.id";
const CLIENT_ID: &str = "client.id";
const SESSION_TIMEOUT: &str = "session.timeout.ms";
const REBALANCE_TIMEOUT: &str = "rebalance.timeout.ms";
const HEARTBEAT_INTERVAL: &str = "heartbeat.interval.ms";
const EXACTLY_ONCE: &str = "exactly.once.source.support";
const SYNC_TIMEOUT: &str = "worker.sync.timeout.ms";
const UNSYNC_BACKOFF: &str = "worker.unsync.backoff.ms";
const PROTOCOL: &str = "connect.protocol";
const MAX_DELAY: &str = "scheduled.rebalance.max.delay.ms";
const KEY_TTL: &str = "inter.worker.key.ttl.ms";
const KEY_ALGORITHM: &str = "inter.worker.key.generation.algorithm";
const KEY_SIZE: &str = "inter.worker.key.size";
const SIGNATURE_ALGORITHM: &str = "inter.worker.signature.algorithm";
const VERIFICATION_ALGORITHMS: &str = "inter.worker.verification.algorithms";
const REQUEST_TIMEOUT: &str = "request.timeout.ms";
const RETRY_BACKOFF: &str = "retry.backoff.ms";
const RETRY_BACKOFF_MAX: &str = "retry.backoff.max.ms";
const API_TIMEOUT: &str = "default.api.timeout.ms";
/// How long a topic may take to be created where the file says nothing of `default.api.timeout.ms`.
const DEFAULT_API_TIMEOUT: Duration = Duration::from_secs(60);

/// Algorithms of keys and signatures that a worker can use, by the names of Java.
const ALGORITHMS: [&str; 5] = [
    "HmacMD5",
    "HmacSHA1",
    "HmacSHA256",
    "HmacSHA384",
    "HmacSHA512",
];

/// One of the three topics in which a cluster keeps what it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalTopic {
    /// Its name.
    pub name: String,
    /// The key that names it.
    pub key: &'static str,
    /// What would be lost if old records were deleted from it.
    pub content: &'static str,
    /// How many partitions it is created with; -1 leaves that to the broker.
    pub partitions: i32,
    /// How many copies it is created with; -1 leaves that to the broker.
    pub replication: i16,
    /// Further settings that it is created with.
    pub configs: Vec<(String, String)>,
}

/// How workers of a cluster know each other's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionConfig {
    /// Age at which the leader replaces the key; zero is never.
    pub ttl: Duration,
    /// Algorithm that the key is made for.
    pub key_algorithm: String,
    /// Length of the key in bits, if it is not the one of the algorithm.
    pub key_bits: Option<u32>,
    /// Algorithm of this worker's signatures.
    pub signature_algorithm: String,
    /// Algorithms of signatures that this worker accepts.
    pub verification_algorithms: Vec<String>,
}

/// The settings of a worker of a cluster, all of them checked.
#[derive(Clone, Debug)]
pub struct ClusterConfig {
    /// The group that the workers of the cluster form.
    pub group_id: String,
    /// What client ids begin with, behind the group's; may be empty.
    pub client_id: String,
    /// Silence after which a worker counts as gone.
    pub session_timeout: Duration,
    /// Time that a worker has to join again.
    pub rebalance_timeout: Duration,
    /// Time between two signs of life.
    pub heartbeat_interval: Duration,
    /// Time in which the topic of configurations must have been read.
    pub sync_timeout: Duration,
    /// Pause before the next try when it has not; with the protocol `eager` alone.
    pub unsync_backoff: Duration,
    /// The newest protocol that is offered.
    pub protocol: Subprotocol,
    /// How long the work of a lost worker waits for its return.
    pub max_rebalance_delay: Duration,
    /// Longest wait for the answer of a broker.
    pub request_timeout: Duration,
    /// Pause before a request to a broker is tried again.
    pub retry_backoff: Duration,
    /// Longest such pause after failures in a row.
    pub retry_backoff_max: Duration,
    /// How long an internal topic may take to be created.
    pub api_timeout: Duration,
    /// Configurations.
    pub config_topic: InternalTopic,
    /// Offsets of sources.
    pub offset_topic: InternalTopic,
    /// Statuses.
    pub status_topic: InternalTopic,
    /// Requests between workers.
    pub session: SessionConfig,
}

/// An internal topic before it is read.
struct TopicKeys {
    prefix: &'static str,
    name: &'static str,
    partitions: Option<&'static str>,
    replication: &'static str,
    content: &'static str,
    missing: &'static str,
}

const CONFIG_TOPIC: TopicKeys = TopicKeys {
    prefix: "config.storage.",
    name: "config.storage.topic",
    partitions: None,
    replication: "config.storage.replication.factor",
    content: "connector configurations",
    missing: "Must specify topic for connector configuration.",
};
const OFFSET_TOPIC: TopicKeys = TopicKeys {
    prefix: "offset.storage.",
    name: "offset.storage.topic",
    partitions: Some("offset.storage.partitions"),
    replication: "offset.storage.replication.factor",
    content: "source connector offsets",
    missing: "Offset storage topic must be specified",
};
const STATUS_TOPIC: TopicKeys = TopicKeys {
    prefix: "status.storage.",
    name: "status.storage.topic",
    partitions: Some("status.storage.partitions"),
    replication: "status.storage.replication.factor",
    content: "connector and task statuses",
    missing: "Must specify topic for connector status.",
};

impl ClusterConfig {
    /// Reads what [`settings`] accepts.
    pub(super) fn from_values(
        values: &Values,
        originals: &Props,
        errors: &mut ConfigErrors,
    ) -> Self {
        let duration = |key| millis(values.number(key).unwrap_or_default());
        let text = |key| values.text(key).unwrap_or_default().to_owned();
        let given_millis = |key| originals.get(key).and_then(|it| it.trim().parse().ok());
        let mut topic = |keys: &TopicKeys| topic(keys, values, originals, errors);
        let config_topic = topic(&CONFIG_TOPIC);
        let offset_topic = topic(&OFFSET_TOPIC);
        let status_topic = topic(&STATUS_TOPIC);
        let config = Self {
            group_id: text(GROUP_ID),
            client_id: text(CLIENT_ID),
            session_timeout: duration(SESSION_TIMEOUT),
            rebalance_timeout: duration(REBALANCE_TIMEOUT),
            heartbeat_interval: duration(HEARTBEAT_INTERVAL),
            sync_timeout: duration(SYNC_TIMEOUT),
            unsync_backoff: duration(UNSYNC_BACKOFF),
            protocol: text(PROTOCOL).parse().unwrap_or(Subprotocol::Sessioned),
            max_rebalance_delay: duration(MAX_DELAY),
            request_timeout: duration(REQUEST_TIMEOUT),
            retry_backoff: duration(RETRY_BACKOFF),
            retry_backoff_max: duration(RETRY_BACKOFF_MAX),
            api_timeout: given_millis(API_TIMEOUT)
                .map_or(DEFAULT_API_TIMEOUT, Duration::from_millis),
            config_topic,
            offset_topic,
            status_topic,
            session: SessionConfig {
                ttl: duration(KEY_TTL),
                key_algorithm: text(KEY_ALGORITHM),
                key_bits: values
                    .number(KEY_SIZE)
                    .and_then(|it| u32::try_from(it).ok()),
                signature_algorithm: text(SIGNATURE_ALGORITHM),
                verification_algorithms: values
                    .list(VERIFICATION_ALGORITHMS)
                    .unwrap_or_default()
                    .to_vec(),
            },
        };
        config.check(values, errors);
        config
    }

    /// What no single key shows.
    fn check(&self, values: &Values, errors: &mut ConfigErrors) {
        if self.heartbeat_interval >= self.session_timeout {
            let text = "Heartbeat must be set lower than the session timeout";
            errors.push(HEARTBEAT_INTERVAL, text);
        }
        let SessionConfig {
            key_algorithm,
            signature_algorithm,
            verification_algorithms,
            ..
        } = &self.session;
        if !verification_algorithms.contains(signature_algorithm) {
            let text =
                "Signature algorithm must be present in inter.worker.verification.algorithms list";
            errors.push(
                SIGNATURE_ALGORITHM,
                invalid(SIGNATURE_ALGORITHM, signature_algorithm, text),
            );
        }
        if let Some(bits) = values.number(KEY_SIZE)
            && bits < 40
        {
            errors.push(
                KEY_SIZE,
                format!(
                    "Unable to create key generator with algorithm {key_algorithm} and key size \
                     {bits}: Key length must be at least 40 bits"
                ),
            );
        }
        if let Some(text) = values.text(EXACTLY_ONCE)
            && !text.eq_ignore_ascii_case("disabled")
        {
            let text = format!(
                "{EXACTLY_ONCE}={text} is not supported by this worker: its sources write each record \
                 at least once"
            );
            errors.push(EXACTLY_ONCE, text);
        }
    }

    /// Id of an internal client, such as `<group.id>-configs`.
    #[must_use]
    pub fn internal_client_id(&self, of: &str) -> String {
        match self.client_id.trim() {
            "" => format!("{}-{of}", self.group_id),
            client_id => format!("{}-{client_id}-{of}", self.group_id),
        }
    }
}

fn topic(
    keys: &TopicKeys,
    values: &Values,
    originals: &Props,
    errors: &mut ConfigErrors,
) -> InternalTopic {
    let name = values.text(keys.name).unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        errors.push(keys.name, keys.missing);
    }
    let partitions = keys.partitions.and_then(|key| values.number(key));
    InternalTopic {
        name,
        key: keys.name,
        content: keys.content,
        partitions: partitions
            .and_then(|it| i32::try_from(it).ok())
            .unwrap_or(1),
        replication: values
            .number(keys.replication)
            .and_then(|it| i16::try_from(it).ok())
            .unwrap_or(-1),
        configs: further_configs(keys, originals),
    }
}

/// The keys below a topic's prefix that are settings of the topic itself.
fn further_configs(keys: &TopicKeys, originals: &Props) -> Vec<(String, String)> {
    let below = originals.with_prefix_stripped(keys.prefix);
    let mut configs = Vec::new();
    for (key, value) in below.iter() {
        match (key, value) {
            ("topic" | "replication.factor" | "file.filename", _) | (_, None) => {}
            ("partitions", _) if keys.partitions.is_some() => {}
            ("partitions" | "cleanup.policy", _) => tracing::warn!(
                key = format!("{}{key}", keys.prefix),
                "worker setting has no effect on an internal topic"
            ),
            (key, Some(value)) => configs.push((key.to_owned(), value.to_owned())),
        }
    }
    configs
}

/// All keys that only workers of a cluster have.
pub(super) fn settings() -> Vec<Setting> {
    let mut settings = group();
    settings.extend(topics());
    settings.extend(session());
    settings.extend(client());
    settings
}

fn group() -> Vec<Setting> {
    use ConfigType::{Int, String};
    let high = |name, kind, text| Setting::new(name, kind, text).importance(Importance::High);
    let medium = |name, kind, text| Setting::new(name, kind, text).importance(Importance::Medium);
    vec![
        high(
            GROUP_ID,
            String,
            "The group that the workers of the cluster form.",
        ),
        high(
            SESSION_TIMEOUT,
            Int,
            "Silence after which a worker counts as gone.",
        )
        .default("10000"),
        high(
            REBALANCE_TIMEOUT,
            Int,
            "Time that a worker has to join again.",
        )
        .default("60000"),
        high(HEARTBEAT_INTERVAL, Int, "Time between two signs of life.").default("3000"),
        high(
            EXACTLY_ONCE,
            String,
            "Whether sources write in transactions; only `disabled` is supported.",
        )
        .default("disabled")
        .check(Check::OneOfAnyCase(&["DISABLED", "PREPARING", "ENABLED"])),
        medium(
            SYNC_TIMEOUT,
            Int,
            "Time to read the topic of configurations after a rebalance.",
        )
        .default("3000"),
        medium(
            UNSYNC_BACKOFF,
            Int,
            "Pause when that was too short, with the protocol `eager`.",
        )
        .default("300000"),
        Setting::new(
            PROTOCOL,
            String,
            "The newest rebalance protocol that is offered.",
        )
        .default("sessioned")
        .check(Check::Custom(check_protocol)),
        Setting::new(
            MAX_DELAY,
            Int,
            "How long the work of a lost worker waits for its return.",
        )
        .default("300000")
        .check(Check::AtLeast(0)),
    ]
}

fn topics() -> Vec<Setting> {
    use ConfigType::{Int, Short, String};
    let name = |keys: &TopicKeys| {
        let text = "Name of an internal topic.";
        Setting::new(keys.name, String, text).importance(Importance::High)
    };
    let replication = |keys: &TopicKeys| {
        Setting::new(
            keys.replication,
            Short,
            "Copies that the topic is created with.",
        )
        .default("3")
        .check(Check::Custom(check_replication))
    };
    let partitions = |key, default| {
        Setting::new(key, Int, "Partitions that the topic is created with.")
            .default(default)
            .check(Check::Custom(check_partitions))
    };
    vec![
        name(&CONFIG_TOPIC),
        replication(&CONFIG_TOPIC),
        name(&OFFSET_TOPIC),
        partitions("offset.storage.partitions", "25"),
        replication(&OFFSET_TOPIC),
        name(&STATUS_TOPIC),
        partitions("status.storage.partitions", "5"),
        replication(&STATUS_TOPIC),
    ]
}

fn session() -> Vec<Setting> {
    use ConfigType::{Int, List, String};
    let algorithm = |name| {
        Setting::new(name, String, "Algorithm for requests between workers.")
            .default("HmacSHA256")
            .check(Check::Custom(check_algorithm))
    };
    vec![
        Setting::new(
            KEY_TTL,
            Int,
            "Age at which the key between workers is replaced; 0 is never.",
        )
        .default("3600000")
        .check(Check::AtLeast(0)),
        algorithm(KEY_ALGORITHM),
        Setting::new(KEY_SIZE, Int, "Length of that key in bits.").optional(),
        algorithm(SIGNATURE_ALGORITHM),
        Setting::new(
            VERIFICATION_ALGORITHMS,
            List,
            "Algorithms of signatures that are accepted from other workers.",
        )
        .default("HmacSHA256")
        .check(Check::Custom(check_algorithms)),
    ]
}

fn client() -> Vec<Setting> {
    use ConfigType::{Int, Long, String};
    const CLIENT: &str = "Setting of the worker's own clients.";
    let number = |name, kind, default, least| {
        Setting::new(name, kind, CLIENT)
            .default(default)
            .check(Check::AtLeast(least))
    };
    vec![
        Setting::new(
            CLIENT_ID,
            String,
            "Part of the ids of the worker's own clients.",
        )
        .default(""),
        number("metadata.max.age.ms", Long, "300000", 0),
        Setting::new("metadata.recovery.strategy", String, CLIENT)
            .default("rebootstrap")
            .check(Check::OneOfAnyCase(&["NONE", "REBOOTSTRAP"])),
        number(
            "metadata.recovery.rebootstrap.trigger.ms",
            Long,
            "300000",
            0,
        ),
        number("send.buffer.bytes", Int, "131072", -1).importance(Importance::Medium),
        number("receive.buffer.bytes", Int, "32768", -1).importance(Importance::Medium),
        number("reconnect.backoff.ms", Long, "50", 0),
        number("reconnect.backoff.max.ms", Long, "1000", 0),
        number("socket.connection.setup.timeout.ms", Long, "10000", 0),
        number("socket.connection.setup.timeout.max.ms", Long, "30000", 0),
        number(RETRY_BACKOFF, Long, "100", 0),
        number(RETRY_BACKOFF_MAX, Long, "1000", 0),
        number(REQUEST_TIMEOUT, Int, "40000", 0).importance(Importance::Medium),
        Setting::new("connections.max.idle.ms", Long, CLIENT)
            .default("540000")
            .importance(Importance::Medium),
        Setting::new("security.protocol", String, CLIENT)
            .default("PLAINTEXT")
            .importance(Importance::Medium)
            .check(Check::OneOfAnyCase(&[
                "PLAINTEXT",
                "SSL",
                "SASL_PLAINTEXT",
                "SASL_SSL",
            ])),
    ]
}

fn check_protocol(key: &str, value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Text(text) if text.parse::<Subprotocol>().is_err() => {
            Err(invalid(key, text, "Invalid Connect protocol compatibility"))
        }
        _ => Ok(()),
    }
}

fn check_partitions(key: &str, value: &Parsed) -> Result<(), String> {
    positive_or_default(
        key,
        value,
        "Number of partitions must be positive, or -1 to use the broker's default",
    )
}

fn check_replication(key: &str, value: &Parsed) -> Result<(), String> {
    positive_or_default(
        key,
        value,
        "Replication factor must be positive and not larger than the number of brokers in the Kafka \
         cluster, or -1 to use the broker's default",
    )
}

fn positive_or_default(key: &str, value: &Parsed, text: &str) -> Result<(), String> {
    match value {
        Parsed::Integer(number) if *number <= 0 && *number != -1 => {
            Err(invalid(key, &number.to_string(), text))
        }
        _ => Ok(()),
    }
}

fn check_algorithm(key: &str, value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Text(text) => known_algorithm(key, text),
        _ => Ok(()),
    }
}

fn check_algorithms(key: &str, value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::List(algorithms) if algorithms.is_empty() => {
            let text = "At least one signature verification algorithm must be provided";
            Err(invalid(key, "[]", text))
        }
        Parsed::List(algorithms) => algorithms
            .iter()
            .try_for_each(|it| known_algorithm(key, it)),
        _ => Ok(()),
    }
}

fn known_algorithm(key: &str, algorithm: &str) -> Result<(), String> {
    match ALGORITHMS.contains(&algorithm) {
        true => Ok(()),
        false => Err(invalid(
            key,
            algorithm,
            format_args!(
                "the algorithm is not supported by this worker; the supported algorithms are: [{}]",
                ALGORITHMS.join(", ")
            ),
        )),
    }
}

#[cfg(test)]
mod tests;
