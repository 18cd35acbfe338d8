//! `sasl.jaas.config`: the one entry of a login module, as Java reads it. Errors never show a part of the text, which is
//! secret.

use std::{iter::Peekable, str::Chars};

use crate::error::{KafkaError, Result};

const FLAGS: [&str; 4] = ["required", "requisite", "sufficient", "optional"];

/// A login module and its options: `module required name="value" other=value;`.
pub(super) struct Entry {
    module: String,
    options: Vec<(String, String)>,
}

impl Entry {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut tokens = Tokens(text.chars().peekable());
        let module = tokens.word("it names no login module")?;
        let flag = tokens.word("the login module has no control flag")?;
        if !FLAGS.contains(&flag.to_ascii_lowercase().as_str()) {
            let problem = format!("the control flag is none of {}", FLAGS.join(", "));
            return Err(refused(&problem));
        }
        let mut options = Vec::new();
        loop {
            match tokens.next() {
                Some(Token::Symbol(';')) => break,
                Some(Token::Word(name)) => {
                    let no_value = format!("option {} has no value", options.len() + 1);
                    match tokens.next() {
                        Some(Token::Symbol('=')) => {}
                        Some(_) | None => return Err(refused(&no_value)),
                    }
                    options.push((name, tokens.word(&no_value)?));
                }
                Some(Token::Symbol(_)) => return Err(refused("an option has no name")),
                None => return Err(refused("the entry does not end with a semicolon")),
            }
        }
        match tokens.next() {
            Some(_) => Err(refused("there is more than one login module")),
            None => Ok(Self { module, options }),
        }
    }

    /// The last part of the module's class name.
    pub(super) fn module(&self) -> &str {
        self.module.rsplit('.').next().unwrap_or_default()
    }

    /// The value of an option; of several with one name the last counts.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        let mut named = self.options.iter().rev().filter(|it| it.0 == name);
        named.next().map(|it| it.1.as_str())
    }
}

fn refused(problem: &str) -> KafkaError {
    KafkaError::config(format!("sasl.jaas.config: {problem}"))
}

enum Token {
    Word(String),
    Symbol(char),
}

struct Tokens<'a>(Peekable<Chars<'a>>);

impl Tokens<'_> {
    fn word(&mut self, otherwise: &str) -> Result<String> {
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            Some(Token::Symbol(_)) | None => Err(refused(otherwise)),
        }
    }

    fn next(&mut self) -> Option<Token> {
        while self.0.next_if(|it| it.is_whitespace()).is_some() {}
        let first = self.0.next()?;
        Some(match first {
            '"' | '\'' => Token::Word(self.quoted(first)),
            _ if is_part_of_word(first) => {
                let mut word = String::from(first);
                while let Some(next) = self.0.next_if(|it| is_part_of_word(*it)) {
                    word.push(next);
                }
                Token::Word(word)
            }
            _ => Token::Symbol(first),
        })
    }

    /// The text up to the closing quote, escapes resolved.
    fn quoted(&mut self, quote: char) -> String {
        let mut text = String::new();
        while let Some(next) = self.0.next() {
            match next {
                _ if next == quote => break,
                '\\' => text.extend(self.0.next().map(|escaped| match escaped {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    other => other,
                })),
                _ => text.push(next),
            }
        }
        text
    }
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        let error = Entry::parse(text).err().unwrap().to_string();
        assert_eq!(error, format!("sasl.jaas.config: {expected}"));
    }

    #[test]
    fn options_may_be_quoted_in_two_ways_and_escaped() {
        let text = r#"a.b.Plain required  one="a=\"b\"; c"
            two = 'it"s' three=x-y.z;"#;

        let entry = Entry::parse(text).unwrap();

        assert_eq!(entry.module(), "Plain");
        assert_eq!(entry.option("one"), Some("a=\"b\"; c"));
        assert_eq!(entry.option("two"), Some("it\"s"));
        assert_eq!(entry.option("three"), Some("x-y.z"));
        assert_eq!(entry.option("four"), None);
    }

    #[test]
    fn what_java_cannot_read_is_refused_without_a_part_of_it() {
        check_refused("", "it names no login module");
        check_refused("a.Plain", "the login module has no control flag");
        check_refused(
            "a.Plain username=hunter2;",
            "the control flag is none of required, requisite, sufficient, optional",
        );
        check_refused("a.Plain required hunter2;", "option 1 has no value");
        check_refused("a.Plain required a=;", "option 1 has no value");
        check_refused("a.Plain required ='hunter2';", "an option has no name");
        check_refused(
            "a.Plain required a=b",
            "the entry does not end with a semicolon",
        );
        check_refused(
            "a.Plain required; b.Plain required;",
            "there is more than one login module",
        );
    }
}
