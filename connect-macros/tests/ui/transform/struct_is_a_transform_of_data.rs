use connect_core::prelude::*;

/// Renames a field.
#[transform(targets(key, value))]
struct Rename;

fn main() {}
