//! Version requirements of plugins, in the notation and order of Maven.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Peekable;
use std::str::{Chars, FromStr};

/// Versions that are acceptable: `latest`, one exact version, or ranges such as `[1.0,2.0),[3,)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionRequirement {
    /// Whatever is newest.
    Latest,
    /// A version within one of these intervals.
    Within(Vec<Interval>),
}

impl VersionRequirement {
    /// Whether a version is acceptable.
    #[must_use]
    pub fn allows(&self, version: &str) -> bool {
        match self {
            Self::Latest => true,
            Self::Within(intervals) => intervals.iter().any(|it| it.contains(version)),
        }
    }
}

impl fmt::Display for VersionRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Within(intervals) => {
                for (index, interval) in intervals.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{interval}")?;
                }
                Ok(())
            }
        }
    }
}

/// A text is not a version requirement; the messages are those of Maven.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionRangeError {
    /// A bracket is not closed.
    #[error("Unbounded range: {0}")]
    Unbounded(String),
    /// A round bracket beside a single version.
    #[error("Single version must be surrounded by []: {0}")]
    OpenSingle(String),
    /// An upper bound below the lower one.
    #[error("Range defies version ordering: {0}")]
    Reversed(String),
    /// An interval that does not lie after its predecessor.
    #[error("Ranges overlap: {0}")]
    Overlap(String),
    /// Text beside the intervals.
    #[error("Only fully-qualified sets allowed in multiple set scenario: {0}")]
    Unbracketed(String),
}

impl FromStr for VersionRequirement {
    type Err = VersionRangeError;

    fn from_str(text: &str) -> Result<Self, VersionRangeError> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        let text = text.trim();
        let intervals = match intervals(text)? {
            // A version alone is put into brackets and read again, whatever it is.
            none if none.is_empty() => intervals(&format!("[{text}]"))?,
            some => some,
        };
        Ok(Self::Within(intervals))
    }
}

/// The intervals of a text; none of them when it does not begin with a bracket.
fn intervals(text: &str) -> Result<Vec<Interval>, VersionRangeError> {
    let mut intervals: Vec<Interval> = Vec::new();
    let mut rest = text;
    while rest.starts_with(['[', '(']) {
        let close = rest.find([']', ')']);
        let close = close.ok_or_else(|| VersionRangeError::Unbounded(text.to_owned()))?;
        let (one, tail) = rest.split_at(close + 1);
        let interval = Interval::parse(one)?;
        if intervals
            .last()
            .is_some_and(|last| last.reaches_into(&interval))
        {
            return Err(VersionRangeError::Overlap(text.to_owned()));
        }
        intervals.push(interval);
        rest = tail.trim();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim();
    }
    match intervals.is_empty() || rest.is_empty() {
        true => Ok(intervals),
        false => Err(VersionRangeError::Unbracketed(text.to_owned())),
    }
}

/// Versions between two bounds; `None` is no bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    lower: Option<String>,
    lower_included: bool,
    upper: Option<String>,
    upper_included: bool,
}

impl Interval {
    fn exactly(version: &str) -> Self {
        let bound = Some(version.to_owned());
        Self {
            lower: bound.clone(),
            lower_included: true,
            upper: bound,
            upper_included: true,
        }
    }

    /// Parses one interval with its brackets.
    fn parse(text: &str) -> Result<Self, VersionRangeError> {
        let lower_included = text.starts_with('[');
        let upper_included = text.ends_with(']');
        let inner = text.trim_matches(['[', '(', ']', ')']).trim();
        let Some((lower, upper)) = inner.split_once(',') else {
            return match lower_included && upper_included {
                true => Ok(Self::exactly(inner)),
                false => Err(VersionRangeError::OpenSingle(text.to_owned())),
            };
        };
        let bound = |text: &str| Some(text.trim().to_owned()).filter(|it| !it.is_empty());
        let (lower, upper) = (bound(lower), bound(upper));
        if let (Some(lower), Some(upper)) = (&lower, &upper) {
            let reversed = match compare(lower, upper) {
                Ordering::Less => false,
                Ordering::Equal => !(lower_included && upper_included),
                Ordering::Greater => true,
            };
            if reversed {
                return Err(VersionRangeError::Reversed(text.to_owned()));
            }
        }
        Ok(Self {
            lower,
            lower_included,
            upper,
            upper_included,
        })
    }

