use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(matches = "[0-9]")]
    value: u16,
}

fn main() {}
