//! What the reference writes in another way than our engine: quotations, blanks, and classes by
//! their POSIX names. All of the rest is the same or refused by the engine.

/// Classes as the reference calls them, and the names that brackets give them here.
const CLASSES: [(&str, &str); 13] = [
    ("Lower", "lower"),
    ("Upper", "upper"),
    ("ASCII", "ascii"),
    ("Alpha", "alpha"),
    ("Digit", "digit"),
    ("Alnum", "alnum"),
    ("Punct", "punct"),
    ("Graph", "graph"),
    ("Print", "print"),
    ("Blank", "blank"),
    ("Cntrl", "cntrl"),
    ("XDigit", "xdigit"),
    ("Space", "space"),
];

/// The expression in the syntax of our engine.
pub(super) fn translate(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len());
    let mut rest = regex;
    while let Some(next) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix(r"\Q") {
            let (text, after) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
            out.push_str(&fancy_regex::escape(text));
            rest = after;
        } else if let Some((class, after)) = posix_class(rest) {
            out.push_str(&class);
            rest = after;
        } else if let Some(after) = rest.strip_prefix(r"\h") {
            out.push_str(r"[\t ]");
            rest = after;
        } else if let Some(after) = rest.strip_prefix(r"\H") {
            out.push_str(r"[^\t ]");
            rest = after;
        } else if next == '\\' {
            let mut pair = rest.chars();
            out.extend(pair.by_ref().take(2));
            rest = pair.as_str();
        } else {
            out.push(next);
            rest = rest.strip_prefix(next).unwrap_or_default();
        }
    }
    out
}

/// `\p{Lower}` or `\P{Lower}` at the start of a text, and what follows it. A class in brackets may
/// stand alone and in other brackets.
fn posix_class(text: &str) -> Option<(String, &str)> {
    let (negation, named) = match text.strip_prefix(r"\p{") {
        Some(named) => ("", named),
        None => ("^", text.strip_prefix(r"\P{")?),
    };
    let (name, after) = named.split_once('}')?;
    let (_, class) = CLASSES.iter().find(|(java, _)| *java == name)?;
    Some((format!("[[:{negation}{class}:]]"), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_escaped() {
        assert_eq!(translate(r"\Qa.b\E.*"), r"a\.b.*");
        assert_eq!(translate(r"\Q("), r"\(");
        assert_eq!(translate(r"\\Qx"), r"\\Qx");
    }

    #[test]
    fn blanks_are_no_hexadecimal_digits() {
        assert_eq!(translate(r"a\hb\H"), r"a[\t ]b[^\t ]");
        assert_eq!(translate(r"\\h"), r"\\h");
    }

    #[test]
    fn posix_classes_are_bracketed() {
        assert_eq!(translate(r"\p{Lower}+"), "[[:lower:]]+");
        assert_eq!(translate(r"[\P{Digit}_]"), "[[[:^digit:]]_]");
        assert_eq!(translate(r"\p{Lu}"), r"\p{Lu}");
    }
}
