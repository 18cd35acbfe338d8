use connect_core::prelude::*;

/// Renames a field.
#[transform]
struct Rename;

fn main() {}
