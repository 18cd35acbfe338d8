//! Names: few, repeated in every record, so they share their allocation.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use foldhash::fast::RandomState;

use super::shared::Shared;

/// Names that a thread remembers; beyond it the table starts again, names in use stay valid.
const REMEMBERED_NAMES: usize = 256;
/// Names that are kept as long as the program …
const KEPT_NAMES: usize = 4096;
/// … if they have no more bytes than this: all together at most a megabyte.
const LONGEST_KEPT: usize = 256;

type Names = HashSet<Name, RandomState>;

thread_local! {
    static NAMES: RefCell<Names> = RefCell::default();
}

/// Those that are kept.
static KEPT: LazyLock<Mutex<Names>> = LazyLock::new(Mutex::default);

/// A name that many records repeat: of a topic, a file, a table. Cloning it costs nothing, or counts
/// a reference.
///
/// Making one that the thread has seen lately allocates nothing. The first names of a program, more
/// than most workers ever see, are kept as long as it lives, so that their clones are not even
/// counted: threads that make records and threads that drop them would wait for each other.
///
/// ```
/// use connect_core::data::Name;
///
/// let table = Name::from("orders");
///
/// assert_eq!(table, "orders");
/// ```
#[derive(Clone)]
pub struct Name(Shared<Letters>);

/// Behind one pointer, so that a name is not larger than one that is counted.
type Letters = Box<str>;

/// The name of a topic.
pub type Topic = Name;

impl Name {
    /// The name.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn make(name: &str) -> Self {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(name) {
            return known.clone();
        }
        if kept.len() >= KEPT_NAMES || name.len() > LONGEST_KEPT {
            return Self(Shared::Counted(Arc::new(name.into())));
        }
        let new = Self(Shared::Constant(Box::leak(Box::new(name.into()))));
        kept.insert(new.clone());
        new
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        NAMES.with_borrow_mut(|names| {
            if let Some(known) = names.get(name) {
                return known.clone();
            }
            if names.len() >= REMEMBERED_NAMES {
                names.clear();
            }
            let new = Self::make(name);
            names.insert(new.clone());
            new
        })
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        name.as_str().into()
    }
}

impl From<&String> for Name {
    fn from(name: &String) -> Self {
        name.as_str().into()
    }
}

impl From<&Name> for Name {
    fn from(name: &Name) -> Self {
        name.clone()
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Name {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            // No two of them are alike.
            (Shared::Constant(one), Shared::Constant(other)) => std::ptr::eq(*one, *other),
            _ => self.as_str() == other.as_str(),
        }
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other)
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_share_one_allocation() {
        let first = Name::from("orders");
        let other = || Name::from(String::from("orders"));
        let second = std::thread::spawn(other).join().unwrap();

        assert_eq!(first.as_ptr(), other().as_ptr());
        assert_eq!(first.as_ptr(), second.as_ptr());
    }

    #[test]
    fn the_tables_of_names_are_bounded() {
        let last = KEPT_NAMES + 10;
        for n in 0..=last {
            let name = format!("topic-{n}");
            assert_eq!(Name::from(&name), name.as_str());
        }

        assert!(NAMES.with_borrow(HashSet::len) <= REMEMBERED_NAMES);
        assert_eq!(KEPT.lock().unwrap().len(), KEPT_NAMES);
        let counted = Name::from(format!("topic-{last}"));
        assert!(matches!(counted.0, Shared::Counted(_)));
        assert_eq!(counted, Name::make(&counted));
        assert_ne!(counted, Name::from("topic-0"));
        let long = Name::make(&"x".repeat(LONGEST_KEPT + 1));
        assert!(matches!(long.0, Shared::Counted(_)));
    }
}
