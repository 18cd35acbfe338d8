use connect_core::prelude::*;

/// A converter.
#[converter]
struct Bytes;

fn main() {}
