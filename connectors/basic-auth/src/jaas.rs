//! The login configuration, in the form of the Java Authentication and Authorization Service:
//!
//! ```text
//! KafkaConnect {
//!   org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule required
//!   file="passwords.properties";
//! };
//! ```

use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

use connect_core::{ConnectError, Result};

const ENTRY: &str = "KafkaConnect";
const MODULE: &str = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule";
const FILE: &str = "file";

/// The file of the passwords that the entry of the worker names.
pub(crate) fn passwords_file(login_config: &Path) -> Result<PathBuf> {
    let shown = login_config.display();
    let text = std::fs::read_to_string(login_config).map_err(|error| {
        let problem = format_args!("cannot read the login configuration {shown}");
        ConnectError::config(problem).caused_by(error)
    })?;
    find(&text).map_err(|problem| {
        ConnectError::config(format_args!("login configuration {shown}: {problem}"))
    })
}

fn find(text: &str) -> std::result::Result<PathBuf, String> {
    let mut tokens = Tokens(text.chars().peekable());
    while let Some(token) = tokens.next() {
        let (Token::Word(name), Some(modules)) = (token, modules(&mut tokens)) else {
            return Err("an entry is malformed".to_owned());
        };
        if name != ENTRY {
            continue;
        }
        let [module] = &modules[..] else {
            return Err(format!(
                "entry {ENTRY} has one login module here, and not {}",
                modules.len()
            ));
        };
        if module.class != MODULE {
            return Err(format!("login module {} is not known here", module.class));
        }
        let file = module.options.iter().find(|(name, _)| name == FILE);
        return match file {
            Some((_, file)) if !file.trim().is_empty() => Ok(PathBuf::from(file)),
            _ => Err("Property Credentials file must be specified".to_owned()),
        };
    }
    Err(format!("there is no entry {ENTRY}"))
}

struct Module {
    class: String,
    options: Vec<(String, String)>,
}

/// `{ class flag name=value …; … };`
fn modules(tokens: &mut Tokens<'_>) -> Option<Vec<Module>> {
    let mut modules = Vec::new();
    if tokens.next()? != Token::Sign('{') {
        return None;
    }
    loop {
        let class = match tokens.next()? {
            Token::Word(class) => class,
            Token::Sign('}') => break,
            Token::Sign(_) => return None,
        };
        // Whether the module is required: with one module it has to be satisfied in any case.
        let Token::Word(_) = tokens.next()? else {
            return None;
        };
        let mut options = Vec::new();
        loop {
            match tokens.next()? {
                Token::Sign(';') => break,
                Token::Word(name) => {
                    let (Token::Sign('='), Token::Word(value)) = (tokens.next()?, tokens.next()?)
                    else {
                        return None;
                    };
                    options.push((name, value));
                }
                Token::Sign(_) => return None,
            }
        }
        modules.push(Module { class, options });
    }
    (tokens.next()? == Token::Sign(';')).then_some(modules)
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    Sign(char),
}

struct Tokens<'a>(Peekable<Chars<'a>>);

impl Tokens<'_> {
    fn rest_of_line(&mut self) {
        while self.0.next_if(|it| *it != '\n').is_some() {}
    }

    fn rest_of_comment(&mut self) {
        while let Some(char) = self.0.next() {
            if char == '*' && self.0.next_if_eq(&'/').is_some() {
                return;
            }
        }
    }

    /// What stands between two quotes.
    fn quoted(&mut self) -> String {
        let mut text = String::new();
        while let Some(char) = self.0.next() {
            match char {
                '"' => break,
                '\\' => text.extend(self.0.next()),
                other => text.push(other),
            }
        }
        text
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            match self.0.next()? {
                blank if blank.is_whitespace() => {}
                '#' => self.rest_of_line(),
                '/' if self.0.next_if_eq(&'/').is_some() => self.rest_of_line(),
                '/' if self.0.next_if_eq(&'*').is_some() => self.rest_of_comment(),
                '"' => return Some(Token::Word(self.quoted())),
                sign @ ('{' | '}' | ';' | '=') => return Some(Token::Sign(sign)),
                first => {
                    let mut word = String::from(first);
                    let is_of_word = |it: &char| !it.is_whitespace() && !"{};=\"".contains(*it);
                    while let Some(char) = self.0.next_if(is_of_word) {
                        word.push(char);
                    }
                    return Some(Token::Word(word));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: std::result::Result<&str, &str>) {
        let found = find(text);

        let found = found.as_ref().map(|it| it.to_str().unwrap());
        assert_eq!(found.map_err(String::as_str), expected);
    }

    #[test]
    fn the_file_is_found_in_the_workers_entry() {
        check(
            "// other programs\n Client { a.B required debug=true; c.D optional; };\n\
             /* ours */ KafkaConnect {\n  org.apache.kafka.connect.rest.basic.auth.extension\
             .PropertyFileLoginModule required\n  debug=\"x\" # why\n  file=\"/a b/\\\"p\";\n};",
            Ok("/a b/\"p"),
        );
        let plain = format!("{ENTRY}{{{MODULE} requisite file=/etc/p;}};");
        check(&plain, Ok("/etc/p"));
    }

    #[test]
    fn what_is_missing_is_said() {
        check("", Err("there is no entry KafkaConnect"));
        check("Client {};", Err("there is no entry KafkaConnect"));
        let module = |module: &str| format!("{ENTRY} {{ {module} }};");
        check(
            &module("a.B required;"),
            Err("login module a.B is not known here"),
        );
        check(
            &module("a.B required; c.D required;"),
            Err("entry KafkaConnect has one login module here, and not 2"),
        );
        let no_file = Err("Property Credentials file must be specified");
        check(&module(&format!("{MODULE} required;")), no_file);
        check(&module(&format!("{MODULE} required file=\" \";")), no_file);
        for malformed in [
            ENTRY,
            "KafkaConnect {",
            "KafkaConnect { a.B required };",
            "KafkaConnect {}",
        ] {
            check(malformed, Err("an entry is malformed"));
        }
    }
}
