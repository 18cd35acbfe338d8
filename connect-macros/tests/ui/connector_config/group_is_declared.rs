use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
#[config(group(id = "connection", label = "Connection"))]
struct Config {
    /// A value.
    #[config(group = "conection")]
    value: u16,
}

fn main() {}
