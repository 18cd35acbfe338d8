//! Configuration model: definitions, parsing, validation.
