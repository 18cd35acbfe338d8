use connect_core::prelude::*;

/// How to log in.
#[derive(ConnectorConfig)]
#[config(tag = "type")]
enum Auth {
    /// A user name.
    Password {
        /// How often to try.
        #[config(default = 11, range = 1..=10)]
        tries: u32,
    },
}

fn main() {}
