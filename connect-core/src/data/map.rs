//! Maps of values that remember the order of insertion.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::mem;

use foldhash::fast::FixedState;

use super::Value;

mod filter;
mod insertion;
mod iter;
mod keys;

pub use filter::MapFilter;
pub use insertion::MapInsertion;
use iter::{IntoIter, Iter};
pub use keys::Keys;

/// A map from any value to any value, in order of insertion; equality ignores the order.
///
/// Maps that are alike share their [`Keys`]: then one costs little more than its values, and what
/// was found out about the keys of one holds for all of them.
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

#[derive(Clone, Default)]
struct Inner {
    keys: Keys,
    /// As many as there are keys.
    values: Vec<Value>,
    is_hashed: bool,
}

impl Map {
    /// A map without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A map with room for the values of this many entries.
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        Self::of(Keys::default(), Vec::with_capacity(entries))
    }

    /// A map that shares its keys with others.
    ///
    /// # Panics
    ///
    /// When there are not as many values as keys.
    #[must_use]
    pub fn from_parts(keys: Keys, values: Vec<Value>) -> Self {
        assert_eq!(keys.len(), values.len(), "each key has a value");
        Self::of(keys, values)
    }

    fn of(keys: Keys, values: Vec<Value>) -> Self {
        Self(Box::new(Inner {
            keys,
            values,
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

    /// Sets the value of a key and returns the former one. A new key goes to the end.
    pub fn insert(&mut self, key: impl Into<Value>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        if let Some(place) = self.0.keys.place_of(&key) {
            return Some(mem::replace(&mut self.0.values[place], value));
        }
        self.0.keys.push(key);
        self.0.values.push(value);
        None
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &Value) -> Option<&Value> {
        let place = self.0.keys.place_of(key)?;
        Some(&self.0.values[place])
    }

    /// The value of a text key.
    #[must_use]
    pub fn get_str(&self, key: &str) -> Option<&Value> {
        let place = self.0.keys.place_of_text(key)?;
        Some(&self.0.values[place])
    }

    /// The value of a key.
    #[must_use]
    pub fn get_mut(&mut self, key: &Value) -> Option<&mut Value> {
        let place = self.0.keys.place_of(key)?;
        Some(&mut self.0.values[place])
    }

    /// Whether the key has a value, be it null.
    #[must_use]
    pub fn contains_key(&self, key: &Value) -> bool {
        self.0.keys.place_of(key).is_some()
    }

    /// Takes an entry out; the order of the others stays.
    pub fn remove(&mut self, key: &Value) -> Option<Value> {
        let place = self.0.keys.place_of(key)?;
        Some(self.0.remove(place))
    }

    /// Takes the entry of a text key out; the order of the others stays.
    pub fn remove_str(&mut self, key: &str) -> Option<Value> {
        let place = self.0.keys.place_of_text(key)?;
        Some(self.0.remove(place))
    }

    /// Keeps the entries whose key the function is true for, in their order. For many maps with the
    /// same keys a [`MapFilter`] does the same in less time.
    pub fn retain(&mut self, keep: impl FnMut(&Value) -> bool) {
        let mut filter = MapFilter::new(&self.0.keys, keep);
        self.filter(&mut filter);
    }

    /// Keeps the entries that a filter for these keys keeps. Does nothing and is `false` when the
    /// filter is one for other keys.
    pub fn filter(&mut self, filter: &mut MapFilter) -> bool {
        let is_for_these = filter.is_for(&self.0.keys);
        if is_for_these && filter.removes_any() {
            filter.keep_in(&mut self.0.values);
            self.0.keys = filter.kept_keys().clone();
        }
        is_for_these
    }

    /// Sets the value of the key of an insertion, as [`insert`](Self::insert) does, in less time if
    /// the insertion is one for these keys.
    pub fn insert_by(&mut self, insertion: &MapInsertion, value: impl Into<Value>) {
        if insertion.keys_before().is_same(&self.0.keys) {
            insertion.set_in(&mut self.0.values, value.into());
            self.0.keys.clone_from(insertion.keys_behind());
        } else {
            self.insert(insertion.key().clone(), value);
        }
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values.is_empty()
    }

    /// The entries in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter::new(self.0.keys.as_slice(), &self.0.values)
    }

    /// The keys in order.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// The values in order.
    #[must_use]
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.0.values.iter()
    }

    /// The values in order.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Value> {
        self.0.values.iter_mut()
    }
}

