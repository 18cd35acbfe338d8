use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(range = "100 msec"..="1h")]
    value: Duration,
}

fn main() {}
