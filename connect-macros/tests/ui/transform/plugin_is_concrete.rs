use connect_core::prelude::*;

/// Renames a field.
#[transform(name = "Rename", targets(key, value))]
struct Rename<T>(T);

fn main() {}
