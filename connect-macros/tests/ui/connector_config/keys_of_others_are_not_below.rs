use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// Settings of the driver.
    #[config(rest(prefix = "driver."))]
    driver: Props,
    /// Class of the driver.
    #[config(key = "driver.class")]
    class: String,
}

fn main() {}
