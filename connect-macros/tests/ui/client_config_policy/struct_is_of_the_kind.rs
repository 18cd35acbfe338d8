use connect_core::prelude::*;

/// Does nothing.
#[client_config_policy]
struct Nothing;

fn main() {}
