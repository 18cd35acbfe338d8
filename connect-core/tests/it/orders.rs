//! A source, a sink and a transform of some size, as an author writes them: every part of the
//! language of configurations at once.

mod http;
mod rename;

use std::num::NonZeroUsize;

use connect_core::config::{ConfigBlock as _, ConfigType, ConnectorConfig as _};
use connect_core::plugin::{Planning, PluginEntry};
use connect_core::prelude::*;
use connect_core::registry::PluginRegistry;
use connect_core::testing::{self, SourceHarness};
use expect_test::expect;
use serde_json::json;

/// Reads new rows of PostgreSQL tables.
///
/// One task serves one or more tables; every table is one source partition.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(
    group(id = "connection", label = "Connection"),
    group(id = "polling", label = "Polling"),
    check = PgConfig::check,
)]
struct PgConfig {
    /// Host name or address of the server.
    #[config(
        importance = high, group = "connection", example = "db.internal",
        deprecated_alias("db.hostname", since = "0.2"),
    )]
    hostname: String,

    /// TCP port of the server.
    #[config(default = 5432, range = 1..=65535, group = "connection")]
    port: u16,

    /// How the connector proves who it is.
    #[config(nested)]
    auth: Auth,

    /// Tables to read, as `schema.table`.
    #[config(
        importance = high, non_empty, example = "public.orders",
        recommend = list_tables, depends_on(hostname, port),
    )]
    tables: Vec<String>,

    /// How new rows are found.
    #[config(default = "incrementing")]
    mode: Mode,

    /// Column whose value grows with every row.
    #[config(required_if(mode = Incrementing), example = "id")]
    incrementing_column: Option<String>,

    /// Time between two polls of a table.
    #[config(key = "poll.interval.ms", default = "5s", range = "100ms"..="1h", group = "polling")]
    poll_interval: Duration,

    /// Most bytes that one poll returns.
    #[config(
        key = "batch.max.bytes", group = "polling", importance = low,
        default = ByteSize::mib(1), range = ByteSize::kib(1)..=ByteSize::mib(64),
    )]
    batch_max: ByteSize,

    /// Prefix of the topic names; the table name follows.
    #[config(importance = high, matches = r"[A-Za-z0-9._-]*", default = "pg.")]
    topic_prefix: String,

    #[config(flatten)]
    retry: RetryConfig,
}

/// Which rows a poll picks up.
#[derive(Clone, Copy, Debug, PartialEq, ConfigEnum)]
enum Mode {
    /// Every row, on every poll.
    Bulk,
    /// Rows whose counter column grew since the last poll.
    Incrementing,
}

/// How the connector proves who it is.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(tag = "type", default = "password")]
enum Auth {
    /// No authentication.
    Trust,
    /// A user name and a password.
    Password {
        /// Name of the database user.
        #[config(importance = high)]
        user: String,
        /// Password of that user.
        #[config(importance = high)]
        password: Secret,
    },
    /// A client certificate.
    Certificate {
        /// PEM file with the certificate and its key.
        key_file: String,
    },
}

/// What to do when the other side fails for a moment.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(prefix = "retry.")]
struct RetryConfig {
    /// How often to try again before the task fails.
    #[config(default = 10, range = 0..=1000, importance = low)]
    max: u32,
}

impl PgConfig {
    fn check(&self, errors: &mut ConfigErrors) {
        if self.mode == Mode::Bulk && self.poll_interval < Duration::from_secs(1) {
            errors.add(
                "poll.interval.ms",
                "reading whole tables more than once a second is not supported",
            );
        }
    }
}

async fn list_tables(draft: Draft<PgConfig>) -> Result<Vec<String>> {
    let (Some(host), Some(port)) = (draft.hostname, draft.port) else {
        return Ok(vec![]);
    };
    pg::list_tables(&host, port).await
}

/// The client of a database.
mod pg {
    #[expect(clippy::unused_async, reason = "a client asks the server")]
    pub(super) async fn list_tables(host: &str, port: u16) -> super::Result<Vec<String>> {
        Ok(vec![format!("{host}:{port}/public.orders")])
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, SourcePartition)]
struct TablePartition {
    table: String,
}

#[derive(Clone, Debug, SourceOffset)]
struct RowOffset {
    id: i64,
}

/// Streams new rows of PostgreSQL tables.
#[source_connector(
    name = "PgSource",
    alias = "org.example.connect.PgSourceConnector",
    version = "1.4.0",
    split_by = tables,
)]
#[derive(Debug)]
struct PgSource {
    config: PgConfig,
    last: Vec<(TablePartition, i64)>,
}

#[source_task]
impl SourceTask for PgSource {
    type Config = PgConfig;
    type Partition = TablePartition;
    type Offset = RowOffset;

    async fn start(config: PgConfig, cx: SourceContext<Self>) -> Result<Self> {
        let mut last = Vec::new();
        for table in &config.tables {
            let table = table.clone();
            let partition = TablePartition { table };
            let offset = cx.offset(&partition).await?;
            last.push((partition, offset.map_or(0, |it| it.id)));
        }
        Ok(Self { config, last })
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        sleep(self.config.poll_interval).await;
        let mut batch = Vec::new();
        for (partition, id) in &mut self.last {
            *id += 1;
            let topic = format!("{}{}", self.config.topic_prefix, partition.table);
            batch.push(
                SourceRecord::new(topic, partition.clone(), RowOffset { id: *id })
                    .key(*id)
                    .value(json!({ "id": *id })),
            );
        }
        Ok(batch)
    }
}

