//! Maps of values that remember the order of insertion.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::mem;
use std::sync::OnceLock;
use std::{slice, vec};

use foldhash::fast::{FixedState, RandomState};
use hashbrown::HashTable;

use super::Value;
use super::value::HashTag;

/// Maps with more entries than this find a key through a table; below, a scan is faster.
const SCANNED_ENTRIES: usize = 12;

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
#[derive(Default)]
pub struct Map(Box<Inner>);

#[derive(Default)]
struct Inner {
    entries: Vec<(Value, Value)>,
    /// Made when a key is looked up, forgotten when places change: most maps are only walked.
    places: OnceLock<Places>,
    is_hashed: bool,
}

impl Map {
    /// A map without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A map with room for this many entries.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        Self(Box::new(Inner {
            entries: Vec::with_capacity(entries),
            places: OnceLock::new(),
            is_hashed: false,
        }))
    }

    /// The same map, called a `HashMap` by messages that name the class of a value, where other
    /// maps are `LinkedHashMap`s: clients know which plugins of the reference make which.
    #[must_use]
    pub fn hashed(mut self) -> Self {
        self.0.is_hashed = true;
        self
    }

    /// What messages call this kind of map.
    pub(super) fn kind_name(&self) -> &'static str {
        match self.0.is_hashed {
            true => "class java.util.HashMap",
            false => "class java.util.LinkedHashMap",
        }
    }

    /// A map of entries whose keys are known to differ, in their order. Of equal keys all would be
    /// there, and any of them found.
    #[must_use]
    pub fn from_distinct(entries: impl IntoIterator<Item = (Value, Value)>) -> Self {
        Self(Box::new(Inner {
            entries: entries.into_iter().collect(),
            places: OnceLock::new(),
            is_hashed: false,
        }))
    }

    /// Sets the value of a key and returns the former one. A new key goes to the end.
    pub fn insert(&mut self, key: impl Into<Value>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        if let Some(place) = self.0.place_of(&key) {
            return Some(mem::replace(&mut self.0.entries[place].1, value));
        }
        self.0.entries.push((key, value));
        if let Some(places) = self.0.places.get_mut() {
            places.add_last(&self.0.entries);
        }
        None
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &Value) -> Option<&Value> {
        self.0.place_of(key).map(|place| &self.0.entries[place].1)
    }

    /// The value of a text key.
    #[must_use]
    pub fn get_str(&self, key: &str) -> Option<&Value> {
        let place = self.0.place(&TextKey(key.as_bytes()))?;
        Some(&self.0.entries[place].1)
    }

    /// The value of a key.
    #[must_use]
    pub fn get_mut(&mut self, key: &Value) -> Option<&mut Value> {
        let place = self.0.place_of(key)?;
        Some(&mut self.0.entries[place].1)
    }

    /// Whether the key has a value, be it null.
    #[must_use]
    pub fn contains_key(&self, key: &Value) -> bool {
        self.0.place_of(key).is_some()
    }

    /// Takes an entry out; the order of the others stays.
    pub fn remove(&mut self, key: &Value) -> Option<Value> {
        let place = self.0.place_of(key)?;
        Some(self.0.remove(place))
    }

    /// Takes the entry of a text key out; the order of the others stays.
    pub fn remove_str(&mut self, key: &str) -> Option<Value> {
        let place = self.0.place(&TextKey(key.as_bytes()))?;
        Some(self.0.remove(place))
    }

    /// Keeps the entries whose key the function is true for, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&Value) -> bool) {
        self.0.places.take();
        self.0.entries.retain(|(key, _)| keep(key));
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// The entries in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.0.entries.iter())
    }

    /// The keys in order.
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.entries.iter().map(|(key, _)| key)
    }

    /// The values in order.
    #[must_use]
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.entries.iter().map(|(_, value)| value)
    }

    /// The values in order.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Value> {
        self.0.entries.iter_mut().map(|(_, value)| value)
    }
}

