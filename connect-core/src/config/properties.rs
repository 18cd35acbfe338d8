//! The format of Java's properties files, read as Java reads it.

use std::iter::Peekable;

use super::Props;

/// A line that is not written as the format wants.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct SyntaxError {
    /// Number of the line, from 1; the first one of a continued line.
    pub line: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What can be wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// `\u` is not followed by four hexadecimal digits.
    #[error("Malformed \\uxxxx encoding. `{0}` lacks hexadecimal digits")]
    Escape(String),
    /// `\u` escapes form half a character.
    #[error("\\u escapes leave half of a surrogate pair")]
    Surrogate,
}

/// Parses the bytes of a properties file in ISO-8859-1, the encoding that such files have unless
/// somebody says otherwise.
///
/// # Errors
/// As for [`parse`].
pub fn parse_latin1(bytes: &[u8]) -> Result<Props, SyntaxError> {
    parse_chars(bytes.iter().copied().map(char::from))
}

/// Parses the text of a properties file.
///
/// Keys keep the order in which they appear first; of a repeated key the last value counts.
///
/// ```
/// use connect_core::config::{Props, properties};
///
/// let props = properties::parse("user = anna\n# and\npassword: \\u0078y")?;
///
/// assert_eq!(props, Props::from_iter([("user", "anna"), ("password", "xy")]));
/// # Ok::<_, properties::SyntaxError>(())
/// ```
///
/// # Errors
/// When a line is malformed; the first one is reported.
pub fn parse(text: &str) -> Result<Props, SyntaxError> {
    parse_chars(text.chars())
}

/// A key as it is written in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenKey {
    /// The key.
    pub name: String,
    /// Number of its line, from 1.
    pub line: usize,
    /// Number of its first character in that line, from 1.
    pub column: usize,
}

/// The keys of a properties file in ISO-8859-1, as often and in the order as they are written.
///
/// # Errors
/// As for [`parse_latin1`].
pub fn keys_latin1(bytes: &[u8]) -> Result<Vec<WrittenKey>, SyntaxError> {
    let mut keys = Vec::new();
    for line in lines(bytes.iter().copied().map(char::from)) {
        let (name, _) = line.entry()?;
        let (line, column) = (line.number, line.column);
        keys.push(WrittenKey { name, line, column });
    }
    Ok(keys)
}

fn parse_chars(chars: impl Iterator<Item = char>) -> Result<Props, SyntaxError> {
    let mut props = Props::default();
    for line in lines(chars) {
        let (key, value) = line.entry()?;
        props.insert(key, Some(value));
    }
    Ok(props)
}

/// A logical line: comments left out, continuations joined, escapes not yet resolved.
struct Line {
    number: usize,
    column: usize,
    text: Vec<char>,
}

impl Line {
    /// Key and value.
    fn entry(&self) -> Result<(String, String), SyntaxError> {
        let (key, value) = split(&self.text);
        let unescaped = |text| unescape(text).map_err(|problem| self.error(problem));
        Ok((unescaped(key)?, unescaped(value)?))
    }

    fn error(&self, problem: Problem) -> SyntaxError {
        SyntaxError {
            line: self.number,
            problem,
        }
    }
}

fn lines<I: Iterator<Item = char>>(chars: I) -> Lines<I> {
    Lines {
        chars: chars.peekable(),
        number: 1,
    }
}

struct Lines<I: Iterator<Item = char>> {
    chars: Peekable<I>,
    number: usize,
}

impl<I: Iterator<Item = char>> Iterator for Lines<I> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        loop {
            let column = self.skip_blanks() + 1;
            let number = self.number;
            match self.chars.peek()? {
                '#' | '!' => drop(self.rest_of_line()),
                '\r' | '\n' => self.end_line(),
                _ => {
                    let text = self.logical_line();
                    // A lone backslash continues into nothing and is no entry.
                    if !text.is_empty() {
                        return Some(Line {
                            number,
                            column,
                            text,
                        });
                    }
                }
            }
        }
    }
}

impl<I: Iterator<Item = char>> Lines<I> {
    fn logical_line(&mut self) -> Vec<char> {
        let mut text = self.rest_of_line();
        while ends_with_open_escape(&text) {
            text.pop();
            if self.chars.peek().is_none() {
                break;
            }
            self.skip_blanks();
            text.append(&mut self.rest_of_line());
        }
        text
    }

    /// Everything before the end of the line, which is consumed.
    fn rest_of_line(&mut self) -> Vec<char> {
        let mut text = Vec::new();
        while let Some(next) = self.chars.next_if(|it| !matches!(it, '\r' | '\n')) {
            text.push(next);
        }
        self.end_line();
        text
    }

    fn end_line(&mut self) {
        if self.chars.next() == Some('\r') {
            self.chars.next_if_eq(&'\n');
        }
        self.number += 1;
    }

    /// How many blanks there were.
    fn skip_blanks(&mut self) -> usize {
        std::iter::from_fn(|| self.chars.next_if(|it| is_blank(*it))).count()
    }
}

fn is_blank(it: char) -> bool {
    matches!(it, ' ' | '\t' | '\x0c')
}

fn ends_with_open_escape(text: &[char]) -> bool {
    let backslashes = text.iter().rev().take_while(|it| **it == '\\').count();
    backslashes % 2 == 1
}

