//! When two answers count as the same. What is let through beyond equality is listed here, with the
//! reason.

use std::borrow::Cow;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::Value as Json;

use super::Told;
use crate::vectors::is_expected;

/// Exceptions whose texts clients know. All others come out of Java itself, where it stumbles.
const TOLD_TO_CLIENTS: &[&str] = &[
    "ConfigException",
    "ConnectException",
    "DataException",
    "SchemaBuilderException",
    "SchemaProjectorException",
    "SerializationException",
];

/// Beginnings of texts that go on in other words: a whole record in the form that Java gives it.
const BEGINNINGS: &[&str] = &["Timestamp missing on record: "];

/// What we say of a regular expression that needs more than a million steps back; the reference goes
/// on.
const TOO_COMPLEX: &str = "a topic cannot be matched against the regular expression";

/// A mistake that the reference makes: its texts begin with an exception where the value should be.
const MISPLACED: &str = "Invalid value java.lang.IllegalArgumentException: ";

/// Whether the reference and we say the same of a request.
pub(super) fn told(request: &Json, theirs: &Json, ours: &Told) -> bool {
    match ours {
        Ok(output) => match theirs.get("output") {
            Some(theirs) => {
                outputs(theirs, output)
                    || has_digits_of_float(request, theirs, output)
                    || (request["op"] == "equal" && has_arrays_in_default(&request["a"]))
                    || (is_but_for_topic(theirs, output) && leaves_groups(request))
            }
            None => {
                guesses_nothing(request, &theirs["error"], output)
                    || has_struct_default(request, theirs)
                    || refuses_arrays_in_default(request, theirs)
                    || has_half_in_name(request, &theirs["error"], output)
                    || names_spec(&theirs["error"], output)
            }
        },
        Err(failure) => {
            let is_told = theirs
                .get("error")
                .is_some_and(|it| is_expected(it, failure) && messages(it, failure.message()));
            let is_too_complex = failure.message() == TOO_COMPLEX;
            is_told
                || is_too_complex
                || is_no_utf8(request, failure.message())
                || has_struct_default(request, theirs)
        }
    }
}

/// The reference makes decimals of numbers by the text of a float, which has more digits than it
/// needs before Java 19.
fn has_digits_of_float(request: &Json, theirs: &Json, ours: &Json) -> bool {
    let number = |it: &Json| it["decimal"].as_str()?.parse::<f64>().ok();
    let is_meant = request["function"] == "convertToDecimal";
    match (number(theirs), number(ours)) {
        (Some(theirs), Some(ours)) => is_meant && (theirs - ours).abs() <= theirs.abs() * 1e-6,
        _ => false,
    }
}

/// Two arrays of bytes are the same for the reference where they are a default, and never where they
/// are in a list or a map that is one.
fn has_arrays_in_default(schema: &Json) -> bool {
    let default = &schema["default"];
    let is_container = default.is_array() || default.get("map").is_some();
    let members = schema.as_object().into_iter().flatten();
    let elements = schema.as_array().into_iter().flatten();
    let mut inside = members.map(|(_, it)| it).chain(elements);
    (is_container && default.to_string().contains("bytes")) || inside.any(has_arrays_in_default)
}

/// So for the reference structs in a default are not of the schema around them, when that has such a
/// default itself.
fn refuses_arrays_in_default(request: &Json, theirs: &Json) -> bool {
    let mut schemas = ["a", "b", "source", "target"]
        .iter()
        .map(|it| &request[*it]);
    theirs["error"]["message"] == "Invalid default value" && schemas.any(has_arrays_in_default)
}

/// Whether the answers are records that differ at most in the topic.
fn is_but_for_topic(theirs: &Json, ours: &Json) -> bool {
    let without_topic = |record: &Json| {
        let mut record = record.clone();
        record["topic"] = Json::Null;
        record
    };
    let are_records = theirs.is_object() && ours.is_object();
    are_records && outputs(&without_topic(theirs), &without_topic(ours))
}

