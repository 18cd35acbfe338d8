use connect_core::prelude::*;

/// Choices.
#[derive(ConfigEnum)]
#[config(any_case)]
enum Mode {
    /// It is on.
    On,
    /// It is on as well.
    #[config(name = "ON")]
    Active,
}

fn main() {}
