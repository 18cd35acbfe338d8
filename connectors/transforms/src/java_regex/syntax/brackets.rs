//! Classes of characters in brackets.

use super::escapes::{self, code};
use super::groups::behind_blanks;
use super::{lettered_class, named_class};

const UNCLOSED: &str = "Unclosed character class";

/// Writes the class at the start of a text as our engine knows it, and returns what follows.
///
/// Each character of it is written by its number where it could mean something. What our engine would
/// read in another way is refused: an intersection with nothing.
///
/// # Errors
/// What the reference says of it.
pub(super) fn class<'a>(
    text: &'a str,
    has_comments: bool,
    out: &mut String,
) -> Result<&'a str, &'static str> {
    // Whether there is something in each of the open brackets.
    let mut filled: Vec<bool> = Vec::new();
    let mut rest = text;
    loop {
        if has_comments {
            rest = behind_blanks(rest);
        }
        if let Some(after) = rest.strip_prefix('[') {
            let (begin, after) = match after.strip_prefix('^') {
                Some(after) => ("[^", after),
                None => ("[", after),
            };
            out.push_str(begin);
            filled.push(false);
            rest = after;
            continue;
        }
        let is_filled = filled.last_mut().ok_or(UNCLOSED)?;
        match rest.strip_prefix(']') {
            // One that would end a class of nothing is a character of it.
            Some(after) if *is_filled => {
                out.push(']');
                filled.pop();
                match filled.last_mut() {
                    Some(outer) => *outer = true,
                    None => return Ok(after),
                }
                rest = after;
                continue;
            }
            _ => {}
        }
        if let Some(right) = rest.strip_prefix("&&") {
            if !*is_filled || right.starts_with([']', '&']) {
                return Err("nothing beside && in brackets is not supported");
            }
            out.push_str("&&");
            rest = right;
            continue;
        }
        *is_filled = true;
        rest = item(rest, out)?;
    }
}

/// Writes a character, a range or a class with a name, and returns what follows.
fn item<'a>(text: &'a str, out: &mut String) -> Result<&'a str, &'static str> {
    escapes::check_in_class(text)?;
    if let Some((class, after)) = named_class(text).or_else(|| lettered_class(text)) {
        out.push_str(&class);
        return Ok(after);
    }
    if escapes::is_class(text) {
        let (class, after) = escapes::escape(text);
        out.push_str(class);
        return Ok(after);
    }
    let after = character(text, out)?;
    match after.strip_prefix('-') {
        Some(end) if escapes::is_class(end) => Err("Illegal character range"),
        Some(end) if !end.starts_with(['[', ']']) => {
            escapes::check_in_class(end)?;
            out.push('-');
            character(end, out)
        }
        Some(_) | None => Ok(after),
    }
}

/// Writes a character, and returns what follows.
fn character<'a>(text: &'a str, out: &mut String) -> Result<&'a str, &'static str> {
    let next = text.chars().next().ok_or(UNCLOSED)?;
    if next == '\\' {
        let (made, after) = escapes::character(text)?;
        out.push_str(&made);
        return Ok(after);
    }
    match next.is_ascii_alphanumeric() || !next.is_ascii() {
        true => out.push(next),
        false => out.push_str(&code(next)),
    }
    Ok(text.strip_prefix(next).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, &str), &'static str>) {
        let mut made = String::new();
        let rest = class(text, false, &mut made);
        assert_eq!(rest.map(|rest| (made.as_str(), rest)), expected, "{text}");
    }

    #[test]
    fn nothing_beside_an_intersection_is_refused() {
        let refused = "nothing beside && in brackets is not supported";
        for text in ["[a&&]", "[a&&&&b]", "[&&a]", "[^&&a]"] {
            check(text, Err(refused));
        }
        check("[a&&[^b]]x", Ok(("[a&&[^b]]", "x")));
        check("[]&&a]", Ok((r"[\x{5D}&&a]", "")));
        check("[a&]", Ok((r"[a\x{26}]", "")));
    }

    #[test]
    fn nothing_ends_a_class_that_has_nothing() {
        check("[]a]", Ok((r"[\x{5D}a]", "")));
        check("[^]a]", Ok((r"[^\x{5D}a]", "")));
        check("[^^]a]", Ok((r"[^\x{5E}]", "a]")));
        check("[a", Err(UNCLOSED));
    }

    #[test]
    fn hyphens_are_characters_where_they_make_no_range() {
        check("[a-]", Ok((r"[a\x{2D}]", "")));
        check("[a-[b]]", Ok((r"[a\x{2D}[b]]", "")));
        check(r"[\w-z]", Ok((r"[[a-zA-Z0-9_]\x{2D}z]", "")));
        check(r"[a\-z]", Ok((r"[a\x{2D}z]", "")));
        check("[+--]", Ok((r"[\x{2B}-\x{2D}]", "")));
        check(r"[5-\w]", Err("Illegal character range"));
        check(r"[a-\t]", Ok((r"[a-\t]", "")));
    }

    #[test]
    fn what_is_not_a_character_is_refused() {
        check(r"[\b]", Err("Illegal/unsupported escape sequence"));
        check(r"[\1]", Err("Illegal/unsupported escape sequence"));
        check(r"[a-\b]", Err("Illegal/unsupported escape sequence"));
        check(r"[a-\p{L}]", Err("Illegal character range"));
    }
}
