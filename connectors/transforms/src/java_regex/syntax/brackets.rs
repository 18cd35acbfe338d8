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

/// Refuses what means something else to our engine: two hyphens in a row, and an intersection with
/// nothing. Looks at a text in brackets, or at the bracket that opens it.
///
/// # Errors
/// What is not taken.
pub(super) fn check(text: &str) -> Result<(), &'static str> {
    if text.starts_with("--") {
        return Err("two hyphens in a row in brackets are not supported: quote the second one");
    }
    let right = text.strip_prefix("&&");
    let is_beginning = text.starts_with("[&&") || text.starts_with("[^&&");
    match is_beginning || right.is_some_and(|it| it.starts_with([']', '&'])) {
        true => Err("nothing beside && in brackets is not supported"),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_our_engine_reads_in_another_way_is_refused() {
        for text in ["--]", "--x", "&&]", "&&&&a]", "[&&a]", "[^&&a]"] {
            assert!(check(text).is_err(), "{text}");
        }
        for text in ["-]", "-a-", "&&[a]]", "&]", "[a&&b]", "[]&&a]"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn nothing_ends_a_class_that_has_nothing() {
        assert_eq!(open("[]a]"), (r"[\]", "a]"));
        assert_eq!(open("[^]a]"), (r"[^\]", "a]"));
        assert_eq!(open("[^^]a]"), ("[^", "^]a]"));
        assert_eq!(open("[a]"), ("[", "a]"));
    }
}
