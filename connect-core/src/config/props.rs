//! Configurations as they are written: names and texts.

use std::fmt;

use indexmap::IndexMap;

/// A configuration as it was written: keys and texts, in order. A text may be null.
///
/// Texts may be secrets, so `Debug` shows the keys alone. Two configurations are equal when they
/// hold the same keys and texts, whatever their order.
///
/// ```
/// use connect_core::config::Props;
///
/// let props = Props::from_iter([("name", "orders"), ("retry.max", "3")]);
///
/// assert_eq!(props.get("name"), Some("orders"));
/// assert_eq!(props.with_prefix_stripped("retry.").get("max"), Some("3"));
/// assert_eq!(format!("{props:?}"), r#"{"name", "retry.max"}"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Props(IndexMap<String, Option<String>>);

impl Props {
    /// A configuration without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The text of a key; `None` when the key is absent or null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_deref()
    }

    /// Whether the key is there, be it null.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Sets a key and returns the text that it had. A key that was there keeps its place.
    pub fn insert(&mut self, key: impl Into<String>, text: Option<String>) -> Option<String> {
        self.0.insert(key.into(), text).flatten()
    }

    /// Takes a key out and returns its text; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        self.0.shift_remove(key).flatten()
    }

    /// All keys and texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0
            .iter()
            .map(|(key, text)| (key.as_str(), text.as_deref()))
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys that begin with `prefix`, without it.
    #[must_use]
    pub fn with_prefix_stripped(&self, prefix: &str) -> Self {
        let stripped = self.0.iter().filter_map(|(key, text)| {
            let key = key.strip_prefix(prefix)?;
            Some((key.to_owned(), text.clone()))
        });
        Self(stripped.collect())
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Props {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut props = Self::default();
        props.extend(entries);
        props
    }
}

impl<K: Into<String>, V: Into<String>> Extend<(K, V)> for Props {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        let entries = entries.into_iter();
        self.0
            .extend(entries.map(|(key, text)| (key.into(), Some(text.into()))));
    }
}

impl fmt::Debug for Props {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_key_is_there_without_a_text() {
        let mut props = Props::new();
        props.insert("a", None);

        assert!(props.contains_key("a"));
        assert_eq!(props.get("a"), None);
        assert_eq!(props.iter().collect::<Vec<_>>(), [("a", None)]);
    }

    #[test]
    fn keys_keep_their_order() {
        let mut props = Props::from_iter([("c", "1"), ("a", "2"), ("b", "3")]);

        props.insert("c", Some("4".to_owned()));
        props.remove("a");

        assert_eq!(
            props.iter().collect::<Vec<_>>(),
            [("c", Some("4")), ("b", Some("3"))]
        );
    }

    #[test]
    fn a_prefix_alone_leaves_an_empty_key() {
        let props = Props::from_iter([("p.", "1"), ("p.a", "2"), ("q.a", "3")]);

        let stripped = props.with_prefix_stripped("p.");

        assert_eq!(stripped, Props::from_iter([("a", "2"), ("", "1")]));
    }

    #[test]
    fn debugging_shows_no_text() {
        let props = Props::from_iter([("password", "hunter2")]);

        assert_eq!(format!("{props:?}"), r#"{"password"}"#);
    }
}
