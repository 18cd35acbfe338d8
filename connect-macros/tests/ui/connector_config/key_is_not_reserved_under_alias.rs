use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
#[config(under_alias)]
struct Config {
    /// A value of a name that is good here.
    name: String,
    /// A value.
    negate: bool,
}

fn main() {}
