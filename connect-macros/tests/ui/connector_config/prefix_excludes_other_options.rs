use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(rest(prefix = "driver."), default = "x")]
    value: Props,
}

fn main() {}
