use connect_core::prelude::*;

/// Choices.
#[derive(ConfigEnum)]
enum Mode {
    /// It is on.
    #[config(nane = "on")]
    On,
}

fn main() {}