/// Streams all tables of a database, also those created later.
#[source_connector(name = "PgDatabaseSource", task = PgSource)]
#[derive(Debug)]
struct PgDatabaseSource {
    config: PgConfig,
    cx: ConnectorContext<Self>,
}

impl SourceConnector for PgDatabaseSource {
    type Task = PgSource;

    async fn start(config: PgConfig, cx: ConnectorContext<Self>) -> Result<Self> {
        Ok(Self { config, cx })
    }

    async fn plan(&self, max: NonZeroUsize) -> Result<Vec<PgConfig>> {
        let tables = pg::list_tables(&self.config.hostname, self.config.port).await?;
        let shares = connect_core::plugin::runs(&tables, max).into_iter();
        let shares = shares.filter(|it| !it.is_empty()).map(|share| PgConfig {
            tables: share.to_vec(),
            ..self.config.clone()
        });
        Ok(shares.collect())
    }

    async fn watch(&self) -> Result<()> {
        self.cx.replan();
        Ok(())
    }
}

const GOOD: [(&str, &str); 5] = [
    ("hostname", "db"),
    ("auth.user", "me"),
    ("auth.password", "hunter2"),
    ("tables", "a,b,c"),
    ("incrementing.column", "id"),
];

fn props(changes: &[(&str, &str)]) -> Props {
    Props::from_iter(GOOD.into_iter().chain(changes.iter().copied()))
}

#[test]
fn its_keys_are_those_that_users_write() {
    let definition = PgConfig::definition();
    let keys = definition.keys().iter().map(|it| it.name.as_ref());

    assert_eq!(
        keys.collect::<Vec<_>>(),
        [
            "hostname",
            "port",
            "auth.type",
            "auth.user",
            "auth.password",
            "auth.key.file",
            "tables",
            "mode",
            "incrementing.column",
            "poll.interval.ms",
            "batch.max.bytes",
            "topic.prefix",
            "retry.max",
        ]
    );
    let kinds = ["poll.interval.ms", "batch.max.bytes", "auth.password"];
    let kinds = kinds.map(|it| definition.key(it).map(|it| it.kind));
    assert_eq!(
        kinds,
        [ConfigType::Long, ConfigType::Long, ConfigType::Password].map(Some)
    );
}

#[test]
fn every_mistake_is_shown_at_once() {
    let props = Props::from_iter([
        ("hostname", "db"),
        ("port", "abc"),
        ("auth.user", "me"),
        ("tables", "a"),
        ("incrementing.column", "id"),
        ("poll.interval.ms", "10"),
        ("retry.max", "2000"),
    ]);

    expect![[r#"
        port: Invalid value abc for configuration port: Not a number of type INT
        auth.password: Missing required configuration "auth.password" which has no default value.
        poll.interval.ms: Invalid value 10 for configuration poll.interval.ms: Value must be at least 100
        retry.max: Invalid value 2000 for configuration retry.max: Value must be no more than 1000"#]]
    .assert_eq(&PgConfig::parse(&props).unwrap_err().to_string());
}

#[test]
fn what_was_read_is_written_as_it_is_read() {
    let changes = [("auth.type", "certificate"), ("auth.key.file", "me.pem")];
    let read = PgConfig::parse(&props(&changes)).unwrap();
    let mut written = Props::new();
    read.write(&mut written);

    let again = PgConfig::parse(&written).unwrap();

    assert_eq!(format!("{again:?}"), format!("{read:?}"));
}

#[test]
fn its_tables_are_dealt_to_tasks() {
    let registry = PluginRegistry::from_inventory().expect("names differ");
    let plugin = registry
        .find("org.example.connect.PgSourceConnector")
        .expect("it is registered under its alias");
    let PluginEntry::Source { plan, .. } = plugin.entry else {
        panic!("it is a source")
    };
    let Planning::Declared(plan) = plan else {
        panic!("its work is divided by a declaration")
    };
    let written = props(&[("unknown", "${env:X}")]);

    let tasks = plan(&written, &written, NonZeroUsize::new(2).unwrap()).unwrap();

    let tables: Vec<_> = tasks.iter().map(|it| it.get("tables")).collect();
    assert_eq!(tables, [Some("a,c"), Some("b")]);
    assert_eq!(tasks[1].get("unknown"), Some("${env:X}"));
}

#[test]
fn a_restart_goes_on_behind_the_last_row() {
    testing::run_in_virtual_time(async {
        let mut source = SourceHarness::<PgSource>::new(props(&[("tables", "a")]));
        source.start().await.unwrap();
        source.poll_some(2).await.unwrap();
        source.commit().await.unwrap();

        source.crash();
        source.start().await.unwrap();

        let next = &source.poll_some(1).await.unwrap()[0].record;
        assert_eq!((next.topic.as_str(), &next.key), ("pg.a", &Value::Int64(3)));
        assert_eq!(next.value, Value::from(json!({"id": 3})));
    });
}
