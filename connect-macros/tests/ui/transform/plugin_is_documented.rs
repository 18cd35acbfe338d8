use connect_core::prelude::*;

#[transform(name = "Rename")]
struct Rename;

fn main() {}
