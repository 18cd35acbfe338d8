use connect_core::prelude::*;

#[client_config_policy]
struct Nothing;

fn main() {}
