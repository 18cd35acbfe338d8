use connect_core::prelude::*;

/// Choices.
#[derive(ConfigEnum)]
enum Mode {
}

fn main() {}
