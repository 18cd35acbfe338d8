//! Values that are chosen from a list of names.

use super::ValueError;

/// One name of a list to choose from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The name, as users write it.
    pub name: &'static str,
    /// What it means.
    pub documentation: &'static str,
}

/// A list of names, as an enum without data. Derive it.
pub trait ConfigEnum: Sized + Send + 'static {
    /// The names, in the order of the variants.
    const CHOICES: &'static [Choice];

    /// Whether a name may be written in any case.
    const ANY_CASE: bool;

    /// The variant of that name.
    fn from_name(name: &str) -> Option<Self>;

    /// The name of this variant.
    fn name(&self) -> &'static str;
}

/// Reads the name of a variant; what the derive calls.
///
/// # Errors
/// When the text is none of the names.
pub fn parse_choice<T: ConfigEnum>(text: &str) -> Result<T, ValueError> {
    let is_meant = |it: &&Choice| match T::ANY_CASE {
        true => it.name.eq_ignore_ascii_case(text),
        false => it.name == text,
    };
    let choice = T::CHOICES.iter().find(is_meant);
    choice
        .and_then(|it| T::from_name(it.name))
        .ok_or_else(|| ValueError::new(one_of(T::CHOICES, T::ANY_CASE)))
}

/// What is wrong with any other name.
pub(super) fn one_of(choices: &[Choice], any_case: bool) -> String {
    let names = names(choices, any_case).join(", ");
    match any_case {
        true => format!("String must be one of (case insensitive): {names}"),
        false => format!("String must be one of: {names}"),
    }
}

/// The names in the words of the documentation; what the derive calls.
#[must_use]
pub fn describe_choices<T: ConfigEnum>() -> String {
    let names = names(T::CHOICES, T::ANY_CASE).join(", ");
    match T::ANY_CASE {
        true => format!("(case insensitive) [{names}]"),
        false => format!("[{names}]"),
    }
}

/// The names as messages show them: in upper case when the case does not count.
fn names(choices: &[Choice], any_case: bool) -> Vec<String> {
    let names = choices.iter().map(|it| match any_case {
        true => it.name.to_ascii_uppercase(),
        false => it.name.to_owned(),
    });
    names.collect()
}

/// Whether a name is in the list, for assertions at compile time.
#[must_use]
pub(super) const fn has_choice(choices: &[Choice], name: &str) -> bool {
    let mut index = 0;
    while index < choices.len() {
        if same_text(choices[index].name, name) {
            return true;
        }
        index += 1;
    }
    false
}

/// Equality of texts, for assertions at compile time.
pub(super) const fn same_text(a: &str, b: &str) -> bool {
    a.len() == b.len() && starts_with(a, b)
}

/// Whether a text begins with another, for assertions at compile time.
pub(super) const fn starts_with(text: &str, prefix: &str) -> bool {
    let (text, prefix) = (text.as_bytes(), prefix.as_bytes());
    if text.len() < prefix.len() {
        return false;
    }
    let mut index = 0;
    while index < prefix.len() {
        if text[index] != prefix[index] {
            return false;
        }
        index += 1;
    }
    true
}
