use connect_core::prelude::*;

/// Looks values up.
#[config_provider(tasks = single)]
struct Vault;

fn main() {}
