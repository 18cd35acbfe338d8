//! What an opening bracket begins.

/// The beginning of a class at the start of a text, as our engine writes it, and what follows.
///
/// A bracket that would end the class before it has anything is a character of it, and what is a
/// name of a class here is a class of some characters there.
pub(super) fn open(text: &str) -> (&'static str, &str) {
    const BEGINNINGS: [(&str, &str); 4] = [
        ("[]", r"[\]"),
        ("[^]", r"[^\]"),
        ("[^", "[^"),
        ("[:", r"[\x3A"),
    ];
    let mut beginnings = BEGINNINGS.iter();
    let found = beginnings.find_map(|(begin, made)| Some((*made, text.strip_prefix(begin)?)));
    found.unwrap_or(("[", text.get(1..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_class_that_has_nothing() {
        assert_eq!(open("[]a]"), (r"[\]", "a]"));
        assert_eq!(open("[^]a]"), (r"[^\]", "a]"));
        assert_eq!(open("[^^]a]"), ("[^", "^]a]"));
        assert_eq!(open("[a]"), ("[", "a]"));
    }
}
