//! Flat JSON objects as configurations: every scalar is kept as the text that was written.

use std::fmt;

use connect_core::config::Props;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

const MAP: &str = "java.util.LinkedHashMap";

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
pub(crate) fn scalar_text(raw: &str) -> Result<Option<String>, serde_json::Error> {
    match raw.as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'"') => serde_json::from_str(raw).map(Some),
        Some(b'{' | b'[') => Err(Error::custom(mismatch(Wanted::Text, raw))),
        Some(_) | None => Ok(Some(raw.to_owned())),
    }
}

/// What a JSON value has to be, by the names of the reference's classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// An object with the fields of a class.
    Entity(&'static str),
    /// An object with any fields; the type of their values.
    Map(&'static str),
    /// A list; the class of its elements.
    List(&'static str),
    /// A scalar.
    Text,
}

/// The reference's message for a JSON value where another type is wanted.
pub(crate) fn mismatch(wanted: Wanted, raw: &str) -> String {
    let (kind, token) = match raw.as_bytes().first() {
        Some(b'{') => ("Object", "START_OBJECT"),
        Some(b'[') => ("Array", "START_ARRAY"),
        Some(b'"') => ("String", "VALUE_STRING"),
        Some(b't') => ("Boolean", "VALUE_TRUE"),
        Some(b'f') => ("Boolean", "VALUE_FALSE"),
        _ if raw.contains(['.', 'e', 'E']) => ("Floating-point", "VALUE_NUMBER_FLOAT"),
        _ => ("Integer", "VALUE_NUMBER_INT"),
    };
    let wanted_type = match wanted {
        Wanted::Entity(class) => match kind {
            "Object" | "Array" => class.to_owned(),
            "String" if is_blank(raw) => return not_coerced(&format!("`{class}` value")),
            _ => return not_constructed(class, kind, raw),
        },
        Wanted::Map(_) if is_blank(raw) => return not_coerced(&format!("element of `{MAP}`")),
        Wanted::Map(_) if kind == "String" => return not_constructed(MAP, kind, raw),
        Wanted::Map(values) => format!("{MAP}<java.lang.String,{values}>"),
        Wanted::List(elements) => format!("java.util.ArrayList<{elements}>"),
        Wanted::Text => "java.lang.String".to_owned(),
    };
    format!(
        "Cannot deserialize value of type `{wanted_type}` from {kind} value \
         (token `JsonToken.{token}`)"
    )
}

/// Whether a JSON text holds nothing but blanks.
fn is_blank(raw: &str) -> bool {
    serde_json::from_str::<String>(raw).is_ok_and(|it| it.trim().is_empty())
}

fn not_constructed(class: &str, kind: &str, raw: &str) -> String {
    let (argument, shown) = match kind {
        "String" => {
            let text: String = serde_json::from_str(raw).unwrap_or_default();
            ("String", format!("String value ('{text}')"))
        }
        "Boolean" => ("boolean/Boolean", format!("boolean value ({raw})")),
        "Integer" => ("int/Int", format!("Number value ({raw})")),
        _ => ("double/Double", format!("Number value ({raw})")),
    };
    format!(
        "Cannot construct instance of `{class}` (although at least one Creator exists): no \
         {argument}-argument constructor/factory method to deserialize from {shown}"
    )
}

fn not_coerced(target: &str) -> String {
    format!(
        "Cannot coerce empty String (\"\") to {target} (but could if coercion was enabled using \
         `CoercionConfig`)"
    )
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
    fn wrong_types_are_refused_in_the_words_of_the_reference() {
        let entity = |raw| mismatch(Wanted::Entity("a.B"), raw);
        assert_eq!(
            entity("[1]"),
            "Cannot deserialize value of type `a.B` from Array value (token `JsonToken.START_ARRAY`)"
        );
        assert_eq!(
            entity("1.5"),
            "Cannot construct instance of `a.B` (although at least one Creator exists): no \
             double/Double-argument constructor/factory method to deserialize from Number value \
             (1.5)"
        );
        assert_eq!(
            entity(r#""""#),
            "Cannot coerce empty String (\"\") to `a.B` value (but could if coercion was enabled \
             using `CoercionConfig`)"
        );
        assert_eq!(
            mismatch(Wanted::Map("java.lang.Object"), r#""x""#),
            "Cannot construct instance of `java.util.LinkedHashMap` (although at least one Creator \
             exists): no String-argument constructor/factory method to deserialize from String \
             value ('x')"
        );
        assert_eq!(
            mismatch(Wanted::Map("java.lang.Object"), "true"),
            "Cannot deserialize value of type \
             `java.util.LinkedHashMap<java.lang.String,java.lang.Object>` from Boolean value \
             (token `JsonToken.VALUE_TRUE`)"
        );
        assert_eq!(
            mismatch(Wanted::List("a.B"), r#""x""#),
            "Cannot deserialize value of type `java.util.ArrayList<a.B>` from String value \
             (token `JsonToken.VALUE_STRING`)"
        );
    }

    #[test]
    fn nested_values_are_refused_with_their_key() {
        for (text, kind) in [(r#"{"a":{}}"#, "Object"), (r#"{"a":[1]}"#, "Array")] {
            let error = serde_json::from_str::<ScalarObject>(text)
                .unwrap_err()
                .to_string();

            let start = format!(
                "Cannot deserialize value of type `java.lang.String` from {kind} value \
                 (token `JsonToken.START_{}`) in `a`",
                kind.to_uppercase()
            );
            assert!(error.starts_with(&start), "{error}");
        }
        assert!(serde_json::from_str::<ScalarObject>("[1]").is_err());
    }
}
