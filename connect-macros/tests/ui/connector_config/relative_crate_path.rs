use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
#[config(crate = my_sdk::core)]
struct Config {
    /// A value.
    value: u16,
}

fn main() {}
