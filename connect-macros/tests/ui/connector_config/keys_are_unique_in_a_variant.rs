use connect_core::prelude::*;

/// How to log in.
#[derive(ConnectorConfig)]
#[config(tag = "type")]
enum Auth {
    /// A user name.
    Password {
        /// Name of the user.
        user: String,
        /// Another.
        #[config(key = "user")]
        other: String,
    },
}

fn main() {}
