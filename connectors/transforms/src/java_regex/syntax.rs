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

/// Classes that are of ASCII in the reference, and blanks, which have no letter here.
const LETTERS: [(&str, &str); 8] = [
    (r"\w", "[a-zA-Z0-9_]"),
    (r"\W", "[^a-zA-Z0-9_]"),
    (r"\d", "[0-9]"),
    (r"\D", "[^0-9]"),
    (r"\s", r"[\t\n\x0B\f\r ]"),
    (r"\S", r"[^\t\n\x0B\f\r ]"),
    (r"\h", r"[\t ]"),
    (r"\H", r"[^\t ]"),
];

/// The expression in the syntax of our engine.
///
/// # Errors
/// What the reference refuses and our engine would take for text.
pub(super) fn translate(regex: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(regex.len());
    let mut rest = regex;
    let mut open_classes = 0_usize;
    let groups = count_groups(regex);
    while let Some(next) = rest.chars().next() {
        match next {
            '[' => open_classes += 1,
            ']' => open_classes = open_classes.saturating_sub(1),
            '{' if open_classes == 0 => check_repetition(rest)?,
            '(' if open_classes == 0 => check_group(rest)?,
            _ => {}
        }
        if let Some(quoted) = rest.strip_prefix(r"\Q") {
            let (text, after) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
            out.push_str(&fancy_regex::escape(text));
            rest = after;
        } else if let Some((class, after)) = posix_class(rest) {
            out.push_str(&class);
            rest = after;
        } else if let Some((class, after)) = lettered_class(rest) {
            out.push_str(class);
            rest = after;
        } else if next == '\\' {
            let (escape, after) = escape(rest);
            let number = escape.chars().nth(1).and_then(|it| it.to_digit(10));
            match number {
                // Nothing is like a group that is not there.
                Some(group @ 1..) if group > groups => out.push_str("(?!)"),
                _ => out.push_str(escape),
            }
            rest = after;
        } else {
            out.push(next);
            rest = rest.strip_prefix(next).unwrap_or_default();
        }
    }
    Ok(out)
}

/// How many groups have numbers.
fn count_groups(regex: &str) -> u32 {
    let mut groups = 0;
    let mut rest = regex;
    while let Some(next) = rest.chars().next() {
        let length = match next {
            '\\' => escape(rest).0.len(),
            other => other.len_utf8(),
        };
        let named = rest.strip_prefix("(?<");
        let is_named = named.is_some_and(|it| it.starts_with(|it: char| it.is_ascii_alphabetic()));
        let is_group = next == '(' && (is_named || !rest.starts_with("(?"));
        groups += u32::from(is_group);
        rest = rest.get(length..).unwrap_or_default();
    }
    groups
}

/// The escape at the start of a text, with the braces that belong to it, and what follows.
fn escape(text: &str) -> (&str, &str) {
    let letter = text.chars().nth(1);
    let mut length = 1 + letter.map_or(0, char::len_utf8);
    let braces = text.get(length..).filter(|it| it.starts_with('{'));
    if let (Some('p' | 'P' | 'x' | 'N'), Some(braces)) = (letter, braces) {
        length += braces.find('}').map_or(0, |it| it + 1);
    }
    text.split_at(length)
}

/// Checks what begins with `{`: `{2}`, `{2,}` or `{2,3}`.
fn check_repetition(text: &str) -> Result<(), &'static str> {
    let inner = text.strip_prefix('{').and_then(|it| it.split_once('}'));
    let count = inner.map(|(count, _)| count);
    let (least, most) = match count.map(|it| it.split_once(',').unwrap_or((it, it))) {
        Some(bounds) if !bounds.0.is_empty() => bounds,
        _ => return Err("Illegal repetition"),
    };
    let number = |text: &str| text.parse::<u32>().map_err(|_| "Illegal repetition");
    match most.is_empty() || number(least)? <= number(most)? {
        true => number(least).map(drop),
        false => Err("Illegal repetition range"),
    }
}

/// Checks what begins with a group: its name, if it has one, begins with a letter.
fn check_group(text: &str) -> Result<(), &'static str> {
    let may_follow = |it: char| it.is_ascii_alphabetic() || it == '=' || it == '!';
    match text.strip_prefix("(?<") {
        Some(after) if !after.starts_with(may_follow) => {
            Err("capturing group name does not start with a Latin letter")
        }
        _ => Ok(()),
    }
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

/// The class that a letter stands for at the start of a text, and what follows it.
fn lettered_class(text: &str) -> Option<(&'static str, &str)> {
    let mut classes = LETTERS.iter();
    classes.find_map(|(letter, class)| Some((*class, text.strip_prefix(letter)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(regex: &str) -> String {
        translate(regex).unwrap()
    }

    #[test]
    fn what_our_engine_takes_for_text_is_refused() {
        for (regex, problem) in [
            ("x{", "Illegal repetition"),
            ("{a}", "Illegal repetition"),
            ("x{,2}", "Illegal repetition"),
            ("a{2,1}", "Illegal repetition range"),
            (
                "(?<1>a)",
                "capturing group name does not start with a Latin letter",
            ),
        ] {
            assert_eq!(translate(regex), Err(problem), "{regex}");
        }
        assert_eq!(
            translated(r"a{2}b{2,}c{2,3}\{[{]\p{Lu}"),
            r"a{2}b{2,}c{2,3}\{[{]\p{Lu}"
        );
    }

    #[test]
    fn references_to_no_group_match_nothing() {
        assert_eq!(translated(r"(a)(?<n>b)\1\2\3"), r"(a)(?<n>b)\1\2(?!)");
        assert_eq!(translated(r"\(?:a\1"), r"\(?:a(?!)");
    }

    #[test]
    fn quotations_are_escaped() {
        assert_eq!(translated(r"\Qa.b\E.*"), r"a\.b.*");
        assert_eq!(translated(r"\Q("), r"\(");
        assert_eq!(translated(r"\\Qx"), r"\\Qx");
    }

    #[test]
    fn blanks_are_no_hexadecimal_digits() {
        assert_eq!(translated(r"a\hb\H"), r"a[\t ]b[^\t ]");
        assert_eq!(translated(r"\\h"), r"\\h");
    }

    #[test]
    fn letters_and_digits_are_those_of_ascii() {
        assert_eq!(translated(r"\w+\D"), "[a-zA-Z0-9_]+[^0-9]");
        assert_eq!(translated(r"[\d.]"), "[[0-9].]");
        assert_eq!(translated(r"\\w"), r"\\w");
    }

    #[test]
    fn posix_classes_are_bracketed() {
        assert_eq!(translated(r"\p{Lower}+"), "[[:lower:]]+");
        assert_eq!(translated(r"[\P{Digit}_]"), "[[[:^digit:]]_]");
        assert_eq!(translated(r"\p{Lu}"), r"\p{Lu}");
    }
}
