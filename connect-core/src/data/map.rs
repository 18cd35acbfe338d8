//! Maps of values that remember the order of insertion.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::{FixedState, RandomState};
use indexmap::{Equivalent, IndexMap};

use super::Value;
use super::value::HashTag;

type Entries = IndexMap<Value, Value, RandomState>;

/// A map from any value to any value, in order of insertion; equality ignores the order.
///
/// ```
/// use connect_core::data::{Map, Value};
///
/// let mut map = Map::new();
/// map.insert("id", 7_i64);
///
/// assert_eq!(map.get_str("id"), Some(&Value::Int64(7)));
/// ```
#[derive(Clone, Default)]
pub struct Map(Box<Entries>);

impl Map {
    /// A map without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A map with room for this many entries.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        Self(Box::new(Entries::with_capacity_and_hasher(
            entries,
            RandomState::default(),
        )))
    }

    /// Sets the value of a key and returns the former one. A new key goes to the end.
    pub fn insert(&mut self, key: impl Into<Value>, value: impl Into<Value>) -> Option<Value> {
        self.0.insert(key.into(), value.into())
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.0.get(key)
    }

    /// The value of a text key.
    #[must_use]
    pub fn get_str(&self, key: &str) -> Option<&Value> {
        self.0.get(&TextKey(key))
    }

    /// The value of a key.
    #[must_use]
    pub fn get_mut(&mut self, key: &Value) -> Option<&mut Value> {
        self.0.get_mut(key)
    }

    /// Whether the key has a value, be it null.
    #[must_use]
    pub fn contains_key(&self, key: &Value) -> bool {
        self.0.contains_key(key)
    }

    /// Takes an entry out; the order of the others stays.
    pub fn remove(&mut self, key: &Value) -> Option<Value> {
        self.0.shift_remove(key)
    }

    /// Takes the entry of a text key out; the order of the others stays.
    pub fn remove_str(&mut self, key: &str) -> Option<Value> {
        self.0.shift_remove(&TextKey(key))
    }

    /// Keeps the entries that the function is true for, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&Value) -> bool) {
        self.0.retain(|key, _| keep(key));
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.0.iter())
    }

    /// The keys in order.
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.keys()
    }

    /// The values in order.
    #[must_use]
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.values()
    }

    /// The values in order.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Value> {
        self.0.values_mut()
    }
}

/// The entries of a [`Map`] in order.
#[derive(Clone, Debug)]
pub struct Iter<'a>(indexmap::map::Iter<'a, Value, Value>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Value, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// The owned entries of a [`Map`] in order.
#[derive(Debug)]
pub struct IntoIter(indexmap::map::IntoIter<Value, Value>);

impl Iterator for IntoIter {
    type Item = (Value, Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for IntoIter {}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Value, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl IntoIterator for Map {
    type Item = (Value, Value);
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        IntoIter(self.0.into_iter())
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<K: Into<Value>, V: Into<Value>> Extend<(K, V)> for Map {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.0.extend(
            entries
                .into_iter()
                .map(|(key, value)| (key.into(), value.into())),
        );
    }
}

impl<K: Into<Value>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Map {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Map {}

impl Hash for Map {
    /// Adds the hashes of the entries, because equal maps may differ in order.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let entry_hasher = FixedState::default();
        let sum = self.iter().fold(0_u64, |sum, entry| {
            sum.wrapping_add(entry_hasher.hash_one(entry))
        });
        state.write_u64(sum);
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Finds a text key without making a [`Value`] of it.
struct TextKey<'a>(&'a str);

impl Hash for TextKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        HashTag::Text.hash(state);
        self.0.as_bytes().hash(state);
    }
}

impl Equivalent<Value> for TextKey<'_> {
    fn equivalent(&self, key: &Value) -> bool {
        key.as_text()
            .is_some_and(|text| text.as_bytes() == self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_does_not_count() {
        let one = Map::from([("b", 1_i32), ("a", 2)]);
        let other = Map::from([("a", 2_i32), ("b", 1)]);
        let hash = |map: &Map| FixedState::default().hash_one(map);

        assert_eq!(one, other);
        assert_eq!(hash(&one), hash(&other));
        assert_eq!(
            one.keys().map(ToString::to_string).collect::<Vec<_>>(),
            ["b", "a"]
        );
    }

    #[test]
    fn text_keys_are_found_by_str() {
        let mut map: Map = (0..100).map(|n| (format!("key-{n}"), n)).collect();

        assert_eq!(map.get_str("key-42"), Some(&Value::Int32(42)));
        assert_eq!(map.remove_str("key-42"), Some(Value::Int32(42)));
        assert_eq!(map.get_str("key-42"), None);
    }
}
