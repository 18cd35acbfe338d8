//! The keys of a worker: types, defaults and checks.

use connect_core::config::{ConfigType, DefaultValue, Importance};

use super::{
    Brokers, Membership, cluster as of_cluster, converter_key, converter_version_key,
    response_headers,
};
use crate::config::definition::{Check, Definition, Parsed, Setting};
use connect_core::converter::Role;

pub(super) const BOOTSTRAP_SERVERS: &str = "bootstrap.servers";
pub(super) const OFFSETS_FILE: &str = "offset.storage.file.filename";
pub(super) const OFFSET_FLUSH_INTERVAL: &str = "offset.flush.interval.ms";
pub(super) const OFFSET_FLUSH_TIMEOUT: &str = "offset.flush.timeout.ms";
pub(super) const TASK_SHUTDOWN_TIMEOUT: &str = "task.shutdown.graceful.timeout.ms";
pub(super) const TOPIC_CREATION: &str = "topic.creation.enable";
pub(super) const TOPIC_TRACKING: &str = "topic.tracking.enable";
pub(super) const TOPIC_TRACKING_RESET: &str = "topic.tracking.allow.reset";
pub(super) const OVERRIDE_POLICY: &str = "connector.client.config.override.policy";
pub(super) const LISTENERS: &str = "listeners";
pub(super) const ADMIN_LISTENERS: &str = "admin.listeners";
pub(super) const ADVERTISED_HOST: &str = "rest.advertised.host.name";
pub(super) const ADVERTISED_PORT: &str = "rest.advertised.port";
pub(super) const ADVERTISED_LISTENER: &str = "rest.advertised.listener";
pub(super) const ALLOW_ORIGIN: &str = "access.control.allow.origin";
pub(super) const ALLOW_METHODS: &str = "access.control.allow.methods";
pub(super) const RESPONSE_HEADERS: &str = "response.http.headers.config";
pub(super) const REST_EXTENSIONS: &str = "rest.extension.classes";
pub(super) const TLS_PREFIX: &str = "listeners.https.";
pub(super) const ADMIN_TLS_PREFIX: &str = "admin.listeners.https.";
pub(super) const METRICS_SAMPLE_WINDOW: &str = "metrics.sample.window.ms";
pub(super) const METRICS_SAMPLES: &str = "metrics.num.samples";
pub(crate) const CLIENT_AUTH: &str = "ssl.client.auth";
pub(crate) const CIPHER_SUITES: &str = "ssl.cipher.suites";
pub(crate) const ENABLED_PROTOCOLS: &str = "ssl.enabled.protocols";
pub(crate) const KEYSTORE_TYPE: &str = "ssl.keystore.type";
pub(crate) const KEYSTORE_LOCATION: &str = "ssl.keystore.location";
pub(crate) const KEYSTORE_PASSWORD: &str = "ssl.keystore.password";
pub(crate) const KEY_PASSWORD: &str = "ssl.key.password";
pub(crate) const KEYSTORE_KEY: &str = "ssl.keystore.key";
pub(crate) const KEYSTORE_CHAIN: &str = "ssl.keystore.certificate.chain";
pub(crate) const TRUSTSTORE_CERTIFICATES: &str = "ssl.truststore.certificates";
pub(crate) const TRUSTSTORE_TYPE: &str = "ssl.truststore.type";
pub(crate) const TRUSTSTORE_LOCATION: &str = "ssl.truststore.location";
pub(crate) const TRUSTSTORE_PASSWORD: &str = "ssl.truststore.password";
/// The reference has no such key.
pub(super) const TASK_STALL_TIMEOUT: &str = "task.stall.timeout.ms";

pub(super) const DEFAULT_HEADER_CONVERTER: &str =
    "org.apache.kafka.connect.storage.SimpleHeaderConverter";

const NOT_EMPTY: Check = Check::ValueList {
    or_null: false,
    or_empty: false,
};
const MAYBE_EMPTY: Check = Check::ValueList {
    or_null: false,
    or_empty: true,
};
const NULL_OR_NOT_EMPTY: Check = Check::ValueList {
    or_null: true,
    or_empty: false,
};
const NULL_OR_EMPTY: Check = Check::ValueList {
    or_null: true,
    or_empty: true,
};

