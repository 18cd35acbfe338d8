use connect_core::prelude::*;

/// Does nothing.
#[client_config_policy(versoin = "1.0.0")]
struct Nothing;

fn main() {}
