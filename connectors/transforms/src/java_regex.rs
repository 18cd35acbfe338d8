//! Regular expressions as users of the reference write them.

use std::fmt::Display;
use std::mem;

use connect_core::config::{ConfigType, ConfigValue, Unit, ValueError, java_pattern};
use connect_core::{ConnectError, Result};
use fancy_regex::{Captures, Regex, RegexBuilder};

mod syntax;

/// A regular expression with look-around, back-references, and possessive and atomic groups.
#[derive(Clone, Debug)]
pub struct JavaRegex {
    /// As it was written.
    text: String,
    /// Finds it anywhere in a text.
    anywhere: Regex,
    /// Finds it only if it is all of a text.
    whole: Regex,
}

impl JavaRegex {
    /// Whether it is all of a text.
    pub(crate) fn matches_whole(&self, text: &str) -> Result<bool> {
        self.whole.is_match(text).map_err(too_complex)
    }

    /// The first place in a text where it is found.
    pub(crate) fn find<'t>(&self, text: &'t str) -> Result<Option<Captures<'t, str>>> {
        self.anywhere.captures(text).map_err(too_complex)
    }

    /// How many groups it has, apart from all of it.
    pub(crate) fn group_count(&self) -> usize {
        self.anywhere.captures_len() - 1
    }

    /// The number of the group with this name.
    pub(crate) fn group_named(&self, name: &str) -> Option<usize> {
        let names = self.anywhere.capture_names();
        names.into_iter().position(|it| it == Some(name))
    }
}

/// An expression of our engine as it stands. Not optimised by it: that turns `x*a??x*` into `x*(?:a+?x*)?`, which prefers
/// other matches.
fn compiled(expression: &str) -> Result<Regex, ValueError> {
    let compiled = RegexBuilder::new(expression).optimize(false).build();
    compiled.map_err(|it| invalid(&it))
}

fn invalid(problem: &impl Display) -> ValueError {
    ValueError::new(format!("Invalid regex: {problem}"))
}

fn too_complex(error: fancy_regex::Error) -> ConnectError {
    ConnectError::data("a topic cannot be matched against the regular expression").caused_by(error)
}

impl ConfigValue for JavaRegex {
    fn valid_values() -> Option<String> {
        Some("valid regex".to_owned())
    }

    fn kind(unit: Unit) -> ConfigType {
        String::kind(unit)
    }

    /// What Java says of it.
    fn null_mistake() -> Option<ValueError> {
        Some(ValueError::new(
            "Invalid regex: Cannot invoke \"String.isEmpty()\" because \"this.pattern\" is null",
        ))
    }

    fn parse_text(text: &str, _: Unit) -> Result<Self, ValueError> {
        if let Some(mistake) = java_pattern::mistake(text) {
            return Err(invalid(&mistake));
        }
        let translated = syntax::translate(text).map_err(|it| invalid(&it))?;
        Ok(Self {
            text: text.to_owned(),
            anywhere: compiled(&translated)?,
            whole: compiled(&format!(r"\A(?:{translated})\z"))?,
        })
    }

    fn to_text(&self, _: Unit) -> Option<String> {
        Some(self.text.clone())
    }
}

/// What takes the place of a match: text, and groups of the match.
#[derive(Debug)]
pub(crate) struct Replacement(Vec<Part>);

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Group(usize),
}

impl Replacement {
    /// Reads `$1`, `${name}`, and backslashes that quote a character.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str, regex: &JavaRegex) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text.chars();
        while let Some(char) = rest.next() {
            let group = match char {
                '\\' => {
                    literal.push(rest.next().ok_or("character to be escaped is missing")?);
                    continue;
                }
                '$' => {
                    let (group, after) = group(rest.as_str(), regex)?;
                    rest = after.chars();
                    group
                }
                other => {
                    literal.push(other);
                    continue;
                }
            };
            if !literal.is_empty() {
                parts.push(Part::Text(mem::take(&mut literal)));
            }
            parts.push(Part::Group(group));
        }
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self(parts))
    }

    /// The text with its first match replaced. A group that took no part counts as empty.
    pub(crate) fn apply(&self, text: &str, found: &Captures<'_, str>) -> String {
        let group = |index| found.get(index).map_or("", |it| it.as_str());
        let (before, after) = match found.get(0) {
            Some(all) => (text.get(..all.start()), text.get(all.end()..)),
            None => (Some(text), None),
        };
        let mut out = before.unwrap_or_default().to_owned();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Group(index) => out.push_str(group(*index)),
            }
        }
        out.push_str(after.unwrap_or_default());
        out
    }
}

/// The group that is named after a dollar sign, and what follows the name.
fn group<'a>(text: &'a str, regex: &JavaRegex) -> Result<(usize, &'a str), String> {
    if let Some(named) = text.strip_prefix('{') {
        return named_group(named, regex);
    }
    let digit = |text: &str| text.chars().next()?.to_digit(10);
    let after_first = |text: &'a str| text.get(1..).unwrap_or_default();
    if text.is_empty() {
        return Err("Illegal group reference: group index is missing".to_owned());
    }
    let mut number = digit(text).ok_or("Illegal group reference")? as usize;
    let mut rest = after_first(text);
    // As many digits as still name a group.
    while let Some(next) = digit(rest) {
        let longer = number * 10 + next as usize;
        if longer > regex.group_count() {
            break;
        }
        (number, rest) = (longer, after_first(rest));
    }
    if number > regex.group_count() {
        return Err(format!("No group {number}"));
    }
    Ok((number, rest))
}

