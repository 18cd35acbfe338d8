use connect_core::prelude::*;

#[predicate]
struct HasNoKey;

fn main() {}
