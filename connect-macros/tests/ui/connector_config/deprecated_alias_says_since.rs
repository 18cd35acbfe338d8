use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(deprecated_alias("old"))]
    value: u16,
}

fn main() {}
