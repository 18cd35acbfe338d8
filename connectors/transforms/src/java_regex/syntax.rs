//! What the reference writes in another way than our engine: quotations, escapes, flags, comments,
//! and classes by names. What only our engine knows is refused.

mod brackets;
mod escapes;
mod groups;

use connect_core::config::java_pattern;

use self::groups::Groups;

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
const LETTERS: [(&str, &str); 11] = [
    (r"\w", "[a-zA-Z0-9_]"),
    (r"\W", "[^a-zA-Z0-9_]"),
    (r"\d", "[0-9]"),
    (r"\D", "[^0-9]"),
    (r"\s", r"[\t\n\x0B\f\r ]"),
    (r"\S", r"[^\t\n\x0B\f\r ]"),
    (r"\h", r"[\t ]"),
    (r"\H", r"[^\t ]"),
    (r"\v", r"[\n\x0B\f\r\x{85}\x{2028}\x{2029}]"),
    (r"\V", r"[^\n\x0B\f\r\x{85}\x{2028}\x{2029}]"),
    (r"\X", r"(?>(?s:.)\p{M}*)"),
];

/// Classes that are asked of Java, and the properties that they are of.
const PROPERTIES: [(&str, &str); 5] = [
    ("javaLowerCase", "Lowercase"),
    ("javaUpperCase", "Uppercase"),
    ("javaAlphabetic", "Alphabetic"),
    ("javaLetter", "L"),
    ("javaDigit", "Nd"),
];

/// The expression in the syntax of our engine.
///
/// # Errors
/// What the reference refuses and our engine would not.
pub(super) fn translate(regex: &str) -> Result<String, &'static str> {
    let unquoted = java_pattern::unquoted(regex);
    let mut groups = Groups::default();
    let mut out = String::with_capacity(unquoted.len());
    let mut rest = &*unquoted;
    while let Some(next) = rest.chars().next() {
        let after = rest.strip_prefix(next).unwrap_or_default();
        if let Some((class, after)) = named_class(rest).or_else(|| lettered_class(rest)) {
            out.push_str(&class);
            rest = after;
            continue;
        }
        rest = match next {
            '(' => groups.open(rest, &mut out)?,
            ')' => {
                groups.close(after, &mut out)?;
                after
            }
            '[' => brackets::class(rest, groups.has_comments(), &mut out)?,
            '\\' => {
                let (made, after) = escapes::translated(rest, &mut groups)?;
                out.push_str(&made);
                after
            }
            '#' if groups.has_comments() => behind_comment(rest),
            other => {
                if other == '{' {
                    check_repetition(rest)?;
                }
                out.push(other);
                after
            }
        };
    }
    groups.end(&mut out)?;
    Ok(out)
}

/// What follows the line of a comment.
fn behind_comment(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, after)| after)
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

/// `\p{Lower}` or `\P{Lower}` at the start of a text, and what follows it. A class in brackets may
/// stand alone and in other brackets.
fn named_class(text: &str) -> Option<(String, &str)> {
    let (negation, named) = match text.strip_prefix(r"\p{") {
        Some(named) => ("", named),
        None => ("^", text.strip_prefix(r"\P{")?),
    };
    let (name, after) = named.split_once('}')?;
    if let Some((_, class)) = CLASSES.iter().find(|(java, _)| *java == name) {
        return Some((format!("[[:{negation}{class}:]]"), after));
    }
    let (_, property) = PROPERTIES.iter().find(|(java, _)| *java == name)?;
    Some((format!(r"[{negation}\p{{{property}}}]"), after))
}

