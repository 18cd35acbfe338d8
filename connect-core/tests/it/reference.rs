//! What users read about a plugin follows from its definition.

use connect_core::prelude::*;
use connect_core::reference::{Reference, index, manifest};
use connect_core::registry::{LookupError, PluginRegistry};
use expect_test::{Expect, expect};
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
fn check(name: &str, form: fn(&Reference<'_>) -> String, expected: &Expect) {
    let registry = PluginRegistry::from_inventory().expect("names are unique");

    let reference = Reference::find(&registry, name).expect("a plugin of these tests");

    expected.assert_eq(&form(&reference));
}

fn page(reference: &Reference<'_>) -> String {
    reference.page()
}

#[test]
fn a_page_has_all_that_is_declared() {
    check(
        "OrdersSource",
        page,
        &expect![[r#"
            # OrdersSource

            Source connector, version 1.2.3.

            Reads orders.

            One task reads all of them.

            | `connector.class` | other names |
            | --- | --- |
            | `org.example.OrdersSource` | `Orders` |

            ## Configuration

            Which orders are read.

            | key | default | |
            | --- | --- | --- |
            | [`hostname`](#hostname) | none, required | Host name of the server. |
            | [`auth.type`](#authtype) | `password` | How the connector proves who it is. |
            | [`auth.password`](#authpassword) | none, sometimes required | Password of the user. |
            | [`auth.key.file`](#authkeyfile) | none, sometimes required | File with the certificate. |
            | [`mode`](#mode) | `incrementing` | How new rows are found. |
            | [`column`](#column) | none, sometimes required | Column whose value grows with every row. |
            | [`tables`](#tables) | empty | Tables that are read. All tables if there are none; otherwise rows of other tables are left out. |
            | [`interval.ms`](#intervalms) | `5000` | Time between two polls. |
            | `driver.*` | | Settings of the driver. |

            ### General

            #### `hostname`

            Host name of the server.

            - Type: string
            - Default: none, required
            - Importance: high
            - Also `server`
            - Was `db.hostname` before version 0.2
            - Example: `db.internal`

            #### `auth.type`

            How the connector proves who it is.

            - Type: string
            - Default: `password`
            - Valid values: `trust`, `password`, `certificate`
              - `trust`: No authentication.
              - `password`: A name and a password.
              - `certificate`: A certificate.
            - Importance: medium

            #### `auth.password`

            Password of the user.

            - Type: password
            - Default: none, sometimes required
            - Importance: medium
            - Applies, and is required, when `auth.type` is `password`

            #### `auth.key.file`

            File with the certificate.

            - Type: string
            - Default: none, sometimes required
            - Importance: medium
            - Applies, and is required, when `auth.type` is `certificate`

            #### `mode`

            How new rows are found.

            - Type: string
            - Default: `incrementing`
            - Valid values: `bulk`, `incrementing`
              - `bulk`: All of them.
              - `incrementing`: The new ones.
            - Importance: medium

            #### `column`

            Column whose value grows with every row.

            - Type: string
            - Default: none, sometimes required
            - Importance: medium
            - Applies, and is required, when `mode` is `incrementing`
            - Since version 0.3

            #### `tables`

            Tables that are read. All tables if there are none; otherwise rows of other tables are left out.

            - Type: list
            - Default: empty
            - Valid values: matches `[a-z|.]+`
            - Importance: medium

            ### Polling

            #### `interval.ms`

            Time between two polls.

            - Type: long
            - Counts milliseconds, or a time with its unit such as `5s`
            - Default: `5000`
            - Valid values: `100` to `3600000`
            - Importance: medium

            ### `driver.*`

            Settings of the driver.

            - Every key with this prefix is passed on without it.

            ## Sample

            What has to be given is given; the rest is commented out.

            ```properties
            name=orders-source
            connector.class=org.example.OrdersSource
            tasks.max=1

            # Host name of the server.
            hostname=db.internal

            # How the connector proves who it is.
            # Values: trust, password, certificate.
            #auth.type=password

            # Password of the user.
            # Required when auth.type is password.
            auth.password=${env:AUTH_PASSWORD}

            # File with the certificate.
            # Required when auth.type is certificate.
            #auth.key.file=my-file

            # How new rows are found.
            # Values: bulk, incrementing.
            #mode=incrementing

            # Column whose value grows with every row.
            # Required when mode is incrementing.
            column=my-column

            # Tables that are read. All tables if there are none; otherwise rows of other tables are left out.
            # Values: matches [a-z|.]+.
            #tables=tables

            # Time between two polls.
            # Values: 100 to 3600000.
            # Counts milliseconds, or a time with its unit such as 5s.
            #interval.ms=5000
            ```
        "#]],
    );
}

#[test]
fn a_sample_gives_what_must_be_given() {
    check(
        "OrdersSource",
        |it| serde_json::to_string_pretty(&it.sample().to_json()).unwrap(),
        &expect![[r#"
            {
              "name": "orders-source",
              "config": {
                "connector.class": "org.example.OrdersSource",
                "tasks.max": "1",
                "hostname": "db.internal",
                "auth.password": "${env:AUTH_PASSWORD}",
                "column": "my-column"
              }
            }"#]],
    );
}

#[test]
fn the_sample_of_a_transform_stands_below_an_alias() {
    check(
        "org.example.AddStamp$Value",
        |it| it.sample().to_properties(),
        &expect![[r#"
            transforms=addStamp
            transforms.addStamp.type=org.example.AddStamp$Value

            # The text.
            transforms.addStamp.text=\ a=b\\\u00fc
        "#]],
    );
}

#[test]
fn a_schema_has_types_rules_and_conditions() {
    check(
        "OrdersSource",
        |it| serde_json::to_string_pretty(&it.schema()).unwrap(),
        &expect![[r##"
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "OrdersSource",
              "description": "Reads orders.\n\nOne task reads all of them.",
              "type": "object",
              "properties": {
                "connector.class": {
                  "enum": [
                    "org.example.OrdersSource",
                    "Orders",
                    "OrdersSource"
                  ]
                },
                "hostname": {
                  "type": "string",
                  "description": "Host name of the server.",
                  "examples": [
                    "db.internal"
                  ]
                },
                "server": {
                  "type": "string",
                  "description": "Another name of hostname."
                },
                "db.hostname": {
                  "type": "string",
                  "description": "Another name of hostname.",
                  "deprecated": true
                },
                "auth.type": {
                  "anyOf": [
                    {
                      "const": "trust",
                      "description": "No authentication."
                    },
                    {
                      "const": "password",
                      "description": "A name and a password."
                    },
                    {
                      "const": "certificate",
                      "description": "A certificate."
                    },
                    {
                      "$ref": "#/$defs/reference"
                    }
                  ],
                  "description": "How the connector proves who it is.",
                  "default": "password"
                },
                "auth.password": {
                  "type": "string",
                  "description": "Password of the user.",
                  "writeOnly": true
                },
                "auth.key.file": {
                  "type": "string",
                  "description": "File with the certificate."
                },
                "mode": {
                  "anyOf": [
                    {
                      "const": "bulk",
                      "description": "All of them."
                    },
                    {
                      "const": "incrementing",
                      "description": "The new ones."
                    },
                    {
                      "$ref": "#/$defs/reference"
                    }
                  ],
                  "description": "How new rows are found.",
                  "default": "incrementing"
                },
                "column": {
                  "type": [
                    "string",
                    "null"
                  ],
                  "description": "Column whose value grows with every row."
                },
                "tables": {
                  "type": "string",
                  "pattern": "^\\s*(?:(?:[a-z|.]+)(?:\\s*,\\s*(?:[a-z|.]+))*|)\\s*$|\\$\\{[^}]+\\}",
                  "description": "Tables that are read. All tables if there are none; otherwise rows of other tables are left out.",
                  "default": ""
                },
                "interval.ms": {
                  "type": [
                    "integer",
                    "string"
                  ],
                  "minimum": 100,
                  "maximum": 3600000,
                  "pattern": "^\\s*(?:\\+?[0-9]+|[0-9]+\\s*(?:d|h|m|s|ms|us|ns))\\s*$|\\$\\{[^}]+\\}",
                  "description": "Time between two polls.",
                  "default": 5000
                }
              },
              "required": [
                "connector.class"
              ],
              "patternProperties": {
                "^driver\\.": {
                  "description": "Settings of the driver."
                }
              },
              "allOf": [
                {
                  "anyOf": [
                    {
                      "required": [
                        "hostname"
                      ]
                    },
                    {
                      "required": [
                        "server"
                      ]
                    },
                    {
                      "required": [
                        "db.hostname"
                      ]
                    }
                  ]
                },
                {
                  "not": {
                    "required": [
                      "hostname",
                      "server"
                    ]
                  }
                },
                {
                  "not": {
                    "required": [
                      "hostname",
                      "db.hostname"
                    ]
                  }
                },
                {
                  "not": {
                    "required": [
                      "server",
                      "db.hostname"
                    ]
                  }
                },
                {
                  "if": {
                    "properties": {
                      "auth.type": {
                        "const": "password"
                      }
                    }
                  },
                  "then": {
                    "required": [
                      "auth.password"
                    ]
                  }
                },
                {
                  "if": {
                    "properties": {
                      "auth.type": {
                        "const": "certificate"
                      }
                    },
                    "required": [
                      "auth.type"
                    ]
                  },
                  "then": {
                    "required": [
                      "auth.key.file"
                    ]
                  }
                },
                {
                  "if": {
                    "properties": {
                      "mode": {
                        "const": "incrementing"
                      }
                    }
                  },
                  "then": {
                    "required": [
                      "column"
                    ]
                  }
                }
              ],
              "$defs": {
                "reference": {
                  "description": "A value from elsewhere, such as ${env:NAME}.",
                  "type": "string",
                  "pattern": "\\$\\{[^}]+\\}"
                }
              }
            }"##]],
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
    assert_eq!(names("AddStamp$Value"), ["org.example.AddStamp$Value"]);
    let unknown = Reference::find(&registry, "AddStamps").unwrap_err();
    assert_eq!(unknown, LookupError::Unknown("AddStamps".to_owned()));
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
