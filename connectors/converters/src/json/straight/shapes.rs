//! The names that objects of the last message had.

use std::mem;

use connect_core::data::{Keys, Map, Value};

/// Names are remembered for so many objects of a message.
const MAX_OBJECTS: usize = 64;
/// Objects with more members than this are not remembered.
const MAX_NAMES: usize = 256;
/// Nor are those with a name that is longer.
const MAX_LENGTH: usize = 128;

/// The names of objects in the order in which these begin. No name has anything to escape.
#[derive(Debug, Default)]
pub(in crate::json) struct Shapes(Vec<Keys>);

impl Shapes {
    /// The names of the object in a place. They are gone until they are given back.
    pub(super) fn lend(&mut self, place: usize) -> Keys {
        self.0.get_mut(place).map(mem::take).unwrap_or_default()
    }

    /// Remembers names for a place.
    pub(super) fn keep(&mut self, place: usize, shape: Keys) {
        if place >= MAX_OBJECTS {
            return;
        }
        if self.0.len() <= place {
            self.0.resize_with(place + 1, Keys::default);
        }
        self.0[place] = shape;
    }
}

/// The names of an object, if they are worth it.
pub(super) fn shape_of(map: &Map) -> Keys {
    let is_short = |it: &Value| it.as_text().is_some_and(|name| name.len() <= MAX_LENGTH);
    match map.len() <= MAX_NAMES && map.keys().iter().all(is_short) {
        true => map.keys().clone(),
        false => Keys::default(),
    }
}
