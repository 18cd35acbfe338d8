use connect_core::prelude::*;

/// How to log in.
#[derive(ConnectorConfig)]
#[config(tag = "type")]
enum Auth {
    /// No authentication.
    Trust,
    /// The same.
    #[config(name = "trust")]
    Other,
}

fn main() {}
