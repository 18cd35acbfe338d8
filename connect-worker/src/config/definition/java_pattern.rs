//! What the reference says of a regular expression that is malformed.
//!
//! Only the mistakes that people make are told as Java tells them: groups and classes that are not
//! closed, repetitions of nothing or of a wrong form, names and switches of groups.

/// Java's description of the first mistake and where it found it; `None` when there is none that is
/// known here.
pub(super) fn mistake(pattern: &str) -> Option<String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut scanner = Scanner {
        chars: &chars,
        at: 0,
        open_groups: 0,
        can_repeat: false,
    };
    let (description, index) = scanner.run().err()?;
    let Some(index) = index else {
        return Some(format!("{description}\n{pattern}"));
    };
    let mut text = format!("{description} near index {index}\n{pattern}");
    if index < chars.len() {
        text.push('\n');
        text.push_str(&" ".repeat(index));
        text.push('^');
    }
    Some(text)
}

/// A description, and an index if there is a place for it.
type Mistake = (String, Option<usize>);

fn at(description: &str, index: usize) -> Mistake {
    (description.to_owned(), Some(index))
}

struct Scanner<'a> {
    chars: &'a [char],
    at: usize,
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
                '\\' => self.escape()?,
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
    fn escape(&mut self) -> Result<(), Mistake> {
        let Some(char) = self.peek() else {
            return Err(at("Unexpected internal error", self.chars.len()));
        };
        self.at += 1;
        self.can_repeat = true;
        if char == 'Q' {
            let rest = self.chars.get(self.at..).unwrap_or_default();
            let quoted = rest.windows(2).position(|it| it == ['\\', 'E']);
            self.at = quoted.map_or(self.chars.len(), |quoted| self.at + quoted + 2);
        }
        Ok(())
    }

    /// What follows an opening bracket. The first character closes nothing.
    fn class(&mut self) -> Result<(), Mistake> {
        self.take_if(|it| it == '^');
        let first = self.at;
        loop {
            let unclosed = || at("Unclosed character class", self.chars.len() - 1);
            let char = self.peek().ok_or_else(unclosed)?;
            let place = self.at;
            self.at += 1;
            match char {
                '\\' => self.at += 1,
                '[' => self.class()?,
                ']' if place > first => break,
                _ => self.range(char)?,
            }
        }
        self.can_repeat = true;
        Ok(())
    }

    /// The end of a range, if a character begins one.
    fn range(&mut self, start: char) -> Result<(), Mistake> {
        let (Some('-'), Some(end)) = (self.peek(), self.chars.get(self.at + 1)) else {
            return Ok(());
        };
        if ['[', ']', '\\'].contains(end) {
            return Ok(());
        }
        match start <= *end {
            true => self.at += 2,
            false => return Err(at("Illegal character range", self.at + 1)),
        }
        Ok(())
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
                false => self.group_name(),
            };
        }
        while self.take_if(|it| "idmsuxU-".contains(it)) {}
        match self.peek() {
            Some(':') => self.at += 1,
            Some(')') => {
                self.at += 1;
                self.open_groups -= 1;
            }
            _ => return Err(at("Unknown inline modifier", self.at)),
        }
        Ok(())
    }

    fn group_name(&mut self) -> Result<(), Mistake> {
        if !self.take_if(|it| it.is_ascii_alphabetic()) {
            let problem = "capturing group name does not start with a Latin letter";
            return Err(at(problem, self.at));
        }
        while self.take_if(|it| it.is_ascii_alphanumeric()) {}
        match self.take_if(|it| it == '>') {
            true => Ok(()),
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
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_as_java_tells_them() {
        for (pattern, expected) in [
            ("(", "Unclosed group near index 1\n("),
            ("((a)", "Unclosed group near index 4\n((a)"),
            ("\\Q(\\E(?:", "Unclosed group near index 8\n\\Q(\\E(?:"),
            ("[", "Unclosed character class near index 0\n[\n^"),
            (
                "a[b[c]",
                "Unclosed character class near index 5\na[b[c]\n     ^",
            ),
            ("[]", "Unclosed character class near index 1\n[]\n ^"),
            ("[^]", "Unclosed character class near index 2\n[^]\n  ^"),
            ("[z-a]", "Illegal character range near index 3\n[z-a]\n   ^"),
            ("*a", "Dangling meta character '*' near index 0\n*a\n^"),
            (
                "(a|+)",
                "Dangling meta character '+' near index 3\n(a|+)\n   ^",
            ),
            (
                "a+++",
                "Dangling meta character '+' near index 3\na+++\n   ^",
            ),
            ("x)", "Unmatched closing ')' near index 0\nx)\n^"),
            (")", "Unmatched closing ')'\n)"),
            ("a{", "Illegal repetition near index 2\na{"),
            ("a{,2}", "Illegal repetition near index 2\na{,2}\n  ^"),
            ("a{1,", "Unclosed counted closure near index 4\na{1,"),
            (
                "a{1x}",
                "Unclosed counted closure near index 3\na{1x}\n   ^",
            ),
            (
                "a{2,1}",
                "Illegal repetition range near index 5\na{2,1}\n     ^",
            ),
            ("a\\", "Unexpected internal error near index 2\na\\"),
            ("(?z)", "Unknown inline modifier near index 2\n(?z)\n  ^"),
            (
                "(?<1>x)",
                "capturing group name does not start with a Latin letter near index 3\n\
                 (?<1>x)\n   ^",
            ),
            (
                "(?<a",
                "named capturing group is missing trailing '>' near index 4\n(?<a",
            ),
        ] {
            assert_eq!(mistake(pattern).as_deref(), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn what_java_takes_is_no_mistake() {
        for pattern in [
            "",
            "a.*",
            "^*$*",
            "(a)*",
            "[*(]",
            "\\*",
            "\\Q(",
            "a{2}?",
            "a{2,}",
            "{1}",
            "(?i)a",
            "(?x-i:a)",
            "(?<=a)b",
            "(?<n>a)",
            "[a-z&&[^b]]",
            "[]a]",
            "[a\\]]",
            "a++",
        ] {
            assert_eq!(mistake(pattern), None, "{pattern}");
        }
    }
}
