use connect_core::prelude::*;

/// Renames a field.
#[transform(targets("key"))]
struct Rename;

fn main() {}
