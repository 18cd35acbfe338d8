use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(range = 10..=1)]
    value: u16,
}

fn main() {}
