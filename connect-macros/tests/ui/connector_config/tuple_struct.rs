use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config(u16);

fn main() {}
