//! Flat JSON objects as configurations: every scalar is kept as the text that was written.

use std::fmt;

use connect_core::config::Props;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A configuration that is read from a JSON object of scalars.
///
/// Numbers and booleans become the text that stands in the document, so `1.50` stays `1.50`; of a
/// repeated key the last value counts. Anything nested is refused.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScalarObject(pub Props);

impl<'de> Deserialize<'de> for ScalarObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Scalars).map(Self)
    }
}

struct Scalars;

impl<'de> Visitor<'de> for Scalars {
    type Value = Props;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts, numbers, booleans and nulls")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Props, A::Error> {
        let mut props = Props::default();
        while let Some((key, value)) = entries.next_entry::<String, Box<RawValue>>()? {
            let text = scalar_text(value.get())
                .map_err(|err| Error::custom(format_args!("{err} in `{key}`")))?;
            props.insert(key, text);
        }
        Ok(props)
    }
}

/// The text of a scalar of a JSON document; `None` for null.
fn scalar_text(raw: &str) -> Result<Option<String>, serde_json::Error> {
    match raw.as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'"') => serde_json::from_str(raw).map(Some),
        Some(b'{' | b'[') => Err(Error::custom("an object or list, where a scalar is wanted")),
        Some(_) | None => Ok(Some(raw.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_the_text_that_was_written() {
        let text =
            r#"{"a":"x\u0041","b":1.50,"c":1e3,"d":true,"e":null,"f":123456789012345678901}"#;

        let ScalarObject(props) = serde_json::from_str(text).unwrap();

        let entries: Vec<_> = props.iter().collect();
        assert_eq!(
            entries,
            [
                ("a", Some("xA")),
                ("b", Some("1.50")),
                ("c", Some("1e3")),
                ("d", Some("true")),
                ("e", None),
                ("f", Some("123456789012345678901")),
            ]
        );
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let ScalarObject(props) = serde_json::from_str(r#"{"a":1,"a":2}"#).unwrap();

        assert_eq!(props.iter().collect::<Vec<_>>(), [("a", Some("2"))]);
    }

    #[test]
    fn nested_values_are_refused_with_their_key() {
        for text in [r#"{"a":{}}"#, r#"{"a":[1]}"#] {
            let error = serde_json::from_str::<ScalarObject>(text).unwrap_err();

            let start = "an object or list, where a scalar is wanted in `a`";
            assert!(error.to_string().starts_with(start), "{error}");
        }
        assert!(serde_json::from_str::<ScalarObject>("[1]").is_err());
    }
}
