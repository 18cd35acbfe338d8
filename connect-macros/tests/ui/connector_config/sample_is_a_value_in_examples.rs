use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(example = "maybe")]
    value: bool,
}

fn main() {}
