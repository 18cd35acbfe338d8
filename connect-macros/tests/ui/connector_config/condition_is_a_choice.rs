use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// How new rows are found.
    mode: Mode,
    /// Column whose value grows.
    #[config(visible_if(mode = "incrementing"))]
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
