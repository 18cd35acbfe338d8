//! What the first hour of an author is like: short sources, crates that compile as they are written.

mod generated;
mod smallest;
