use connect_core::prelude::*;

/// Renames a field.
#[transform(split_by = fields)]
struct Rename;

fn main() {}
