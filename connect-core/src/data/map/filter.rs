//! Which entries of a map stay.

use super::Keys;
use crate::data::Value;

/// Which entries of maps with certain keys stay: decided once for all of them.
///
/// ```
/// use connect_core::data::{Map, MapFilter, Value};
///
/// let mut map = Map::from([("id", 1), ("secret", 2)]);
/// let mut filter = MapFilter::new(map.keys(), |key| key.as_str() != Some("secret"));
///
/// assert!(map.filter(&mut filter));
/// assert_eq!(map, Map::from([("id", 1)]));
/// ```
#[derive(Clone, Debug)]
pub struct MapFilter {
    all: Keys,
    kept: Keys,
    /// The places of those that are kept, in order.
    places: Vec<usize>,
}

impl MapFilter {
    /// A filter for maps with these keys in this order.
    #[must_use]
    pub fn new(keys: &Keys, mut keep: impl FnMut(&Value) -> bool) -> Self {
        let is_kept = |(place, key)| keep(key).then_some(place);
        let places: Vec<usize> = keys.iter().enumerate().filter_map(is_kept).collect();
        let kept = if places.len() == keys.len() {
            keys.clone()
        } else {
            let keys = keys.as_slice();
            Keys::from_distinct(places.iter().map(|place| keys[*place].clone()).collect())
        };
        Self {
            all: keys.clone(),
            kept,
            places,
        }
    }

    /// Equal keys are compared once: the next map mostly shares those of this one.
    pub(super) fn is_for(&mut self, keys: &Keys) -> bool {
        self.all.come_from(keys)
    }

    pub(super) const fn kept_keys(&self) -> &Keys {
        &self.kept
    }

    pub(super) fn removes_any(&self) -> bool {
        self.places.len() < self.all.len()
    }

    /// Removes values of maps with these keys.
    pub(super) fn keep_in(&self, values: &mut Vec<Value>) {
        for (to, from) in self.places.iter().enumerate() {
            values.swap(to, *from);
        }
        Value::release_behind(values, self.places.len());
    }
}
