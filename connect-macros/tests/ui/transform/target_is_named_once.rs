use connect_core::prelude::*;

/// Renames a field.
#[transform(targets(key, key))]
struct Rename;

fn main() {}
