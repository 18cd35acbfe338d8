//! What a backslash begins.

/// Letters that mean something behind a backslash. The engine knows others, and the reference refuses
/// them.
const LETTERS: &str = "tnrfaexuNpPdDhHsSvVwWRXbBAGZzk";

/// What is neither a character nor a class of them behind a backslash, and refused in brackets.
const NO_CHARACTERS: &str = "123456789RXbBAGZzk";

const ILLEGAL: &str = "Illegal/unsupported escape sequence";

/// The escape at the start of a text, with the braces that belong to it, and what follows.
pub(super) fn escape(text: &str) -> (&str, &str) {
    let letter = text.chars().nth(1);
    let mut length = 1 + letter.map_or(0, char::len_utf8);
    let braces = text.get(length..).filter(|it| it.starts_with('{'));
    if let (Some('p' | 'P' | 'x' | 'N'), Some(braces)) = (letter, braces) {
        length += braces.find('}').map_or(0, |it| it + 1);
    }
    text.split_at(length)
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

/// The escape at the start of a text as our engine writes it, and what follows; `groups` have
/// numbers.
///
/// # Errors
/// What the reference says of it.
pub(super) fn translated_escape(text: &str, groups: u32) -> Result<(String, &str), &'static str> {
    let (escape, after) = escape(text);
    match escape.chars().nth(1) {
        Some('0') => octal(after),
        Some('c') => control(after),
        Some('1'..='9') => Ok(reference(text, groups)),
        Some(letter) if letter.is_ascii_alphabetic() => match LETTERS.contains(letter) {
            true => Ok((escape.to_owned(), after)),
            false => Err(ILLEGAL),
        },
        // Whoever writes comments writes blanks like this.
        Some(' ') => Ok((code(0x20), after)),
        Some(other) => {
            let mut buffer = [0; 4];
            let text = other.encode_utf8(&mut buffer);
            Ok((fancy_regex::escape(text).into_owned(), after))
        }
        None => Ok((escape.to_owned(), after)),
    }
}

fn code(character: u32) -> String {
    format!(r"\x{{{character:X}}}")
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

/// A reference to a group: as many digits as still name one. Nothing is like a group that is not
/// there.
fn reference(text: &str, groups: u32) -> (String, &str) {
    let mut rest = text.strip_prefix('\\').unwrap_or(text);
    let mut group = 0;
    while let Some(digit) = rest.chars().next().and_then(|it| it.to_digit(10)) {
        let longer = group * 10 + digit;
        if group > 0 && longer > groups {
            break;
        }
        (group, rest) = (longer, rest.get(1..).unwrap_or_default());
    }
    let made = match group > groups {
        true => "(?!)".to_owned(),
        // A digit may follow.
        false => format!(r"(?:\{group})"),
    };
    (made, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, &str), &'static str>) {
        let made = translated_escape(text, 1);
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
        check(r"\x74a", Ok((r"\x", "74a")));
    }

    #[test]
    fn references_to_no_group_match_nothing() {
        check(r"\1", Ok((r"(?:\1)", "")));
        check(r"\10", Ok((r"(?:\1)", "0")));
        check(r"\2a", Ok(("(?!)", "a")));
    }

    #[test]
    fn letters_mean_what_they_mean_there() {
        check(r"\K", Err("Illegal/unsupported escape sequence"));
        check(r"\<a", Ok(("<", "a")));
        check(r"\.", Ok((r"\.", "")));
        check(r"\ x", Ok((r"\x{20}", "x")));
    }
}
