//! Words that stand for themselves in attributes and names.

use crate::attribute::Word;
use crate::diag::Diagnostics;
use crate::literal::did_you_mean;

macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident($what:literal) { $($variant:ident = $word:literal,)* }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $(#[doc = $word] $variant,)*
        }

        impl $name {
            const WORDS: &[(&'static str, Self)] = &[$(($word, Self::$variant),)*];

            pub(super) fn of(word: &Word, diag: &mut Diagnostics) -> Option<Self> {
                choose($what, word, Self::WORDS, diag)
            }
        }
    };
}

words! {
    /// How much a key matters.
    Importance("importance") { High = "high", Medium = "medium", Low = "low", }
}

words! {
    /// How wide a form shows a key.
    Width("width") { None = "none", Short = "short", Medium = "medium", Long = "long", }
}

fn choose<T: Copy>(
    what: &str,
    word: &Word,
    words: &[(&'static str, T)],
    diag: &mut Diagnostics,
) -> Option<T> {
    let known = words.iter().find(|(name, _)| *name == word.text);
    if let Some((_, value)) = known {
        return Some(*value);
    }
    let quoted: Vec<_> = words.iter().map(|(name, _)| format!("`{name}`")).collect();
    let (last, others) = quoted.split_last()?;
    let hint = did_you_mean(&word.text, words.iter().map(|(name, _)| *name));
    diag.error(
        &word.written,
        format!("{what} is {} or {last}{hint}", others.join(", ")),
    );
    None
}

/// The unit that the name of a key states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    None,
    Millis,
    Seconds,
    Bytes,
}

impl Unit {
    pub(super) fn of(key: &str) -> Self {
        match key.rsplit('.').next() {
            Some("ms") => Self::Millis,
            Some("seconds") => Self::Seconds,
            Some("bytes") => Self::Bytes,
            _ => Self::None,
        }
    }
}
