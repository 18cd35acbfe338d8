use connect_core::prelude::*;

#[config_provider]
struct Vault;

fn main() {}
