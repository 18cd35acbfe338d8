//! A key that many maps get.

use super::Keys;
use crate::data::Value;

/// A key that maps with certain keys get, or have: looked up once for all of them, which share their
/// keys behind it.
///
/// ```
/// use connect_core::data::{Map, MapInsertion, Value};
///
/// let mut map = Map::from([("id", 1)]);
/// let insertion = MapInsertion::new(map.keys(), "site");
///
/// map.insert_by(&insertion, "north");
/// assert_eq!(map.get_str("site"), Some(&Value::from("north")));
/// ```
#[derive(Clone, Debug)]
pub struct MapInsertion {
    before: Keys,
    behind: Keys,
    place: usize,
}

impl MapInsertion {
    /// An insertion into maps with these keys in this order. A new key goes to the end.
    #[must_use]
    pub fn new(keys: &Keys, key: impl Into<Value>) -> Self {
        let key = key.into();
        let mut behind = keys.clone();
        let place = keys.place_of(&key).unwrap_or_else(|| {
            behind.push(key);
            keys.len()
        });
        Self {
            before: keys.clone(),
            behind,
            place,
        }
    }

    /// Whether it is one for maps with these keys. Equal keys are compared once: the next map mostly
    /// shares those of this one.
    pub fn is_for(&mut self, keys: &Keys) -> bool {
        self.before.come_from(keys)
    }

    pub(super) fn key(&self) -> &Value {
        &self.behind.as_slice()[self.place]
    }

    pub(super) const fn keys_before(&self) -> &Keys {
        &self.before
    }

    pub(super) const fn keys_behind(&self) -> &Keys {
        &self.behind
    }

    /// Sets the value in a map with these keys.
    pub(super) fn set_in(&self, values: &mut Vec<Value>, value: Value) {
        match values.get_mut(self.place) {
            Some(known) => *known = value,
            None => values.push(value),
        }
    }
}
