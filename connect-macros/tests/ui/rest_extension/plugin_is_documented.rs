use connect_core::prelude::*;

#[rest_extension]
struct Nothing;

fn main() {}
