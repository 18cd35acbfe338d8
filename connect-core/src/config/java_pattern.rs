//! What the reference says of a regular expression that is malformed.
//!
//! Only the mistakes that people make are told as Java tells them: groups and classes that are not
//! closed, repetitions of nothing or of a wrong form, names and switches of groups, escapes.

use std::borrow::Cow;
use std::fmt::Display;

/// Letters that mean something behind a backslash, apart from those that say what follows them.
const ESCAPES: &str = "tnrfaeNdDhHsSvVwWRXbBAGZz";

/// What is neither a character nor a class of them behind a backslash, and refused in brackets.
const NO_CHARACTERS: &str = "123456789RXbBAGZzk";

/// What is no single character behind a backslash, and so ends no range.
const CLASSES: &str = "dDhHsSvVwW";

/// The character that is meant by one behind a backslash, unless it is meant by its number.
const fn meant(escaped: char) -> Option<char> {
    Some(match escaped {
        't' => '\t',
        'n' => '\n',
        'r' => '\r',
        'f' => '\u{c}',
        'a' => '\u{7}',
        'e' => '\u{1b}',
        _ if escaped.is_ascii_alphanumeric() => return None,
        itself => itself,
    })
}

/// What the reference says of a regular expression that was refused, or what was said of it here.
#[must_use]
pub fn mistake_or(pattern: &str, error: &impl Display) -> String {
    mistake(pattern).unwrap_or_else(|| error.to_string())
}

/// What the reference says of the first mistake of a regular expression, with the place; `None` when
/// there is none that is known here.
#[must_use]
pub fn mistake(pattern: &str) -> Option<String> {
    let chars: Vec<char> = unquoted(pattern).chars().collect();
    let mut scanner = Scanner {
        chars: &chars,
        at: 0,
        names: Vec::new(),
        open_groups: 0,
        can_repeat: false,
    };
    let (description, index) = scanner.run().err()?;
    let Some(index) = index else {
        return Some(format!("{description}\n{pattern}"));
    };
    let mut text = format!("{description} near index {index}\n{pattern}");
    if index < pattern.encode_utf16().count() {
        text.push('\n');
        text.push_str(&" ".repeat(index));
        text.push('^');
    }
    Some(text)
}

