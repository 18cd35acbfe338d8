//! Worker files: defaults, mistakes, converters, settings of clients.

use connect_core::config::{DefaultValue, Props};
use connect_core::converter::Role;
use connect_kafka::ClientSettings;

use super::*;
use crate::config::client_keys::ClientKind;
use crate::config::fixtures::{JSON, SIMPLE_HEADER, STRING, plugins};
use crate::identity::{ConnectorName, TaskId};

const REQUIRED: [(&str, &str); 4] = [
    ("bootstrap.servers", "a:1, b:2"),
    ("key.converter", "JsonConverter"),
    ("value.converter", "String"),
    ("offset.storage.file.filename", "/tmp/offsets"),
];

fn props(extra: &[(&str, &str)]) -> Props {
    REQUIRED.iter().chain(extra).copied().collect()
}

fn parse(props: Props) -> Result<WorkerConfig, String> {
    WorkerConfig::parse(props, Brokers::Configured, &plugins()).map_err(|errors| {
        let messages: Vec<_> = errors
            .iter()
            .map(|(_, message)| message.to_owned())
            .collect();
        messages.join("\n")
    })
}

fn worker(extra: &[(&str, &str)]) -> WorkerConfig {
    parse(props(extra)).unwrap()
}

#[track_caller]
fn check_error(key: &str, value: &str, message: &str) {
    assert_eq!(
        parse(props(&[(key, value)])).unwrap_err(),
        message,
        "{key}={value}"
    );
}

#[test]
fn absent_keys_have_the_defaults_of_the_reference() {
    let config = worker(&[]);

    assert_eq!(config.bootstrap(), "a:1,b:2");
    let Mode::Standalone { offsets_file } = &config.mode else {
        panic!("a worker alone");
    };
    assert_eq!(*offsets_file, PathBuf::from("/tmp/offsets"));
    assert_eq!(config.offset_flush_interval, Duration::from_secs(60));
    assert_eq!(config.offset_flush_timeout, Duration::from_secs(5));
    assert_eq!(config.task_shutdown_timeout, Duration::from_secs(5));
    assert!(config.topic_creation && config.topic_tracking && config.topic_tracking_reset);
    let overrides = Props::from_iter([("producer.override.acks", "1")]);
    let refused = config
        .override_policy
        .refusals(ClientKind::Producer, &overrides);
    assert!(refused.is_empty(), "every setting may be overridden");
    let everywhere = Listener {
        scheme: Scheme::Http,
        host: None,
        port: 8083,
    };
    assert_eq!(config.listeners, [everywhere]);
    assert_eq!(config.admin_listeners, AdminListeners::Shared);
    assert_eq!(config.advertised, AdvertisedParts::default());
    assert_eq!(config.metrics.sample_window, Duration::from_secs(30));
    assert_eq!(config.metrics.sample_count, 2);
    assert_eq!(config.converter_class(Role::Header), SIMPLE_HEADER);
}

/// Where neither the default nor a number will do.
const VALUES: [(&str, &str); 6] = [
    ("bootstrap.servers", "a:1"),
    ("key.converter", "JsonConverter"),
    ("value.converter", "JsonConverter"),
    ("rest.advertised.listener", "http"),
    ("admin.listeners", "http://localhost:1"),
    ("ssl.engine.factory.class", "JsonConverter"),
];

#[test]
fn every_key_of_the_reference_is_accepted_without_a_warning() {
    let definition = keys::definition(Membership::Alone, Brokers::Configured);
    let mut all = Props::default();
    for key in known_keys::REFERENCE.lines() {
        let special = VALUES.iter().find(|(it, _)| *it == key);
        let default = definition
            .setting(key)
            .and_then(|it| match &it.key.default {
                DefaultValue::Text(text) => Some(text.as_ref()),
                DefaultValue::Required | DefaultValue::Null => None,
            });
        let is_version = key.ends_with(".plugin.version");
        let value = match special {
            Some((_, value)) => value,
            None if is_version => "latest",
            None => default.unwrap_or("1"),
        };
        all.insert(key, Some(value.to_owned()));
    }

    let config = parse(all.clone()).unwrap();

    assert_eq!(config.misspelt(), []);
    assert_eq!(config.originals(), &all);
}

#[test]
fn keys_without_a_meaning_since_long_are_told() {
    let config = parse(props(&[
        ("internal.key.converter", "JsonConverter"),
        ("internal.value.converter.schemas.enable", "true"),
        ("internal.key.converters", "x"),
        ("key.converter.internal.key.converter", "x"),
    ]));

    let config = config.unwrap();

    let removed: Vec<_> = config.removed().collect();
    let expected = [
        "internal.key.converter",
        "internal.value.converter.schemas.enable",
    ];
    assert_eq!(removed, expected);
}

