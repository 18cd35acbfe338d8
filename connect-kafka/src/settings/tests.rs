//! The translation of settings, as tables: Java's key and value in, the engine's out.

use super::{
    ADMIN, CONSUMER, ClientSettings, PRODUCER,
    draft::Translated,
    rule::{How, Roles},
    table::TABLE,
    translate,
};
use crate::error::ErrorKind;
use crate::librdkafka::{Client, Kind};
use crate::statistics::StatisticsHandle;

fn settings(pairs: &[(&str, &str)]) -> ClientSettings {
    let bootstrap = [("bootstrap.servers", "localhost:9092")];
    bootstrap.iter().chain(pairs).copied().collect()
}

#[track_caller]
fn translated(role: Roles, pairs: &[(&str, &str)]) -> Translated {
    translate(&settings(pairs), role).unwrap()
}

/// Checks what the engine is told, and which keys are reported.
#[track_caller]
fn check(role: Roles, pairs: &[(&str, &str)], engine: &[(&str, &str)], reported: &[&str]) {
    let translated = translated(role, pairs);
    for (key, value) in engine {
        assert_eq!(
            translated.engine.get(key).map(String::as_str),
            Some(*value),
            "{key}"
        );
    }
    let keys: Vec<&str> = translated
        .untranslated
        .iter()
        .map(|it| it.key.as_str())
        .collect();
    assert_eq!(keys, reported);
}

#[track_caller]
fn check_refused(role: Roles, key: &str, value: &str, expected: &str) {
    let error = translate(&settings(&[(key, value)]), role).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(error.to_string(), expected);
}

#[test]
fn every_key_has_one_rule_for_each_client() {
    for rule in TABLE {
        for role in [PRODUCER, CONSUMER, ADMIN] {
            let rules = TABLE
                .iter()
                .filter(|it| it.key == rule.key && it.roles.include(role));
            assert!(rules.count() <= 1, "{}", rule.key);
        }
    }
}

#[test]
fn a_producer_without_settings_behaves_like_javas() {
    let expected = [
        ("bootstrap.servers", "localhost:9092"),
        ("delivery.timeout.ms", "120000"),
        ("enable.idempotence", "true"),
        ("linger.ms", "5"),
        ("max.in.flight.requests.per.connection", "5"),
        ("message.max.bytes", "1048576"),
        ("partitioner", "murmur2_random"),
        ("queue.buffering.max.kbytes", "16384"),
        ("reconnect.backoff.ms", "50"),
        ("socket.timeout.ms", "30000"),
    ];
    check(PRODUCER, &[], &expected, &[]);
}

#[test]
fn a_consumer_without_settings_behaves_like_javas() {
    let expected = [
        ("allow.auto.create.topics", "true"),
        ("check.crcs", "true"),
        ("enable.auto.commit", "false"),
        ("fetch.queue.backoff.ms", "5"),
        ("isolation.level", "read_uncommitted"),
        ("partition.assignment.strategy", "range"),
        ("fetch.max.bytes", "4194304"),
        ("queued.max.messages.kbytes", "16384"),
    ];
    check(CONSUMER, &[], &expected, &[]);
}

#[test]
fn the_workers_producer_is_translated_without_loss() {
    let given = [
        ("acks", "all"),
        ("buffer.memory", "1048576"),
        ("compression.type", "ZSTD"),
        ("compression.zstd.level", "3"),
        ("delivery.timeout.ms", "2147483647"),
        ("enable.idempotence", "false"),
        (
            "key.serializer",
            "org.apache.kafka.common.serialization.ByteArraySerializer",
        ),
        ("max.block.ms", "9223372036854775807"),
        ("max.in.flight.requests.per.connection", "1"),
        ("max.request.size", "2097152"),
        ("metadata.max.age.ms", "60000"),
        ("retries", "2147483647"),
    ];
    let expected = [
        ("acks", "-1"),
        ("compression.codec", "zstd"),
        ("compression.level", "3"),
        ("delivery.timeout.ms", "2147483647"),
        ("enable.idempotence", "false"),
        ("max.in.flight.requests.per.connection", "1"),
        ("message.max.bytes", "2097152"),
        ("queue.buffering.max.kbytes", "1024"),
        ("queue.buffering.max.messages", "1365"),
        ("retries", "2147483647"),
        ("topic.metadata.refresh.interval.ms", "60000"),
    ];
    check(PRODUCER, &given, &expected, &[]);
    assert_eq!(translated(PRODUCER, &given).max_block, None);
}

