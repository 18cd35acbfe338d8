use connect_core::prelude::*;

/// How to log in.
#[derive(ConnectorConfig)]
#[config(tag = "Type")]
enum Auth {
    /// No authentication.
    Trust,
}

fn main() {}
