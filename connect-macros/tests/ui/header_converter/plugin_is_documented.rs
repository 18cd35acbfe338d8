use connect_core::prelude::*;

#[header_converter]
struct Nothing;

fn main() {}