fn named_group<'a>(text: &'a str, regex: &JavaRegex) -> Result<(usize, &'a str), String> {
    let name = text.split(|it: char| !it.is_ascii_alphanumeric()).next();
    let name = name.unwrap_or_default();
    let after = text.strip_prefix(name).and_then(|it| it.strip_prefix('}'));
    let after = after
        .filter(|_| !name.is_empty())
        .ok_or("named capturing group is missing trailing '}'")?;
    if name.starts_with(|it: char| it.is_ascii_digit()) {
        return Err(format!(
            "capturing group name {{{name}}} starts with digit character"
        ));
    }
    let group = regex.group_named(name);
    let group = group.ok_or_else(|| format!("No group with name {{{name}}}"))?;
    Ok((group, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regex(text: &str) -> JavaRegex {
        JavaRegex::parse_text(text, Unit::None).unwrap()
    }

    #[track_caller]
    fn check(pattern: &str, text: &str, replacement: &str, expected: Result<&str, &str>) {
        let regex = regex(pattern);
        let found = regex.find(text).unwrap().unwrap();
        let replaced = Replacement::parse(replacement, &regex).map(|it| it.apply(text, &found));
        assert_eq!(replaced, expected.map(str::to_owned).map_err(str::to_owned));
    }

    #[test]
    fn replacements_name_groups() {
        check("(a)(b)", "xaby", "$2$1", Ok("xbay"));
        check("(a)", "a", "$12", Ok("a2"));
        check("(?<n>a)", "a", "<${n}>", Ok("<a>"));
        check("a", "a", r"\$1\\", Ok(r"$1\"));
    }

    #[test]
    fn wrong_replacements_are_refused() {
        check("a", "a", "$1", Err("No group 1"));
        check("a", "a", "$x", Err("Illegal group reference"));
        check(
            "a",
            "a",
            "$",
            Err("Illegal group reference: group index is missing"),
        );
        check("a", "a", "${y}", Err("No group with name {y}"));
        check(
            "a",
            "a",
            "${1}",
            Err("capturing group name {1} starts with digit character"),
        );
        check(
            "a",
            "a",
            "${",
            Err("named capturing group is missing trailing '}'"),
        );
        check("a", "a", r"\", Err("character to be escaped is missing"));
    }

    #[test]
    fn features_beyond_automata_are_there() {
        assert!(regex(r"(\w)\1").matches_whole("aa").unwrap());
        assert!(regex("(?!x).*").matches_whole("ab").unwrap());
        assert!(!regex("a*+a").matches_whole("aaa").unwrap());
        assert!(!regex("(?>a|ab)c").matches_whole("abc").unwrap());
        assert!(regex("[a-z&&[^b]]+").matches_whole("ac").unwrap());
        assert!(regex("[]a]").matches_whole("]").unwrap());
        assert!(!regex("[^]a]").matches_whole("]").unwrap());
        assert!(!regex("a|ab").matches_whole("abc").unwrap());
        assert!(regex("a|ab").matches_whole("ab").unwrap());
    }

    /// Engines differ about repetitions of what may be empty or is as short as it can be; one gave up
    /// after the first letter.
    #[test]
    fn repetitions_are_those_of_java() {
        for pattern in [r"(\S+?)*+[a-e]*+2??", r"(([^-]+?)*+){1,3}", "(t??e?)*st"] {
            assert!(regex(pattern).matches_whole("test").unwrap(), "{pattern}");
        }
        check("(2{1,3}|a*)+b", "2ab", "<$1>", Ok("<>"));
        // Each turn of a possessive one is final.
        assert!(!regex("(?:a?b?){2}+b").matches_whole("abb").unwrap());
        assert!(regex("(?:(?=t))*test").matches_whole("test").unwrap());
    }

    /// Our engine rewrote three repetitions in a row, so that the one in the middle came too early.
    #[test]
    fn repetitions_in_a_row_are_taken_in_their_order() {
        check("x*a??x*", "aaa", "<$0>", Ok("<>aaa"));
        check("a*(?:aay)?a+", "aaaya", "<$0>", Ok("<aaa>ya"));
        check("a{1,2}(aay)?a{1,2}", "aaaya", "<$0$1>", Ok("<aaa>ya"));
        assert!(
            !regex("((?:[^-]*?x*[^-]*?x*)*)*+")
                .matches_whole("abab")
                .unwrap()
        );
    }

    #[test]
    fn marks_in_brackets_are_characters() {
        assert!(regex(r"}5[é\- }]").matches_whole("}5-").unwrap());
        assert!(regex("[+--]+").matches_whole("+,-").unwrap());
        assert!(JavaRegex::parse_text(r"[5-\w]", Unit::None).is_err());
    }
}
