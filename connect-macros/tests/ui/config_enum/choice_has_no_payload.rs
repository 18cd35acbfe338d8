use connect_core::prelude::*;

/// Choices.
#[derive(ConfigEnum)]
enum Mode {
    /// A number.
    Number(u16),
}

fn main() {}
