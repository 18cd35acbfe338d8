//! The data model: schemas, values and headers, between a record's bytes and a plugin.
//!
//! Built so that records are cheap: bytes and long texts are slices of the batch they came in, short
//! texts are kept in place, schemas are shared, and cloning a text allocates nothing. Messages of [`DataError`] are those that
//! Connect's clients know.

mod blob;
pub mod date;
mod decimal;
mod error;
mod headers;
pub mod java_text;
mod kind;
pub mod logical;
mod map;
mod member;
mod name;
mod project;
mod schema;
mod shared;
mod structs;
mod text;
mod validate;
mod value;
pub mod values;

pub use blob::{Blob, Window};
pub use decimal::Decimal;
pub use error::{DataError, DataErrorKind};
pub use headers::{Header, Headers, TimestampType};
pub use kind::Type;
pub use logical::Logical;
pub use map::{Keys, Map, MapFilter, MapInsertion};
pub use member::Member;
pub use name::{Name, Topic};
pub use project::project;
pub use schema::{Field, Parameters, Schema, SchemaAndValue, SchemaBuilder, SchemaRef};
pub use structs::{Filling, Refit, Struct};
pub use text::{NotUtf8, Text};
pub use validate::validate_value;
pub use value::Value;
