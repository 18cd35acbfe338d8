use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(importance = hihg)]
    value: u16,
}

fn main() {}
