//! The single message transforms and predicates.
//!
#![doc = include_str!("../README.md")]
//!
//! ## Modules
//!
//! A module each for the transforms; the predicates share one. What they share:
//!
//! | module | owns |
//! | --- | --- |
//! | `shape` | maps and structs as things with fields, and how structs are made from others |
//! | `nulls` | the key that says what null fields stand for |
//! | `cache` | what follows from schemas that were seen before |
//! | `names`, `pairs` | lists in configurations |
//! | `path` | paths to nested fields |
//! | `date_format` | patterns of Java's `SimpleDateFormat`, and the calendar behind them |
//! | `java_hash` | the order of names in Java's tables |
//! | `java_regex` | Java's regular expressions and replacements |

mod cache;
mod cast;
mod date_format;
mod drop;
mod drop_headers;
mod extract_field;
mod filter;
mod flatten;
mod header_from;
mod hoist_field;
mod insert_field;
mod insert_header;
mod java_hash;
mod java_regex;
mod mask_field;
mod names;
mod nulls;
mod pairs;
mod path;
mod predicates;
mod regex_router;
mod replace_field;
mod set_schema_metadata;
mod shape;
mod timestamp_converter;
mod timestamp_router;
mod value_to_key;

pub use cast::{Cast, CastConfig, CastSpec, FieldCast};
pub use drop::{Drop, DropConfig, SchemaBehavior};
pub use drop_headers::{DropHeaders, DropHeadersConfig};
pub use extract_field::{ExtractField, ExtractFieldConfig};
pub use filter::Filter;
pub use flatten::{Flatten, FlattenConfig};
pub use header_from::{HeaderFromConfig, HeaderFromKey, HeaderFromValue, Operation};
pub use hoist_field::{HoistField, HoistFieldConfig};
pub use insert_field::{InsertField, InsertFieldConfig};
pub use insert_header::{AnyText, InsertHeader, InsertHeaderConfig};
pub use java_regex::JavaRegex;
pub use mask_field::{MaskField, MaskFieldConfig};
pub use names::{GivenNames, Names, SomeNames};
pub use nulls::NullHandling;
pub use pairs::Renames;
pub use path::FieldSyntaxVersion;
pub use predicates::{
    HasHeaderKey, HasHeaderKeyConfig, RecordIsTombstone, TopicNameMatches, TopicNameMatchesConfig,
    TopicPattern,
};
pub use regex_router::{RegexRouter, RegexRouterConfig};
pub use replace_field::{ReplaceField, ReplaceFieldConfig};
pub use set_schema_metadata::{SetSchemaMetadata, SetSchemaMetadataConfig};
pub use timestamp_converter::{
    Precision, TargetType, TimestampConverter, TimestampConverterConfig,
};
pub use timestamp_router::{TimestampRouter, TimestampRouterConfig};
pub use value_to_key::{ValueToKey, ValueToKeyConfig};
