use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// How new rows are found.
    #[config(default = "incremental")]
    mode: Mode,
}

/// How rows are found.
#[derive(ConfigEnum)]
enum Mode {
    /// All of them.
    Bulk,
    /// New ones.
    Incrementing,
}

fn main() {}
