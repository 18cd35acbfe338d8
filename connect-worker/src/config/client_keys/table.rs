//! The keys of Kafka's clients: type, importance, default.

use connect_core::config::ConfigType::{
    self, Boolean, Class, Double, Int, List, Long, Password, Short, String,
};
use connect_core::config::Importance::{self, High, Low, Medium};

use Absent::{Null, Required, Text};

/// A key of a client.
pub(super) type Key = (&'static str, ConfigType, Importance, Absent);

/// What counts when a key is absent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Absent {
    /// The key must be given.
    Required,
    /// Nothing.
    Null,
    /// This text.
    Text(&'static str),
}

const JWT_RETRIEVER: &str = "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever";
const JWT_VALIDATOR: &str = "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator";
const ASSIGNORS: &str = concat!(
    "class org.apache.kafka.clients.consumer.RangeAssignor,",
    "class org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
);

/// Keys that mean the same to every client.
pub(super) const SHARED: &[Key] = &[
    ("client.dns.lookup", String, Medium, Text("use_all_dns_ips")),
    ("config.providers", List, Low, Text("")),
    ("metadata.max.age.ms", Long, Low, Text("300000")),
    (
        "metadata.recovery.rebootstrap.trigger.ms",
        Long,
        Low,
        Text("300000"),
    ),
    (
        "metadata.recovery.strategy",
        String,
        Low,
        Text("rebootstrap"),
    ),
    (
        "metric.reporters",
        List,
        Low,
        Text("org.apache.kafka.common.metrics.JmxReporter"),
    ),
    ("metrics.num.samples", Int, Low, Text("2")),
    ("metrics.recording.level", String, Low, Text("INFO")),
    ("metrics.sample.window.ms", Long, Low, Text("30000")),
    ("reconnect.backoff.max.ms", Long, Low, Text("1000")),
    ("reconnect.backoff.ms", Long, Low, Text("50")),
    ("request.timeout.ms", Int, Medium, Text("30000")),
    ("retry.backoff.max.ms", Long, Low, Text("1000")),
    ("retry.backoff.ms", Long, Low, Text("100")),
    ("sasl.client.callback.handler.class", Class, Medium, Null),
    ("sasl.jaas.config", Password, Medium, Null),
    (
        "sasl.kerberos.kinit.cmd",
        String,
        Low,
        Text("/usr/bin/kinit"),
    ),
    (
        "sasl.kerberos.min.time.before.relogin",
        Long,
        Low,
        Text("60000"),
    ),
    ("sasl.kerberos.service.name", String, Medium, Null),
    (
        "sasl.kerberos.ticket.renew.jitter",
        Double,
        Low,
        Text("0.05"),
    ),
    (
        "sasl.kerberos.ticket.renew.window.factor",
        Double,
        Low,
        Text("0.8"),
    ),
    ("sasl.login.callback.handler.class", Class, Medium, Null),
    ("sasl.login.class", Class, Medium, Null),
    ("sasl.login.connect.timeout.ms", Int, Low, Null),
    ("sasl.login.read.timeout.ms", Int, Low, Null),
    ("sasl.login.refresh.buffer.seconds", Short, Low, Text("300")),
    (
        "sasl.login.refresh.min.period.seconds",
        Short,
        Low,
        Text("60"),
    ),
    ("sasl.login.refresh.window.factor", Double, Low, Text("0.8")),
    (
        "sasl.login.refresh.window.jitter",
        Double,
        Low,
        Text("0.05"),
    ),
    ("sasl.login.retry.backoff.max.ms", Long, Low, Text("10000")),
    ("sasl.login.retry.backoff.ms", Long, Low, Text("100")),
    ("sasl.mechanism", String, Medium, Text("GSSAPI")),
    (
        "sasl.oauthbearer.assertion.algorithm",
        String,
        Medium,
        Text("RS256"),
    ),
    ("sasl.oauthbearer.assertion.claim.aud", String, Medium, Null),
    (
        "sasl.oauthbearer.assertion.claim.exp.seconds",
        Int,
        Low,
        Text("300"),
    ),
    ("sasl.oauthbearer.assertion.claim.iss", String, Medium, Null),
    (
        "sasl.oauthbearer.assertion.claim.jti.include",
        Boolean,
        Medium,
        Text("false"),
    ),
    (
        "sasl.oauthbearer.assertion.claim.nbf.seconds",
        Int,
        Low,
        Text("60"),
    ),
    ("sasl.oauthbearer.assertion.claim.sub", String, Medium, Null),
    ("sasl.oauthbearer.assertion.file", String, Medium, Null),
    (
        "sasl.oauthbearer.assertion.private.key.file",
        String,
        Medium,
        Null,
    ),
    (
        "sasl.oauthbearer.assertion.private.key.passphrase",
        Password,
        Medium,
        Null,
    ),
    (
        "sasl.oauthbearer.assertion.template.file",
        String,
        Medium,
        Null,
    ),
    (
        "sasl.oauthbearer.client.credentials.client.id",
        String,
        Medium,
        Null,
    ),
    (
        "sasl.oauthbearer.client.credentials.client.secret",
        Password,
        Medium,
        Null,
    ),
    ("sasl.oauthbearer.clock.skew.seconds", Int, Low, Text("30")),
    ("sasl.oauthbearer.expected.audience", List, High, Text("")),
    ("sasl.oauthbearer.expected.issuer", String, High, Null),
    (
        "sasl.oauthbearer.header.urlencode",
        Boolean,
        Low,
        Text("false"),
    ),
    (
        "sasl.oauthbearer.jwks.endpoint.refresh.ms",
        Long,
        Low,
        Text("3600000"),
    ),
    (
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
        Long,
        Low,
        Text("10000"),
    ),
    (
        "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
        Long,
        Low,
        Text("100"),
    ),
    ("sasl.oauthbearer.jwks.endpoint.url", String, Medium, Null),
    (
        "sasl.oauthbearer.jwt.retriever.class",
        Class,
        Medium,
        Text(JWT_RETRIEVER),
    ),
    (
        "sasl.oauthbearer.jwt.validator.class",
        Class,
        Medium,
        Text(JWT_VALIDATOR),
    ),
    ("sasl.oauthbearer.scope", String, Medium, Null),
    (
        "sasl.oauthbearer.scope.claim.name",
        String,
        Low,
        Text("scope"),
    ),
    ("sasl.oauthbearer.sub.claim.name", String, Low, Text("sub")),
    ("sasl.oauthbearer.token.endpoint.url", String, Medium, Null),
    ("security.protocol", String, Medium, Text("PLAINTEXT")),
    ("security.providers", String, Low, Null),
    ("send.buffer.bytes", Int, Medium, Text("131072")),
    (
        "socket.connection.setup.timeout.max.ms",
        Long,
        Medium,
        Text("30000"),
    ),
    (
        "socket.connection.setup.timeout.ms",
        Long,
        Medium,
        Text("10000"),
    ),
    ("ssl.cipher.suites", List, Low, Text("")),
    (
        "ssl.enabled.protocols",
        List,
        Medium,
        Text("TLSv1.2,TLSv1.3"),
    ),
    (
        "ssl.endpoint.identification.algorithm",
        String,
        Low,
        Text("https"),
    ),
    ("ssl.engine.factory.class", Class, Low, Null),
    ("ssl.key.password", Password, High, Null),
    ("ssl.keymanager.algorithm", String, Low, Text("SunX509")),
    ("ssl.keystore.certificate.chain", Password, High, Null),
    ("ssl.keystore.key", Password, High, Null),
    ("ssl.keystore.location", String, High, Null),
    ("ssl.keystore.password", Password, High, Null),
    ("ssl.keystore.type", String, Medium, Text("JKS")),
    ("ssl.protocol", String, Medium, Text("TLSv1.3")),
    ("ssl.provider", String, Medium, Null),
    ("ssl.secure.random.implementation", String, Low, Null),
    ("ssl.trustmanager.algorithm", String, Low, Text("PKIX")),
    ("ssl.truststore.certificates", Password, High, Null),
    ("ssl.truststore.location", String, High, Null),
    ("ssl.truststore.password", Password, High, Null),
    ("ssl.truststore.type", String, Medium, Text("JKS")),
];

/// Keys of producers alone.
pub(super) const PRODUCER: &[Key] = &[
    ("acks", String, Low, Text("all")),
    ("batch.size", Int, Medium, Text("16384")),
    ("bootstrap.servers", List, High, Required),
    ("buffer.memory", Long, High, Text("33554432")),
    ("client.id", String, Medium, Text("")),
    ("compression.gzip.level", Int, Medium, Text("-1")),
    ("compression.lz4.level", Int, Medium, Text("9")),
    ("compression.type", String, High, Text("none")),
    ("compression.zstd.level", Int, Medium, Text("3")),
    ("connections.max.idle.ms", Long, Medium, Text("540000")),
    ("delivery.timeout.ms", Int, Medium, Text("120000")),
    ("enable.idempotence", Boolean, Low, Text("true")),
    ("enable.metrics.push", Boolean, Low, Text("true")),
    ("interceptor.classes", List, Low, Text("")),
    ("key.serializer", Class, High, Required),
    ("linger.ms", Long, Medium, Text("5")),
    ("max.block.ms", Long, Medium, Text("60000")),
    ("max.in.flight.requests.per.connection", Int, Low, Text("5")),
    ("max.request.size", Int, Medium, Text("1048576")),
    ("metadata.max.idle.ms", Long, Low, Text("300000")),
    (
        "partitioner.adaptive.partitioning.enable",
        Boolean,
        Low,
        Text("true"),
    ),
    ("partitioner.availability.timeout.ms", Long, Low, Text("0")),
    ("partitioner.class", Class, Medium, Null),
    ("partitioner.ignore.keys", Boolean, Medium, Text("false")),
    ("receive.buffer.bytes", Int, Medium, Text("32768")),
    ("retries", Int, High, Text("2147483647")),
    ("transaction.timeout.ms", Int, Low, Text("60000")),
    (
        "transaction.two.phase.commit.enable",
        Boolean,
        Low,
        Text("false"),
    ),
    ("transactional.id", String, Low, Null),
    ("value.serializer", Class, High, Required),
];

/// Keys of consumers alone.
pub(super) const CONSUMER: &[Key] = &[
    ("allow.auto.create.topics", Boolean, Medium, Text("true")),
    ("auto.commit.interval.ms", Int, Low, Text("5000")),
    ("auto.offset.reset", String, Medium, Text("latest")),
    ("bootstrap.servers", List, High, Required),
    ("check.crcs", Boolean, Low, Text("true")),
    ("client.id", String, Low, Text("")),
    ("client.rack", String, Low, Text("")),
    ("connections.max.idle.ms", Long, Medium, Text("540000")),
    ("default.api.timeout.ms", Int, Medium, Text("60000")),
    ("enable.auto.commit", Boolean, Medium, Text("true")),
    ("enable.metrics.push", Boolean, Low, Text("true")),
    ("exclude.internal.topics", Boolean, Medium, Text("true")),
    ("fetch.max.bytes", Int, Medium, Text("52428800")),
    ("fetch.max.wait.ms", Int, Low, Text("500")),
    ("fetch.min.bytes", Int, High, Text("1")),
    ("group.id", String, High, Null),
    ("group.instance.id", String, Medium, Null),
    ("group.protocol", String, High, Text("classic")),
    ("group.remote.assignor", String, Medium, Null),
    ("heartbeat.interval.ms", Int, High, Text("3000")),
    ("interceptor.classes", List, Low, Text("")),
    (
        "internal.throw.on.fetch.stable.offset.unsupported",
        Boolean,
        Low,
        Text("false"),
    ),
    ("isolation.level", String, Medium, Text("read_uncommitted")),
    ("key.deserializer", Class, High, Required),
    ("max.partition.fetch.bytes", Int, High, Text("1048576")),
    ("max.poll.interval.ms", Int, Medium, Text("300000")),
    ("max.poll.records", Int, Medium, Text("500")),
    (
        "partition.assignment.strategy",
        List,
        Medium,
        Text(ASSIGNORS),
    ),
    ("receive.buffer.bytes", Int, Medium, Text("65536")),
    ("session.timeout.ms", Int, High, Text("45000")),
    (
        "share.acknowledgement.mode",
        String,
        Medium,
        Text("implicit"),
    ),
    (
        "share.acquire.mode",
        String,
        Medium,
        Text("BATCH_OPTIMIZED"),
    ),
    ("value.deserializer", Class, High, Required),
];

/// Keys of admin clients alone.
pub(super) const ADMIN: &[Key] = &[
    ("bootstrap.controllers", List, High, Text("")),
    ("bootstrap.servers", List, High, Text("")),
    ("client.id", String, Medium, Text("")),
    ("connections.max.idle.ms", Long, Medium, Text("300000")),
    ("default.api.timeout.ms", Int, Medium, Text("60000")),
    ("enable.metrics.push", Boolean, Low, Text("false")),
    ("receive.buffer.bytes", Int, Medium, Text("65536")),
    ("retries", Int, Low, Text("2147483647")),
];
