use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(key = "wait.ms", default = "10", range = "100ms"..="1h")]
    value: Duration,
}

fn main() {}
