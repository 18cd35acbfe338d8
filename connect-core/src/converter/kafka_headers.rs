//! Headers as a topic has them, for converters that need them.

use crate::data::{Blob, Text};

/// The headers of a record as they are in a topic: names and bytes, in order.
///
/// A converter with [`USES_HEADERS`](super::Converter::USES_HEADERS) sees them, and may add to those
/// of a record that it writes: the identifier of a schema, say.
///
/// ```
/// use connect_core::converter::KafkaHeaders;
/// use connect_core::data::Blob;
///
/// let mut headers = KafkaHeaders::new();
/// headers.add("schema", Some(Blob::from(&b"7"[..])));
///
/// assert_eq!(headers.last("schema").flatten().map(|it| &**it), Some(&b"7"[..]));
/// assert_eq!(headers.last("other"), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KafkaHeaders(Vec<(Text, Option<Blob>)>);

impl KafkaHeaders {
    /// No headers.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a header behind the others. A record may have several of one name.
    pub fn add(&mut self, name: impl Into<Text>, value: Option<Blob>) {
        self.0.push((name.into(), value));
    }

    /// All headers in order: the name, and the bytes unless they are null.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, Option<&Blob>)> {
        let entries = self.0.iter();
        entries.map(|(name, value)| (name.as_str(), value.as_ref()))
    }

    /// The value of the last header of a name; `None` if there is none of that name.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<Option<&Blob>> {
        let mut named = self.0.iter().rev().filter(|(it, _)| it.as_str() == name);
        named.next().map(|(_, value)| value.as_ref())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
