use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config<T> {
    /// A value.
    value: T,
}

fn main() {}
