use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// Settings of the driver.
    #[config(rest(prefix = "driver."))]
    driver: Props,
    #[config(flatten)]
    class: Class,
}

/// Which driver.
#[derive(ConnectorConfig)]
struct Class {
    /// Class of the driver.
    driver_class: String,
}

fn main() {}
