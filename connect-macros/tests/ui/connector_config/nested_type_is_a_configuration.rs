use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    #[config(nested)]
    tls: Tls,
}

struct Tls;

fn main() {}
