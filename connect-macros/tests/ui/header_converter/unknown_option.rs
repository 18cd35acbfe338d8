use connect_core::prelude::*;

/// Does nothing.
#[header_converter(versoin = "1.0.0")]
struct Nothing;

fn main() {}
