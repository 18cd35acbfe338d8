use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(default = "5 sec")]
    value: Duration,
}

fn main() {}
