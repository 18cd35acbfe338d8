use connect_core::prelude::*;

#[derive(Clone, SourceOffset)]
struct Offset<T> {
    id: T,
}

fn main() {}
