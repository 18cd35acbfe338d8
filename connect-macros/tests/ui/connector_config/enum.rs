use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
enum Config {
    /// A choice.
    A,
}

fn main() {}
