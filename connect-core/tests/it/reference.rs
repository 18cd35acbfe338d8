//! What users read about a plugin follows from its definition.

use connect_core::prelude::*;
use connect_core::reference::{Reference, index, manifest};
use connect_core::registry::{LookupError, PluginRegistry};
use expect_test::{ExpectFile, expect_file};
use serde_json::json;

/// Which orders are read.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(group(id = "polling", label = "Polling"))]
struct OrdersConfig {
    /// Host name of the server.
    #[config(
        importance = high, example = "db.internal", alias("server"),
        deprecated_alias("db.hostname", since = "0.2"),
    )]
    hostname: String,
    #[config(nested)]
    auth: Auth,
    /// How new rows are found.
    #[config(default = "incrementing")]
    mode: Mode,
    /// Column whose value grows with every row.
    #[config(required_if(mode = Incrementing), visible_if(mode = Incrementing), since = "0.3")]
    column: Option<String>,
    /// Tables that are read. All tables if there are none; otherwise rows of other tables are left
    /// out.
    #[config(matches = r"[a-z|.]+", default = "")]
    tables: Vec<String>,
    /// Time between two polls.
    #[config(key = "interval.ms", group = "polling", default = "5s", range = "100ms"..="1h")]
    interval: Duration,
    /// Only for tests of the connector.
    #[config(internal, default = 0)]
    seed: u32,
    /// Settings of the driver.
    #[config(rest(prefix = "driver."))]
    driver: Props,
}

/// How the connector proves who it is.
#[derive(Clone, Debug, ConnectorConfig)]
#[config(tag = "type", default = "password")]
enum Auth {
    /// No authentication.
    Trust,
    /// A name and a password.
    Password {
        /// Password of the user.
        password: Secret,
    },
    /// A certificate.
    Certificate {
        /// File with the certificate.
        key_file: String,
    },
}

/// Which rows a poll picks up.
#[derive(Clone, Copy, Debug, PartialEq, ConfigEnum)]
enum Mode {
    /// All of them.
    Bulk,
    /// The new ones.
    Incrementing,
}

/// Reads orders.
///
/// One task reads all of them.
#[source_connector(name = "org.example.OrdersSource", alias = "Orders", version = "1.2.3")]
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

/// What is added.
#[derive(ConnectorConfig)]
struct StampConfig {
    /// The text.
    #[config(example = " a=b\\ü")]
    text: String,
}

/// Adds a text.
#[transform(name = "org.example.AddStamp", targets(key, value))]
struct AddStamp;

impl DataTransform for AddStamp {
    type Config = StampConfig;

    fn new(_: StampConfig) -> Result<Self> {
        Ok(Self)
    }

    fn apply(&mut self, data: SchemaAndValue, _: &Record) -> Result<SchemaAndValue> {
        Ok(data)
    }
}

#[track_caller]
fn check(name: &str, form: fn(&Reference<'_>) -> String, expected: &ExpectFile) {
    let registry = PluginRegistry::from_inventory().expect("names are unique");

    let reference = Reference::find(&registry, name).expect("a plugin of these tests");

    expected.assert_eq(&form(&reference));
}

fn page(reference: &Reference<'_>) -> String {
    reference.page()
}

fn help(reference: &Reference<'_>) -> String {
    reference.help()
}

#[test]
fn a_page_has_all_that_is_declared() {
    check("OrdersSource", page, &expect_file!["reference/orders.md"]);
}

#[test]
fn help_is_for_a_terminal() {
    check("OrdersSource", help, &expect_file!["reference/orders.txt"]);
}

#[test]
fn a_sample_gives_what_must_be_given() {
    check(
        "OrdersSource",
        |it| format!("{:#}\n", it.sample().to_json()),
        &expect_file!["reference/orders.json"],
    );
}

#[test]
fn the_sample_of_a_transform_stands_below_an_alias() {
    check(
        "org.example.AddStamp$Value",
        |it| it.sample().to_properties(),
        &expect_file!["reference/add-stamp.properties"],
    );
}

#[test]
fn a_schema_has_types_rules_and_conditions() {
    check(
        "OrdersSource",
        |it| format!("{:#}\n", it.schema()),
        &expect_file!["reference/orders.schema.json"],
    );
}

#[test]
fn variants_share_a_page() {
    let registry = PluginRegistry::from_inventory().unwrap();
    let names = |name| {
        let reference = Reference::find(&registry, name).unwrap();
        let names: Vec<_> = reference.plugins().map(|it| it.info.name).collect();
        names
    };

    let both = ["org.example.AddStamp$Key", "org.example.AddStamp$Value"];
    assert_eq!(names("AddStamp"), both);
    assert_eq!(names("org.example.AddStamp"), both);
    assert_eq!(
        names("org.example.AddStamp$Value"),
        ["org.example.AddStamp$Value"]
    );
    for unknown in ["AddStamps", "AddStamp$Value"] {
        let error = Reference::find(&registry, unknown).unwrap_err();
        assert_eq!(error, LookupError::Unknown(unknown.to_owned()));
    }
}

#[test]
fn the_index_has_a_line_for_each_page() {
    let registry = PluginRegistry::from_inventory().unwrap();
    let index = index(&registry);

    for line in [
        "## Source connectors",
        "| [OrdersSource](OrdersSource.md) | Reads orders. | `org.example.OrdersSource` |",
        "| [AddStamp](AddStamp.md) | Adds a text. | `org.example.AddStamp$Key`, `org.example.AddStamp$Value` |",
    ] {
        assert!(index.lines().any(|it| it == line), "{line}\n{index}");
    }
}

#[test]
fn the_manifest_has_every_key_and_no_secret() {
    let registry = PluginRegistry::from_inventory().unwrap();
    let manifest = manifest(&registry);

    let plugins = manifest["plugins"].as_array().unwrap();
    let orders = plugins
        .iter()
        .find(|it| it["name"] == "org.example.OrdersSource");
    let orders = orders.unwrap();
    assert_eq!(orders["kind"], "source");
    assert_eq!(orders["aliases"], json!(["Orders"]));
    let keys = orders["config"]["keys"].as_array().unwrap();
    let names: Vec<_> = keys.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "hostname",
            "auth.type",
            "auth.password",
            "auth.key.file",
            "mode",
            "column",
            "tables",
            "interval.ms",
            "seed"
        ]
    );
    assert_eq!(keys[2]["secret"], true);
    assert_eq!(keys[2]["default"], json!(null));
    let when_password = json!([{"key": "auth.type", "values": ["password"]}]);
    assert_eq!(keys[2]["applies_when"], when_password);
    assert_eq!(keys[2]["required_when"], when_password);
    assert_eq!(keys[4]["required_when"], json!(null));
    assert_eq!(
        keys[7]["constraints"],
        json!([{"rule": "range", "min": "100", "max": "3600000"}])
    );
}