/// All keys of a worker.
pub(super) fn definition(membership: Membership, brokers: Brokers) -> Definition {
    let own = match membership {
        Membership::Alone => vec![offsets_file()],
        Membership::Cluster => of_cluster::settings(),
    };
    let mut definition: Definition = [cluster(), own, runtime(), rest(), metrics(), tls()]
        .into_iter()
        .flatten()
        .chain([client_auth()])
        .collect();
    if brokers == Brokers::Embedded {
        let bootstrap = definition.setting_mut(BOOTSTRAP_SERVERS);
        bootstrap.key.default = DefaultValue::Null;
        bootstrap.check = NULL_OR_NOT_EMPTY;
    }
    definition
}

fn high(name: &'static str, kind: ConfigType, documentation: &'static str) -> Setting {
    Setting::new(name, kind, documentation).importance(Importance::High)
}

fn medium(name: &'static str, kind: ConfigType, documentation: &'static str) -> Setting {
    Setting::new(name, kind, documentation).importance(Importance::Medium)
}

fn low(name: &'static str, kind: ConfigType, documentation: &'static str) -> Setting {
    Setting::new(name, kind, documentation)
}

fn cluster() -> Vec<Setting> {
    use ConfigType::{List, String};
    vec![
        high(
            BOOTSTRAP_SERVERS,
            List,
            "Addresses of brokers of the Kafka cluster.",
        )
        .check(NOT_EMPTY),
        medium(
            "client.dns.lookup",
            String,
            "How clients resolve host names.",
        )
        .default("use_all_dns_ips")
        .check(Check::OneOf(&[
            "use_all_dns_ips",
            "resolve_canonical_bootstrap_servers_only",
        ])),
        medium(
            OVERRIDE_POLICY,
            String,
            "What connectors may change of their Kafka clients.",
        )
        .default("All"),
    ]
}

fn offsets_file() -> Setting {
    high(
        OFFSETS_FILE,
        ConfigType::String,
        "File with the offsets of source connectors.",
    )
}

fn runtime() -> Vec<Setting> {
    use ConfigType::{Boolean, Class, List, Long, String};
    let mut settings = vec![
        high(converter_key(Role::Key), Class, "Converter of record keys."),
        high(
            converter_key(Role::Value),
            Class,
            "Converter of record values.",
        ),
        low(
            converter_key(Role::Header),
            Class,
            "Converter of record headers.",
        )
        .default(DEFAULT_HEADER_CONVERTER),
    ];
    settings.extend([Role::Key, Role::Value, Role::Header].map(|role| {
        low(
            converter_version_key(role),
            String,
            "Version of that converter.",
        )
        .optional()
    }));
    settings.extend([
        low(
            TASK_SHUTDOWN_TIMEOUT,
            Long,
            "Time in which tasks must have stopped, all together.",
        )
        .default("5000"),
        low(
            OFFSET_FLUSH_INTERVAL,
            Long,
            "Time between two commits of offsets.",
        )
        .default("60000"),
        low(
            OFFSET_FLUSH_TIMEOUT,
            Long,
            "Time that a commit of offsets may take.",
        )
        .default("5000"),
        low(
            "plugin.path",
            List,
            "Accepted for compatibility: plugins are compiled in.",
        )
        .optional()
        .check(NULL_OR_NOT_EMPTY),
        low(
            "plugin.discovery",
            String,
            "Accepted for compatibility: plugins are compiled in.",
        )
        .default("hybrid_warn")
        .check(Check::OneOfAnyCase(&[
            "ONLY_SCAN",
            "SERVICE_LOAD",
            "HYBRID_WARN",
            "HYBRID_FAIL",
        ])),
        low(
            "config.providers",
            List,
            "Names of providers of externalised values.",
        )
        .default("")
        .check(MAYBE_EMPTY),
        low(
            TOPIC_CREATION,
            Boolean,
            "Source connectors may have topics created by own rules.",
        )
        .default("true"),
        low(
            TOPIC_TRACKING,
            Boolean,
            "The topics that connectors use are remembered.",
        )
        .default("true"),
        low(
            TOPIC_TRACKING_RESET,
            Boolean,
            "Clients may have remembered topics forgotten.",
        )
        .default("true"),
    ]);
    settings
}

