use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// Name of the server.
    host: String,
    /// Name of the other server.
    #[config(alias("host"))]
    other: String,
}

fn main() {}