/// The reference does not take back what a group matched in look-around or in a possessive repetition
/// that was given up. And what is repeated up to a number may match nothing only in its last turn
/// there, here in any.
fn leaves_groups(request: &Json) -> bool {
    let regex = request["config"]["regex"].as_str().unwrap_or_default();
    groups(regex).into_iter().any(|(inner, after)| {
        let is_possessive = ["*+", "++", "?+"].iter().any(|it| after.starts_with(it));
        let is_look_around = inner.starts_with("?=") || inner.starts_with("?!");
        is_possessive || after.starts_with('{') || (is_look_around && inner.contains('('))
    })
}

/// What stands in groups, and what follows each.
fn groups(regex: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut open = Vec::new();
    let mut letters = regex.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            // What follows is quoted.
            '\\' => drop(letters.next()),
            '(' => open.push(at + 1),
            ')' => {
                let inner = open.pop().and_then(|begin| regex.get(begin..at));
                found.extend(inner.zip(regex.get(at + 1..)));
            }
            _ => {}
        }
    }
    found
}

/// The reference reads no schema of a struct that has a default; we do.
fn has_struct_default(request: &Json, theirs: &Json) -> bool {
    let message = &theirs["error"]["message"];
    is_json(request) && message == "Invalid default value"
}

/// The reference's JSON library reads some of what is no UTF-8, such as characters in more bytes
/// than they need.
fn is_no_utf8(request: &Json, ours: &str) -> bool {
    let bytes = request["bytes"].as_str().map(|it| STANDARD.decode(it));
    let is_broken = matches!(bytes, Some(Ok(bytes)) if str::from_utf8(&bytes).is_err());
    is_json(request) && is_broken && ours.ends_with("due to serialization error: ")
}

/// The reference reads no JSON with half of a character in the name of a member.
fn has_half_in_name(request: &Json, error: &Json, output: &Json) -> bool {
    let message = error["message"].as_str().unwrap_or_default();
    let has_half = output.to_string().contains(char::REPLACEMENT_CHARACTER);
    is_json(request) && has_half && message.ends_with("due to serialization error: ")
}

fn is_json(request: &Json) -> bool {
    let class = request["class"].as_str().unwrap_or_default();
    class.ends_with(".JsonConverter")
}

/// The reference fails in its own code where it can guess no schema.
fn guesses_nothing(request: &Json, error: &Json, output: &Json) -> bool {
    let is_known = request["op"] == "infer" && error["message"] == "type cannot be null";
    is_known && output.is_null()
}

/// An item of a `spec` that is made of colons has no parts, and the reference looks at the second
/// one: its REST API answers that a number is out of bounds. We name the key.
fn names_spec(error: &Json, output: &Json) -> bool {
    let mistakes = output["spec"]["errors"].as_array();
    error["type"] == "ArrayIndexOutOfBoundsException" && mistakes.is_some_and(|it| !it.is_empty())
}

fn outputs(theirs: &Json, ours: &Json) -> bool {
    if theirs == ours {
        return true;
    }
    let (theirs, ours) = (sorted(theirs), sorted(ours));
    theirs == ours || values(&theirs, &ours)
}

/// The same but for texts that mean the same.
fn values(theirs: &Json, ours: &Json) -> bool {
    match (theirs, ours) {
        (Json::String(theirs), Json::String(ours)) => {
            texts(theirs, ours) || encoded_texts(theirs, ours)
        }
        (Json::Array(theirs), Json::Array(ours)) => {
            theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(a, b)| values(a, b))
        }
        (Json::Object(theirs), Json::Object(ours)) => {
            let same = |(name, it)| ours.get(name).is_some_and(|ours| values(it, ours));
            theirs.len() == ours.len() && theirs.iter().all(same)
        }
        (theirs, ours) => theirs == ours,
    }
}