/// Key and value, still escaped.
fn split(line: &[char]) -> (&[char], &[char]) {
    let mut escaped = false;
    let key_end = line.iter().position(|it| {
        let separates = !escaped && (is_blank(*it) || matches!(it, '=' | ':'));
        escaped = !escaped && *it == '\\';
        separates
    });
    let (key, rest) = line.split_at(key_end.unwrap_or(line.len()));
    let rest = trim_start(rest);
    let value = match rest.split_first() {
        Some(('=' | ':', value)) => trim_start(value),
        Some(_) | None => rest,
    };
    (key, value)
}

fn trim_start(text: &[char]) -> &[char] {
    let blanks = text.iter().take_while(|it| is_blank(**it)).count();
    text.get(blanks..).unwrap_or_default()
}

fn unescape(text: &[char]) -> Result<String, Problem> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut chars = text.iter().copied();
    while let Some(next) = chars.next() {
        let unescaped = match next {
            '\\' => match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\x0c',
                Some('u') => {
                    units.push(four_digits(&mut chars)?);
                    continue;
                }
                Some(other) => other,
                None => break,
            },
            plain => plain,
        };
        units.extend_from_slice(unescaped.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16(&units).map_err(|_| Problem::Surrogate)
}

fn four_digits(chars: &mut impl Iterator<Item = char>) -> Result<u16, Problem> {
    let digits: String = chars.take(4).collect();
    let is_complete = digits.len() == 4 && digits.chars().all(|it| it.is_ascii_hexdigit());
    let unit = u16::from_str_radix(&digits, 16)
        .ok()
        .filter(|_| is_complete);
    unit.ok_or_else(|| Problem::Escape(format!("\\u{digits}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let props = parse(text).unwrap();

        let entries: Vec<_> = props
            .iter()
            .map(|(key, value)| (key, value.unwrap()))
            .collect();
        assert_eq!(entries, expected);
    }

    #[track_caller]
    fn check_error(text: &str, message: &str) {
        assert_eq!(parse(text).unwrap_err().to_string(), message);
    }

    #[test]
    fn key_and_value_are_separated_by_equals_colon_or_blanks() {
        check(
            "a=1\nb:2\nc 3\nd\t=\t4\ne = : 5\nf",
            &[
                ("a", "1"),
                ("b", "2"),
                ("c", "3"),
                ("d", "4"),
                ("e", ": 5"),
                ("f", ""),
            ],
        );
    }

    #[test]
    fn separators_can_be_escaped_in_keys() {
        check(r"a\=b\:c\ d=e=f:g h", &[("a=b:c d", "e=f:g h")]);
    }

    #[test]
    fn comments_and_blank_lines_say_nothing() {
        check("# a=1\n  ! b=2\\\n\n \t\nc=3\n#", &[("c", "3")]);
    }

    #[test]
    fn blanks_after_a_value_belong_to_it() {
        check("a=1  \nb = 2\t\r\n", &[("a", "1  "), ("b", "2\t")]);
    }

    #[test]
    fn every_kind_of_line_end_counts() {
        check(
            "a=1\rb=2\r\nc=3\n\rd=4",
            &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")],
        );
    }

    #[test]
    fn odd_backslashes_at_the_end_continue_a_line() {
        check(
            "a=1,\\\n   2,\\\r\n\t3\nb=x\\\\\nc=y\\\\\\\nz",
            &[("a", "1,2,3"), ("b", "x\\"), ("c", "y\\z")],
        );
    }

    #[test]
    fn a_continuation_is_never_a_comment() {
        check(
            "a=1\\\n#2\nb=\\\n\nc=3",
            &[("a", "1#2"), ("b", ""), ("c", "3")],
        );
    }

    #[test]
    fn a_backslash_before_the_end_of_the_file_is_dropped() {
        check("a=1\\", &[("a", "1")]);
        check("a=1\n\\", &[("a", "1")]);
    }

    #[test]
    fn escapes_are_resolved() {
        check(
            r"a\tb=\u0041\u00e9\n\r\f\\\q\uD83D\uDE00",
            &[("a\tb", "A\u{e9}\n\r\u{c}\\q\u{1F600}")],
        );
    }

    #[test]
    fn bytes_are_latin_1_and_texts_any_characters() {
        let props = parse_latin1(b"a=\xe9\xff").unwrap();

        assert_eq!(props.get("a"), Some("\u{e9}\u{ff}"));
        check("a=\u{e9}\u{1F600}", &[("a", "\u{e9}\u{1F600}")]);
    }

    #[test]
    fn the_last_of_equal_keys_counts_in_the_place_of_the_first() {
        check("a=1\nb=2\na=3", &[("a", "3"), ("b", "2")]);
    }

    #[test]
    fn a_malformed_escape_is_reported_with_its_line() {
        check_error(
            "a=1\n\n# x\nb=\\u12g4",
            r"line 4: Malformed \uxxxx encoding. `\u12g4` lacks hexadecimal digits",
        );
        check_error(
            r"a=\u12",
            r"line 1: Malformed \uxxxx encoding. `\u12` lacks hexadecimal digits",
        );
        check_error(
            "a=1\\\n\\\nb\\u",
            r"line 1: Malformed \uxxxx encoding. `\u` lacks hexadecimal digits",
        );
        check_error(
            "a=1\nb\\uD83D=1",
            r"line 2: \u escapes leave half of a surrogate pair",
        );
    }
}