/// The class that a letter stands for at the start of a text, and what follows it.
fn lettered_class(text: &str) -> Option<(String, &str)> {
    let mut classes = LETTERS.iter();
    let found = classes.find_map(|(letter, class)| Some((*class, text.strip_prefix(letter)?)));
    found.map(|(class, after)| (class.to_owned(), after))
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
            ("[|&&]", "nothing beside && in brackets is not supported"),
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
            r"a{2}b{2,}c{2,3}\x{7B}[\x{7B}]\p{Lu}"
        );
    }

    #[test]
    fn references_to_no_group_match_nothing() {
        assert_eq!(
            translated(r"(a)(?<n>b)\1\2\3"),
            r"(a)(?<n>b)(?:\1)(?:\2)(?:(?>)(?!))"
        );
        assert_eq!(translated(r"\(?:a\1"), r"\x{28}?:a(?:(?>)(?!))");
    }

    #[test]
    fn what_is_no_character_is_refused_in_brackets() {
        for regex in [
            r"[\5]",
            r"[^\9]",
            r"[a&&[\1]]",
            r"[{\5]",
            r"[\[\5]",
            r"[]\5]",
            r"[^]\5]",
            r"[a[]\5]]",
            r"[\b]",
            r"[\R]",
            r"[\X]",
            r"[\k<n>]",
        ] {
            let problem = Err("Illegal/unsupported escape sequence");
            assert_eq!(translate(regex), problem, "{regex}");
        }
        assert_eq!(
            translated(r"[a]\5\[\5\b[\012\f]"),
            r"[a](?:(?>)(?!))\x{5B}(?:(?>)(?!))\b[\x{A}\f]"
        );
    }

    #[test]
    fn quotations_are_escaped() {
        assert_eq!(translated(r"\Qa.b\E.*"), r"a\x{2E}b.*");
        assert_eq!(translated(r"\Q("), r"\x{28}");
        assert_eq!(translated(r"\\Qx"), r"\x{5C}Qx");
        assert_eq!(translated(r"[\Qa-z\E]"), r"[a\x{2D}z]");
    }

    #[test]
    fn blanks_are_no_hexadecimal_digits() {
        assert_eq!(translated(r"a\hb\H"), r"a[\t ]b[^\t ]");
        assert_eq!(translated(r"\\h"), r"\x{5C}h");
    }

    #[test]
    fn letters_and_digits_are_those_of_ascii() {
        assert_eq!(translated(r"\w+\D"), "[a-zA-Z0-9_]+[^0-9]");
        assert_eq!(translated(r"[\d.]"), r"[[0-9]\x{2E}]");
        assert_eq!(translated(r"\\w"), r"\x{5C}w");
    }

    #[test]
    fn comments_end_with_their_line() {
        assert_eq!(translated("(?x)a # (b\nc#d"), "(?x)a c");
        assert_eq!(translated("(?x)[a #]\n]"), "(?x)[a]");
        assert_eq!(translated("a#b"), "a#b");
    }

    #[test]
    fn brackets_hold_no_names() {
        assert_eq!(translated("[[:alpha:]]"), r"[[\x{3A}alpha\x{3A}]]");
        assert_eq!(translated("[:]"), r"[\x{3A}]");
    }

    #[test]
    fn groups_in_brackets_are_none() {
        assert_eq!(
            translated(r"[](](a)\1\2"),
            r"[\x{5D}\x{28}](a)(?:\1)(?:(?>)(?!))"
        );
        assert_eq!(translated(r"[](]{2}"), r"[\x{5D}\x{28}]{2}");
        assert_eq!(translated(r"[]{x]"), r"[\x{5D}\x{7B}x]");
        assert_eq!(translated(r"[~~a]~~"), r"[\x{7E}\x{7E}a]~~");
    }

    #[test]
    fn posix_classes_are_bracketed() {
        assert_eq!(translated(r"\p{Lower}+"), "[[:lower:]]+");
        assert_eq!(translated(r"[\P{Digit}_]"), r"[[[:^digit:]]\x{5F}]");
        assert_eq!(translated(r"\p{Lu}"), r"\p{Lu}");
        assert_eq!(translated(r"\p{javaLowerCase}"), r"[\p{Lowercase}]");
        assert_eq!(translated(r"\P{javaDigit}"), r"[^\p{Nd}]");
    }
}
