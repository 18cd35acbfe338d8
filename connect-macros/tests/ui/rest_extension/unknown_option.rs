use connect_core::prelude::*;

/// Does nothing.
#[rest_extension(versoin = "1.0.0")]
struct Nothing;

fn main() {}
