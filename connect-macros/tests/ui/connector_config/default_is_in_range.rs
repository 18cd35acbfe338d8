use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(default = 70000, range = 1..=65535)]
    value: u32,
}

fn main() {}
