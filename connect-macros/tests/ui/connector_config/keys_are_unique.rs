use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// Records of a batch.
    batch_size: u16,
    /// Records of a batch, once more.
    #[config(key = "batch.size")]
    size: u16,
}

fn main() {}