#[test]
fn the_workers_consumer_is_translated_without_loss() {
    let given = [
        ("auto.offset.reset", "earliest"),
        ("fetch.max.wait.ms", "100"),
        ("fetch.max.bytes", "65536"),
        ("group.id", "connect-orders"),
        ("group.instance.id", "orders-0"),
        ("isolation.level", "READ_COMMITTED"),
        ("max.poll.interval.ms", "600000"),
        ("max.poll.records", "77"),
        (
            "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.RoundRobinAssignor",
        ),
        ("session.timeout.ms", "10000"),
    ];
    let expected = [
        ("auto.offset.reset", "earliest"),
        ("fetch.wait.max.ms", "100"),
        ("fetch.max.bytes", "65536"),
        ("message.max.bytes", "65536"),
        ("group.id", "connect-orders"),
        ("group.instance.id", "orders-0"),
        ("isolation.level", "read_committed"),
        ("max.poll.interval.ms", "600000"),
        ("partition.assignment.strategy", "roundrobin"),
        ("session.timeout.ms", "10000"),
    ];
    check(CONSUMER, &given, &expected, &[]);
    assert_eq!(translated(CONSUMER, &given).max_poll_records, 77);
}

#[test]
fn assignors_follow_what_the_group_would_settle_on() {
    let key = "partition.assignment.strategy";
    let package = "org.apache.kafka.clients.consumer";
    let java_default = format!("{package}.RangeAssignor, {package}.CooperativeStickyAssignor");
    let cooperative = format!("{package}.CooperativeStickyAssignor");
    let sticky = format!("{package}.StickyAssignor,{package}.RangeAssignor");

    check(CONSUMER, &[(key, &java_default)], &[(key, "range")], &[]);
    check(
        CONSUMER,
        &[(key, &cooperative)],
        &[(key, "cooperative-sticky")],
        &[],
    );
    check(CONSUMER, &[(key, &sticky)], &[(key, "range")], &[key]);
    check_refused(
        CONSUMER,
        key,
        "com.example.Mine",
        "Invalid value com.example.Mine for configuration partition.assignment.strategy: \
         use RangeAssignor, RoundRobinAssignor or CooperativeStickyAssignor",
    );
}

#[test]
fn values_that_java_refuses_are_refused_in_its_words() {
    let invalid = |key: &str, value: &str, reason: &str| {
        format!("Invalid value {value} for configuration {key}: {reason}")
    };
    let cases = [
        (PRODUCER, "linger.ms", "soon", "Not a number of type LONG"),
        (PRODUCER, "linger.ms", "-1", "Value must be at least 0"),
        (
            PRODUCER,
            "batch.size",
            "3000000000",
            "Not a number of type INT",
        ),
        (
            PRODUCER,
            "acks",
            "2",
            "String must be one of: all, -1, 0, 1",
        ),
        (
            PRODUCER,
            "enable.idempotence",
            "yes",
            "Expected value to be either true or false",
        ),
        (PRODUCER, "max.block.ms", "-5", "Value must be at least 0"),
        (
            CONSUMER,
            "max.poll.records",
            "0",
            "Value must be at least 1",
        ),
        (
            CONSUMER,
            "auto.offset.reset",
            "first",
            "String must be one of: latest, earliest, none",
        ),
        (
            ADMIN,
            "bootstrap.servers",
            "localhost",
            "Expected host:port",
        ),
    ];
    for (role, key, value, reason) in cases {
        check_refused(role, key, value, &invalid(key, value, reason));
    }
}

#[test]
fn schemes_of_bootstrap_servers_mean_nothing() {
    let servers = "PLAINTEXT://a:1, SASL_SSL://b:2,http://[::1]:3,://d:4";
    let expected = [("bootstrap.servers", "a:1,b:2,[::1]:3,d:4")];
    check(ADMIN, &[("bootstrap.servers", servers)], &expected, &[]);

    let expected =
        "Invalid value localhost for configuration bootstrap.servers: Expected host:port";
    check_refused(ADMIN, "bootstrap.servers", "ssl://localhost", expected);
}

#[test]
fn numbers_that_the_engine_wants_in_order_are_put_in_order() {
    for given in [
        &[("reconnect.backoff.ms", "5000")][..],
        &[
            ("reconnect.backoff.ms", "5000"),
            ("reconnect.backoff.max.ms", "10"),
        ],
    ] {
        let expected = [
            ("reconnect.backoff.ms", "5000"),
            ("reconnect.backoff.max.ms", "5000"),
        ];
        check(ADMIN, given, &expected, &[]);
    }
    let longest = |value| [("max.poll.interval.ms", value)];
    let reported = ["max.poll.interval.ms"];
    check(CONSUMER, &longest("5000"), &longest("45000"), &reported);
    let given = [("session.timeout.ms", "600000")];
    check(CONSUMER, &given, &longest("600000"), &[]);
    check(CONSUMER, &longest("45000"), &longest("45000"), &[]);
}

#[test]
fn a_delivery_takes_no_less_than_its_parts() {
    let delivery = |value| [("delivery.timeout.ms", value)];
    let key = "delivery.timeout.ms";
    let expected =
        "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms";
    check_refused(PRODUCER, key, "0", expected);
    check_refused(PRODUCER, key, "30004", expected);
    check(PRODUCER, &delivery("30005"), &delivery("30005"), &[]);
    let short = [
        ("delivery.timeout.ms", "1000"),
        ("linger.ms", "0"),
        ("request.timeout.ms", "1000"),
    ];
    check(PRODUCER, &short, &delivery("1000"), &[]);
    let patient = [("linger.ms", "200000")];
    check(PRODUCER, &patient, &delivery("230000"), &[]);
}