#[test]
fn required_keys_must_be_given() {
    for (key, _) in REQUIRED {
        let mut props = props(&[]);
        props.remove(key);

        assert_eq!(
            parse(props).unwrap_err(),
            format!("Missing required configuration \"{key}\" which has no default value.")
        );
    }
}

#[test]
fn all_mistakes_are_reported_together() {
    let error = parse(Props::default()).unwrap_err();

    assert_eq!(error.lines().count(), REQUIRED.len());
}

#[test]
fn mistakes_have_the_texts_of_the_reference() {
    check_error(
        "bootstrap.servers",
        "",
        "Configuration 'bootstrap.servers' must not be empty. Valid values include: any \
         non-empty value",
    );
    check_error(
        "bootstrap.servers",
        "a,,b",
        "Configuration 'bootstrap.servers' values must not be empty.",
    );
    check_error(
        "key.converter",
        "Nope",
        "Invalid value Nope for configuration key.converter: Class Nope could not be found.",
    );
    check_error(
        "offset.flush.interval.ms",
        "x",
        "Invalid value x for configuration offset.flush.interval.ms: Not a number of type LONG",
    );
    check_error(
        "listeners",
        " ",
        "Invalid value for listeners, at least one URL is expected, ex: \
         http://localhost:8080,https://localhost:8443.",
    );
    check_error(
        "listeners",
        "http://a:1,,",
        "Empty URL found when parsing listeners list.",
    );
    check_error(
        "listeners",
        "ftp://a:1",
        "Listener protocol must be either \"http\" or \"https\".",
    );
    check_error(
        "admin.listeners",
        "http://a:1,,",
        "Configuration 'admin.listeners' values must not be empty.",
    );
    check_error(
        "client.dns.lookup",
        "x",
        "Invalid value x for configuration client.dns.lookup: String must be one of: \
         use_all_dns_ips, resolve_canonical_bootstrap_servers_only",
    );
    check_error(
        "plugin.discovery",
        "x",
        "Invalid value x for configuration plugin.discovery: String must be one of (case \
         insensitive): ONLY_SCAN, SERVICE_LOAD, HYBRID_WARN, HYBRID_FAIL",
    );
    check_error(
        "metrics.num.samples",
        "0",
        "Invalid value 0 for configuration metrics.num.samples: Value must be at least 1",
    );
    check_error(
        "plugin.path",
        "",
        "Configuration 'plugin.path' must not be empty. Valid values include: any non-empty value",
    );
    check_error(
        "response.http.headers.config",
        "x",
        "Invalid format of header config 'x'. Expected: '[action] [header name]:[header value]'",
    );
    check_error(
        "rest.advertised.port",
        "x",
        "Invalid value x for configuration rest.advertised.port: Not a number of type INT",
    );
    check_error("rest.advertised.port", "70000", "port out of range:70000");
    check_error(
        "connector.client.config.override.policy",
        "Foo",
        "Failed to find any class that implements interface org.apache.kafka.connect.connector\
         .policy.ConnectorClientConfigOverridePolicy and which name matches Foo",
    );
}

#[test]
fn repeated_elements_of_a_list_are_dropped() {
    assert_eq!(
        worker(&[("bootstrap.servers", "a:1,a:1,b:2")]).bootstrap(),
        "a:1,b:2"
    );
}

#[test]
fn a_negative_time_is_over_at_once() {
    let config = worker(&[("offset.flush.timeout.ms", " -1 ")]);

    assert_eq!(config.offset_flush_timeout, Duration::ZERO);
}

#[test]
fn between_two_commits_there_is_always_some_time() {
    for interval in ["0", "-5", "10"] {
        let config = worker(&[("offset.flush.interval.ms", interval)]);

        assert_eq!(config.offset_flush_interval, Duration::from_millis(10));
    }
}

#[test]
fn admin_listeners_can_be_off_or_separate() {
    let admin = |value| worker(&[("admin.listeners", value)]).admin_listeners;
    let separate = Listener {
        scheme: Scheme::Http,
        host: Some("a".to_owned()),
        port: 1,
    };

    assert_eq!(admin(" "), AdminListeners::Off);
    assert_eq!(
        admin("http://a:1"),
        AdminListeners::Separate(vec![separate])
    );
}

