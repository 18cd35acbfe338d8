use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config<'a> {
    /// A value.
    value: &'a str,
}

fn main() {}
