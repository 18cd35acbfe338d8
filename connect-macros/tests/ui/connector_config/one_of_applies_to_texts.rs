use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(one_of("1", "2"))]
    value: u16,
}

fn main() {}
