//! Literals: how values are written as text and guessed from it, and conversions between types.
//!
//! Headers, literals in transforms and casts go through here. Text does not carry types, so what
//! is read back may differ from what was written: an INT32 of 5 comes back as INT8.

mod convert;
mod format;
mod infer;
mod number;
mod parse;
mod temporal;
mod tokens;

pub use convert::{
    convert_to_boolean, convert_to_date, convert_to_decimal, convert_to_f32, convert_to_f64,
    convert_to_i8, convert_to_i16, convert_to_i32, convert_to_i64, convert_to_list, convert_to_map,
    convert_to_struct, convert_to_time, convert_to_timestamp,
};
pub use format::{convert_to_string, write_string};
pub use infer::infer_schema;
pub(super) use number::Number;
pub use parse::parse_string;
