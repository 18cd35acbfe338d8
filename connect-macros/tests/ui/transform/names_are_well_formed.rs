use connect_core::prelude::*;

/// Renames a field.
#[transform(name = "my rename", targets(key))]
struct Rename;

fn main() {}
