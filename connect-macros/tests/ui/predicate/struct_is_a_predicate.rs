use connect_core::prelude::*;

/// Records without a key.
#[predicate]
struct HasNoKey;

fn main() {}
