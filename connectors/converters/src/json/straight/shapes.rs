//! The names that objects of the last message had.

use std::{iter, mem};

use connect_core::data::{Keys, Map, Value};

/// Names are remembered for so many objects of a message.
const MAX_OBJECTS: usize = 64;
/// Objects with more members than this are not remembered.
const MAX_NAMES: usize = 256;
/// Nor are those with a name that is longer.
const MAX_LENGTH: usize = 128;

/// The names of objects in the order in which these begin.
#[derive(Debug, Default)]
pub(in crate::json) struct Shapes(Vec<Option<Box<Shape>>>);

/// The names of an object, which have nothing to escape.
#[derive(Debug, Default)]
pub(super) struct Shape {
    keys: Keys,
    /// How each of them mostly looks in a message, with quotes and colon, and a comma in front of all
    /// but the first.
    members: Vec<Box<str>>,
}

impl Shapes {
    /// The names of the object in a place. They are gone until they are given back.
    pub(super) fn lend(&mut self, place: usize) -> Box<Shape> {
        self.0
            .get_mut(place)
            .and_then(mem::take)
            .unwrap_or_default()
    }

    /// Remembers names for a place.
    pub(super) fn keep(&mut self, place: usize, shape: Box<Shape>) {
        if place >= MAX_OBJECTS {
            return;
        }
        if self.0.len() <= place {
            self.0.resize_with(place + 1, Default::default);
        }
        self.0[place] = Some(shape);
    }
}

impl Shape {
    /// The names of an object; none if they are not worth it.
    pub(super) fn of(map: &Map) -> Box<Self> {
        let names = || map.keys().iter().map(Value::as_str);
        let is_short = |name: Option<&str>| name.is_some_and(|it| it.len() <= MAX_LENGTH);
        if map.len() > MAX_NAMES || !names().all(is_short) {
            return Box::default();
        }
        let commas = iter::once("").chain(iter::repeat(","));
        let members = commas.zip(names().flatten());
        let members = members.map(|(comma, name)| format!("{comma}\"{name}\":").into());
        Box::new(Self {
            keys: map.keys().clone(),
            members: members.collect(),
        })
    }

    pub(super) const fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) const fn len(&self) -> usize {
        self.members.len()
    }

    /// The names as they mostly look in a message.
    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(AsRef::as_ref)
    }
}
