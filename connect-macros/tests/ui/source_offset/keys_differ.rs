use connect_core::prelude::*;

#[derive(Clone, SourceOffset)]
struct Offset {
    id: i64,
    #[offset(key = "id")]
    other: i64,
}

fn main() {}
