use connect_core::prelude::*;

/// How to log in.
#[derive(ConnectorConfig)]
#[config(tag = "type")]
enum Auth {
    /// A user name.
    Password {
        #[config(flatten)]
        user: User,
    },
}

/// A user.
#[derive(ConnectorConfig)]
struct User {
    /// Which.
    #[config(key = "type")]
    kind: String,
}

fn main() {}