    fn reaches_into(&self, next: &Self) -> bool {
        match (&self.upper, &next.lower) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(upper), Some(lower)) => compare(lower, upper) == Ordering::Less,
        }
    }

    fn contains(&self, version: &str) -> bool {
        let above = self
            .lower
            .as_deref()
            .is_none_or(|bound| match compare(version, bound) {
                Ordering::Less => false,
                Ordering::Equal => self.lower_included,
                Ordering::Greater => true,
            });
        let below = self
            .upper
            .as_deref()
            .is_none_or(|bound| match compare(version, bound) {
                Ordering::Less => true,
                Ordering::Equal => self.upper_included,
                Ordering::Greater => false,
            });
        above && below
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = if self.lower_included { '[' } else { '(' };
        let close = if self.upper_included { ']' } else { ')' };
        let lower = self.lower.as_deref().unwrap_or_default();
        let upper = self.upper.as_deref().unwrap_or_default();
        write!(f, "{open}{lower},{upper}{close}")
    }
}

/// Orders two versions as Maven does for versions of numbers and well-known qualifiers.
fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (parts(left).into_iter(), parts(right).into_iter());
    loop {
        let ordering = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (left, right) => left
                .unwrap_or(Part::RELEASE)
                .cmp(&right.unwrap_or(Part::RELEASE)),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

/// A piece of a version, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// `alpha`, `beta`, … come before the release, `sp` and unknown words after it.
    Qualifier(usize, String),
    /// A number after a dash: after any word.
    Build(usize, String),
    /// A number after a dot; more digits make a greater one.
    Number(usize, String),
}

impl Part {
    /// What a missing part counts as.
    const RELEASE: Self = Self::Qualifier(QUALIFIERS_BEFORE_RELEASE.len(), String::new());

    const ZERO: Self = Self::Number(0, String::new());

    fn number(digits: &str, after_dash: bool) -> Self {
        let digits = digits.trim_start_matches('0');
        match (digits, after_dash) {
            ("", true) => Self::RELEASE,
            (digits, false) => Self::Number(digits.len(), digits.to_owned()),
            (digits, true) => Self::Build(digits.len(), digits.to_owned()),
        }
    }

    fn word(word: &str, before_digit: bool) -> Self {
        let word = match (word, before_digit) {
            ("a", true) => "alpha",
            ("b", true) => "beta",
            ("m", true) => "milestone",
            ("cr", _) => "rc",
            ("ga" | "final" | "release", _) => return Self::RELEASE,
            (word, _) => word,
        };
        let release = QUALIFIERS_BEFORE_RELEASE.len();
        let rank = QUALIFIERS_BEFORE_RELEASE.iter().position(|it| *it == word);
        match (rank, word) {
            (Some(rank), _) => Self::Qualifier(rank, String::new()),
            (None, "sp") => Self::Qualifier(release + 1, String::new()),
            (None, word) => Self::Qualifier(release + 2, word.to_owned()),
        }
    }
}

const QUALIFIERS_BEFORE_RELEASE: [&str; 5] = ["alpha", "beta", "milestone", "rc", "snapshot"];

/// Splits a version at `.`, `-`, `_` and between letters and digits; zeros that do not matter
/// are left out.
fn parts(version: &str) -> Vec<Part> {
    let lower = version.to_ascii_lowercase();
    let mut chars = lower.chars().peekable();
    let mut parts = Vec::new();
    let mut after_dash = false;
    while let Some(first) = chars.peek().copied() {
        if first.is_ascii_digit() {
            let digits = take_while(&mut chars, |it| it.is_ascii_digit());
            parts.push(Part::number(&digits, after_dash));
        } else if matches!(first, '.' | '-' | '_') {
            chars.next();
            after_dash = first != '.';
            if after_dash {
                drop_trailing_releases(&mut parts);
            }
        } else {
            let is_letter = |it: char| !it.is_ascii_digit() && !matches!(it, '.' | '-' | '_');
            let word = take_while(&mut chars, is_letter);
            after_dash = false;
            drop_trailing_releases(&mut parts);
            parts.push(Part::word(
                &word,
                chars.peek().is_some_and(char::is_ascii_digit),
            ));
        }
    }
    drop_trailing_releases(&mut parts);
    parts
}