/// The expression with a backslash before each mark that is quoted by `\Q` and `\E`.
#[must_use]
pub fn unquoted(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains(r"\Q") {
        return Cow::Borrowed(pattern);
    }
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let Some(quoted) = escape.strip_prefix(r"\Q") else {
            // An escaped backslash begins nothing.
            let length = 1 + escape.chars().nth(1).map_or(0, char::len_utf8);
            let (escape, after) = escape.split_at(length);
            out.push_str(escape);
            rest = after;
            continue;
        };
        let (text, after) = quoted.split_once(r"\E").unwrap_or((quoted, ""));
        for char in text.chars() {
            if !char.is_ascii_alphanumeric() {
                out.push('\\');
            }
            out.push(char);
        }
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A description, and an index if there is a place for it.
type Mistake = (String, Option<usize>);

fn at(description: &str, index: usize) -> Mistake {
    (description.to_owned(), Some(index))
}

struct Scanner<'a> {
    chars: &'a [char],
    at: usize,
    /// Names of groups so far.
    names: Vec<String>,
    open_groups: usize,
    /// Whether something stands before that can be repeated.
    can_repeat: bool,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take_if(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        let is_wanted = self.peek().is_some_and(wanted);
        self.at += usize::from(is_wanted);
        is_wanted
    }

    fn run(&mut self) -> Result<(), Mistake> {
        while let Some(char) = self.peek() {
            let place = self.at;
            self.at += 1;
            match char {
                '\\' => drop(self.escape(false)?),
                '[' => self.class()?,
                '(' => self.group()?,
                ')' if self.open_groups == 0 => {
                    return Err(("Unmatched closing ')'".to_owned(), place.checked_sub(1)));
                }
                ')' => {
                    self.open_groups -= 1;
                    self.can_repeat = true;
                }
                '|' => self.can_repeat = false,
                '*' | '+' | '?' if !self.can_repeat => {
                    return Err(at(&format!("Dangling meta character '{char}'"), place));
                }
                '*' | '+' | '?' => self.end_repetition(),
                '{' => self.counted()?,
                _ => self.can_repeat = true,
            }
        }
        match self.open_groups {
            0 => Ok(()),
            _ => Err(at("Unclosed group", self.chars.len())),
        }
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<Option<char>, Mistake> {
        let char = self.peek();
        let place = self.at;
        self.at += 1;
        self.can_repeat = true;
        let illegal = Err(at("Illegal/unsupported escape sequence", place));
        match char {
            None if in_class => return Ok(None),
            None if self.open_groups > 0 => return Err(at("Unclosed group", place + 1)),
            None => return Err(at("Unexpected internal error", place)),
            Some(letter) if in_class && NO_CHARACTERS.contains(letter) => return illegal,
            Some('0') => self.octal()?,
            Some('c') if self.peek().is_none() => {
                return Err(at("Illegal control escape sequence", place));
            }
            Some('c') => self.at += 1,
            Some('x') => self.hexadecimal()?,
            Some('u') => self.hex_digits(4, "Illegal Unicode escape sequence")?,
            Some('p' | 'P') => self.family()?,
            Some('k') => self.named_reference()?,
            Some(letter) if letter.is_ascii_alphabetic() && !ESCAPES.contains(letter) => {
                return illegal;
            }
            Some(_) => {}
        }
        Ok(char.and_then(meant))
    }

    /// One to three digits, of which a third follows only what is less than 4.
    fn octal(&mut self) -> Result<(), Mistake> {
        let is_octal = |it| ('0'..='7').contains(&it);
        let is_short = self.peek().is_some_and(|it| it > '3');
        if !self.take_if(is_octal) {
            return Err(at("Illegal octal escape sequence", self.at));
        }
        _ = self.take_if(is_octal) && !is_short && self.take_if(is_octal);
        Ok(())
    }

    fn hex_digits(&mut self, count: usize, problem: &str) -> Result<(), Mistake> {
        for _ in 0..count {
            if !self.take_if(|it| it.is_ascii_hexdigit()) {
                return Err(at(problem, self.at));
            }
        }
        Ok(())
    }

    /// Two digits, or some in braces.
    fn hexadecimal(&mut self) -> Result<(), Mistake> {
        const ILLEGAL: &str = "Illegal hexadecimal escape sequence";

        let second = self.chars.get(self.at + 1);
        if self.peek() != Some('{') || !second.is_some_and(char::is_ascii_hexdigit) {
            return self.hex_digits(2, ILLEGAL);
        }
        self.at += 1;
        let mut code = 0;
        while let Some(digit) = self.peek().and_then(|it| it.to_digit(16)) {
            code = code * 16 + digit;
            if code > u32::from(char::MAX) {
                return Err(at("Hexadecimal codepoint is too big", self.at));
            }
            self.at += 1;
        }
        match self.take_if(|it| it == '}') {
            true => Ok(()),
            false => Err(at("Unclosed hexadecimal escape sequence", self.at)),
        }
    }

    /// The name of a class: a letter, or more in braces.
    fn family(&mut self) -> Result<(), Mistake> {
        let place = self.at;
        let letter = self.peek().unwrap_or('\0');
        self.at += 1;
        match letter {
            'C' | 'L' | 'M' | 'N' | 'P' | 'S' | 'Z' => return Ok(()),
            '{' => {}
            _ => {
                let problem = format!("Unknown character property name {{{letter}}}");
                return Err(at(&problem, place));
            }
        }
        let rest = self.chars.get(self.at..).unwrap_or_default();
        match rest.iter().position(|it| *it == '}') {
            None => Err(at("Unclosed character family", self.chars.len())),
            Some(0) => Err(at("Empty character family", self.at)),
            Some(end) => {
                self.at += end + 1;
                Ok(())
            }
        }
    }

    fn named_reference(&mut self) -> Result<(), Mistake> {
        if !self.take_if(|it| it == '<') {
            let problem = "\\k is not followed by '<' for named capturing group";
            return Err(at(problem, self.at));
        }
        let name = self.group_name()?;
        if self.names.contains(&name) {
            return Ok(());
        }
        let problem = format!("named capturing group <{name}> does not exist");
        Err(at(&problem, self.at - 1))
    }

    /// What follows an opening bracket. The first character closes nothing.
    fn class(&mut self) -> Result<(), Mistake> {
        self.take_if(|it| it == '^');
        let mut first = vec![self.at];
        while let Some(&begin) = first.last() {
            let place = self.at;
            let unclosed = || at("Unclosed character class", place - 1);
            let char = self.peek().ok_or_else(unclosed)?;
            self.at += 1;
            match char {
                '\\' => {
                    let begins = self
                        .peek()
                        .is_some_and(|it| !CLASSES.contains(it) && !"pP".contains(it));
                    let char = self.escape(true)?;
                    if begins {
                        self.range(char)?;
                    }
                }
                '[' => {
                    self.take_if(|it| it == '^');
                    first.push(self.at);
                }
                ']' if place > begin => drop(first.pop()),
                _ => self.range(Some(char))?,
            }
        }
        self.can_repeat = true;
        Ok(())
    }

    /// The end of a range, if a character begins one that is known here.
    fn range(&mut self, start: Option<char>) -> Result<(), Mistake> {
        if self.peek() != Some('-') {
            return Ok(());
        }
        let Some(end) = self.chars.get(self.at + 1) else {
            return Err(at("Illegal character range", self.at + 1));
        };
        if ['[', ']'].contains(end) {
            return Ok(());
        }
        self.at += 2;
        let is_class = |it: char| *end == '\\' && CLASSES.contains(it);
        match self.peek() {
            Some('p' | 'P') if *end == '\\' => {
                Err(at("Illegal/unsupported escape sequence", self.at))
            }
            Some(letter) if is_class(letter) => Err(at("Illegal character range", self.at)),
            None if *end == '\\' => Err(at("Illegal character range", self.at)),
            _ => {
                let end = match *end {
                    '\\' => self.escape(true)?,
                    end => Some(end),
                };
                match start.zip(end).is_some_and(|(start, end)| start > end) {
                    true => Err(at("Illegal character range", self.at - 1)),
                    false => Ok(()),
                }
            }
        }
    }

    /// What follows an opening parenthesis.
    fn group(&mut self) -> Result<(), Mistake> {
        self.open_groups += 1;
        self.can_repeat = false;
        if !self.take_if(|it| it == '?') || self.take_if(|it| ":=!>".contains(it)) {
            return Ok(());
        }
        if self.take_if(|it| it == '<') {
            return match self.take_if(|it| "=!".contains(it)) {
                true => Ok(()),
                false => self.named_group(),
            };
        }
        let begin = self.at;
        while self.take_if(|it| "idmsuxU-".contains(it)) {}
        let flags = self.chars.get(begin..self.at).unwrap_or_default();
        let has_comments = flags.contains(&'x');
        match self.peek() {
            Some(':') => self.at += 1,
            Some(')') => {
                self.at += 1;
                self.open_groups -= 1;
            }
            _ => return Err(at("Unknown inline modifier", self.at)),
        }
        if has_comments {
            // What is in them is not known here, so neither are mistakes behind them.
            self.at = self.chars.len();
            self.open_groups = 0;
        }
        Ok(())
    }

    fn named_group(&mut self) -> Result<(), Mistake> {
        let name = self.group_name()?;
        if self.names.contains(&name) {
            let problem = format!("Named capturing group <{name}> is already defined");
            return Err(at(&problem, self.at - 1));
        }
        self.names.push(name);
        Ok(())
    }

    /// A name up to the mark behind it.
    fn group_name(&mut self) -> Result<String, Mistake> {
        let begin = self.at;
        if !self.take_if(|it| it.is_ascii_alphabetic()) {
            let problem = "capturing group name does not start with a Latin letter";
            return Err(at(problem, self.at));
        }
        while self.take_if(|it| it.is_ascii_alphanumeric()) {}
        let name = self.chars.get(begin..self.at).unwrap_or_default();
        match self.take_if(|it| it == '>') {
            true => Ok(name.iter().collect()),
            false => Err(at("named capturing group is missing trailing '>'", self.at)),
        }
    }

    /// What follows an opening brace.
    fn counted(&mut self) -> Result<(), Mistake> {
        let Some(least) = self.digits() else {
            return Err(at("Illegal repetition", self.at));
        };
        let most = match self.take_if(|it| it == ',') {
            true => self.digits().unwrap_or(u64::MAX),
            false => least,
        };
        if self.peek() != Some('}') {
            return Err(at("Unclosed counted closure", self.at));
        }
        let is_too_large = |it| it > i32::MAX as u64 && it != u64::MAX;
        if most < least || is_too_large(least) || is_too_large(most) {
            return Err(at("Illegal repetition range", self.at));
        }
        self.at += 1;
        self.end_repetition();
        Ok(())
    }

    fn digits(&mut self) -> Option<u64> {
        let start = self.at;
        while self.take_if(|it| it.is_ascii_digit()) {}
        let digits: String = self.chars.get(start..self.at)?.iter().collect();
        (!digits.is_empty()).then(|| digits.parse().unwrap_or(u64::MAX - 1))
    }

    /// How greedy a repetition is may be said behind it, once.
    fn end_repetition(&mut self) {
        self.take_if(|it| "+?".contains(it));
        self.can_repeat = false;
    }
}

#[cfg(test)]
mod tests;
