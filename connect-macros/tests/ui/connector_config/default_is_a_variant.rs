use connect_core::prelude::*;

/// How to log in.
#[derive(ConnectorConfig)]
#[config(tag = "type", default = "pasword")]
enum Auth {
    /// No authentication.
    Trust,
    /// A user name and a password.
    Password {
        /// Name of the user.
        user: String,
    },
}

fn main() {}
