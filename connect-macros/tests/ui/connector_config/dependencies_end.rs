use connect_core::prelude::*;

/// A configuration.
#[derive(ConnectorConfig)]
struct Config {
    /// The first.
    #[config(depends_on(b))]
    a: u16,
    /// The second.
    #[config(depends_on(c))]
    b: u16,
    /// The third.
    #[config(depends_on(a))]
    c: u16,
}

fn main() {}
