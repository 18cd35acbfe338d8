//! The one table: what becomes of each Java client setting.
//!
//! Where the engine's range is narrower than Java's, a value is limited to it and reported.

use super::{
    rule::{
        ADMIN, ALL, CONSUMER, CONSUMER_AND_ADMIN, How, INT_MAX, Number, PRODUCER,
        PRODUCER_AND_CONSUMER, Roles, Rule, int, int_or_default, long, rule,
    },
    security, special,
};

const METRICS: &str = "clients publish no metrics of their own; the worker's metrics cover them";
const JAVA_CLASS: &str = "it names a Java class, which this client cannot load";
const JAVA_TLS: &str = "it selects a part of Java's TLS implementation; OpenSSL is used here";
const TLS_VERSION: &str = "the TLS version is negotiated by OpenSSL";
const LOGIN: &str = "credentials are renewed on the client's own schedule";
const BUILT_IN: &str = "the client has a built-in policy for this";
const OAUTH_LOGIN: &str =
    "tokens cannot be retrieved; use SASL PLAIN, SCRAM, GSSAPI or TLS certificates";

/// Every setting of the Java producer, consumer and admin client, ordered by key within its group.
pub(crate) static TABLE: &[Rule] = &[
    // All clients.
    rule("auto.include.jmx.reporter", ALL, How::None(METRICS)),
    rule(
        "bootstrap.controllers",
        ADMIN,
        How::None("only brokers are asked; set bootstrap.servers"),
    ),
    rule(
        "bootstrap.servers",
        ALL,
        How::Special(special::bootstrap_servers),
    ),
    rule(
        "client.dns.lookup",
        ALL,
        How::Choice(
            "client.dns.lookup",
            &[
                ("use_all_dns_ips", "use_all_dns_ips"),
                (
                    "resolve_canonical_bootstrap_servers_only",
                    "resolve_canonical_bootstrap_servers_only",
                ),
            ],
        ),
    ),
    rule("client.id", ALL, How::Text("client.id")),
    rule(
        "connections.max.idle.ms",
        ALL,
        How::Number(Number {
            to: "connections.max.idle.ms",
            java_type: "LONG",
            java: -1..=i64::MAX,
            engine: 0..=INT_MAX,
            minus_one: Some("0"),
        }),
    ),
    rule(
        "default.api.timeout.ms",
        CONSUMER_AND_ADMIN,
        How::None("every call has a deadline of its own"),
    ),
    rule("enable.metrics.push", ALL, How::Flag("enable.metrics.push")),
    rule(
        "interceptor.classes",
        PRODUCER_AND_CONSUMER,
        How::None(JAVA_CLASS),
    ),
    rule(
        "metadata.max.age.ms",
        ALL,
        long(
            "topic.metadata.refresh.interval.ms",
            0..=i64::MAX,
            1..=3_600_000,
        ),
    ),
    rule(
        "metadata.recovery.rebootstrap.trigger.ms",
        ALL,
        long(
            "metadata.recovery.rebootstrap.trigger.ms",
            0..=i64::MAX,
            0..=INT_MAX,
        ),
    ),
    rule(
        "metadata.recovery.strategy",
        ALL,
        How::Choice(
            "metadata.recovery.strategy",
            &[("none", "none"), ("rebootstrap", "rebootstrap")],
        ),
    ),
    rule("metric.reporters", ALL, How::None(METRICS)),
    rule("metrics.num.samples", ALL, How::None(METRICS)),
    rule("metrics.recording.level", ALL, How::None(METRICS)),
    rule("metrics.sample.window.ms", ALL, How::None(METRICS)),
    rule(
        "receive.buffer.bytes",
        ALL,
        int_or_default("socket.receive.buffer.bytes", 0..=100_000_000),
    ),
    rule(
        "reconnect.backoff.max.ms",
        ALL,
        long("reconnect.backoff.max.ms", 0..=i64::MAX, 0..=3_600_000),
    ),
    rule(
        "reconnect.backoff.ms",
        ALL,
        long("reconnect.backoff.ms", 0..=i64::MAX, 0..=3_600_000),
    ),
    rule(
        "request.timeout.ms",
        ALL,
        How::Special(special::request_timeout),
    ),
    rule(
        "retry.backoff.max.ms",
        ALL,
        long("retry.backoff.max.ms", 0..=i64::MAX, 1..=300_000),
    ),
    rule(
        "retry.backoff.ms",
        ALL,
        long("retry.backoff.ms", 0..=i64::MAX, 1..=300_000),
    ),
    rule(
        "security.protocol",
        ALL,
        How::Special(security::security_protocol),
    ),
    rule("security.providers", ALL, How::None(JAVA_CLASS)),
    rule(
        "send.buffer.bytes",
        ALL,
        int_or_default("socket.send.buffer.bytes", 0..=100_000_000),
    ),
    rule(
        "socket.connection.setup.timeout.max.ms",
        ALL,
        How::None(BUILT_IN),
    ),
    rule(
        "socket.connection.setup.timeout.ms",
        ALL,
        long(
            "socket.connection.setup.timeout.ms",
            0..=i64::MAX,
            1000..=INT_MAX,
        ),
    ),
    // Credentials.
    rule(
        "sasl.client.callback.handler.class",
        ALL,
        How::None(JAVA_CLASS),
    ),
    rule("sasl.jaas.config", ALL, How::Special(security::login)),
    rule(
        "sasl.kerberos.kinit.cmd",
        ALL,
        How::Special(security::kinit_command),
    ),
    rule(
        "sasl.kerberos.min.time.before.relogin",
        ALL,
        long(
            "sasl.kerberos.min.time.before.relogin",
            0..=i64::MAX,
            0..=86_400_000,
        ),
    ),
    rule(
        "sasl.kerberos.service.name",
        ALL,
        How::Text("sasl.kerberos.service.name"),
    ),
    rule("sasl.kerberos.ticket.renew.jitter", ALL, How::None(LOGIN)),
    rule(
        "sasl.kerberos.ticket.renew.window.factor",
        ALL,
        How::None(LOGIN),
    ),
    rule(
        "sasl.login.callback.handler.class",
        ALL,
        How::None(JAVA_CLASS),
    ),
    rule("sasl.login.class", ALL, How::None(JAVA_CLASS)),
    rule("sasl.login.connect.timeout.ms", ALL, How::None(OAUTH_LOGIN)),
    rule("sasl.login.read.timeout.ms", ALL, How::None(OAUTH_LOGIN)),
    rule("sasl.login.refresh.buffer.seconds", ALL, How::None(LOGIN)),
    rule(
        "sasl.login.refresh.min.period.seconds",
        ALL,
        How::None(LOGIN),
    ),
    rule("sasl.login.refresh.window.factor", ALL, How::None(LOGIN)),
    rule("sasl.login.refresh.window.jitter", ALL, How::None(LOGIN)),
    rule(
        "sasl.login.retry.backoff.max.ms",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule("sasl.login.retry.backoff.ms", ALL, How::None(OAUTH_LOGIN)),
    rule("sasl.mechanism", ALL, How::Special(security::mechanism)),
    rule(
        "sasl.oauthbearer.assertion.template.file",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.client.credentials.client.id",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.client.credentials.client.secret",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.clock.skew.seconds",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.expected.audience",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.expected.issuer",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.header.urlencode",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.jwks.endpoint.refresh.ms",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.jwks.endpoint.url",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.jwt.retriever.class",
        ALL,
        How::None(JAVA_CLASS),
    ),
    rule(
        "sasl.oauthbearer.jwt.validator.class",
        ALL,
        How::None(JAVA_CLASS),
    ),
    rule("sasl.oauthbearer.scope", ALL, How::None(OAUTH_LOGIN)),
    rule(
        "sasl.oauthbearer.scope.claim.name",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.sub.claim.name",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    rule(
        "sasl.oauthbearer.token.endpoint.url",
        ALL,
        How::None(OAUTH_LOGIN),
    ),
    // Encryption; the stores depend on each other, so they are read together.
    rule(
        "ssl.cipher.suites",
        ALL,
        How::Special(security::cipher_suites),
    ),
    rule("ssl.enabled.protocols", ALL, How::None(TLS_VERSION)),
    rule(
        "ssl.endpoint.identification.algorithm",
        ALL,
        How::Special(security::endpoint_identification),
    ),
    rule("ssl.engine.factory.class", ALL, How::None(JAVA_CLASS)),
    rule("ssl.key.password", ALL, How::Here),
    rule("ssl.keymanager.algorithm", ALL, How::None(JAVA_TLS)),
    rule("ssl.keystore.certificate.chain", ALL, How::Here),
    rule("ssl.keystore.key", ALL, How::Here),
    rule("ssl.keystore.location", ALL, How::Here),
    rule("ssl.keystore.password", ALL, How::Here),
    rule("ssl.keystore.type", ALL, How::Here),
    rule("ssl.protocol", ALL, How::None(TLS_VERSION)),
    rule("ssl.provider", ALL, How::None(JAVA_TLS)),
    rule("ssl.secure.random.implementation", ALL, How::None(JAVA_TLS)),
    rule("ssl.trustmanager.algorithm", ALL, How::None(JAVA_TLS)),
    rule("ssl.truststore.certificates", ALL, How::Here),
    rule("ssl.truststore.location", ALL, How::Here),
    rule("ssl.truststore.password", ALL, How::Here),
    rule("ssl.truststore.type", ALL, How::Here),
    // Producer.
    rule(
        "acks",
        PRODUCER,
        How::Choice(
            "acks",
            &[("all", "-1"), ("-1", "-1"), ("0", "0"), ("1", "1")],
        ),
    ),
    rule(
        "batch.size",
        PRODUCER,
        int("batch.size", 0..=INT_MAX, 1..=INT_MAX),
    ),
    rule(
        "buffer.memory",
        PRODUCER,
        How::Special(special::buffer_memory),
    ),
    rule(
        "compression.gzip.level",
        PRODUCER,
        How::Special(special::gzip_level),
    ),
    rule(
        "compression.lz4.level",
        PRODUCER,
        How::Special(special::lz4_level),
    ),
    rule(
        "compression.type",
        PRODUCER,
        How::Choice(
            "compression.codec",
            &[
                ("none", "none"),
                ("gzip", "gzip"),
                ("snappy", "snappy"),
                ("lz4", "lz4"),
                ("zstd", "zstd"),
            ],
        ),
    ),
    rule(
        "compression.zstd.level",
        PRODUCER,
        How::Special(special::zstd_level),
    ),
    rule(
        "delivery.timeout.ms",
        PRODUCER,
        int("delivery.timeout.ms", 0..=INT_MAX, 1..=INT_MAX),
    ),
    rule(
        "enable.idempotence",
        PRODUCER,
        How::Flag("enable.idempotence"),
    ),
    rule("key.serializer", PRODUCER, How::Here),
    rule(
        "linger.ms",
        PRODUCER,
        long("linger.ms", 0..=i64::MAX, 0..=900_000),
    ),
    rule("max.block.ms", PRODUCER, How::Here),
    rule(
        "max.in.flight.requests.per.connection",
        PRODUCER,
        int(
            "max.in.flight.requests.per.connection",
            1..=INT_MAX,
            1..=1_000_000,
        ),
    ),
    rule(
        "max.request.size",
        PRODUCER,
        int("message.max.bytes", 0..=INT_MAX, 1000..=1_000_000_000),
    ),
    rule("metadata.max.idle.ms", PRODUCER, How::None(BUILT_IN)),
    rule(
        "partitioner.adaptive.partitioning.enable",
        PRODUCER,
        How::None(BUILT_IN),
    ),
    rule(
        "partitioner.availability.timeout.ms",
        PRODUCER,
        How::None(BUILT_IN),
    ),
    rule(
        "partitioner.class",
        PRODUCER,
        How::Special(special::partitioner_class),
    ),
    rule(
        "partitioner.ignore.keys",
        PRODUCER,
        How::Special(special::partitioner_ignore_keys),
    ),
    rule(
        "retries",
        PRODUCER,
        int("retries", 0..=INT_MAX, 0..=INT_MAX),
    ),
    rule(
        "transaction.timeout.ms",
        PRODUCER,
        int("transaction.timeout.ms", 0..=INT_MAX, 1000..=INT_MAX),
    ),
    rule(
        "transaction.two.phase.commit.enable",
        PRODUCER,
        How::None("two-phase commit is not available"),
    ),
    rule("transactional.id", PRODUCER, How::Text("transactional.id")),
    rule("value.serializer", PRODUCER, How::Here),
    // Consumer.
    rule(
        "allow.auto.create.topics",
        CONSUMER,
        How::Flag("allow.auto.create.topics"),
    ),
    rule(
        "auto.commit.interval.ms",
        CONSUMER,
        int("auto.commit.interval.ms", 0..=INT_MAX, 0..=86_400_000),
    ),
    rule(
        "auto.offset.reset",
        CONSUMER,
        How::Special(special::auto_offset_reset),
    ),
    rule("check.crcs", CONSUMER, How::Flag("check.crcs")),
    rule(
        "client.rack",
        PRODUCER_AND_CONSUMER,
        How::Text("client.rack"),
    ),
    rule(
        "enable.auto.commit",
        CONSUMER,
        How::Flag("enable.auto.commit"),
    ),
    rule("exclude.internal.topics", CONSUMER, How::Here),
    rule(
        "fetch.max.bytes",
        CONSUMER,
        int("fetch.max.bytes", 0..=INT_MAX, 1000..=2_147_483_135),
    ),
    rule(
        "fetch.max.wait.ms",
        CONSUMER,
        int("fetch.wait.max.ms", 0..=INT_MAX, 0..=300_000),
    ),
    rule(
        "fetch.min.bytes",
        CONSUMER,
        int("fetch.min.bytes", 0..=INT_MAX, 1..=100_000_000),
    ),
    rule("group.id", CONSUMER, How::Text("group.id")),
    rule(
        "group.instance.id",
        CONSUMER,
        How::Text("group.instance.id"),
    ),
    rule(
        "group.protocol",
        CONSUMER,
        How::Choice(
            "group.protocol",
            &[("classic", "classic"), ("consumer", "consumer")],
        ),
    ),
    rule(
        "group.remote.assignor",
        CONSUMER,
        How::Text("group.remote.assignor"),
    ),
    rule(
        "heartbeat.interval.ms",
        CONSUMER,
        int("heartbeat.interval.ms", 0..=INT_MAX, 1..=3_600_000),
    ),
    rule(
        "isolation.level",
        CONSUMER,
        How::Choice(
            "isolation.level",
            &[
                ("read_uncommitted", "read_uncommitted"),
                ("read_committed", "read_committed"),
            ],
        ),
    ),
    rule("key.deserializer", CONSUMER, How::Here),
    rule(
        "max.partition.fetch.bytes",
        CONSUMER,
        int("max.partition.fetch.bytes", 0..=INT_MAX, 1..=1_000_000_000),
    ),
    rule(
        "max.poll.interval.ms",
        CONSUMER,
        int("max.poll.interval.ms", 1..=INT_MAX, 1..=86_400_000),
    ),
    rule("max.poll.records", CONSUMER, How::Here),
    rule(
        "partition.assignment.strategy",
        CONSUMER,
        How::Special(special::assignment_strategy),
    ),
    rule(
        "session.timeout.ms",
        CONSUMER,
        int("session.timeout.ms", 0..=INT_MAX, 1..=3_600_000),
    ),
    rule("value.deserializer", CONSUMER, How::Here),
];

/// The rule for `key`, if a Java client of this role knows it.
pub(crate) fn find(key: &str, role: Roles) -> Option<&'static Rule> {
    TABLE
        .iter()
        .find(|rule| rule.key == key && rule.roles.include(role))
}
