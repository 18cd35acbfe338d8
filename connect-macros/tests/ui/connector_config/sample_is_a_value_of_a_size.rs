use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// A value.
    #[config(default = "1 mb")]
    value: ByteSize,
}

fn main() {}
