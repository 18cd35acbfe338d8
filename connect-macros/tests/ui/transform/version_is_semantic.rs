use connect_core::prelude::*;

/// Renames a field.
#[transform(version = "1.0", targets(key))]
struct Rename;

fn main() {}
