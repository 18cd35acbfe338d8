//! What is refused, and in which words. The words were recorded with the reference.

use regex::Regex;

use super::*;

const ENTITY: Entity = Entity {
    class: "a.Thing",
    fields: &["name", "all"],
};
const PLACE: &str = r"\[Source: REDACTED \(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled\); line: (\d+), column: (\d+)\]";

/// Reads an object with a text and an object of texts, and shows what is wrong with it; places are
/// shown as `@row:column`.
fn read(document: &[u8]) -> Result<String, String> {
    let found = super::document(document, "a.Thing", |scanner, token| {
        let mut found = String::new();
        entity(scanner, token, ENTITY, |scanner, field, token| {
            let value = match field {
                "name" => format!("{:?}", text(scanner, token)?),
                _ => format!(
                    "{:?}",
                    nullable(scanner, token, |scanner, token| {
                        map(scanner, token, "java.lang.String", text)
                    })?
                ),
            };
            found.push_str(&value);
            Ok(())
        })?;
        Ok(found)
    });
    let place = Regex::new(PLACE).unwrap();
    let shown = |flaw: Flaw| place.replace_all(&flaw.to_string(), "@$1:$2").into_owned();
    found.map(Option::unwrap_or_default).map_err(shown)
}

#[track_caller]
fn refused(document: &str, expected: &str) {
    assert_eq!(
        read(document.as_bytes()).unwrap_err(),
        expected,
        "{document}"
    );
}

#[test]
fn documents_are_read() {
    let whole = "\u{feff}{\"name\": \"\\u00e4\\ud83d\\ude00\u{e4}\\n\" ,\r\n\t\"all\":{\"a\":1.50,\"b\":null,\"a\":true}} ";

    let found = read(whole.as_bytes()).unwrap();

    let all = r#"Some({"a": Some("true"), "b": None})"#;
    assert_eq!(found, format!("Some(\"\u{e4}\u{1f600}\u{e4}\\n\"){all}"));
    assert_eq!(read(b"").unwrap(), "");
    assert_eq!(read(b" null ").unwrap(), "");
}

#[test]
fn documents_end_too_soon() {
    refused(
        "{",
        "Unexpected end-of-input: expected close marker for Object (start marker at @1:1)\n at @1:2",
    );
    refused(
        "{\"",
        "Unexpected end-of-input: was expecting closing '\"' for name\n at @1:3",
    );
    refused("{\"a", "Unexpected end-of-input in field name\n at @1:4");
    refused(
        "{\"name\":",
        "Unexpected end-of-input within/between Object entries\n at @1:9",
    );
    refused(
        "{\"name\":-",
        "Unexpected end-of-input in FIELD_NAME\n at @1:10",
    );
    refused("\"a", "Unexpected end-of-input in VALUE_STRING\n at @1:3");
    refused("{} -", "Unexpected end-of-input in null\n at @1:5");
}

#[test]
fn what_is_no_json_is_named_with_its_place() {
    refused(
        "{\"name\":\n  x}",
        "Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token \
         'null', 'true' or 'false')\n at @2:3",
    );
    refused(
        "{\"name\" 1}",
        "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value\n at @1:9",
    );
    refused(
        "{\"name\":1 2}",
        "Unexpected character ('2' (code 50)): was expecting comma to separate Object entries\n at @1:11",
    );
    refused(
        "{'a':1}",
        "Unexpected character (''' (code 39)): was expecting double-quote to start field name\n at @1:2",
    );
    refused(
        "{\u{1f600}}",
        "Unexpected character ('\u{f600}' (code 62976 / 0xf600)): was expecting double-quote to start field name\n at @1:5",
    );
    refused(
        "{\"name\":}",
        "Unexpected character ('}' (code 125)): expected a value\n at @1:9",
    );
    refused(
        "{\"name\":01}",
        "Invalid numeric value: Leading zeroes not allowed\n at @1:10",
    );
    refused(
        "{\"name\":1.}",
        "Unexpected character ('}' (code 125)) in numeric value: Decimal point not followed by a digit\n at @1:11",
    );
    refused(
        "{\"name\":NaN}",
        "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow\n at @1:12",
    );
    refused(
        "{\"name\":-Infinity}",
        "Non-standard token '-Infinity': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow\n at @1:18",
    );
    refused(
        "{\"a\":[1}",
        "Unexpected close marker '}': expected ']' (for Array starting at @1:6)\n at @1:8",
    );
    refused(
        "}",
        "Unexpected close marker '}': no open Object to close\n at @1:1",
    );
    refused(
        "1x",
        "Unexpected character ('x' (code 120)): Expected space separating root-level values\n at @1:2",
    );
    refused(
        "{} {}",
        "Trailing token (of type START_OBJECT) found after value (bound as `a.Thing`): not allowed as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`\n at @1:4",
    );
}

