use connect_core::prelude::*;

/// Choices.
#[derive(ConfigEnum)]
enum Mode<T> {
    /// A choice.
    A(T),
}

fn main() {}
