//! JSON of requests, read in one pass and refused in the words of the reference.
//!
//! Clients are shown what its parser says: which of several mistakes comes first, at which place,
//! and in which field. So tokens are read when they are asked for, and a text only when it is used.

mod blanks;
mod flaw;
mod literals;
mod numbers;
mod reader;
mod scanner;
mod strings;
mod values;

pub(super) use flaw::Flaw;
pub(super) use reader::{
    Entity, document, entity, enumeration, leading_document, list, map, nullable, text,
};
pub(super) use scanner::{Scanner, Token};
pub(super) use values::value;

#[cfg(test)]
mod tests;
