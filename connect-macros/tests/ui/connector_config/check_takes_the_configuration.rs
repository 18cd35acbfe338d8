use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
#[config(check = Config::check)]
struct Config {
    /// A value.
    value: u16,
}

impl Config {
    fn check(&self) -> bool {
        true
    }
}

fn main() {}
