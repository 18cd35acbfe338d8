use connect_core::prelude::*;

/// Renames a field.
#[transform(name = "Rename", alias = "Rename", targets(key))]
struct Rename;

fn main() {}
