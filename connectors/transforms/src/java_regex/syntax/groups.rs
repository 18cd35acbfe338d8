//! What an opening parenthesis begins.

use std::collections::BTreeSet;

use super::{behind_comment, escapes};

/// What our engine does not hand to another one, which repeats groups in another way.
const KEPT: &str = "(?>)";

/// How deep groups may be nested, which is more than our engine takes.
const MAX_DEPTH: usize = 250;

/// The groups of an expression, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Groups {
    open: Vec<Open>,
    names: Vec<String>,
    /// How many have numbers.
    count: u32,
    /// Numbers that were referred to before they were there.
    missing: BTreeSet<u32>,
    has_comments: bool,
}

#[derive(Debug)]
struct Open {
    /// Where it was written, and where what is in it.
    begin: usize,
    inner: usize,
    is_look_around: bool,
    had_comments: bool,
}

impl Groups {
    /// How many have numbers so far.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// Whether blanks and comments are no part of the expression here.
    pub(super) fn has_comments(&self) -> bool {
        self.has_comments
    }

    /// Knows that a group is referred to.
    pub(super) fn refer(&mut self, group: u32) {
        if group > self.count {
            self.missing.insert(group);
        }
    }

    /// Writes the beginning of a group, or flags, and returns what follows.
    ///
    /// # Errors
    /// What the reference says of it.
    pub(super) fn open<'a>(
        &mut self,
        text: &'a str,
        out: &mut String,
    ) -> Result<&'a str, &'static str> {
        let begin = out.len();
        let had_comments = self.has_comments;
        let (made, after) = begin_of_group(text, &mut self.has_comments)?;
        out.push_str(&made);
        let name = name(text);
        self.count += u32::from(name.is_some() || made == "(");
        if let Some(name) = name {
            self.add_name(name)?;
        }
        if made.is_empty() || made.ends_with(')') {
            return Ok(after);
        }
        if self.open.len() == MAX_DEPTH {
            return Err("groups are nested too deep");
        }
        self.open.push(Open {
            begin,
            inner: out.len(),
            is_look_around: made.ends_with(['=', '!']),
            had_comments,
        });
        Ok(after)
    }

    fn add_name(&mut self, name: &str) -> Result<(), &'static str> {
        if self.names.iter().any(|it| it == name) {
            return Err("Named capturing group is already defined");
        }
        self.names.push(name.to_owned());
        Ok(())
    }

    /// Writes the end of a group, which `after` follows.
    ///
    /// # Errors
    /// When none is open.
    pub(super) fn close(&mut self, after: &str, out: &mut String) -> Result<(), &'static str> {
        let group = self.open.pop().ok_or("Unmatched closing ')'")?;
        self.has_comments = group.had_comments;
        let repetition = Repetition::of(after, self.has_comments);
        let inner = out.get(group.inner..).unwrap_or_default();
        match repetition {
            Some(_) if group.is_look_around => {
                // It may not be repeated alone.
                out.insert_str(group.begin, &format!("(?:{KEPT}"));
                out.push(')');
            }
            Some(Repetition::Possessive) => {
                // What each turn matched is final.
                out.insert_str(group.inner, "(?>");
                out.push(')');
            }
            Some(Repetition::Other) if self.has_comments || repeats_oddly(inner) => {
                out.insert_str(group.inner, KEPT);
            }
            Some(Repetition::Other) | None => {}
        }
        out.push(')');
        Ok(())
    }

    /// Ends the expression.
    ///
    /// # Errors
    /// When a group is open.
    pub(super) fn end(self, out: &mut String) -> Result<(), &'static str> {
        if !self.open.is_empty() {
            return Err("Unclosed group");
        }
        for group in self.missing.into_iter().filter(|it| *it > self.count) {
            escapes::forget(group, out);
        }
        Ok(())
    }
}

/// How often something may be there.
enum Repetition {
    /// As often as it can be, whatever follows.
    Possessive,
    Other,
}

impl Repetition {
    /// The one at the start of a text.
    fn of(text: &str, has_comments: bool) -> Option<Self> {
        let rest = match has_comments {
            true => behind_blanks(text),
            false => text,
        };
        let behind = match rest.strip_prefix('{') {
            Some(bounds) => bounds.split_once('}').map(|(_, behind)| behind)?,
            None => rest.strip_prefix(['*', '+', '?'])?,
        };
        Some(match behind.starts_with('+') {
            true => Self::Possessive,
            false => Self::Other,
        })
    }
}

/// What follows blanks and comments.
pub(super) fn behind_blanks(text: &str) -> &str {
    let mut rest = text.trim_start_matches(is_blank);
    while rest.starts_with('#') {
        rest = behind_comment(rest).trim_start_matches(is_blank);
    }
    rest
}

/// What is no part of an expression with comments.
fn is_blank(char: char) -> bool {
    matches!(char, '\t'..='\r' | ' ')
}