#[test]
fn a_member_of_a_group_has_a_name_and_a_heart_that_beats_in_time() {
    let nameless = "The configured group.id should not be an empty string or whitespace.";
    check_refused(CONSUMER, "group.id", " ", nameless);
    let late = "Heartbeat must be set lower than the session timeout";
    check_refused(CONSUMER, "heartbeat.interval.ms", "45000", late);
    check_refused(CONSUMER, "session.timeout.ms", "3000", late);
    let heartbeat = [("heartbeat.interval.ms", "44999")];
    check(CONSUMER, &heartbeat, &heartbeat, &[]);
    let of_the_broker = [
        ("group.protocol", "consumer"),
        ("heartbeat.interval.ms", "45000"),
    ];
    check(CONSUMER, &of_the_broker, &[], &[]);
}

#[test]
fn bootstrap_servers_is_required() {
    let error = translate(&ClientSettings::new(), ADMIN).unwrap_err();

    let expected =
        "Missing required configuration \"bootstrap.servers\" which has no default value.";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn values_out_of_the_engines_range_are_limited_and_reported() {
    check(
        PRODUCER,
        &[("linger.ms", "1000000")],
        &[("linger.ms", "900000")],
        &["linger.ms"],
    );
    check(
        CONSUMER,
        &[("request.timeout.ms", "600000")],
        &[("socket.timeout.ms", "300000")],
        &["request.timeout.ms"],
    );
}

#[test]
fn what_a_number_of_minus_one_means_is_kept() {
    let given = [
        ("connections.max.idle.ms", "-1"),
        ("receive.buffer.bytes", "-1"),
    ];
    let expected = [
        ("connections.max.idle.ms", "0"),
        ("socket.receive.buffer.bytes", "0"),
    ];
    check(ADMIN, &given, &expected, &[]);
}

#[test]
fn idempotence_is_off_by_default_where_another_setting_forbids_it() {
    for given in [
        ("acks", "1"),
        ("retries", "0"),
        ("max.in.flight.requests.per.connection", "6"),
    ] {
        check(PRODUCER, &[given], &[("enable.idempotence", "false")], &[]);
    }
    check(
        PRODUCER,
        &[("acks", "1"), ("enable.idempotence", "true")],
        &[("enable.idempotence", "true")],
        &[],
    );
}

#[test]
fn a_transaction_limits_the_time_outs_within_it() {
    let given = [
        ("delivery.timeout.ms", "2147483647"),
        ("transactional.id", "orders-0"),
    ];
    check(
        PRODUCER,
        &given,
        &[("delivery.timeout.ms", "60000")],
        &["delivery.timeout.ms"],
    );
}

#[test]
fn settings_without_effect_are_reported_with_a_reason() {
    let given = [
        ("interceptor.classes", "com.example.Audit"),
        ("metric.reporters", "com.example.Reporter"),
        ("metrics.context.cluster", "labels are for reporters alone"),
        ("partitioner.class", "com.example.Partitioner"),
        ("rest.port", "8083"),
    ];
    let translated = translated(PRODUCER, &given);

    let reported: Vec<(&str, bool)> = translated
        .untranslated
        .iter()
        .map(|it| (it.key.as_str(), it.is_client_setting))
        .collect();
    let expected = [
        ("interceptor.classes", true),
        ("metric.reporters", true),
        ("partitioner.class", true),
        ("rest.port", false),
    ];
    assert_eq!(reported, expected);
    assert!(
        translated
            .untranslated
            .iter()
            .all(|it| !it.reason.is_empty())
    );
}

#[test]
fn a_setting_of_another_client_is_no_setting_of_this_one() {
    check(CONSUMER, &[("linger.ms", "5")], &[], &["linger.ms"]);
}

/// Settings may depend on each other in ways that only the engine knows.
#[tokio::test]
async fn the_engine_takes_whatever_java_takes_of_a_number() {
    let kinds = [
        (Kind::Producer, PRODUCER),
        (Kind::Consumer, CONSUMER),
        (Kind::Admin, ADMIN),
    ];
    let mut tried = 0;
    for rule in TABLE {
        let How::Number(number) = &rule.how else {
            continue;
        };
        let values = [*number.java.start(), *number.java.end()].map(|it| it.to_string());
        for (kind, role) in kinds.into_iter().filter(|it| rule.roles.include(it.1)) {
            for value in &values {
                // Java compares some with others, too.
                let Ok(translated) = translate(&settings(&[(rule.key, value)]), role) else {
                    continue;
                };
                let client = Client::new(kind, &translated, &StatisticsHandle::default());
                let refused = client.err().map(|it| it.to_string());
                assert_eq!(refused, None, "{}={value}", rule.key);
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "{tried}");
}
