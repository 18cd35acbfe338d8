use connect_core::prelude::*;

/// How to log in.
#[derive(ConnectorConfig)]
#[config(tag = "type")]
enum Auth {
    /// A user.
    Password {
        /// Which.
        #[config(key = "type")]
        kind: String,
    },
}

fn main() {}
