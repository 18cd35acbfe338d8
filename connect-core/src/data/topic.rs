//! Topic names: few, repeated in every record, so they share their allocation.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use foldhash::fast::RandomState;

/// Names that a thread remembers; beyond it the table starts again, names in use stay valid.
const REMEMBERED_NAMES: usize = 256;

thread_local! {
    static NAMES: RefCell<HashSet<Arc<str>, RandomState>> = RefCell::default();
}

/// The name of a topic; cloning it counts a reference.
///
/// Making one from a name that the thread has seen lately allocates nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(Arc<str>);

impl Topic {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Topic {
    fn from(name: &str) -> Self {
        NAMES.with_borrow_mut(|names| {
            if let Some(known) = names.get(name) {
                return Self(Arc::clone(known));
            }
            if names.len() >= REMEMBERED_NAMES {
                names.clear();
            }
            let new: Arc<str> = Arc::from(name);
            names.insert(Arc::clone(&new));
            Self(new)
        })
    }
}

impl From<String> for Topic {
    fn from(name: String) -> Self {
        name.as_str().into()
    }
}

impl From<&String> for Topic {
    fn from(name: &String) -> Self {
        name.as_str().into()
    }
}

impl From<&Topic> for Topic {
    fn from(topic: &Topic) -> Self {
        topic.clone()
    }
}

impl Deref for Topic {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Topic {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Topic {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Topic {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Topic {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_share_one_allocation() {
        let first = Topic::from("orders");
        let second = Topic::from(String::from("orders"));

        assert!(Arc::ptr_eq(&first.0, &second.0));
    }

    #[test]
    fn the_table_of_names_is_bounded() {
        for n in 0..1000 {
            let name = format!("topic-{n}");
            assert_eq!(Topic::from(&name), name.as_str());
        }

        assert!(NAMES.with_borrow(HashSet::len) <= REMEMBERED_NAMES);
    }
}
