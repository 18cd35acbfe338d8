//! What references stand for, kept out of everything that is printed.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::in_use;

/// Shorter texts are no secrets, and messages would lose their numbers.
const MIN_CHARS: usize = 3;

/// From here on a text is hidden in the middle of words, too, and so is half of it.
const DISTINCT_CHARS: usize = 8;

/// What stands before a value in a log line for a terminal.
const COLOUR_END: &str = "\u{1b}[0m";

/// Texts that must not be printed, with the references that are shown in their place.
///
/// `Debug` shows the references alone. Cheap to clone.
#[derive(Clone, Default)]
pub struct Secrets(Arc<[Hidden]>);

/// A text that must not be printed.
pub(super) struct Hidden {
    text: String,
    shown: String,
    /// What a part of the text that is long enough to be hidden may begin with.
    beginnings: HashSet<[u8; DISTINCT_CHARS]>,
}

impl Secrets {
    /// What one reference stands for.
    #[cfg(test)]
    pub(crate) fn of(value: &str, reference: &str) -> Self {
        let mut collected = Collected::default();
        collected.add(value, reference);
        collected.finish()
    }

    /// The longest come first, so that a part of one does not show the rest.
    pub(super) fn of_all(mut hidden: Vec<Hidden>) -> Self {
        hidden.sort_by_key(|it| Reverse(it.text.len()));
        Self(hidden.into())
    }

    /// Whether there is nothing to hide.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text with references in place of what they stand for, and of the greater part of it: a
    /// message may quote where something went wrong.
    #[must_use]
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.hide_where(text, |at| {
            self.find_whole(text, at, Hidden::is_at).or_else(|| {
                let parts = self.0.iter();
                let parts = parts.filter_map(|it| Some((it, it.part_at(text, at)?)));
                parts.max_by_key(|(_, length)| *length)
            })
        })
    }

    /// The same, but only for all of it, and not for names of which it is only a part.
    pub(super) fn hide_names<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.hide_where(text, |at| self.find_whole(text, at, Hidden::is_name_at))
    }

    /// What stands at a place, and how long it is.
    fn find_whole(
        &self,
        text: &str,
        at: usize,
        is_at: impl Fn(&Hidden, &str, usize) -> bool,
    ) -> Option<(&Hidden, usize)> {
        let found = self.0.iter().find(|it| is_at(it, text, at))?;
        Some((found, found.text.len()))
    }

    fn hide_where<'a, 's>(
        &'s self,
        text: &'a str,
        found_at: impl Fn(usize) -> Option<(&'s Hidden, usize)>,
    ) -> Cow<'a, str> {
        let mut shown = String::new();
        let mut done = 0;
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|it| !it.is_empty()) {
            match found_at(at) {
                Some((hidden, length)) => {
                    shown.push_str(text.get(done..at).unwrap_or_default());
                    shown.push_str(&hidden.shown);
                    at += length;
                    done = at;
                }
                None => at += rest.chars().next().map_or(1, char::len_utf8),
            }
        }
        match done {
            0 => Cow::Borrowed(text),
            _ => Cow::Owned(shown + text.get(done..).unwrap_or_default()),
        }
    }
}

