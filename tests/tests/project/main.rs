//! Rules about the project itself: which crate may use which, what is linked, how sources look.

mod conformance;
mod dependencies;
mod layering;
mod tidy;
mod workspace;
