use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// Tables to read.
    #[config(recommend = list_tables)]
    tables: Vec<String>,
}

fn list_tables(_: Draft<Config>) -> Result<Vec<String>> {
    Ok(vec![])
}

fn main() {}
