use connect_core::prelude::*;

/// Records without a key.
#[predicate(targets(key))]
struct HasNoKey;

fn main() {}
