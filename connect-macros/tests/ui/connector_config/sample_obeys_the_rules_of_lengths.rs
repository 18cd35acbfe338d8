use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(default = "", non_empty)]
    value: String,
}

fn main() {}
