use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(matches = "[a-z")]
    value: String,
}

fn main() {}
