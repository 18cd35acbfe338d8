use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(one_of("a", 5))]
    value: String,
}

fn main() {}