/// Bytes that a converter wrote: they are text in most cases.
fn encoded_texts(theirs: &str, ours: &str) -> bool {
    let text = |base64| STANDARD.decode(base64).ok().map(latin1);
    match (text(theirs), text(ours)) {
        (Some(theirs), Some(ours)) => texts(&theirs, &ours),
        _ => false,
    }
}

/// Each byte as a character, without the zeros of wider encodings: digits stay digits.
fn latin1(bytes: Vec<u8>) -> String {
    let bytes = bytes.into_iter().filter(|it| *it != 0);
    bytes.map(char::from).collect()
}

/// Whether an error has the text that clients know.
fn messages(error: &Json, ours: &str) -> bool {
    if !TOLD_TO_CLIENTS.iter().any(|it| error["type"] == *it) {
        return true;
    }
    texts(error["message"].as_str().unwrap_or_default(), ours)
}

fn texts(theirs: &str, ours: &str) -> bool {
    // A half of a character is none here; there it is, and its bytes are a question mark.
    if theirs == ours || theirs == ours.replace(char::REPLACEMENT_CHARACTER, "?") {
        return true;
    }
    if let Some(problem) = theirs.strip_prefix(MISPLACED) {
        let told = problem.split_once(" for configuration ");
        return told.is_some_and(|(_, told)| ours.starts_with(told));
    }
    let (theirs, ours) = (plain(theirs), plain(ours));
    numbers(&theirs, &ours) || BEGINNINGS.iter().any(|it| begin_alike(&theirs, &ours, it))
}

fn begin_alike(theirs: &str, ours: &str, beginning: &str) -> bool {
    match (theirs.split_once(beginning), ours.split_once(beginning)) {
        (Some((theirs, _)), Some((ours, _))) => theirs == ours,
        _ => false,
    }
}

/// A text without what differs between two runs of Java: where an object lies in memory.
fn plain(text: &str) -> Cow<'_, str> {
    static OBJECTS: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"\[B@[0-9a-f]+|byte\[\d+\]|: [\w.$]+InsertionSpec@[0-9a-f]+";
        Regex::new(pattern).expect("the pattern is one")
    });

    let shown = |found: &regex::Captures<'_>| match found[0].starts_with(':') {
        true => "",
        false => "bytes",
    };
    OBJECTS.replace_all(text, shown)
}

/// The same text but for the digits of floats: Java before 19 shows more than they need.
fn numbers(theirs: &str, ours: &str) -> bool {
    static FLOATS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\d+\.\d+(E-?\d+)?").expect("the pattern is one"));

    let values = |text: &str| -> Vec<(f64, f32)> {
        let found = FLOATS.find_iter(text).map(|it| it.as_str());
        found
            .filter_map(|it| Some((it.parse().ok()?, it.parse().ok()?)))
            .collect()
    };
    let (theirs_values, our_values) = (values(theirs), values(ours));
    let near = |(a, b): (&(f64, f32), &(f64, f32))| {
        (a.0 - b.0).abs() <= a.0.abs() * 1e-6 || a.1.to_bits() == b.1.to_bits()
    };
    FLOATS.replace_all(theirs, "#") == FLOATS.replace_all(ours, "#")
        && theirs_values.len() == our_values.len()
        && theirs_values.iter().zip(&our_values).all(near)
}

/// The same with the entries of maps in one order, since theirs says nothing, and floats by value.
fn sorted(json: &Json) -> Json {
    match json {
        Json::Array(elements) => elements.iter().map(sorted).collect(),
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let mut value = sorted(value);
                match (name.as_str(), &mut value) {
                    ("map", Json::Array(entries)) => entries.sort_by_key(ToString::to_string),
                    ("f32", Json::String(text)) => {
                        value = text
                            .parse::<f32>()
                            .map_or(Json::Null, |it| it.to_bits().into());
                    }
                    ("f64", Json::String(text)) => {
                        value = text
                            .parse::<f64>()
                            .map_or(Json::Null, |it| it.to_bits().into());
                    }
                    _ => {}
                }
                (name.clone(), value)
            });
            members.collect()
        }
        other => other.clone(),
    }
}