impl Hidden {
    fn new(text: String, shown: String) -> Self {
        let beginnings = text.as_bytes().windows(DISTINCT_CHARS);
        Self {
            beginnings: beginnings.filter_map(|it| it.try_into().ok()).collect(),
            text,
            shown,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The same for a text in quotes, in which the reference gets backslashes. Its parts are not found.
    pub(super) fn escaped(&self) -> Self {
        Self {
            text: self.text.clone(),
            shown: self.shown.escape_debug().to_string(),
            beginnings: HashSet::new(),
        }
    }

    /// Whether it is long enough to be nothing else, wherever it stands.
    pub(super) fn is_distinct(&self) -> bool {
        self.text.chars().count() >= DISTINCT_CHARS
    }

    /// How many bytes from this place on are a part of it that tells too much: at least half,
    /// distinct, and not only a word such as the name of a host in an address.
    fn part_at(&self, text: &str, at: usize) -> Option<usize> {
        let beginning = text.as_bytes().get(at..at + DISTINCT_CHARS)?;
        if !self.beginnings.contains(beginning) {
            return None;
        }
        let least = self.text.chars().count().div_ceil(2).max(DISTINCT_CHARS);
        let rest = text.get(at..)?;
        let ends = rest.char_indices().map(|(at, it)| at + it.len_utf8());
        let parts = ends.skip(least - 1).filter_map(|end| rest.get(..end));
        let parts = parts.take_while(|it| self.text.contains(it));
        let longest = parts.last().filter(|it| !self.has_within_word(it));
        longest.map(str::len)
    }

    /// Whether a text of nothing but letters lies within one of its words.
    fn has_within_word(&self, text: &str) -> bool {
        let words = self.text.split(|it: char| !it.is_alphanumeric());
        let mut words = words.filter(|it| it.len() < self.text.len());
        text.chars().all(char::is_alphabetic) && words.any(|it| it.contains(text))
    }

    /// Whether it stands at this place. Short texts are not meant within words.
    fn is_at(&self, text: &str, at: usize) -> bool {
        let joins = |it: char| !self.is_distinct() && it.is_alphanumeric();
        self.is_apart_at(text, at, joins)
    }

    /// Whether it stands at this place and is not part of a longer name.
    fn is_name_at(&self, text: &str, at: usize) -> bool {
        let joins = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_');
        self.is_apart_at(text, at, joins)
    }

    /// Whether it stands at this place, and nothing that joins it before or behind it.
    fn is_apart_at(&self, text: &str, at: usize, joins: impl Fn(char) -> bool) -> bool {
        let Some(after) = text.get(at..).and_then(|it| it.strip_prefix(&self.text)) else {
            return false;
        };
        let before = text.get(..at).filter(|it| !it.ends_with(COLOUR_END));
        let before = before.and_then(|it| it.chars().next_back());
        !before.is_some_and(&joins) && !after.chars().next().is_some_and(&joins)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|it| &it.shown);
        f.debug_set().entries(shown).finish()
    }
}

/// Gathers secrets.
#[derive(Default)]
pub(super) struct Collected(BTreeMap<String, String>);

impl Collected {
    /// Adds what a reference stands for, in all forms in which messages may quote it: without
    /// blanks around it, by elements of a list, escaped.
    pub(super) fn add(&mut self, value: &str, reference: &str) {
        let elements = value.split(',').chain(value.lines());
        for form in elements.chain([value]).map(str::trim).chain([value]) {
            for form in [form.to_owned(), form.escape_debug().to_string()] {
                let is_told = form.chars().count() < MIN_CHARS
                    || form.eq_ignore_ascii_case("true")
                    || form.eq_ignore_ascii_case("false");
                if !is_told {
                    self.0.entry(form).or_insert_with(|| reference.to_owned());
                }
            }
        }
    }

    /// What was added, which is kept out of log lines from now on.
    pub(super) fn finish(self) -> Secrets {
        let hidden = self.0.into_iter();
        let hidden = hidden.map(|(text, shown)| Hidden::new(text, shown));
        let secrets = Secrets::of_all(hidden.collect());
        in_use::register(&secrets.0);
        secrets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, text: &str, expected: &str) {
        let mut collected = Collected::default();
        collected.add(value, "${p:k}");

        assert_eq!(collected.finish().hide(text), expected);
    }

    #[test]
    fn a_reference_is_shown_in_place_of_its_value() {
        check("hunter2", "a hunter2, hunter2", "a ${p:k}, ${p:k}");
        check("p\u{e4}ss", "=p\u{e4}ss", "=${p:k}");
        check("x\"y\nz ", r#"value "x\"y\nz""#, r#"value "${p:k}""#);
        check("one1,two2", "bad element two2", "bad element ${p:k}");
        check("none", "", "");
    }

    #[test]
    fn long_values_are_hidden_within_words_and_short_ones_are_not() {
        check("correcthorse", "xcorrecthorsey", "x${p:k}y");
        check("key", "monkey keys key", "monkey keys ${p:k}");
    }

    /// A parser tells where it stopped, for example.
    #[test]
    fn half_of_a_value_is_hidden_and_less_is_not() {
        check(
            "user:correcthorse@host",
            "invalid port 'correcthorse@host' in jdbc:user:correcthorse",
            "invalid port '${p:k}' in jdbc:${p:k}",
        );
        check("correcthorse", "horse, but correct", "horse, but correct");
        check("correct-horse", "a correct-hor", "a ${p:k}");
        check("hunter2", "hunter", "hunter");
        check("p\u{e4}ssw\u{f6}rter", "p\u{e4}ssw\u{f6}rt?", "${p:k}?");
    }

    #[test]
    fn words_of_a_value_stay() {
        check("localhost:9092", "localhost is gone", "localhost is gone");
        check(
            "connection-string",
            "connection refused",
            "connection refused",
        );
        check("localhost:9092", "localhost:909", "${p:k}");
        check("correcthorsebattery", "correcthorse", "${p:k}");
    }

    /// The part of another one does not keep a whole one from being hidden.
    #[test]
    fn whole_values_come_before_parts() {
        let mut collected = Collected::default();
        collected.add("correcthorsebattery", "${p:long}");
        collected.add("correcthorse-9", "${p:short}");

        let hidden = collected.finish();

        assert_eq!(hidden.hide("correcthorse-9"), "${p:short}");
    }

    #[test]
    fn numbers_of_messages_stay() {
        check("10", "at least 10", "at least 10");
        check("true", "Expected true", "Expected true");
    }

    #[test]
    fn debugging_shows_no_value() {
        let mut collected = Collected::default();
        collected.add("hunter2", "${p:k}");

        assert_eq!(format!("{:?}", collected.finish()), r#"{"${p:k}"}"#);
    }
}
