use connect_core::prelude::*;

/// How to log in.
#[derive(ConnectorConfig)]
enum Auth {
    /// No authentication.
    Trust,
}

fn main() {}
