use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(length = 1..=5)]
    value: u16,
}

fn main() {}
