use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(default = "gzp", one_of("none", "gzip"))]
    value: String,
}

fn main() {}
