//! Names as JSON objects have them.

/// How a name begins the member of a JSON object: in quotes, with a colon, and with a comma in front
/// unless the member is the first. Made once, because converters ask for every record.
#[derive(Clone, Debug)]
pub struct Member {
    text: Box<str>,
    /// The bytes that the text begins with. Most texts are no longer, and are copied without a call:
    /// the length is always the same.
    start: [u8; Self::SHORT],
}

impl Member {
    const SHORT: usize = 32;

    /// A name in a place of an object; none if anything of it would be escaped.
    pub(super) fn new(name: &str, place: usize) -> Option<Self> {
        let is_plain = |it: char| (' '..='\u{FFFF}').contains(&it) && !matches!(it, '"' | '\\');
        if !name.chars().all(is_plain) {
            return None;
        }
        let comma = if place == 0 { "" } else { "," };
        let text = format!("{comma}\"{name}\":");
        let mut start = [0; Self::SHORT];
        for (byte, from) in start.iter_mut().zip(text.bytes()) {
            *byte = from;
        }
        Some(Self {
            text: text.into(),
            start,
        })
    }

    /// The text.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Length of the text.
    #[must_use]
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "there are quotes at least")]
    pub const fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether bytes begin with the text. Of most texts two words, which may overlap, are all.
    #[must_use]
    #[inline]
    pub fn begins(&self, bytes: &[u8]) -> bool {
        let text = self.text.as_bytes();
        let Some(bytes) = bytes.get(..text.len()) else {
            return false;
        };
        match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            (first, last) if first.is_some() && text.len() <= 16 => {
                bytes.first_chunk() == first && bytes.last_chunk() == last
            }
            _ => bytes == text,
        }
    }

    /// Appends the text.
    #[inline]
    pub fn append_to(&self, out: &mut Vec<u8>) {
        if self.text.len() > Self::SHORT {
            out.extend_from_slice(self.text.as_bytes());
            return;
        }
        let end = out.len() + self.text.len();
        out.extend_from_slice(&self.start);
        out.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_all_lengths_are_appended() {
        for length in 0..40 {
            let name = "é".repeat(length);
            let member = Member::new(&name, 1).unwrap();
            let mut out = b"{".to_vec();

            member.append_to(&mut out);

            assert_eq!(out, format!("{{,\"{name}\":").as_bytes());
            assert_eq!(member.as_str(), format!(",\"{name}\":"));
            assert!(member.begins(&out[1..]));
            assert!(!member.begins(&out[1..out.len() - 1]));
            for place in 1..out.len() {
                out[place] ^= 1;
                assert!(!member.begins(&out[1..]));
                out[place] ^= 1;
            }
        }
    }

    #[test]
    fn names_with_something_to_escape_have_none() {
        for name in ["\"", "\\", "\n", "😀"] {
            assert!(Member::new(name, 0).is_none(), "{name}");
        }
    }
}