/// Drops entries.
fn release(entries: impl Iterator<Item = (Value, Value)>) {
    for (key, value) in entries {
        key.release();
        value.release();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        release(self.entries.drain(..));
    }
}

impl Inner {
    /// Most keys are text.
    fn place_of(&self, key: &Value) -> Option<usize> {
        match key {
            Value::String(text) => self.place(&TextKey(text.as_bytes())),
            other => self.place(other),
        }
    }

    fn place(&self, key: &impl Key) -> Option<usize> {
        if self.entries.len() <= SCANNED_ENTRIES {
            return self.entries.iter().position(|(known, _)| key.is(known));
        }
        let places = self.places.get_or_init(|| Places::of(&self.entries));
        places.find(key, &self.entries)
    }

    fn remove(&mut self, place: usize) -> Value {
        self.places.take();
        self.entries.remove(place).1
    }
}

/// What is looked up: a key, or what stands for it.
trait Key: Hash {
    fn is(&self, key: &Value) -> bool;
}

impl Key for Value {
    fn is(&self, key: &Value) -> bool {
        self == key
    }
}

/// Finds a text key without making a [`Value`] of it.
struct TextKey<'a>(&'a [u8]);

impl Hash for TextKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        HashTag::Text.hash(state);
        self.0.hash(state);
    }
}

impl Key for TextKey<'_> {
    fn is(&self, key: &Value) -> bool {
        matches!(key, Value::String(text) if text.as_bytes() == self.0)
    }
}

/// Where the entries of a map are, by the hash of their key.
struct Places {
    table: HashTable<usize>,
    hasher: RandomState,
}

impl Places {
    fn of(entries: &[(Value, Value)]) -> Self {
        let mut places = Self {
            table: HashTable::with_capacity(entries.len()),
            hasher: RandomState::default(),
        };
        for end in 1..=entries.len() {
            places.add_last(&entries[..end]);
        }
        places
    }

    fn find(&self, key: &impl Key, entries: &[(Value, Value)]) -> Option<usize> {
        let hash = self.hasher.hash_one(key);
        self.table
            .find(hash, |place| key.is(&entries[*place].0))
            .copied()
    }

    fn add_last(&mut self, entries: &[(Value, Value)]) {
        let hash = |place: &usize| self.hasher.hash_one(&entries[*place].0);
        let place = entries.len() - 1;
        self.table.insert_unique(hash(&place), place, hash);
    }
}

impl Clone for Map {
    fn clone(&self) -> Self {
        Self(Box::new(Inner {
            entries: self.0.entries.clone(),
            places: OnceLock::new(),
            is_hashed: self.0.is_hashed,
        }))
    }
}

/// The entries of a [`Map`] in order.
#[derive(Clone, Debug)]
pub struct Iter<'a>(slice::Iter<'a, (Value, Value)>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Value, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

/// The owned entries of a [`Map`] in order.
#[derive(Debug)]
pub struct IntoIter(vec::IntoIter<(Value, Value)>);

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

    fn into_iter(mut self) -> IntoIter {
        IntoIter(mem::take(&mut self.0.entries).into_iter())
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let mut map = Self::with_capacity(entries.size_hint().0);
        map.extend(entries);
        map
    }
}

impl<K: Into<Value>, V: Into<Value>> Extend<(K, V)> for Map {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Into<Value>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Map {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        let mut entries = self.iter();
        self.len() == other.len() && entries.all(|(key, value)| other.get(key) == Some(value))
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

    #[test]
    fn keys_are_found_while_a_map_grows_and_shrinks() {
        let mut map = Map::new();
        for n in 0..100 {
            assert_eq!(map.insert(n, n), None);
            assert_eq!(map.insert(n, -n), Some(Value::Int32(n)));
        }
        map.remove(&Value::Int32(3));
        map.retain(|key| key.as_i32().is_some_and(|it| it % 2 == 1));

        for n in 0..100 {
            let expected = (n % 2 == 1 && n != 3).then_some(Value::Int32(-n));
            assert_eq!(map.get(&Value::Int32(n)), expected.as_ref());
        }
    }
}
