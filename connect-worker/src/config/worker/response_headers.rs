//! Rules for headers that are added to answers: `response.http.headers.config`.

/// A header of every answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderRule {
    /// How it gets there.
    pub action: HeaderAction,
    /// Name of the header.
    pub name: String,
    /// Its value; for dates the milliseconds from now.
    pub value: String,
}

/// How a header gets into an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderAction {
    /// It replaces one of that name.
    Set,
    /// It is added to those of that name.
    Add,
    /// As `Set`, with a date.
    SetDate,
    /// As `Add`, with a date.
    AddDate,
}

/// A rule is not written as the grammar wants.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RuleError {
    #[error(
        "Invalid format of header config '{0}'. Expected: '[action] [header name]:[header value]'"
    )]
    Rule(String),
    #[error("Invalid header config action: '{0}'. Expected one of [set, add, setDate, addDate]")]
    Action(String),
    #[error(
        "Invalid format of header name and header value pair '{0}'. \
         Expected: '[header name]:[header value]'"
    )]
    Header(String),
    #[error("Invalid header name '{0}'. The '[header name]' cannot contain whitespace")]
    Name(String),
}

/// Parses a list of rules with commas between them.
pub(super) fn parse(rules: &str) -> Result<Vec<HeaderRule>, RuleError> {
    split_quoted(rules)
        .iter()
        .map(|rule| parse_rule(rule))
        .collect()
}

fn parse_rule(rule: &str) -> Result<HeaderRule, RuleError> {
    let malformed = || RuleError::Rule(rule.to_owned());
    let (action, header) = rule
        .trim()
        .split_once(char::is_whitespace)
        .ok_or_else(malformed)?;
    let action = match action.to_ascii_lowercase().as_str() {
        "set" => HeaderAction::Set,
        "add" => HeaderAction::Add,
        "setdate" => HeaderAction::SetDate,
        "adddate" => HeaderAction::AddDate,
        _ => return Err(RuleError::Action(action.to_owned())),
    };
    let header = header.trim();
    let (name, value) = match header.split_once(':') {
        Some((name, value)) if !value.is_empty() && !value.contains(':') => (name, value),
        Some(_) | None => return Err(RuleError::Header(header.to_owned())),
    };
    let name = name.trim();
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(RuleError::Name(name.to_owned()));
    }
    Ok(HeaderRule {
        action,
        name: name.to_owned(),
        value: value.trim().to_owned(),
    })
}

/// Splits at commas outside of double quotes and removes the quotes; empty parts are left out.
fn split_quoted(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for char in text.chars() {
        match char {
            '"' => quoted = !quoted,
            ',' if !quoted => parts.push(String::new()),
            other => parts.last_mut().expect("there is a first part").push(other),
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(action: HeaderAction, name: &str, value: &str) -> HeaderRule {
        HeaderRule {
            action,
            name: name.to_owned(),
            value: value.to_owned(),
        }
    }

    #[track_caller]
    fn check_error(rules: &str, message: &str) {
        assert_eq!(parse(rules).unwrap_err().to_string(), message);
    }

    #[test]
    fn rules_are_separated_by_commas_outside_of_quotes() {
        let rules = r#"SET X-A: 1, "add Cache-Control: no-cache, no-store",setDate Expires:0"#;

        assert_eq!(
            parse(rules).unwrap(),
            [
                rule(HeaderAction::Set, "X-A", "1"),
                rule(HeaderAction::Add, "Cache-Control", "no-cache, no-store"),
                rule(HeaderAction::SetDate, "Expires", "0"),
            ]
        );
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn malformed_rules_are_refused() {
        check_error(
            "x",
            "Invalid format of header config 'x'. \
             Expected: '[action] [header name]:[header value]'",
        );
        check_error(
            "put X:1",
            "Invalid header config action: 'put'. Expected one of [set, add, setDate, addDate]",
        );
        for header in ["X", "X:", "X:1:2"] {
            check_error(
                &format!("set {header}"),
                &format!(
                    "Invalid format of header name and header value pair '{header}'. \
                     Expected: '[header name]:[header value]'"
                ),
            );
        }
        check_error(
            "set X Y:1",
            "Invalid header name 'X Y'. The '[header name]' cannot contain whitespace",
        );
    }
}
