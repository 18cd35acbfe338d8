use connect_core::prelude::*;

/// Does nothing.
#[header_converter]
struct Nothing;

fn main() {}
