//! Values that are never shown.

use std::fmt;

use zeroize::Zeroizing;

/// What stands in the place of a secret wherever values are shown.
pub(crate) const HIDDEN: &str = "[hidden]";

/// A value that must not be seen: a password, a token, a key.
///
/// It has no `Display`, its `Debug` form is `[hidden]`, and its memory is overwritten when it is
/// dropped. [`expose`](Self::expose) is the only way to the text, and easy to find in a review.
///
/// ```
/// use connect_core::config::Secret;
///
/// let secret = Secret::new("hunter2");
///
/// assert_eq!(format!("{secret:?}"), "[hidden]");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}
