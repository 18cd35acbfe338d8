use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(example = "hunter2")]
    value: Secret,
}

fn main() {}
