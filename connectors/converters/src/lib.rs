//! Converters between the data of records and the bytes of topics.
//!
#![doc = include_str!("../README.md")]
//!
//! ## Modules
//!
//! | module | owns |
//! | --- | --- |
//! | `json_converter`, `json` | the JSON converter, and the codec behind it |
//! | `string`, `charset` | the text converter, and the character sets it can write |
//! | `simple_header`, `byte_array`, `number`, `boolean` | a converter each, or one for each width |
//! | `role` | the key that they share |

mod boolean;
mod byte_array;
mod charset;
mod json;
mod json_converter;
mod number;
mod role;
mod simple_header;
mod string;

pub use boolean::BooleanConverter;
pub use byte_array::ByteArrayConverter;
pub use json::DecimalFormat;
pub use json_converter::{JsonConverter, JsonConverterConfig};
pub use number::{
    DoubleConverter, FloatConverter, IntegerConverter, LongConverter, ShortConverter,
};
pub use role::RoleConfig;
pub use simple_header::SimpleHeaderConverter;
pub use string::{StringConverter, StringConverterConfig};
