use connect_core::prelude::*;

/// Choices.
#[derive(ConfigEnum)]
enum Mode {
    /// Both.
    #[config(name = "a,b")]
    Both,
}

fn main() {}