/// Whether engines differ about repetitions of it: it may match nothing, or as little as it can.
fn repeats_oddly(inner: &str) -> bool {
    let is_lazy = ["*?", "+?", "??", "}?"].iter().any(|it| inner.contains(it));
    // What goes beyond automata may be anything.
    let may_be_nothing =
        |it: regex_syntax::hir::Hir| it.properties().minimum_len().is_none_or(|it| it == 0);
    is_lazy || regex_syntax::parse(inner).map_or(true, may_be_nothing)
}

/// The name of the group that begins here.
fn name(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix("(?<")?.split_once('>')?;
    name.starts_with(|it: char| it.is_ascii_alphabetic())
        .then_some(name)
}

/// The beginning of a group with its name, or flags, as our engine writes them, and what follows. Flags
/// say whether comments follow.
fn begin_of_group<'a>(
    text: &'a str,
    has_comments: &mut bool,
) -> Result<(String, &'a str), &'static str> {
    let plain = |begin: &str| {
        let after = text.get(begin.len()..).unwrap_or_default();
        Ok((begin.to_owned(), after))
    };
    let Some(special) = text.strip_prefix("(?") else {
        return plain("(");
    };
    if let Some(name) = name(text) {
        return plain(&format!("(?<{name}>"));
    }
    if let Some(named) = special.strip_prefix('<') {
        return match named.chars().next() {
            Some('=') => plain("(?<="),
            Some('!') => plain("(?<!"),
            _ => Err("capturing group name does not start with a Latin letter"),
        };
    }
    match special.chars().next() {
        Some(kind @ (':' | '=' | '!' | '>')) => plain(&format!("(?{kind}")),
        _ => flags(special, has_comments),
    }
}

/// Flags up to a colon or a parenthesis: those of case and lines are the engine's, and the others
/// are about characters beyond ASCII.
fn flags<'a>(text: &'a str, has_comments: &mut bool) -> Result<(String, &'a str), &'static str> {
    let end = text.find([':', ')']).ok_or("Unknown inline modifier")?;
    let (letters, after) = text.split_at(end);
    if !letters.chars().all(|it| "idmsuxU-".contains(it)) {
        return Err("Unknown inline modifier");
    }
    let (on, off) = letters.split_once('-').unwrap_or((letters, ""));
    if letters.contains('x') {
        *has_comments = on.contains('x');
    }
    let kept = |letters: &str| -> String {
        let known = letters.chars().filter(|it| "imsx".contains(*it));
        known.collect()
    };
    let mut made = kept(on);
    let off = kept(off);
    if !off.is_empty() {
        made = format!("{made}-{off}");
    }
    Ok(match after.strip_prefix(')') {
        Some(after) if made.is_empty() => (made, after),
        Some(after) => (format!("(?{made})"), after),
        None => (format!("(?{made}:"), after.get(1..).unwrap_or_default()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(regex: &str) -> Result<String, &'static str> {
        super::super::translate(regex)
    }

    #[test]
    fn names_are_given_once() {
        assert_eq!(
            translated(r"(?<n>a)(?<m>b)"),
            Ok(r"(?<n>a)(?<m>b)".to_owned())
        );
        assert_eq!(
            translated("(?<n>a)(?<n>b)"),
            Err("Named capturing group is already defined")
        );
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth| translated(&format!("{}{}", "(a?".repeat(depth), ")*".repeat(depth)));

        assert!(nested(MAX_DEPTH).is_ok());
        assert_eq!(nested(100_000), Err("groups are nested too deep"));
    }

    #[test]
    fn groups_end() {
        assert_eq!(translated("(a"), Err("Unclosed group"));
        assert_eq!(translated("a)"), Err("Unmatched closing ')'"));
    }

    #[test]
    fn what_engines_repeat_in_other_ways_is_kept_from_one() {
        let check = |regex, expected: &str| assert_eq!(translated(regex), Ok(expected.to_owned()));

        check("(a*)*", "((?>)a*)*");
        check("(a+?)+", "((?>)a+?)+");
        check("(?x)(a |) # b\n {2}", "(?x)((?>)a |)  {2}");
        check(r"(a)(?:\1)*", r"(a)(?:(?>)(?:\1))*");
        check("(?:(?=a))*", "(?:(?>)(?=a))*");
        check("(?=a)*", "(?:(?>)(?=a))*");
        check("(a|b)*+", "((?>a|b))*+");
        check("(a+b?)*(a*)", "(a+b?)*(a*)");
    }

    #[test]
    fn flags_of_the_reference_are_known() {
        let begun = |text| {
            let begun = begin_of_group(text, &mut false);
            begun.map(|(made, after)| format!("{made} {after}"))
        };

        assert_eq!(begun("(?i)a"), Ok("(?i) a".to_owned()));
        assert_eq!(begun("(?iu-d:a)"), Ok("(?i: a)".to_owned()));
        assert_eq!(begun("(?s-i)a"), Ok("(?s-i) a".to_owned()));
        assert_eq!(begun("(?U)a"), Ok(" a".to_owned()));
        for unknown in ["(?P<n>a)", "(?#a)", "(?R)", "(?'n'a)", "(?(1)a)", "(?"] {
            assert_eq!(begun(unknown), Err("Unknown inline modifier"), "{unknown}");
        }
    }
}
