//! Lines of files as records, and records as lines of files.
//!
#![doc = include_str!("../README.md")]
//!
//! ## Modules
//!
//! | module | owns |
//! | --- | --- |
//! | `source` | the source connector; below it the file that is followed, standard input, and the lines in what was read |
//! | `sink` | the sink connector; below it the file that grows |
//! | `blocking` | work that may wait for a disk |

mod blocking;
#[cfg(test)]
mod conformance;
mod sink;
mod source;

pub use sink::{FileStreamSink, FileStreamSinkConfig};
pub use source::{FilePosition, FileStreamSource, FileStreamSourceConfig, SourceFile};
