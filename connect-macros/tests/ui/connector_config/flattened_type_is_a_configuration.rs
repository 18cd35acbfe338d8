use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    #[config(flatten)]
    tls: Tls,
}

struct Tls;

fn main() {}
