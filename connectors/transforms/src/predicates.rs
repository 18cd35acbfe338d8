//! The predicates: which records a transform applies to.

mod has_header_key;
mod record_is_tombstone;
mod topic_name_matches;

pub use has_header_key::{HasHeaderKey, HasHeaderKeyConfig};
pub use record_is_tombstone::RecordIsTombstone;
pub use topic_name_matches::{TopicNameMatches, TopicNameMatchesConfig, TopicPattern};
