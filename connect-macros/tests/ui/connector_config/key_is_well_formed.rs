use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(key = "Poll Interval")]
    value: u16,
}

fn main() {}
