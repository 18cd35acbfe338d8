//! The smallest source and the smallest sink, in a crate that depends on the SDK alone.

#![forbid(unsafe_code)]

pub mod sink;
pub mod source;
