//! The names that objects of the last message had.

use std::mem;

use connect_core::data::{Map, Text};

/// Names are remembered for so many objects of a message.
const MAX_OBJECTS: usize = 64;
/// Objects with more members than this are not remembered.
const MAX_NAMES: usize = 64;

/// The names of objects in the order in which these begin. No object has a name twice, and no name
/// has anything to escape.
#[derive(Debug, Default)]
pub(super) struct Shapes(Vec<Vec<Text>>);

impl Shapes {
    /// The names of the object in a place. They are gone until they are given back.
    pub(super) fn lend(&mut self, place: usize) -> Vec<Text> {
        self.0.get_mut(place).map(mem::take).unwrap_or_default()
    }

    /// Remembers names for a place.
    pub(super) fn keep(&mut self, place: usize, shape: Vec<Text>) {
        if place >= MAX_OBJECTS {
            return;
        }
        if self.0.len() <= place {
            self.0.resize_with(place + 1, Vec::new);
        }
        self.0[place] = shape;
    }

    /// The names of an object. Long ones are left out, and all that follow: they are part of a
    /// message, which would be kept.
    pub(super) fn shape_of(map: &Map) -> Vec<Text> {
        if map.len() > MAX_NAMES {
            return Vec::new();
        }
        let names = map.keys().map_while(|it| it.as_text());
        names
            .take_while(|it| it.len() <= Text::SHORT)
            .cloned()
            .collect()
    }
}
