//! References in texts: `${provider:key}` and `${provider:path:key}`.
//!
//! There is no escape and no nesting, and what a reference stands for is not looked at again.
//! Everything behind the second colon belongs to the key.

use std::sync::LazyLock;

use connect_core::config::Props;
use regex::{Captures, Regex};

static FORM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}").expect("the pattern is one")
});

/// A reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Variable<'a> {
    /// All of it.
    pub(super) written: &'a str,
    pub(super) provider: &'a str,
    /// Empty when it names none.
    pub(super) path: &'a str,
    pub(super) key: &'a str,
}

impl<'a> Variable<'a> {
    fn of(captures: &Captures<'a>) -> Self {
        let part = |group| captures.get(group).map_or("", |it| it.as_str());
        Self {
            written: part(0),
            provider: part(1),
            path: part(3),
            key: part(4),
        }
    }
}

/// The references in a text.
pub(super) fn all(text: &str) -> impl Iterator<Item = Variable<'_>> {
    FORM.captures_iter(text).map(|it| Variable::of(&it))
}

/// The text with what its references stand for; `None` when it has none. Those that stand for
/// nothing stay.
pub(super) fn replace<'a, 'v>(
    text: &'a str,
    mut value: impl FnMut(Variable<'a>) -> Option<&'v str>,
) -> Option<String> {
    let mut replaced = None;
    let mut done = 0;
    for captures in FORM.captures_iter(text) {
        let variable = Variable::of(&captures);
        let place = captures.get_match();
        let replaced = replaced.get_or_insert_with(String::new);
        replaced.push_str(text.get(done..place.start())?);
        replaced.push_str(value(variable).unwrap_or(variable.written));
        done = place.end();
    }
    replaced.map(|it| it + text.get(done..).unwrap_or_default())
}

/// Whether a text has references.
#[must_use]
pub fn has_reference(text: &str) -> bool {
    FORM.is_match(text)
}

/// Puts the references of a connector's configuration back into that of one of its tasks: every key
/// of which the connector has one is as the connector wrote it.
pub fn restore_references(connector: &Props, task: &mut Props) {
    for (key, text) in connector.iter() {
        if let Some(text) = text.filter(|it| has_reference(it))
            && task.contains_key(key)
        {
            task.insert(key, Some(text.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[[&str; 3]]) {
        let found: Vec<_> = all(text).map(|it| [it.provider, it.path, it.key]).collect();

        assert_eq!(found, expected);
    }

    #[test]
    fn a_reference_has_a_provider_a_key_and_perhaps_a_path() {
        check("${p:k}", &[["p", "", "k"]]);
        check("a${p:/x/y:k}b${q::}", &[["p", "/x/y", "k"], ["q", "", ""]]);
        check("${p:a:b:c}", &[["p", "a", "b:c"]]);
        check("${ p : a b : c }", &[[" p ", " a b ", " c "]]);
    }

    #[test]
    fn what_is_written_otherwise_is_text() {
        check("${name} $p:k {p:k} ${p:k", &[]);
        check("$${p:k}", &[["p", "", "k"]]);
        check("${a${p:k}}", &[["a${p", "", "k"]]);
    }

    #[test]
    fn references_are_replaced_in_place_and_once() {
        let value = |variable: Variable<'_>| match variable.key {
            "a" => Some("${p:b}"),
            "b" => Some("B"),
            _ => None,
        };

        let replaced = |text| replace(text, value);

        assert_eq!(replaced("x${p:a}y${p:b}z").unwrap(), "x${p:b}yBz");
        assert_eq!(replaced("${p:c},${p:b}").unwrap(), "${p:c},B");
        assert_eq!(replaced("p:a"), None);
    }

    #[test]
    fn tasks_show_what_the_connector_wrote() {
        let connector = Props::from_iter([("a", "x${p:k}"), ("b", "1"), ("c", "${p:k}")]);
        let mut task = Props::from_iter([("a", "xsecret"), ("b", "2"), ("d", "3")]);

        restore_references(&connector, &mut task);

        let expected = [("a", "x${p:k}"), ("b", "2"), ("d", "3")];
        assert_eq!(task, Props::from_iter(expected));
    }
}