#[test]
fn mistakes_within_fields_name_them() {
    refused(
        "{\"name\":\"a\tb\"}",
        "Illegal unquoted character ((CTRL-CHAR, code 9)): has to be escaped using backslash to be included in string value\n at @1:11 (through reference chain: a.Thing[\"name\"])",
    );
    refused(
        "{\"name\":{}}",
        "Cannot deserialize value of type `java.lang.String` from Object value (token `JsonToken.START_OBJECT`)\n at @1:9 (through reference chain: a.Thing[\"name\"])",
    );
    refused(
        "{\"all\":{\"a\":[]}}",
        "Cannot deserialize value of type `java.lang.String` from Array value (token `JsonToken.START_ARRAY`)\n at @1:13 (through reference chain: a.Thing[\"all\"]->java.util.LinkedHashMap[\"a\"])",
    );
    refused(
        "{\"all\":\" x \\n\"}",
        "Cannot construct instance of `java.util.LinkedHashMap` (although at least one Creator \
         exists): no String-argument constructor/factory method to deserialize from String value \
         ('x')\n at @1:8 (through reference chain: a.Thing[\"all\"])",
    );
    // Of what is no JSON the entry is not told.
    refused(
        "{\"all\":{\"a\":\"\\x\"}}",
        "Unrecognized character escape 'x' (code 120)\n at @1:15 (through reference chain: a.Thing[\"all\"])",
    );
    refused(
        "{\"all\":{\"a\":tru}}",
        "Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at @1:13 (through reference chain: a.Thing[\"all\"])",
    );
}

#[test]
fn fields_that_are_not_known_are_refused_late() {
    let unknown = |place: &str| {
        format!(
            "Unrecognized field \"x\" (class a.Thing), not marked as ignorable (2 known \
             properties: \"name\", \"all\")\n at @{place} (through reference chain: \
             a.Thing[\"x\"])"
        )
    };
    refused("{\"x\":[1,\"a\"],\"name\":1}", &unknown("1:23"));
    refused("{\"x\":1,\"name\":1,\"all\":{} }", &unknown("1:27"));
    refused("{\"name\":1,\"all\":{},\"x\":\"a\"}", &unknown("1:25"));
    refused(
        "{\"name\":1,\"all\":{},\"name\":2}",
        "No fallback setter/field defined for creator property 'name' (of `a.Thing`) (through reference chain: a.Thing[\"name\"])",
    );
}

#[test]
fn what_is_no_utf_8_is_told() {
    #[track_caller]
    fn refused(document: &[u8], expected: &str) {
        assert_eq!(read(document).unwrap_err(), expected);
    }

    let in_name = " (through reference chain: a.Thing[\"name\"])";
    refused(
        b"{\"name\":\"\xff\"}",
        &format!("Invalid UTF-8 start byte 0xff\n at @1:11{in_name}"),
    );
    refused(
        b"{\"name\":\"\xc3(\"}",
        &format!("Invalid UTF-8 middle byte 0x28\n at @1:12{in_name}"),
    );
    refused(
        b"{\"name\":\"\xed\xa0\x80\"}",
        &format!("Invalid UTF-8: Illegal surrogate character 0xd800\n at @1:13{in_name}"),
    );
    refused(b"{\"a\xffb\":1}", "Invalid UTF-8 start byte 0xff\n at @1:7");
    refused(
        b"{\"a\xc3\":1}",
        "Unexpected end-of-input in field name\n at @1:6",
    );
    refused(
        b"{\"conf\xc3g\":1}",
        "Invalid UTF-8 middle byte 0xffffc367\n at @1:10",
    );
    refused(
        b"{\"con\xed\xa0\x80\":1}",
        "Invalid UTF-8: Illegal surrogate character 0xd800\n at @1:10",
    );
}

#[test]
fn documents_have_limits() {
    let too_long = |length| {
        format!(
            "Name length ({length}) exceeds the maximum allowed (50000, from \
             `StreamReadConstraints.getMaxNameLength()`)"
        )
    };
    let named = |length| format!("{{\"{}\":1}}", "n".repeat(length));
    refused(&named(50_001), &too_long(50_001));
    refused(&named(100_000), &too_long(65_536));
    let deep = format!("{{\"a\":{}", "[".repeat(1000));
    refused(
        &deep,
        "Document nesting depth (1001) exceeds the maximum allowed (1000, from `StreamReadConstraints.getMaxNestingDepth()`)",
    );
    let long = format!("{{\"name\":{}}}", "1".repeat(1001));
    refused(
        &long,
        "Number value length (1001) exceeds the maximum allowed (1000, from `StreamReadConstraints.getMaxNumberLength()`)",
    );
}

#[test]
fn lists_and_words_are_read() {
    let lists = |document: &[u8]| {
        let read = leading_document(document, |scanner, token| {
            list(scanner, token, "a.Word", |scanner, token| {
                enumeration(scanner, token, "a.Word", "a.Word#of", |word| match word {
                    "yes" => Ok(true),
                    other => Err(format!("no {other}")),
                })
            })
        });
        read.map_err(|it| {
            it.to_string()
                .split('\n')
                .next()
                .unwrap_or_default()
                .to_owned()
        })
    };

    assert_eq!(
        lists(b"[\"yes\",null] x"),
        Ok(Some(vec![Some(Some(true)), None]))
    );
    assert_eq!(lists(b"null"), Ok(None));
    assert_eq!(
        lists(b"").unwrap_err(),
        "No content to map due to end-of-input"
    );
    assert_eq!(
        lists(b"[1]").unwrap_err(),
        "Cannot construct instance of `a.Word`, problem: no 1"
    );
    assert_eq!(
        lists(b"[[]]").unwrap_err(),
        "Input mismatch reading Enum `a.Word`: properties-based `@JsonCreator` ([method a.Word#of]) \
         expects String Value, got Array value (`JsonToken.START_ARRAY`)"
    );
    assert_eq!(
        lists(b"{}").unwrap_err(),
        "Cannot deserialize value of type `java.util.ArrayList<a.Word>` from Object value (token \
         `JsonToken.START_OBJECT`)"
    );
}
