use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(range = 1..=5)]
    value: String,
}

fn main() {}
