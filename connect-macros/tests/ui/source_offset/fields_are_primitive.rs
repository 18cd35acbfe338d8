use connect_core::prelude::*;

#[derive(Clone, SourceOffset)]
struct Offset {
    ids: Vec<String>,
}

fn main() {}
