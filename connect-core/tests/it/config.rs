//! Derive, then parse: what an author declares is what a user gets.

use connect_core::config::{
    ConfigBlock as _, ConfigKey, ConfigType, ConnectorConfig as _, DefaultValue, KeyAlias,
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

#[test]
fn one_mistake_is_one_message() {
    check_errors(
        &with(&[("port", "70000")]),
        &expect![
            "port: Invalid value 70000 for configuration port: Value must be no more than 65535"
        ],
    );
    check_errors(
        &with(&[("mode", "bulk"), ("poll.interval.ms", "100ms")]),
        &expect![
            "poll.interval.ms: Invalid configuration poll.interval.ms: whole tables are read at most once a second"
        ],
    );
    check_errors(
        &with(&[("port", "0")]),
        &expect!["port: Invalid value 0 for configuration port: Value must be at least 1"],
    );
}

#[test]
fn null_is_no_value_unless_the_key_is_optional() {
    let mut props = with(&[]);
    props.insert("password", None);
    assert!(PgConfig::parse(&props).unwrap().password.is_none());
    props.insert("hostname", None);
    props.insert("port", None);

    check_errors(
        &props,
        &expect![[r#"
        hostname: Invalid value null for configuration hostname: entry must be non null
        port: Invalid value null for configuration port: entry must be non null"#]],
    );
}

/// As in the reference: null is taken by who checks and fails who reads, unless a type or rule says no.
#[test]
fn null_is_checked_by_types_and_rules_alone() {
    let mut props = with(&[]);
    for key in ["hostname", "port", "mode", "batch.max", "quotes"] {
        props.insert(key, None);
    }

    let infos = PgConfig::validate(&props);

    let lines: String = infos
        .iter()
        .filter(|it| props.contains_key(&it.name) && props.get(&it.name).is_none())
        .map(|it| format!("{} = {:?} {:?}\n", it.name, it.value, it.errors))
        .collect();
    expect![[r#"
        hostname = None []
        port = None ["Invalid value null for configuration port: Value must be non-null"]
        mode = None ["Invalid value null for configuration mode: String must be one of: bulk, incrementing"]
        batch.max = None ["Invalid value null for configuration batch.max: Value must be non-null"]
        quotes = None ["Invalid value null for configuration quotes: String must be one of: none, double"]
    "#]]
    .assert_eq(&lines);
}

#[test]
fn a_key_answers_to_its_aliases() {
    let props = Props::from_iter([("server", "a"), ("tables", "t")]);
    assert_eq!(PgConfig::parse(&props).unwrap().hostname, "a");

    check_errors(
        &with(&[("db.hostname", "b")]),
        &expect![
            "hostname: Configurations hostname and db.hostname are names of one key; only one may be given"
        ],
    );
}

#[test]
fn names_that_should_not_be_used_are_found() {
    let definition = PgConfig::definition();
    let names = |props: &Props| -> Vec<_> {
        let names = definition.deprecated_names(props);
        names
            .map(|(alias, key)| (alias.name.to_string(), key.to_owned()))
            .collect()
    };

    let old = Props::from_iter([("db.hostname", "a"), ("tables", "t")]);
    assert_eq!(
        names(&old),
        [("db.hostname".to_owned(), "hostname".to_owned())]
    );
    assert_eq!(names(&Props::from_iter([("server", "a")])), []);
}

#[test]
fn the_name_that_was_written_is_the_name_in_the_message() {
    #[derive(Debug, ConnectorConfig)]
    /// One port.
    struct Alias {
        /// The port.
        #[config(alias("server.port"))]
        port: u16,
    }

    let errors = Alias::parse(&Props::from_iter([("server.port", "x")])).unwrap_err();

    assert_eq!(
        errors.to_string(),
        "port: Invalid value x for configuration server.port: Not a number of type INT"
    );
    assert_eq!(
        Alias::parse(&Props::from_iter([("server.port", "1")]))
            .unwrap()
            .port,
        1
    );
}

#[test]
fn the_definition_is_published() {
    let definition = PgConfig::definition();

    let line = |key: &ConfigKey| {
        let default = match &key.default {
            DefaultValue::Required => "required".to_owned(),
            DefaultValue::Null => "null".to_owned(),
            DefaultValue::Text(text) => format!("{text:?}"),
        };
        let group = key.group.as_deref().unwrap_or("-");
        let values = key.valid_values.as_deref().unwrap_or("any");
        format!(
            "{} {} {default} {} {group} {} {} {:?} {values}\n",
            key.name,
            key.kind.as_str(),
            key.importance.as_str(),
            key.order_in_group,
            key.width.as_str(),
            key.display_name,
        )
    };
    let lines: String = definition.keys().iter().map(line).collect();
    expect![[r#"
        hostname STRING required HIGH connection 0 MEDIUM "Host" any
        port INT "5432" MEDIUM connection 1 NONE "port" [1,...,65535]
        password PASSWORD null MEDIUM - -1 NONE "password" length [4,...,10]
        tables LIST required HIGH - -1 NONE "tables" non-empty list, matches [a-z.]+
        mode STRING "incrementing" MEDIUM - -1 NONE "mode" [bulk, incrementing]
        incrementing.column STRING null MEDIUM - -1 NONE "incrementing.column" any
        poll.interval.ms LONG "5000" MEDIUM polling 0 NONE "poll.interval.ms" [100,...,3600000]
        batch.max STRING "1MiB" LOW polling 1 NONE "batch.max" [1KiB,...,64MiB]
        quotes STRING "none" MEDIUM - -1 NONE "quotes" [none, double]
        retry.max LONG "10" LOW - -1 NONE "retry.max" [0,...,1000]
        retry.back.off BOOLEAN "true" MEDIUM - -1 NONE "retry.back.off" any
    "#]]
    .assert_eq(&lines);
    assert_eq!(
        definition.documentation(),
        "Reads new rows of PostgreSQL tables.\n\nOne task serves one or more tables."
    );
    assert_eq!(definition.groups()[1].label, "Polling");
}

#[test]
fn more_is_known_of_a_key_than_clients_are_told() {
    let definition = PgConfig::definition();

    let hostname = definition.details("hostname").unwrap();
    let alias = |name: &'static str, deprecated_since| KeyAlias {
        name: name.into(),
        deprecated_since,
    };
    assert_eq!(hostname.example, Some("db.internal"));
    assert_eq!(
        hostname.aliases,
        [alias("server", None), alias("db.hostname", Some("0.2"))]
    );
    let mode = definition.details("mode").unwrap();
    assert_eq!(mode.choices[0].name, "bulk");
    assert_eq!(mode.choices[0].documentation, "Every row, on every poll.");
    let column = definition.details("incrementing.column").unwrap();
    assert_eq!(column.since, Some("0.3"));
    assert!(column.is_internal);
}

#[test]
fn clients_see_values_and_mistakes_of_every_key() {
    let props = with(&[
        ("password", "hunter2"),
        ("port", "x"),
        ("poll.interval.ms", "2s"),
        ("quotes", " double "),
        ("unknown", "u"),
    ]);

    let infos = PgConfig::validate(&props);

    let lines: String = infos
        .iter()
        .map(|it| format!("{} = {:?} {:?}\n", it.name, it.value, it.errors))
        .collect();
    expect![[r#"
        hostname = Some("db") []
        port = None ["Invalid value x for configuration port: Not a number of type INT", "Invalid value null for configuration port: Value must be non-null"]
        password = Some("[hidden]") []
        tables = Some("public.orders,public.items") []
        mode = Some("incrementing") []
        incrementing.column = None []
        poll.interval.ms = Some("2000") []
        batch.max = Some("1MiB") []
        quotes = Some("double") []
        retry.max = Some("10") []
        retry.back.off = Some("true") []
    "#]]
    .assert_eq(&lines);
}

#[test]
fn rules_over_several_keys_are_shown_at_the_key_they_name() {
    let props = with(&[("mode", "bulk"), ("poll.interval.ms", "200")]);

    let infos = PgConfig::validate(&props);

    let faulty = infos.iter().find(|it| !it.errors.is_empty()).unwrap();
    assert_eq!(faulty.name, "poll.interval.ms");
    assert_eq!(faulty.value.as_deref(), Some("200"));
}

#[test]
fn a_secret_is_printed_nowhere() {
    let props = with(&[("password", "hunter2")]);
    let config = PgConfig::parse(&props).unwrap();
    let refused = with(&[("password", "hunter2hunter2")]);
    let errors = PgConfig::parse(&refused).unwrap_err();

    let everything = format!(
        "{props:?} {config:?} {errors:?} {errors} {:?} {:?} {}",
        PgConfig::validate(&props),
        PgConfig::validate(&refused),
        ConnectError::from(errors.clone()),
    );

    assert!(!everything.contains("hunter2"), "{everything}");
    assert_eq!(config.password.unwrap().expose(), "hunter2");
}

/// Whether a switch is on.
#[derive(Clone, Copy, Debug, PartialEq, ConfigEnum)]
#[config(any_case)]
enum Switch {
    /// It is.
    On,
    /// It is not.
    #[config(name = "off!")]
    Off,
}

/// Every kind of key.
#[derive(Debug, ConnectorConfig)]
struct Kinds {
    /// A list of choices.
    #[config(default = "on, off!")]
    switches: Vec<Switch>,
    /// A short number.
    #[config(default = -1)]
    short: i16,
    /// A floating-point number.
    #[config(default = 0.5, range = 0.0..)]
    ratio: f64,
    /// A long number.
    #[config(default = 1_000_000_000_000)]
    long: u64,
    /// A path.
    file: Option<std::path::PathBuf>,
    /// A time in whole seconds.
    #[config(default = "2m")]
    wait_seconds: Duration,
    /// A time.
    #[config(default = Duration::from_secs(90), range = ..="2m")]
    pause: Duration,
    /// A size.
    #[config(default = "1KiB")]
    buffer_bytes: ByteSize,
    /// A name that is a word of Rust.
    #[config(default = "x")]
    r#type: String,
}

#[test]
fn types_are_published_as_those_of_the_reference() {
    let kinds: Vec<_> = Kinds::definition()
        .keys()
        .iter()
        .map(|it| (it.name.as_ref(), it.kind, it.default.clone()))
        .collect();
    let text = |text: &'static str| DefaultValue::Text(text.into());

    assert_eq!(
        kinds,
        [
            ("switches", ConfigType::List, text("on,off!")),
            ("short", ConfigType::Short, text("-1")),
            ("ratio", ConfigType::Double, text("0.5")),
            ("long", ConfigType::Long, text("1000000000000")),
            ("file", ConfigType::String, DefaultValue::Null),
            ("wait.seconds", ConfigType::Long, text("120")),
            ("pause", ConfigType::String, text("90s")),
            ("buffer.bytes", ConfigType::Long, text("1024")),
            ("type", ConfigType::String, text("x")),
        ]
    );
    assert_eq!(
        Kinds::definition()
            .key("switches")
            .unwrap()
            .valid_values
            .as_deref(),
        Some("(case insensitive) [ON, OFF!]")
    );
}

#[test]
fn choices_may_be_written_in_any_case_if_the_enum_says_so() {
    let config = Kinds::parse(&Props::from_iter([("switches", "ON,Off!")])).unwrap();
    assert_eq!(config.switches, [Switch::On, Switch::Off]);

    let errors = Kinds::parse(&Props::from_iter([("switches", "on,perhaps")])).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "switches: Invalid value perhaps for configuration switches: String must be one of (case \
         insensitive): ON, OFF!"
    );
}

/// Where rows come from.
#[derive(Debug, ConnectorConfig)]
#[config(prefix = "db.")]
struct Driver {
    /// Address of the server.
    url: String,
    /// Settings of the driver.
    #[config(rest(prefix = "driver."))]
    driver: Props,
}

#[test]
fn keys_below_a_prefix_are_passed_on() {
    let mut props = Props::from_iter([
        ("db.url", "a"),
        ("db.driver.timeout", "5"),
        ("driver.x", "y"),
    ]);
    props.insert("db.driver.ssl", None);

    let config = Driver::parse(&props).unwrap();

    let passed: Vec<_> = config.driver.iter().collect();
    assert_eq!(passed, [("timeout", Some("5")), ("ssl", None)]);
    let definition = Driver::definition();
    assert_eq!(definition.keys().len(), 1);
    assert_eq!(definition.pass_through()[0].prefix, "db.driver.");
    assert_eq!(
        definition.pass_through()[0].documentation,
        "Settings of the driver."
    );
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let props = Props::from_iter([("db.url", "a"), ("db.driver.timeout", "5")]);
    let mut written = Props::new();

    Driver::parse(&props).unwrap().write(&mut written);

    assert_eq!(written, props);
}
