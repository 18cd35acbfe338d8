//! Schemas accept good configurations and refuse bad ones, as a validator sees it.

use connect_core::config::ConnectorConfig as _;
use connect_core::prelude::*;
use connect_core::reference::Reference;
use connect_core::registry::PluginRegistry;
use jsonschema::Validator;
use serde_json::{Value as Json, json};

use crate::PLUGINS;

/// Everything that a schema has words for.
#[derive(Clone, Debug, ConnectorConfig)]
struct OrdersConfig {
    /// Host name of the server.
    #[config(
        non_empty,
        alias("server"),
        deprecated_alias("db.hostname", since = "0.2")
    )]
    hostname: String,
    /// TCP port of the server.
    #[config(default = 5432, range = 1..=65535)]
    port: u16,
    #[config(nested)]
    auth: Auth,
    /// Tables to read.
    #[config(matches = "[a-z.]+", non_empty)]
    tables: Vec<String>,
    /// How new rows are found.
    #[config(default = "incrementing")]
    mode: Mode,
    /// Column whose value grows with every row.
    #[config(required_if(mode = Incrementing))]
    column: Option<String>,
    /// A condition instead of a column.
    #[config(conflicts_with(column))]
    condition: Option<String>,
    /// Time between two polls.
    #[config(key = "interval.ms", default = "5s", range = "100ms"..="1h")]
    interval: Duration,
    /// Most bytes that one poll returns.
    #[config(key = "batch.bytes", default = ByteSize::mib(1))]
    batch: ByteSize,
    /// Share of the rows that is read.
    #[config(default = 1.0, range = 0.0..=1.0)]
    share: f64,
    /// Whether rows are checked.
    #[config(default = true)]
    checked: bool,
    /// How text is quoted.
    #[config(default = "none", one_of("none", "double"))]
    quotes: String,
    /// A code of two letters.
    #[config(length = 2..=2)]
    country: Option<String>,
}

/// How the connector proves who it is.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(tag = "type", default = "trust")]
enum Auth {
    /// No authentication.
    Trust,
    /// A name and a password.
    Password {
        /// Password of the user.
        password: Secret,
    },
}

/// Which rows a poll picks up.
#[derive(Clone, Copy, Debug, PartialEq, ConfigEnum)]
#[config(any_case)]
enum Mode {
    /// All of them.
    Bulk,
    /// The new ones.
    Incrementing,
}

/// Reads orders.
#[source_connector(name = "org.example.OrdersSource")]
struct Orders;

#[source_task]
impl SourceTask for Orders {
    type Config = OrdersConfig;

    async fn start(_: OrdersConfig, _: SourceContext<Self>) -> Result<Self> {
        Ok(Self)
    }

    async fn poll(&mut self) -> Result<Batch<Self>> {
        Ok(Vec::new())
    }
}

fn validator(reference: &Reference<'_>) -> Validator {
    let schema = reference.schema();
    jsonschema::meta::validate(&schema).expect("the schema is one of its dialect");
    jsonschema::draft202012::new(&schema).expect("the schema can be used")
}

/// A good configuration with these changes; null takes a key out.
fn config(changes: &Json) -> Json {
    let mut config = json!({
        "connector.class": "OrdersSource",
        "hostname": "db",
        "tables": "public.orders, public.items",
        "column": "id",
    });
    for (key, value) in changes.as_object().expect("changes by key") {
        match value {
            Json::Null => drop(config.as_object_mut().map(|it| it.remove(key))),
            value => config[key] = value.clone(),
        }
    }
    config
}

fn is_parsed(config: &Json) -> bool {
    let entries = config.as_object().expect("an object of keys").iter();
    let texts = entries.map(|(key, value)| match value {
        Json::String(text) => (key.clone(), text.clone()),
        other => (key.clone(), other.to_string()),
    });
    OrdersConfig::parse(&texts.collect()).is_ok()
}

#[track_caller]
fn check(good: bool, cases: &[Json]) {
    let registry = PluginRegistry::from_inventory().expect("every plugin has its own name");
    let reference = Reference::find(&registry, "org.example.OrdersSource").expect("it is here");
    let validator = validator(&reference);
    for changes in cases {
        let config = config(changes);

        assert_eq!(is_parsed(&config), good, "the parser differs: {config}");
        let errors: Vec<_> = validator
            .iter_errors(&config)
            .map(|it| it.to_string())
            .collect();
        assert_eq!(errors.is_empty(), good, "{config}: {errors:?}");
    }
}

