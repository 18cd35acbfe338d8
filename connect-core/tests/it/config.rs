//! Derive, then parse: what an author declares is what a user gets.

use connect_core::config::{
    ConfigKey, ConfigType, ConnectorConfig as _, DefaultValue, Importance, KeyAlias, Props, Width,
};
use connect_core::prelude::*;
use expect_test::{Expect, expect};

/// Reads new rows of PostgreSQL tables.
///
/// One task serves one or more tables.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(
    group(id = "connection", label = "Connection"),
    group(id = "polling", label = "Polling"),
    check = PgConfig::check,
)]
struct PgConfig {
    /// Host name or address of the server.
    #[config(
        importance = high, group = "connection", example = "db.internal", label = "Host",
        width = medium, deprecated_alias("db.hostname", since = "0.2"), alias("server"),
    )]
    hostname: String,

    /// TCP port of the server.
    #[config(default = 5432, range = 1..=65535, group = "connection")]
    port: u16,

    /// Password of the database user.
    #[config(length = 4..=10)]
    password: Option<Secret>,

    /// Tables to read, as `schema.table`.
    #[config(importance = high, non_empty, matches = "[a-z.]+", example = "public.orders")]
    tables: Vec<String>,

    /// How new rows are found.
    #[config(default = "incrementing")]
    mode: Mode,

    /// Column whose value grows with every row.
    #[config(validate = identifier, since = "0.3", internal)]
    incrementing_column: Option<String>,

    /// Time between two polls of a table.
    #[config(key = "poll.interval.ms", default = "5s", range = "100ms"..="1h", group = "polling")]
    poll_interval: Duration,

    /// Most bytes that one poll returns.
    #[config(
        group = "polling", importance = low,
        default = ByteSize::mib(1), range = ByteSize::kib(1)..=ByteSize::mib(64),
    )]
    batch_max: ByteSize,

    /// Which kind of quotes to use.
    #[config(default = "none", one_of("none", "double"))]
    quotes: String,

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

/// What to do when the other side fails for a moment.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(prefix = "retry.")]
struct RetryConfig {
    /// How often to try again before the task fails.
    #[config(default = 10, range = 0..=1000, importance = low)]
    max: u32,
    /// Whether the waits grow.
    #[config(default = true)]
    back_off: bool,
}

impl PgConfig {
    fn check(&self, errors: &mut ConfigErrors) {
        if self.mode == Mode::Bulk && self.poll_interval < Duration::from_secs(1) {
            errors.add(
                "poll.interval.ms",
                "whole tables are read at most once a second",
            );
        }
    }
}

fn identifier(text: &str) -> Result<(), String> {
    match text.contains(' ') {
        true => Err(format!("`{text}` is not the name of a column")),
        false => Ok(()),
    }
}

const GOOD: &[(&str, &str)] = &[
    ("hostname", "db"),
    ("tables", "public.orders, public.items"),
];

fn with(extra: &[(&str, &str)]) -> Props {
    Props::from_iter(GOOD.iter().chain(extra).copied())
}

#[track_caller]
fn check_errors(props: &Props, expected: &Expect) {
    let errors = PgConfig::parse(props).expect_err("the configuration has mistakes");

    expected.assert_eq(&errors.to_string());
}

#[test]
fn absent_keys_have_their_defaults() {
    let config = PgConfig::parse(&with(&[])).unwrap();

    assert_eq!(config.hostname, "db");
    assert_eq!(config.port, 5432);
    assert!(config.password.is_none());
    assert_eq!(config.tables, ["public.orders", "public.items"]);
    assert_eq!(config.mode, Mode::Incrementing);
    assert_eq!(config.incrementing_column, None);
    assert_eq!(config.poll_interval, Duration::from_secs(5));
    assert_eq!(config.batch_max, ByteSize::mib(1));
    assert_eq!(config.quotes, "none");
    assert_eq!(config.retry.max, 10);
    assert!(config.retry.back_off);
}

#[test]
fn values_are_read_and_trimmed() {
    let config = PgConfig::parse(&with(&[
        ("port", " 1 "),
        ("mode", "bulk"),
        ("poll.interval.ms", "1500"),
        ("batch.max", "2KiB"),
        ("retry.max", "0"),
        ("retry.back.off", "FALSE"),
    ]))
    .unwrap();

    assert_eq!(config.port, 1);
    assert_eq!(config.mode, Mode::Bulk);
    assert_eq!(config.poll_interval, Duration::from_millis(1500));
    assert_eq!(config.batch_max, ByteSize::kib(2));
    assert_eq!(config.retry.max, 0);
    assert!(!config.retry.back_off);
}

#[test]
fn all_mistakes_are_reported_together() {
    let props = Props::from_iter([
        ("port", "abc"),
        ("password", "abc"),
        ("tables", "public.orders,Public"),
        ("mode", "Bulk"),
        ("incrementing.column", "a b"),
        ("poll.interval.ms", "10"),
        ("batch.max", "65MiB"),
        ("quotes", "single"),
        ("retry.max", "2000"),
        ("retry.back.off", "yes"),
    ]);

    check_errors(
        &props,
        &expect![[r#"
            hostname: Missing required configuration "hostname" which has no default value.
            port: Invalid value abc for configuration port: Not a number of type INT
            password: Invalid value [hidden] for configuration password: Length must be at least 4
            tables: Invalid value Public for configuration tables: Value must match [a-z.]+
            mode: Invalid value Bulk for configuration mode: String must be one of: bulk, incrementing
            incrementing.column: Invalid value a b for configuration incrementing.column: `a b` is not the name of a column
            poll.interval.ms: Invalid value 10 for configuration poll.interval.ms: Value must be at least 100
            batch.max: Invalid value 65MiB for configuration batch.max: Value must be no more than 64MiB
            quotes: Invalid value single for configuration quotes: String must be one of: none, double
            retry.max: Invalid value 2000 for configuration retry.max: Value must be no more than 1000
            retry.back.off: Invalid value yes for configuration retry.back.off: Expected value to be either true or false"#]],
    );
}
