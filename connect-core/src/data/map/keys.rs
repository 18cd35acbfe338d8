//! Keys of maps, and where they are.

use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::data::value::HashTag;
use crate::data::{Member, Value};

/// Maps with more entries than this find a key through a table; below, a scan is faster.
const SCANNED_ENTRIES: usize = 12;

/// The keys of a map in their order, no two of them equal. A clone shares them.
#[derive(Clone, Default)]
pub struct Keys(Option<Arc<List>>);

#[derive(Default)]
pub(super) struct List {
    keys: Vec<Value>,
    /// Made when a key is looked up, forgotten when places change: most maps are only walked.
    places: OnceLock<Places>,
    /// Made when they are asked for, forgotten when keys change.
    members: OnceLock<Option<Box<[Member]>>>,
    /// Whether somebody wanted the members of many maps.
    was_asked: AtomicBool,
}

impl Keys {
    /// Keys that are known to differ. Of equal ones all would be there, and any of them found.
    #[must_use]
    pub fn from_distinct(keys: Vec<Value>) -> Self {
        let list = List::of(keys);
        Self((!list.keys.is_empty()).then(|| Arc::new(list)))
    }

    /// Whether both are the same keys, and not only alike. Much cheaper than a comparison.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        }
    }

    /// Number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// The keys.
    #[must_use]
    pub fn as_slice(&self) -> &[Value] {
        self.0.as_ref().map_or(&[], |list| &list.keys)
    }

    /// The keys.
    pub fn iter(&self) -> slice::Iter<'_, Value> {
        self.as_slice().iter()
    }

    /// The keys as they begin members of a JSON object; none if there are none, or if one is no text or
    /// would be escaped. Made once.
    #[must_use]
    pub fn members(&self) -> Option<&[Member]> {
        let list = self.0.as_ref()?;
        let members = list.members.get_or_init(|| {
            let keys = list.keys.iter().enumerate();
            keys.map(|(place, key)| Member::new(key.as_str()?, place))
                .collect()
        });
        members.as_deref()
    }

    /// Like [`members`](Self::members), but none for whoever asks first: for the keys of a single map
    /// they are not worth it.
    #[must_use]
    pub fn members_of_many(&self) -> Option<&[Member]> {
        let was_asked = &self.0.as_ref()?.was_asked;
        was_asked
            .swap(true, Ordering::Relaxed)
            .then(|| self.members())?
    }

    /// Whether these keys are equal to others. They become those: to compare them again costs little.
    pub(super) fn come_from(&mut self, others: &Self) -> bool {
        if self.is_same(others) {
            return true;
        }
        let is_equal = *self == *others;
        if is_equal {
            self.clone_from(others);
        }
        is_equal
    }

    pub(super) fn place_of(&self, key: &Value) -> Option<usize> {
        self.0.as_ref()?.place_of(key)
    }

    pub(super) fn place_of_text(&self, key: &str) -> Option<usize> {
        self.0.as_ref()?.place(&TextKey(key.as_bytes()))
    }

    pub(super) fn push(&mut self, key: Value) {
        self.own().push(key);
    }

    pub(super) fn remove(&mut self, place: usize) {
        let list = self.own();
        list.places.take();
        list.members.take();
        list.keys.remove(place);
    }

    /// The keys, shared with no other map.
    pub(super) fn own(&mut self) -> &mut List {
        Arc::make_mut(self.0.get_or_insert_default())
    }
}

impl List {
    const fn of(keys: Vec<Value>) -> Self {
        Self {
            keys,
            places: OnceLock::new(),
            members: OnceLock::new(),
            was_asked: AtomicBool::new(false),
        }
    }

    /// Most keys are text.
    pub(super) fn place_of(&self, key: &Value) -> Option<usize> {
        match key {
            Value::String(text) => self.place(&TextKey(text.as_bytes())),
            other => self.place(other),
        }
    }

    fn place(&self, key: &impl Key) -> Option<usize> {
        if self.keys.len() <= SCANNED_ENTRIES {
            return self.keys.iter().position(|known| key.is(known));
        }
        let places = self.places.get_or_init(|| Places::of(&self.keys));
        places.find(key, &self.keys)
    }

    /// Adds a key that is not there.
    pub(super) fn push(&mut self, key: Value) {
        self.keys.push(key);
        self.members.take();
        if let Some(places) = self.places.get_mut() {
            places.add_last(&self.keys);
        }
    }
}

impl Clone for List {
    fn clone(&self) -> Self {
        Self::of(self.keys.clone())
    }
}

impl<'a> IntoIterator for &'a Keys {
    type Item = &'a Value;
    type IntoIter = slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Keys {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || self.as_slice() == other.as_slice()
    }
}

impl Eq for Keys {}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_slice(), f)
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

/// Where keys are, by their hash.
struct Places {
    table: HashTable<usize>,
    hasher: RandomState,
}

impl Places {
    fn of(keys: &[Value]) -> Self {
        let mut places = Self {
            table: HashTable::with_capacity(keys.len()),
            hasher: RandomState::default(),
        };
        for end in 1..=keys.len() {
            places.add_last(&keys[..end]);
        }
        places
    }

    fn find(&self, key: &impl Key, keys: &[Value]) -> Option<usize> {
        let hash = self.hasher.hash_one(key);
        self.table
            .find(hash, |place| key.is(&keys[*place]))
            .copied()
    }

    fn add_last(&mut self, keys: &[Value]) {
        let hash = |place: &usize| self.hasher.hash_one(&keys[*place]);
        let place = keys.len() - 1;
        self.table.insert_unique(hash(&place), place, hash);
    }
}
