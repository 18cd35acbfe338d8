use connect_core::prelude::*;

/// Renames a field.
#[transform(targets(key, header))]
struct Rename;

fn main() {}
