//! Data model: schemas, values, headers.