impl Inner {
    fn remove(&mut self, place: usize) -> Value {
        self.keys.remove(place);
        self.values.remove(place)
    }
}

/// Most values own no memory, and are dropped faster one by one.
impl Drop for Inner {
    fn drop(&mut self) {
        Value::release_behind(&mut self.values, 0);
    }
}

impl Clone for Map {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

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
        let Inner { keys, values, .. } = &mut *self.0;
        IntoIter::new(mem::take(keys), mem::take(values))
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
        let Inner { keys, values, .. } = &mut *self.0;
        let keys = keys.own();
        for (key, value) in entries {
            let (key, value) = (key.into(), value.into());
            if let Some(place) = keys.place_of(&key) {
                values[place] = value;
            } else {
                keys.push(key);
                values.push(value);
            }
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
        if self.0.keys.is_same(&other.0.keys) {
            return self.0.values == other.0.values;
        }
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
    use crate::data::Member;

    #[test]
    fn order_is_kept_and_does_not_count() {
        let one = Map::from([("b", 1_i32), ("a", 2)]);
        let other = Map::from([("a", 2_i32), ("b", 1)]);
        let hash = |map: &Map| FixedState::default().hash_one(map);

        assert_eq!(one, other);
        assert_eq!(hash(&one), hash(&other));
        assert_eq!(
            one.keys()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
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

    #[test]
    fn what_shares_keys_with_others_changes_alone() {
        let one = Map::from([("a", 1_i32), ("b", 2)]);
        let mut other = Map::from_parts(one.keys().clone(), vec![3.into(), 4.into()]);
        other.insert("c", 5_i32);
        let mut third = one.clone();
        third.remove_str("a");

        assert_eq!(one, Map::from([("b", 2_i32), ("a", 1)]));
        assert_eq!(other, Map::from([("a", 3_i32), ("b", 4), ("c", 5)]));
        assert_eq!(third, Map::from([("b", 2_i32)]));
    }

    #[test]
    fn keys_know_how_they_look_as_members() {
        let plain = Map::from([("a", 1_i32), ("é b", 2)]);
        assert!(plain.keys().members_of_many().is_none());
        let members = plain.keys().members_of_many().unwrap();
        let texts: Vec<_> = members.iter().map(Member::as_str).collect();
        assert_eq!(texts, ["\"a\":", ",\"é b\":"]);

        let mut grown = plain.clone();
        grown.insert("c", 3_i32);
        assert_eq!(grown.keys().members().map(<[_]>::len), Some(3));
        grown.remove_str("a");
        assert_eq!(
            grown.keys().members().map(|it| it[0].as_str()),
            Some("\"é b\":")
        );

        for key in ["\"".into(), "\n".into(), "😀".into(), Value::Null, 1.into()] {
            assert!(Map::from([(key, 1)]).keys().members().is_none());
        }
        assert!(Map::new().keys().members().is_none());
    }

    #[test]
    fn an_insertion_does_what_insert_does() {
        let one = Map::from([("a", 1_i32), ("b", 2)]);
        let other = Map::from([("b", 1_i32)]);
        for key in ["b", "c"] {
            let mut insertion = MapInsertion::new(one.keys(), key);
            assert!(insertion.is_for(one.clone().keys()) && !insertion.is_for(other.keys()));
            for map in [&one, &other, &Map::new()] {
                let (mut inserted, mut expected) = (map.clone(), map.clone());
                inserted.insert_by(&insertion, 9);
                expected.insert(key, 9);

                assert_eq!(inserted, expected);
                assert_eq!(inserted.keys(), expected.keys());
            }
        }
    }

    #[test]
    fn filters_are_for_certain_keys() {
        let numbers = || (0..20).map(|n| (n, n)).collect::<Map>();
        let mut map = numbers();
        let mut filter =
            MapFilter::new(map.keys(), |key| key.as_i32().is_some_and(|it| it % 3 == 0));
        let mut alike = numbers();
        let mut shorter = Map::from([(0, 0)]);

        assert!(map.filter(&mut filter) && alike.filter(&mut filter));
        assert!(!shorter.filter(&mut filter));
        let kept: Vec<_> = map.keys().iter().filter_map(Value::as_i32).collect();
        assert_eq!(kept, [0, 3, 6, 9, 12, 15, 18]);
        assert_eq!(map, alike);
        assert!(map.keys().is_same(alike.keys()));
        assert_eq!(map.get(&Value::Int32(9)), Some(&Value::Int32(9)));
        assert_eq!(map.get(&Value::Int32(10)), None);
    }
}
