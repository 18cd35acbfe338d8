//! Which values of a key are good, as data: what forms, pages and schemas are told.

use std::fmt;

/// A rule for the values of one key.
///
/// Its `Display` form is that of the reference: `[1,...,65535]`, `non-empty list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// From one value to another, both included, as users write them in the unit of the key.
    Range {
        /// The smallest.
        min: Option<String>,
        /// The largest.
        max: Option<String>,
    },
    /// So many characters of a text, or elements of a list; both bounds are included.
    Length {
        /// The fewest.
        min: Option<usize>,
        /// The most.
        max: Option<usize>,
    },
    /// At least one character.
    NonEmptyText,
    /// At least one element.
    NonEmptyList,
    /// A pattern for the whole text, or for every element of a list.
    Matches(&'static str),
    /// Words for the text, or for every element of a list.
    OneOf(&'static [&'static str]),
}

impl Constraint {
    /// What is wrong with null; `None` if the rule lets it pass.
    pub(super) fn of_null(&self) -> Option<String> {
        match self {
            Self::Range { .. } => Some("Value must be non-null".to_owned()),
            Self::OneOf(words) => Some(format!("String must be one of: {}", words.join(", "))),
            Self::Length { .. } | Self::NonEmptyText | Self::NonEmptyList | Self::Matches(_) => {
                None
            }
        }
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range { min, max } => f.write_str(&interval(min.as_ref(), max.as_ref())),
            Self::Length { min, max } => {
                write!(f, "length {}", interval(min.as_ref(), max.as_ref()))
            }
            Self::NonEmptyText => f.write_str("non-empty string"),
            Self::NonEmptyList => f.write_str("non-empty list"),
            Self::Matches(pattern) => write!(f, "matches {pattern}"),
            Self::OneOf(words) => write!(f, "[{}]", words.join(", ")),
        }
    }
}

fn interval<T: ToString>(min: Option<&T>, max: Option<&T>) -> String {
    let bounds = [
        min.map(ToString::to_string),
        Some("...".to_owned()),
        max.map(ToString::to_string),
    ];
    let bounds: Vec<_> = bounds.into_iter().flatten().collect();
    format!("[{}]", bounds.join(","))
}
