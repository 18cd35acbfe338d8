use connect_core::prelude::*;

/// Renames a field.
#[transform(targets())]
struct Rename;

fn main() {}
