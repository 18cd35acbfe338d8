//! Media types as they stand in headers, read as leniently as the reference does.

use std::collections::BTreeMap;
use std::fmt;

/// Most of a weight, and what counts without one.
const WHOLE: u16 = 1000;
/// Character sets that are written in one way, whichever way a client writes them.
const CHARSETS: [&str; 2] = ["utf-8", "iso-8859-1"];

/// A type, or a range of them.
#[derive(Debug)]
pub(super) struct MediaType {
    kind: String,
    subkind: String,
    /// Whether there was a slash; without one all types of the kind are meant.
    pub(super) has_subkind: bool,
    /// What is said more, without the weight, by name; of a name that is repeated the last counts.
    pub(super) parameters: BTreeMap<String, String>,
    /// In thousandths; `None` when it is no weight.
    pub(super) weight: Option<u16>,
}

impl MediaType {
    /// `None` for what is not a type.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = split(text, ';').map(str::trim);
        let name = parts.next()?;
        let (kind, subkind) = name.split_once('/').unwrap_or((name, "*"));
        if !is_token(kind) || !is_token(subkind) {
            return None;
        }
        let mut media_type = Self {
            kind: kind.to_ascii_lowercase(),
            subkind: subkind.to_ascii_lowercase(),
            has_subkind: name.contains('/'),
            parameters: BTreeMap::new(),
            weight: Some(WHOLE),
        };
        for parameter in parts.filter(|it| !it.is_empty()) {
            let (name, value) = parameter.split_once('=')?;
            if !is_token(name) || value.is_empty() {
                return None;
            }
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "q" => media_type.weight = weight(value),
                _ => drop(media_type.parameters.insert(name, value.to_owned())),
            }
        }
        Some(media_type)
    }

    /// Whether JSON is meant, among others perhaps.
    pub(super) fn covers_json(&self) -> bool {
        let is_kind = matches!(self.kind.as_str(), "*" | "application");
        is_kind && matches!(self.subkind.as_str(), "*" | "json")
    }

    /// Whether plain text is meant, among others perhaps.
    pub(super) fn covers_text(&self) -> bool {
        let is_kind = matches!(self.kind.as_str(), "*" | "text");
        is_kind && matches!(self.subkind.as_str(), "*" | "plain")
    }

    /// Whether JSON and nothing else is meant.
    pub(super) fn is_json(&self) -> bool {
        self.kind == "application" && self.subkind == "json"
    }

    /// The character set of JSON of which nothing else is said, if it is a well-known one.
    fn charset(&self) -> Option<&'static str> {
        let is_alone = self.is_json() && self.parameters.len() == 1;
        let named = self.parameters.get("charset").filter(|_| is_alone)?;
        let named = named.trim_matches('"');
        CHARSETS
            .into_iter()
            .find(|it| it.eq_ignore_ascii_case(named))
    }
}

/// Without the weight.
impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.subkind)?;
        match self.charset() {
            Some(charset) => write!(f, ";charset={charset}"),
            None => self
                .parameters
                .iter()
                .try_for_each(|(name, value)| write!(f, ";{name}={value}")),
        }
    }
}

/// The elements of a list of types.
pub(super) fn elements(text: &str) -> impl Iterator<Item = &str> {
    split(text, ',')
}

/// Splits a text where a character stands outside of quotes.
fn split(text: &str, at: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |it| {
        is_quoted ^= it == '"';
        it == at && !is_quoted
    })
}

fn is_token(text: &str) -> bool {
    let is_token_char = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
    !text.is_empty() && text.chars().all(is_token_char)
}

/// A number from 0 to 1 in thousandths.
fn weight(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |it: &str| it.len() <= 3 && it.bytes().all(|it| it.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || text == "." || text.is_empty() {
        return None;
    }
    let thousandths = format!("{whole:0>1}{fraction:0<3}").parse().ok()?;
    (thousandths <= WHOLE).then_some(thousandths)
}
