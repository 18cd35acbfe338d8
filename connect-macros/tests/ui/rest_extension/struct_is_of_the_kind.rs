use connect_core::prelude::*;

/// Does nothing.
#[rest_extension]
struct Nothing;

fn main() {}
