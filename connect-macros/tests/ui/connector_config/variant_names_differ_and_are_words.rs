use connect_core::prelude::*;

/// How to log in.
#[derive(ConnectorConfig)]
#[config(tag = "type")]
enum Auth {
    /// No authentication.
    #[config(name = " trust")]
    Trust,
}

fn main() {}
