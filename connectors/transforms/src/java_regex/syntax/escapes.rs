//! What a backslash begins.

use super::groups::Groups;

/// Letters that mean something behind a backslash. The engine knows others, and the reference refuses
/// them.
const LETTERS: &str = "tnrfaexuNpPdDhHsSvVwWRXbBAGZzk";

/// What is neither a character nor a class of them behind a backslash, and refused in brackets.
const NO_CHARACTERS: &str = "123456789RXbBAGZzk";

const ILLEGAL: &str = "Illegal/unsupported escape sequence";

/// What matches nowhere, and may be repeated.
const NOWHERE: &str = "(?:(?>)(?!))";

/// The escape at the start of a text, with the braces or digits that belong to it, and what follows.
pub(super) fn escape(text: &str) -> (&str, &str) {
    let letter = text.chars().nth(1);
    let length = 1 + letter.map_or(0, char::len_utf8);
    let behind = text.get(length..).unwrap_or_default();
    let more = match letter {
        Some('p' | 'P' | 'x' | 'N') if behind.starts_with('{') => {
            behind.find('}').map_or(0, |it| it + 1)
        }
        Some('p' | 'P') => behind.chars().next().map_or(0, char::len_utf8),
        Some('x') => 2.min(behind.len()),
        Some('u') => 4.min(behind.len()),
        _ => 0,
    };
    text.split_at_checked(length + more).unwrap_or((text, ""))
}

/// Checks an escape at the start of a text in brackets.
///
/// # Errors
/// What the reference says of it.
pub(super) fn check_in_class(text: &str) -> Result<(), &'static str> {
    let letter = text.strip_prefix('\\').and_then(|it| it.chars().next());
    match letter.is_some_and(|it| NO_CHARACTERS.contains(it)) {
        true => Err(ILLEGAL),
        false => Ok(()),
    }
}

/// Whether a text begins with an escape for a class of characters.
pub(super) fn is_class(text: &str) -> bool {
    let letter = text.strip_prefix('\\').and_then(|it| it.chars().next());
    letter.is_some_and(|it| "pPdDhHsSvVwW".contains(it))
}

/// The escape at the start of a text as our engine writes it, and what follows.
///
/// # Errors
/// What the reference says of it.
pub(super) fn translated<'a>(
    text: &'a str,
    groups: &mut Groups,
) -> Result<(String, &'a str), &'static str> {
    match text.chars().nth(1) {
        Some('1'..='9') => Ok(reference(text, groups)),
        _ => character(text),
    }
}

/// The character that is escaped at the start of a text as our engine writes it, and what follows.
///
/// # Errors
/// What the reference says of it.
pub(super) fn character(text: &str) -> Result<(String, &str), &'static str> {
    let (escape, after) = escape(text);
    match escape.chars().nth(1) {
        Some('0') => octal(after),
        Some('c') => control(after),
        Some('e') => Ok((code('\u{1B}'), after)),
        Some(letter) if letter.is_ascii_alphabetic() => match LETTERS.contains(letter) {
            true => Ok((escape.to_owned(), after)),
            false => Err(ILLEGAL),
        },
        Some(other) if other.is_ascii() => Ok((code(other), after)),
        Some(other) => Ok((other.to_string(), after)),
        None => Ok((escape.to_owned(), after)),
    }
}

/// A character by its number.
pub(super) fn code(character: impl Into<u32>) -> String {
    format!(r"\x{{{:X}}}", character.into())
}

/// One to three digits, of which a third follows only what is less than 4.
fn octal(text: &str) -> Result<(String, &str), &'static str> {
    let digits = text.chars().map_while(|it| it.to_digit(8)).take(3);
    let mut digits: Vec<u32> = digits.collect();
    match digits.first() {
        None => return Err("Illegal octal escape sequence"),
        Some(4..) => digits.truncate(2),
        Some(_) => {}
    }
    let number = digits.iter().fold(0, |number, digit| number * 8 + digit);
    Ok((code(number), text.get(digits.len()..).unwrap_or_default()))
}

fn control(text: &str) -> Result<(String, &str), &'static str> {
    let mut rest = text.chars();
    let letter = rest.next().ok_or("Illegal control escape sequence")?;
    Ok((code(u32::from(letter) ^ 64), rest.as_str()))
}

/// A reference to a group: as many digits as name one that has begun. One that begins later, or never,
/// has matched nothing yet.
fn reference<'a>(text: &'a str, groups: &mut Groups) -> (String, &'a str) {
    let mut rest = text.strip_prefix('\\').unwrap_or(text);
    let mut group = 0;
    while let Some(digit) = rest.chars().next().and_then(|it| it.to_digit(10)) {
        let longer = group * 10 + digit;
        if group > 0 && longer > groups.count() {
            break;
        }
        (group, rest) = (longer, rest.get(1..).unwrap_or_default());
    }
    groups.refer(group);
    // A digit may follow.
    (referring(group), rest)
}

fn referring(group: u32) -> String {
    format!(r"(?:\{group})")
}

/// Writes what matches nowhere in the place of references to a group that is not there.
pub(super) fn forget(group: u32, out: &mut String) {
    *out = out.replace(&referring(group), NOWHERE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, &str), &'static str>) {
        let mut groups = Groups::default();
        let opened = groups.open("(", &mut String::new());
        assert!(opened.is_ok());
        let made = translated(text, &mut groups);
        let expected = expected.map(|(made, rest)| (made.to_owned(), rest));
        assert_eq!(made, expected, "{text}");
    }

    #[test]
    fn characters_have_numbers() {
        check(r"\0164est", Ok((r"\x{74}", "est")));
        check(r"\0477", Ok((r"\x{27}", "7")));
        check(r"\08", Err("Illegal octal escape sequence"));
        check(r"\cAb", Ok((r"\x{1}", "b")));
        check(r"\c", Err("Illegal control escape sequence"));
        check(r"\x74a", Ok((r"\x74", "a")));
        check(r"\e", Ok((r"\x{1B}", "")));
    }

    #[test]
    fn references_take_the_digits_that_name_a_group() {
        check(r"\1", Ok((r"(?:\1)", "")));
        check(r"\10", Ok((r"(?:\1)", "0")));
        check(r"\2a", Ok((r"(?:\2)", "a")));
    }

    #[test]
    fn letters_mean_what_they_mean_there() {
        check(r"\K", Err("Illegal/unsupported escape sequence"));
        check(r"\<a", Ok((r"\x{3C}", "a")));
        check(r"\.", Ok((r"\x{2E}", "")));
        check(r"\ x", Ok((r"\x{20}", "x")));
    }
}