fn rest() -> Vec<Setting> {
    use ConfigType::{Int, List, String};
    vec![
        low(LISTENERS, List, "Where REST is served.")
            .default("http://:8083")
            .check(Check::Custom(check_listeners)),
        low(
            ADVERTISED_HOST,
            String,
            "Host name that other programs are told.",
        )
        .optional(),
        low(ADVERTISED_PORT, Int, "Port that other programs are told.").optional(),
        low(
            ADVERTISED_LISTENER,
            String,
            "Which listener other programs are told of.",
        )
        .optional(),
        low(
            ADMIN_LISTENERS,
            List,
            "Where loggers are administered; empty is nowhere.",
        )
        .optional()
        .check(NULL_OR_EMPTY),
        low(ALLOW_ORIGIN, String, "Origins whose pages may use REST.").default(""),
        low(
            ALLOW_METHODS,
            String,
            "Methods that pages of other origins may use.",
        )
        .default(""),
        low(
            RESPONSE_HEADERS,
            String,
            "Headers that are added to answers.",
        )
        .default("")
        .check(Check::Custom(check_response_headers)),
        low(
            REST_EXTENSIONS,
            List,
            "Extensions of REST, in the order of their registration.",
        )
        .default("")
        .check(MAYBE_EMPTY),
    ]
}

/// Whether clients of REST show a certificate.
pub(super) fn client_auth() -> Setting {
    let setting = low(
        CLIENT_AUTH,
        ConfigType::String,
        "Whether REST clients show a certificate.",
    );
    let choices = Check::OneOf(&["required", "requested", "none"]);
    setting.default("none").check(choices)
}

fn metrics() -> Vec<Setting> {
    use ConfigType::{Int, List, Long, String};
    vec![
        low(
            METRICS_SAMPLE_WINDOW,
            Long,
            "Length of one sample of a statistic.",
        )
        .default("30000")
        .check(Check::AtLeast(0)),
        low(
            METRICS_SAMPLES,
            Int,
            "Samples of a statistic that are kept.",
        )
        .default("2")
        .check(Check::AtLeast(1)),
        low(
            "metrics.recording.level",
            String,
            "Most detailed level that is measured.",
        )
        .default("INFO")
        .check(Check::OneOf(&["INFO", "DEBUG"])),
        low(
            "metric.reporters",
            List,
            "Accepted for compatibility: classes of reporters.",
        )
        .default("org.apache.kafka.common.metrics.JmxReporter")
        .check(MAYBE_EMPTY),
        low(
            TASK_STALL_TIMEOUT,
            Long,
            "Time in which a task with work gets some of it done, else it counts as stalled. 0 is for ever.",
        )
        .default("60000")
        .check(Check::AtLeast(0)),
    ]
}

/// The client's TLS keys, which the REST server shares when it has none of its own.
pub(super) fn tls() -> Vec<Setting> {
    use ConfigType::{Class, List, Password, String};
    const TLS: &str = "TLS setting of the worker's clients and of REST.";
    let text = |name, default| low(name, String, TLS).default(default);
    vec![
        text("ssl.protocol", "TLSv1.3").importance(Importance::Medium),
        medium("ssl.provider", String, TLS).optional(),
        low(CIPHER_SUITES, List, TLS).default("").check(MAYBE_EMPTY),
        medium(ENABLED_PROTOCOLS, List, TLS)
            .default("TLSv1.2,TLSv1.3")
            .check(MAYBE_EMPTY),
        text(KEYSTORE_TYPE, "JKS").importance(Importance::Medium),
        high(KEYSTORE_LOCATION, String, TLS).optional(),
        high(KEYSTORE_PASSWORD, Password, TLS).optional(),
        high(KEY_PASSWORD, Password, TLS).optional(),
        high(KEYSTORE_KEY, Password, TLS).optional(),
        high(KEYSTORE_CHAIN, Password, TLS).optional(),
        high(TRUSTSTORE_CERTIFICATES, Password, TLS).optional(),
        text(TRUSTSTORE_TYPE, "JKS").importance(Importance::Medium),
        high(TRUSTSTORE_LOCATION, String, TLS).optional(),
        high(TRUSTSTORE_PASSWORD, Password, TLS).optional(),
        text("ssl.keymanager.algorithm", "SunX509"),
        text("ssl.trustmanager.algorithm", "PKIX"),
        text("ssl.endpoint.identification.algorithm", "https"),
        low("ssl.secure.random.implementation", String, TLS).optional(),
        low("ssl.engine.factory.class", Class, TLS).optional(),
    ]
}

fn check_listeners(_: &str, value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::List(urls) if urls.is_empty() => Err(
            "Invalid value for listeners, at least one URL is expected, ex: \
                 http://localhost:8080,https://localhost:8443."
                .to_owned(),
        ),
        Parsed::List(urls) if urls.iter().any(String::is_empty) => {
            Err("Empty URL found when parsing listeners list.".to_owned())
        }
        _ => Ok(()),
    }
}

fn check_response_headers(_: &str, value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::Text(rules) => response_headers::parse(rules)
            .map(drop)
            .map_err(|error| error.to_string()),
        _ => Ok(()),
    }
}
