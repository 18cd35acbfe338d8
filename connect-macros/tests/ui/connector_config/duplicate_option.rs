use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(default = 1, default = 2)]
    value: u16,
}

fn main() {}
