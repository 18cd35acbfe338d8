use connect_core::prelude::*;

/// How to log in.
#[derive(ConnectorConfig)]
#[config(tag = "type")]
enum Auth {
    /// By name.
    User {
        /// Name of the user.
        #[config(recommend = list_users)]
        login: String,
    },
}

async fn list_users() -> Result<Vec<String>> {
    Ok(vec![])
}

fn main() {}
