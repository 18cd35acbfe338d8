use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(default = "5000")]
    poll_interval: Duration,
}

fn main() {}
