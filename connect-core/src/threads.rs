//! What surrounds the work of a task on a thread of its own.

use std::fmt;
use std::sync::Arc;

type Surround = dyn Fn(&mut dyn FnMut()) + Send + Sync;

/// What whoever runs a task wants around its work on other threads, so that log lines written there
/// say which task they belong to. The default is nothing.
#[derive(Clone, Default)]
pub struct ThreadScope(Option<Arc<Surround>>);

impl ThreadScope {
    /// A scope that calls the work it is given, once and on the same thread.
    #[must_use]
    pub fn new(surround: impl Fn(&mut dyn FnMut()) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(surround)))
    }

    /// Does some work in the scope.
    pub fn run(&self, mut work: impl FnMut()) {
        match &self.0 {
            Some(surround) => surround(&mut work),
            None => work(),
        }
    }
}

impl fmt::Debug for ThreadScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ThreadScope")
            .field(&self.0.is_some())
            .finish()
    }
}
