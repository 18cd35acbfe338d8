use connect_core::prelude::*;

/// Choices.
#[derive(ConfigEnum)]
struct Mode;

fn main() {}
