//! The converters as a worker uses them.

mod data;
mod exceptions;
mod round_trip;