#[test]
fn an_embedded_broker_needs_no_address_in_the_file() {
    let mut props = props(&[]);
    props.remove("bootstrap.servers");

    let config = WorkerConfig::parse(props, Brokers::Embedded, &plugins()).unwrap();
    let config = config.with_bootstrap("127.0.0.1:5");

    assert_eq!(config.bootstrap(), "127.0.0.1:5");
    assert_eq!(
        config.originals().get("bootstrap.servers"),
        Some("127.0.0.1:5")
    );
}

#[test]
fn secrets_are_hidden_where_settings_are_shown() {
    let config = worker(&[("ssl.key.password", "s3cret")]);
    let shown = |key: &str| {
        config
            .effective()
            .iter()
            .find(|it| it.0 == key)
            .map(|it| it.1.as_str())
    };

    assert_eq!(shown("ssl.key.password"), Some("[hidden]"));
    assert_eq!(shown("ssl.protocol"), Some("TLSv1.3"));
    assert_eq!(shown("ssl.provider"), None);
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn keys_that_nobody_knows_are_kept() {
    assert_eq!(
        worker(&[("my.key", "x")]).originals().get("my.key"),
        Some("x")
    );
}

#[track_caller]
fn check_converter(
    role: Role,
    extra: &[(&str, &str)],
    connector: &[(&str, &str)],
    name: &str,
    config: &[(&str, &str)],
) {
    let connector = Props::from_iter(connector.iter().copied());

    let choice = worker(extra)
        .converter(role, &connector, &plugins())
        .unwrap();

    assert_eq!(choice.plugin.info.name, name);
    assert_eq!(choice.config, Props::from_iter(config.iter().copied()));
}

#[test]
fn a_connector_without_converter_uses_the_workers_with_its_settings() {
    check_converter(
        Role::Key,
        &[
            ("key.converter.schemas.enable", "false"),
            ("value.converter.x", "y"),
        ],
        &[("key.converter.schemas.enable", "true")],
        JSON,
        &[("schemas.enable", "false"), ("converter.type", "key")],
    );
    check_converter(
        Role::Header,
        &[],
        &[],
        SIMPLE_HEADER,
        &[("converter.type", "header")],
    );
}

#[test]
fn a_connectors_own_converter_takes_only_its_own_settings() {
    check_converter(
        Role::Value,
        &[("value.converter.schemas.enable", "false")],
        &[
            ("value.converter", "JsonConverter"),
            ("value.converter.a", "b"),
        ],
        JSON,
        &[("a", "b"), ("converter.type", "value")],
    );
}

#[test]
fn a_converter_must_exist_and_serve_the_role() {
    let error = |class: &str| {
        let connector = Props::from_iter([("key.converter", class)]);
        let errors = worker(&[])
            .converter(Role::Key, &connector, &plugins())
            .unwrap_err();
        errors.to_string()
    };

    assert_eq!(
        error("Nope"),
        "key.converter: Invalid value Nope for configuration key.converter: Class Nope could \
         not be found."
    );
    assert_eq!(
        error("java.lang.String"),
        "key.converter: Class class java.lang.String does not implement the Converter interface"
    );
    assert_eq!(
        error(SIMPLE_HEADER),
        format!(
            "key.converter: Class class {SIMPLE_HEADER} does not implement the Converter \
                 interface"
        )
    );
    assert!(
        worker(&[])
            .converter(
                Role::Key,
                &Props::from_iter([("key.converter", STRING)]),
                &plugins()
            )
            .is_ok()
    );
}

fn task() -> TaskId {
    TaskId {
        connector: ConnectorName::from("c"),
        task: 3,
    }
}

#[track_caller]
fn check_settings(settings: &ClientSettings, expected: &[(&str, &str)]) {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(settings.iter().collect::<Vec<_>>(), expected);
}

/// A worker and a connector that say something about every kind of client.
fn chatty() -> (WorkerConfig, Props) {
    let worker = parse(Props::from_iter([
        ("bootstrap.servers", "a:1"),
        ("key.converter", JSON),
        ("value.converter", JSON),
        ("offset.storage.file.filename", "f"),
        ("security.protocol", "SSL"),
        ("producer.acks", "1"),
        ("producer.linger.ms", "7"),
        ("consumer.group.id", "g"),
        ("admin.retries", "2"),
        ("metrics.context.zone", "z"),
    ]))
    .unwrap();
    let connector = Props::from_iter([
        ("producer.override.linger.ms", "8"),
        ("consumer.override.max.poll.records", "9"),
        ("admin.override.client.id", "mine"),
        ("topics", "t"),
    ]);
    (worker.with_cluster_id("K"), connector)
}

#[test]
fn producers_take_runtime_then_worker_then_connector() {
    let (worker, connector) = chatty();

    let settings = worker
        .client_settings(Client::TaskProducer(&task()), &connector)
        .unwrap();

    check_settings(
        &settings,
        &[
            ("bootstrap.servers", "a:1"),
            ("client.id", "connector-producer-c-3"),
            ("max.block.ms", "9223372036854775807"),
            ("enable.idempotence", "false"),
            ("acks", "1"),
            ("max.in.flight.requests.per.connection", "1"),
            ("delivery.timeout.ms", "2147483647"),
            ("linger.ms", "8"),
            ("metrics.context.zone", "z"),
            ("metrics.context.connect.kafka.cluster.id", "K"),
        ],
    );
}

#[test]
fn consumers_take_runtime_then_worker_then_connector() {
    let (worker, connector) = chatty();

    let settings = worker
        .client_settings(Client::TaskConsumer(&task()), &connector)
        .unwrap();

    check_settings(
        &settings,
        &[
            ("bootstrap.servers", "a:1"),
            ("client.id", "connector-consumer-c-3"),
            ("group.id", "g"),
            ("enable.auto.commit", "false"),
            ("auto.offset.reset", "earliest"),
            ("max.poll.records", "9"),
            ("metrics.context.zone", "z"),
            ("metrics.context.connect.kafka.cluster.id", "K"),
        ],
    );
}

#[test]
fn admin_clients_take_what_the_worker_says_of_its_own_clients() {
    let (worker, connector) = chatty();

    let settings = worker
        .client_settings(Client::TaskAdmin(&task()), &connector)
        .unwrap();

    check_settings(
        &settings,
        &[
            ("bootstrap.servers", "a:1"),
            ("security.protocol", "SSL"),
            ("retries", "2"),
            ("client.id", "mine"),
            ("metrics.context.zone", "z"),
            ("metrics.context.connect.kafka.cluster.id", "K"),
        ],
    );
}

#[test]
fn the_workers_own_clients_take_what_means_something_to_them() {
    let (worker, _) = chatty();

    let settings = worker.own_client_settings();

    assert_eq!(settings.get("security.protocol"), Some("SSL"));
    for key in [
        "producer.acks",
        "key.converter",
        "offset.storage.file.filename",
    ] {
        assert_eq!(settings.get(key), None, "{key}");
    }
    assert_eq!(
        settings.get("metrics.context.connect.kafka.cluster.id"),
        Some("K")
    );
}

#[test]
fn sinks_have_a_group_of_their_own() {
    let consumer = Client::TaskConsumer(&task());
    let settings = worker(&[])
        .client_settings(consumer, &Props::default())
        .unwrap();

    assert_eq!(settings.get("group.id"), Some("connect-c"));
}

#[test]
fn no_client_gets_settings_that_its_policy_refuses() {
    let worker = worker(&[("connector.client.config.override.policy", "None")]);
    let (task, name) = (task(), ConnectorName::from("c"));
    let producers = [Client::TaskProducer(&task), Client::DlqProducer(&task)];
    let consumers = [Client::TaskConsumer(&task)];
    let admins = [
        Client::TaskAdmin(&task),
        Client::DlqAdmin(&task),
        Client::WorkerAdmin(&name),
    ];
    for (prefix, clients) in [
        ("producer.override.", &producers[..]),
        ("consumer.override.", &consumers),
        ("admin.override.", &admins),
    ] {
        let connector = Props::from_iter([(format!("{prefix}client.id"), "x")]);
        for client in clients {
            let refused = worker.client_settings(*client, &connector).unwrap_err();
            assert_eq!(
                refused.to_string(),
                "Client Config Overrides not allowed [[client.id,x,[],[The 'None' policy does not \
                 allow 'client.id' to be overridden in the connector configuration.],true]]",
                "{client:?}"
            );
        }
    }
}

#[test]
fn client_ids_tell_connector_and_purpose() {
    let (task, name) = (task(), ConnectorName::from("c"));
    let ids = [
        Client::TaskProducer(&task),
        Client::TaskConsumer(&task),
        Client::TaskAdmin(&task),
        Client::DlqProducer(&task),
        Client::DlqAdmin(&task),
        Client::WorkerAdmin(&name),
    ]
    .map(|it| it.id());

    assert_eq!(
        ids,
        [
            "connector-producer-c-3",
            "connector-consumer-c-3",
            "connector-adminclient-c-3",
            "connector-dlq-producer-c-3",
            "connector-dlq-adminclient-c-3",
            "connector-worker-adminclient-c",
        ]
    );
}
