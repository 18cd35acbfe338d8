//! Settings of a worker of a cluster: defaults, topics, and what is wrong with a file.

use super::*;
use crate::config::fixtures::plugins;
use crate::config::worker::{Brokers, Membership, WorkerConfig};

const JSON: &str = "org.apache.kafka.connect.json.JsonConverter";

fn props(extra: &[(&str, &str)]) -> Props {
    let mut props = Props::from_iter([
        ("bootstrap.servers", "a:1"),
        ("key.converter", JSON),
        ("value.converter", JSON),
        ("group.id", "g"),
        ("config.storage.topic", "configs"),
        ("offset.storage.topic", "offsets"),
        ("status.storage.topic", "statuses"),
    ]);
    for (key, value) in extra {
        props.insert(*key, Some((*value).to_owned()));
    }
    props
}

fn parse(props: Props) -> Result<ClusterConfig, String> {
    let parsed =
        WorkerConfig::parse_for(Membership::Cluster, props, Brokers::Configured, &plugins());
    let config = parsed.map_err(|errors| {
        let messages: Vec<&str> = errors.iter().map(|(_, message)| message).collect();
        messages.join("\n")
    })?;
    Ok(config.cluster().unwrap().clone())
}

#[track_caller]
fn check_refused(key: &str, value: &str, message: &str) {
    assert_eq!(parse(props(&[(key, value)])).unwrap_err(), message);
}

#[test]
fn absent_keys_have_the_defaults_of_the_reference() {
    let config = parse(props(&[])).unwrap();

    assert_eq!(config.session_timeout, Duration::from_secs(10));
    assert_eq!(config.rebalance_timeout, Duration::from_secs(60));
    assert_eq!(config.heartbeat_interval, Duration::from_secs(3));
    assert_eq!(config.max_rebalance_delay, Duration::from_secs(300));
    assert_eq!(config.api_timeout, Duration::from_secs(60));
    assert_eq!(config.protocol, Subprotocol::Sessioned);
    let topics = [
        &config.config_topic,
        &config.offset_topic,
        &config.status_topic,
    ];
    let shapes = topics.map(|it| (it.name.as_str(), it.partitions, it.replication));
    assert_eq!(
        shapes,
        [("configs", 1, 3), ("offsets", 25, 3), ("statuses", 5, 3)]
    );
    assert_eq!(config.session.ttl, Duration::from_secs(3600));
    assert_eq!(config.session.verification_algorithms, ["HmacSHA256"]);
    assert_eq!(config.internal_client_id("configs"), "g-configs");
}

#[test]
fn what_is_below_a_topic_is_a_setting_of_the_topic() {
    let config = parse(props(&[
        ("offset.storage.partitions", "-1"),
        ("offset.storage.replication.factor", "-1"),
        ("offset.storage.segment.bytes", "1048576"),
        ("offset.storage.cleanup.policy", "delete"),
        ("config.storage.partitions", "7"),
        ("client.id", "c"),
    ]))
    .unwrap();

    let offsets = &config.offset_topic;
    assert_eq!((offsets.partitions, offsets.replication), (-1, -1));
    assert_eq!(
        offsets.configs,
        [("segment.bytes".to_owned(), "1048576".to_owned())]
    );
    assert_eq!(config.config_topic.partitions, 1);
    assert_eq!(config.internal_client_id("configs"), "g-c-configs");
}

#[test]
fn mistakes_are_answered_in_the_words_of_the_reference() {
    check_refused(
        "connect.protocol",
        "lazy",
        "Invalid value lazy for configuration connect.protocol: Invalid Connect protocol \
         compatibility",
    );
    check_refused(
        "offset.storage.partitions",
        "0",
        "Invalid value 0 for configuration offset.storage.partitions: Number of partitions must be \
         positive, or -1 to use the broker's default",
    );
    check_refused(
        "status.storage.replication.factor",
        "-2",
        "Invalid value -2 for configuration status.storage.replication.factor: Replication factor \
         must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to \
         use the broker's default",
    );
    check_refused(
        "inter.worker.signature.algorithm",
        "HmacSHA512",
        "Invalid value HmacSHA512 for configuration inter.worker.signature.algorithm: Signature \
         algorithm must be present in inter.worker.verification.algorithms list",
    );
    check_refused(
        "inter.worker.verification.algorithms",
        "",
        "Invalid value [] for configuration inter.worker.verification.algorithms: At least one \
         signature verification algorithm must be provided",
    );
    check_refused(
        "heartbeat.interval.ms",
        "10000",
        "Heartbeat must be set lower than the session timeout",
    );
    check_refused(
        "config.storage.topic",
        " ",
        "Must specify topic for connector configuration.",
    );
    let mut without_group = props(&[]);
    without_group.remove("group.id");
    assert_eq!(
        parse(without_group).unwrap_err(),
        "Missing required configuration \"group.id\" which has no default value."
    );
}

#[test]
fn transactions_of_sources_are_refused_by_name() {
    let refused = parse(props(&[("exactly.once.source.support", "enabled")])).unwrap_err();

    assert!(
        refused.starts_with("exactly.once.source.support=enabled is not supported by this worker"),
        "{refused}"
    );
    assert!(parse(props(&[("exactly.once.source.support", "DISABLED")])).is_ok());
}