fn take_while(chars: &mut Peekable<Chars<'_>>, accept: impl Fn(char) -> bool) -> String {
    let mut taken = String::new();
    while let Some(char) = chars.next_if(|it| accept(*it)) {
        taken.push(char);
    }
    taken
}

fn drop_trailing_releases(parts: &mut Vec<Part>) {
    while parts
        .pop_if(|last| *last == Part::RELEASE || *last == Part::ZERO)
        .is_some()
    {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: &str) {
        let requirement: VersionRequirement = text.parse().unwrap();

        assert_eq!(requirement.to_string(), shown);
    }

    #[track_caller]
    fn check_error(text: &str, message: &str) {
        assert_eq!(
            text.parse::<VersionRequirement>().unwrap_err().to_string(),
            message
        );
    }

    #[test]
    fn a_bare_version_is_exactly_that_version() {
        check("1.0", "[1.0,1.0]");
        check("  1.0 ", "[1.0,1.0]");
        check("a b", "[a b,a b]");
        check("", "[,]");
        check("1,2", "[1,2]");
        check(",", "[,]");
    }

    #[test]
    fn ranges_are_shown_in_normal_form() {
        check("[ 1 , 2 ]", "[1,2]");
        check("[1],[3,)", "[1,1],[3,)");
        check("(,3]", "(,3]");
        check("(,)", "(,)");
        check("[]", "[,]");
    }

    #[test]
    fn malformed_ranges_are_refused() {
        check_error("[1.0", "Unbounded range: [1.0");
        check_error(
            "]",
            "Only fully-qualified sets allowed in multiple set scenario: []]",
        );
        check_error("(1.0)", "Single version must be surrounded by []: (1.0)");
        check_error("[1,2),[1,3]", "Ranges overlap: [1,2),[1,3]");
        check_error("[1.0,2.0),(,3]", "Ranges overlap: [1.0,2.0),(,3]");
        check_error("[2,1]", "Range defies version ordering: [2,1]");
        check_error("[1,1)", "Range defies version ordering: [1,1)");
        let beside = "Only fully-qualified sets allowed in multiple set scenario: ";
        check_error("[1,2] x", &format!("{beside}[1,2] x"));
        check_error("[1,2]]", &format!("{beside}[1,2]]"));
    }

    #[test]
    fn a_version_is_allowed_within_the_bounds() {
        let allows =
            |text: &str, version| text.parse::<VersionRequirement>().unwrap().allows(version);

        assert!(allows("latest", "0.1"));
        assert!(allows("[4,5)", "4.3.1"));
        assert!(!allows("[4,5)", "5.0"));
        assert!(allows("(,1.0],[2,)", "1"));
        assert!(!allows("(1,2)", "1.0.0"));
        assert!(!allows("", "4.3.1"));
        assert!(allows("4.3.1", "4.3.1"));
        assert!(allows(",", "4.3.1"));
    }

    #[test]
    fn versions_are_ordered_as_maven_does() {
        let ascending = [
            "",
            "1.0-alpha",
            "1.0-beta",
            "1.0-m1",
            "1.0-rc",
            "1.0-SNAPSHOT",
            "1.0",
            "1.0-sp",
            "1.0-foo",
            "1.0-1",
            "1.0.1",
            "1.9",
            "1.10",
            "2",
            "4.3",
            "4.3.1-rc1",
            "4.3.1",
        ];

        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        for equal in ["1", "1.0.0", "1.0-ga", "1.0.final"] {
            assert_eq!(compare("1.0", equal), Ordering::Equal, "{equal}");
        }
    }
}
