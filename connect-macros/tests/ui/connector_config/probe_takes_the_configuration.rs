use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
#[config(probe = probe)]
struct Config {
    /// Host name of the server.
    host: String,
}

async fn probe(_: Config) -> Result<()> {
    Ok(())
}

fn main() {}
