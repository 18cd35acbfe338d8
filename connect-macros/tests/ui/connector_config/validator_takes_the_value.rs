use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(validate = check)]
    value: u16,
}

fn check(_: &str) -> Result<(), String> {
    Ok(())
}

fn main() {}
