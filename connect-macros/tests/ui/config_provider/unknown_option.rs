use connect_core::prelude::*;

/// Looks values up.
#[config_provider(targets(key))]
struct Vault;

fn main() {}
