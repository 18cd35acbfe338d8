use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    #[config(flatten)]
    first: First,
    #[config(flatten)]
    second: Second,
}

/// The first.
#[derive(ConnectorConfig)]
struct First {
    /// Name of the server.
    host: String,
}

/// The second.
#[derive(ConnectorConfig)]
struct Second {
    /// Name of the server.
    #[config(key = "server", alias("host"))]
    server: String,
}

fn main() {}
