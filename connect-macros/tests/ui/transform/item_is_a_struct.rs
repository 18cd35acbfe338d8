use connect_core::prelude::*;

/// Renames a field.
#[transform]
fn rename() {}

fn main() {}
