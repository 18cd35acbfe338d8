use connect_core::prelude::*;

/// Renames a field.
#[transform(versoin = "1.0.0", targets(key))]
struct Rename;

fn main() {}