#[test]
fn good_configurations_are_accepted() {
    check(
        true,
        &[
            json!({}),
            json!({"hostname": null, "server": "db"}),
            json!({"hostname": null, "db.hostname": "db"}),
            json!({"port": 1}),
            json!({"port": " 65535 "}),
            json!({"auth.type": "trust"}),
            json!({"auth.type": "password", "auth.password": "secret"}),
            json!({"mode": "BULK", "column": null}),
            json!({"mode": "bulk", "column": null, "condition": "x > 1"}),
            json!({"interval.ms": 100, "batch.bytes": 1}),
            json!({"interval.ms": "5s", "batch.bytes": "4 MiB"}),
            json!({"share": 0.5}),
            json!({"share": "1e-3", "checked": "FALSE"}),
            json!({"checked": false, "quotes": "double", "country": "DE"}),
            json!({"some.other.key": "of the worker"}),
        ],
    );
}

#[test]
fn bad_configurations_are_refused() {
    check(
        false,
        &[
            json!({"hostname": null}),
            json!({"hostname": ""}),
            json!({"server": "db"}),
            json!({"port": 0}),
            json!({"port": 65536}),
            json!({"port": "many"}),
            json!({"port": 1.5}),
            json!({"auth.type": "kerberos"}),
            json!({"auth.type": "password"}),
            json!({"tables": null}),
            json!({"tables": ""}),
            json!({"tables": "Public"}),
            json!({"tables": "public.orders,,"}),
            json!({"column": null}),
            json!({"column": null, "mode": "Incrementing"}),
            json!({"mode": "all"}),
            json!({"condition": "x > 1"}),
            json!({"interval.ms": 99}),
            json!({"interval.ms": "5 sec"}),
            json!({"batch.bytes": "1MB"}),
            json!({"share": 1.5}),
            json!({"share": "half"}),
            json!({"checked": "yes"}),
            json!({"quotes": "single"}),
            json!({"country": "DEU"}),
        ],
    );
}

#[test]
fn references_stand_for_any_value() {
    let registry = PluginRegistry::from_inventory().expect("every plugin has its own name");
    let reference = Reference::find(&registry, "OrdersSource").expect("it is here");
    let validator = validator(&reference);

    let keys = OrdersConfig::definition().keys().iter();
    let keys = keys.filter(|it| it.name != "condition");
    let mut config: Json = keys
        .map(|it| (it.name.to_string(), Json::from("${file:/etc/orders:value}")))
        .collect();
    config["connector.class"] = "OrdersSource".into();

    let errors: Vec<_> = validator
        .iter_errors(&config)
        .map(|it| it.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn secrets_are_only_written() {
    let registry = PluginRegistry::from_inventory().expect("every plugin has its own name");
    let reference = Reference::find(&registry, "OrdersSource").expect("it is here");

    let password = reference.schema()["properties"]["auth.password"].take();

    assert_eq!(password["writeOnly"], true);
}

/// Keys that name a plugin beside its own keys.
const CLASS_KEYS: [&str; 4] = [
    "connector.class",
    "type",
    "connector.client.config.override.policy",
    "rest.extension.classes",
];

#[test]
fn every_bundled_plugin_has_a_schema_that_takes_its_sample() {
    for reference in Reference::all(&PLUGINS) {
        let validator = validator(&reference);
        let props = reference.sample().props();
        let texts = props
            .iter()
            .map(|(key, text)| (key.to_owned(), Json::from(text)));
        let mut config: Json = texts.collect();
        let plugin = reference.plugins().next().expect("at least one");
        for key in CLASS_KEYS {
            config[key] = plugin.info.name.into();
        }
        // The worker sets it.
        config["converter.type"] = "value".into();

        let errors: Vec<_> = validator
            .iter_errors(&config)
            .map(|it| it.to_string())
            .collect();

        assert!(errors.is_empty(), "{}: {errors:?}", reference.title());
    }
}

#[test]
fn a_schema_demands_what_must_be_given() {
    let file_source = Reference::find(&PLUGINS, "FileStreamSource").expect("it is bundled");
    let validator = validator(&file_source);

    let without_topic = json!({"connector.class": "FileStreamSource", "file": "orders.txt"});
    let with_topic = json!({"connector.class": "FileStreamSource", "topic": "orders"});

    assert!(!validator.is_valid(&without_topic));
    assert!(validator.is_valid(&with_topic));
}
