use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(key = "tasks.max")]
    value: u16,
}

fn main() {}
