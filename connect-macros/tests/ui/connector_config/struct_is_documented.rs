use connect_core::prelude::*;

#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    value: u16,
}

fn main() {}
