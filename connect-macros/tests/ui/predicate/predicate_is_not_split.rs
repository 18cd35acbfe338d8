use connect_core::prelude::*;

/// Records without a key.
#[predicate(tasks = single)]
struct HasNoKey;

fn main() {}
