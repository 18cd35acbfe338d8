use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// How new rows are found.
    mode: Mode,
    /// Column whose value grows.
    #[config(required_if(moode = Incrementing))]
    column: Option<String>,
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
