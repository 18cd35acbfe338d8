//! Where in a file its keys are written.

use connect_core::config::properties::{self, SyntaxError};

/// A key and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) key: String,
    /// From 1.
    pub(super) line: usize,
    /// From 1.
    pub(super) column: usize,
}

/// The keys of a properties file, in order; repeated ones as often as they are written.
pub(super) fn in_properties(bytes: &[u8]) -> Result<Vec<Place>, SyntaxError> {
    let keys = properties::keys_latin1(bytes)?;
    let places = keys.into_iter().map(|it| Place {
        key: it.name,
        line: it.line,
        column: it.column,
    });
    Ok(places.collect())
}

/// The names of members in a JSON document, at any depth.
pub(super) fn in_json(text: &str) -> Vec<Place> {
    let mut places = Vec::new();
    let (mut line, mut line_start) = (1, 0);
    let mut chars = text.char_indices().peekable();
    while let Some((start, next)) = chars.next() {
        match next {
            '\n' => (line, line_start) = (line + 1, start + 1),
            '"' => {
                let Some(end) = end_of_string(&mut chars) else {
                    break;
                };
                let (string, rest) = text.split_at(end);
                if rest.trim_start().starts_with(':')
                    && let Some(string) = string.get(start..)
                    && let Ok(key) = serde_json::from_str(string)
                {
                    let before = text.get(line_start..start).unwrap_or_default();
                    places.push(Place {
                        key,
                        line,
                        column: before.chars().count() + 1,
                    });
                }
            }
            _ => {}
        }
    }
    places
}

/// The index behind a string's closing quotation mark. A string has no line breaks in it.
fn end_of_string(chars: &mut impl Iterator<Item = (usize, char)>) -> Option<usize> {
    while let Some((index, next)) = chars.next() {
        match next {
            '"' => return Some(index + 1),
            '\\' => drop(chars.next()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(places: &[Place], expected: &[(&str, usize, usize)]) {
        let places: Vec<_> = places
            .iter()
            .map(|it| (it.key.as_str(), it.line, it.column))
            .collect();

        assert_eq!(places, expected);
    }

    #[test]
    fn keys_of_properties_are_found_behind_comments_and_continuations() {
        let text = b"# a = 1\na = 1\\\n  2\n\n   b: 3\na=4";

        let places = in_properties(text).unwrap();

        check(&places, &[("a", 2, 1), ("b", 5, 4), ("a", 6, 1)]);
        assert!(in_properties(b"a=\\u00").is_err());
    }

    #[test]
    fn members_of_json_are_told_from_other_strings() {
        let text = "{\"name\": \"a:\",\n  \"config\" : {\"\\u0061\\\"\": \"b\"}, \"é\":\"x\"}";

        let members = [("name", 1, 2), ("config", 2, 3), ("a\"", 2, 15)];
        check(&in_json(text), &[&members[..], &[("é", 2, 33)]].concat());
        check(&in_json("{\"open"), &[]);
    }
}
