//! Answers without what may differ from one worker to the other, and how they are compared.

use std::collections::BTreeSet;

use connect_tests::rest::Answer;
use reqwest::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONTENT_TYPE, DATE,
    HeaderName, LOCATION, SERVER, VARY, WWW_AUTHENTICATE,
};
use serde_json::Value;

/// Fields whose order in an object does not count.
const MAPS: [&str; 3] = ["config", "partition", "offset"];
/// The line of a page in which the reference names its web server.
const POWERED_BY: &str = "<hr/>";

/// A request and its answer.
#[derive(Debug)]
pub(crate) struct Exchange {
    request: String,
    status: u16,
    headers: Vec<String>,
    body: Body,
}

#[derive(Debug, PartialEq)]
enum Body {
    Text(String),
    Json {
        value: Value,
        /// Names of fields, in order.
        fields: String,
    },
}

impl Exchange {
    /// An exchange in which names of the worker's own are replaced.
    pub(crate) fn new(request: &str, answer: &Answer, replaced: &[(&str, &str)]) -> Self {
        let plain = |text: &str| {
            let replace = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
            replaced.iter().fold(text.to_owned(), replace)
        };
        Self {
            request: plain(request),
            status: answer.status,
            headers: headers(answer).map(|it| plain(&it)).collect(),
            body: Body::new(&plain(&answer.text), answer),
        }
    }

    /// How another exchange differs from this one.
    pub(crate) fn difference(&self, reference: &Self) -> Option<String> {
        assert_eq!(self.request, reference.request, "the body is not the same");
        let is_same = self.status == reference.status
            && self.headers == reference.headers
            && self.body == reference.body;
        (!is_same).then(|| {
            let [ours, reference] = [self, reference].map(Self::shown);
            let pairs = ours.chars().zip(reference.chars());
            let equal = pairs.take_while(|(ours, theirs)| ours == theirs).count();
            let from = equal.saturating_sub(EQUAL_SHOWN);
            format!(
                "{}\n  ours      {}\n  reference {}\n",
                readable(&self.request, 0),
                readable(&ours, from),
                readable(&reference, from)
            )
        })
    }

    fn shown(&self) -> String {
        let Self {
            status,
            headers,
            body,
            ..
        } = self;
        match body {
            Body::Text(text) => format!("{status} {headers:?} {text}"),
            Body::Json { value, .. } => format!("{status} {headers:?} {value}"),
        }
    }
}

/// What is shown of two texts before they differ.
const EQUAL_SHOWN: usize = 200;

/// As much of a text, from a character on, as can be read.
fn readable(text: &str, from: usize) -> String {
    text.chars().skip(from).take(2_000).collect()
}

/// Headers that clients look at.
const HEADERS: [HeaderName; 12] = [
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE,
    ALLOW,
    CACHE_CONTROL,
    CONTENT_TYPE,
    LOCATION,
    VARY,
    WWW_AUTHENTICATE,
    HeaderName::from_static("retry-after"),
];
/// Headers whose presence counts, and those of the tests' own.
const PRESENT: [HeaderName; 2] = [DATE, SERVER];
const OWN: &str = "x-";

/// Headers that count, of which errors of the router have no type in the reference.
fn headers(answer: &Answer) -> impl Iterator<Item = String> {
    let is_of_router = matches!(answer.status, 404..=406 | 415);
    let of_tests = answer.headers.keys();
    let of_tests = of_tests.filter(|it| it.as_str().starts_with(OWN)).cloned();
    let shown = HEADERS
        .into_iter()
        .chain(of_tests)
        .filter(move |it| !is_of_router || *it != CONTENT_TYPE)
        .filter_map(|name| {
            let values = answer.headers.get_all(&name).iter();
            let values: Vec<_> = values.filter_map(|it| it.to_str().ok()).collect();
            (!values.is_empty()).then(|| format!("{name}: {}", shown(&name, &values)))
        });
    let present = PRESENT
        .into_iter()
        .filter(|it| answer.headers.contains_key(it))
        .map(|it| it.to_string());
    shown.chain(present).collect::<BTreeSet<_>>().into_iter()
}

fn shown(name: &HeaderName, values: &[&str]) -> String {
    let text = values.join(", ");
    // Methods are a set, and a date is another one each time.
    if [ALLOW, ACCESS_CONTROL_ALLOW_METHODS].contains(name) {
        let methods: BTreeSet<_> = text.split(',').map(str::trim).collect();
        return methods.into_iter().collect::<Vec<_>>().join(" ");
    }
    match text.ends_with(" GMT") {
        true => "a date".to_owned(),
        false => text,
    }
}

impl Body {
    fn new(text: &str, answer: &Answer) -> Self {
        // The list of methods once more, in any order.
        if answer.headers.contains_key(ALLOW) {
            return Self::Text(String::new());
        }
        let Ok(mut value) = serde_json::from_str(text) else {
            let lines = text.lines().filter(|it| !it.starts_with(POWERED_BY));
            return Self::Text(lines.collect::<Vec<_>>().join("\n"));
        };
        simplify(&mut value);
        let mut fields = String::new();
        list_fields(&value, &mut fields);
        Self::Json { value, fields }
    }
}

/// Takes out what is the worker's own: texts about keys, traces, times, lists of plugins.
fn simplify(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), &mut *value) {
                    ("documentation" | "trace", _) | ("last_modified", Value::Number(_)) => {
                        *value = Value::from("left out");
                    }
                    ("message", Value::String(text)) => *text = without_plugins(text),
                    ("groups", Value::Array(groups)) => sort_groups(groups),
                    ("configs", Value::Array(keys)) => {
                        keys.iter_mut().for_each(simplify);
                        sort_embedded(keys);
                    }
                    (_, value) => simplify(value),
                }
            }
        }
        Value::Array(elements) => {
            elements.retain(|it| !is_ours_alone(it));
            elements.iter_mut().for_each(simplify);
        }
        _ => {}
    }
}

/// The groups of converters come in the order of hashes.
fn sort_groups(groups: &mut [Value]) {
    if groups.iter().any(|it| it == "Serialization") {
        groups.sort_by_key(ToString::to_string);
    }
}

/// So do the keys of converters, behind all others.
fn sort_embedded(keys: &mut Vec<Value>) {
    let name = |key: &Value| key["value"]["name"].as_str().unwrap_or_default().to_owned();
    let is_embedded = |key: &mut Value| name(key).contains(".converter.");
    let mut embedded: Vec<Value> = keys.extract_if(.., is_embedded).collect();
    embedded.sort_by_key(name);
    keys.extend(embedded);
}

/// A class among those to choose from that the reference does not have.
fn is_ours_alone(element: &Value) -> bool {
    let class = element.as_str().unwrap_or_default();
    class.starts_with("org.apache.kafka.connect.transforms.Drop$")
        || class.starts_with("org.example.")
}

/// Which plugins there are differs, and what they are in Java.
fn without_plugins(text: &str) -> String {
    let text = text.split("available connectors are: ").next();
    text.unwrap_or_default().to_owned()
}

fn list_fields(value: &Value, names: &mut String) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                names.push_str(name);
                names.push(' ');
                if !MAPS.contains(&name.as_str()) {
                    list_fields(value, names);
                }
            }
        }
        Value::Array(elements) => elements.iter().for_each(|it| list_fields(it, names)),
        _ => {}
    }
}
