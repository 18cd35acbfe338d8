use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(group = "connection")]
    value: u16,
}

fn main() {}
