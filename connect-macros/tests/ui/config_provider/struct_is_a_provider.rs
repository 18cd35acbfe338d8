use connect_core::prelude::*;

/// Looks values up.
#[config_provider]
struct Vault;

fn main() {}
