use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(example = "pg source", matches = "[a-z.]*")]
    value: String,
}

fn main() {}
