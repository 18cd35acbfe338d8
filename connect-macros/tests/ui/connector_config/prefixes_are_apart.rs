use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// Settings of the driver.
    #[config(rest(prefix = "driver."))]
    driver: Props,
    /// More settings.
    #[config(rest(prefix = "driver.ssl."))]
    ssl: Props,
}

fn main() {}
