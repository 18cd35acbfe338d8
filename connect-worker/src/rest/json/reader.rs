//! Values of the forms that requests have.

use indexmap::IndexMap;

use super::flaw::Flaw;
use super::scanner::{Scanner, Token};

const MAP: &str = "java.util.LinkedHashMap";
const LIST: &str = "java.util.ArrayList";

/// An object with fields of its own, by the name of the reference's class.
#[derive(Clone, Copy, Debug)]
pub(in crate::rest) struct Entity {
    pub(in crate::rest) class: &'static str,
    pub(in crate::rest) fields: &'static [&'static str],
}

/// Reads a document with nothing behind it; `None` when it is empty or null.
pub(in crate::rest) fn document<'a, T>(
    bytes: &'a [u8],
    class: &str,
    read: impl FnOnce(&mut Scanner<'a>, Token) -> Result<T, Flaw>,
) -> Result<Option<T>, Flaw> {
    let mut scanner = Scanner::new(bytes);
    let Some(token) = scanner.next()? else {
        return Ok(None);
    };
    let value = nullable(&mut scanner, token, read)?;
    match scanner.next_document()? {
        None => Ok(value),
        Some(trailing) => Err(Flaw::form(
            format!(
                "Trailing token (of type {}) found after value (bound as `{class}`): not allowed \
                 as per `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`",
                trailing.name()
            ),
            scanner.place(),
        )),
    }
}

/// Reads a document, whatever is behind it; `None` when it is null.
pub(in crate::rest) fn leading_document<'a, T>(
    bytes: &'a [u8],
    read: impl FnOnce(&mut Scanner<'a>, Token) -> Result<T, Flaw>,
) -> Result<Option<T>, Flaw> {
    let mut scanner = Scanner::new(bytes);
    match scanner.next()? {
        Some(token) => nullable(&mut scanner, token, read),
        None => Err(Flaw::empty()),
    }
}

/// A value, or `None` for null.
pub(in crate::rest) fn nullable<'a, T>(
    scanner: &mut Scanner<'a>,
    token: Token,
    read: impl FnOnce(&mut Scanner<'a>, Token) -> Result<T, Flaw>,
) -> Result<Option<T>, Flaw> {
    match token {
        Token::Null => Ok(None),
        _ => read(scanner, token).map(Some),
    }
}

/// A scalar as text; `None` for null.
pub(in crate::rest) fn text(
    scanner: &mut Scanner<'_>,
    token: Token,
) -> Result<Option<String>, Flaw> {
    let text = match token {
        Token::Null => return Ok(None),
        Token::Text => scanner.text()?,
        Token::Integer | Token::Float => scanner.number().to_owned(),
        Token::True => "true".to_owned(),
        Token::False => "false".to_owned(),
        _ => return Err(another_type(scanner, token, "java.lang.String")),
    };
    Ok(Some(text))
}

/// An object with any fields; `values` is the type of their values. The last of equal fields counts.
pub(in crate::rest) fn map<'a, T>(
    scanner: &mut Scanner<'a>,
    token: Token,
    values: &str,
    mut read: impl FnMut(&mut Scanner<'a>, Token) -> Result<T, Flaw>,
) -> Result<IndexMap<String, T>, Flaw> {
    match token {
        Token::ObjectStart => {}
        Token::Text => return Err(from_text(scanner, MAP, "element of ", "")),
        _ => {
            let class = format!("{MAP}<java.lang.String,{values}>");
            return Err(another_type(scanner, token, &class));
        }
    }
    let mut entries = IndexMap::new();
    while scanner.next_inside()? == Token::Name {
        let name = scanner.name().to_owned();
        let token = scanner.next_inside()?;
        let value = read(scanner, token);
        let value = value.map_err(|it| it.within_entry(format!("{MAP}[\"{name}\"]")))?;
        entries.insert(name, value);
    }
    Ok(entries)
}

/// A list; `elements` is the type of its elements.
pub(in crate::rest) fn list<'a, T>(
    scanner: &mut Scanner<'a>,
    token: Token,
    elements: &str,
    mut read: impl FnMut(&mut Scanner<'a>, Token) -> Result<T, Flaw>,
) -> Result<Vec<Option<T>>, Flaw> {
    if token != Token::ArrayStart {
        // A text is read before it is refused.
        scanner.skip_text()?;
        let class = format!("{LIST}<{elements}>");
        return Err(another_type(scanner, token, &class));
    }
    let mut listed = Vec::new();
    loop {
        let token = scanner.next_inside()?;
        if token == Token::ArrayEnd {
            return Ok(listed);
        }
        let element = nullable(scanner, token, &mut read);
        let element = element.map_err(|it| it.within(format!("{LIST}[{}]", listed.len())))?;
        listed.push(element);
    }
}

/// An object of a class; `read` takes the value of one of its fields, in the order of the document.
///
/// A field that the class does not have is refused at the end of the object, or as soon as all that
/// it has are there.
pub(in crate::rest) fn entity<'a>(
    scanner: &mut Scanner<'a>,
    token: Token,
    entity: Entity,
    mut read: impl FnMut(&mut Scanner<'a>, &'static str, Token) -> Result<(), Flaw>,
) -> Result<(), Flaw> {
    let Entity { class, fields } = entity;
    if token != Token::ObjectStart {
        return Err(another_than(scanner, token, class));
    }
    let mut missing: Vec<_> = fields.to_vec();
    let mut unknown = None;
    while scanner.next_inside()? == Token::Name {
        let name = scanner.name().to_owned();
        let token = scanner.next_inside()?;
        let is_complete = missing.is_empty();
        let step = || format!("{class}[\"{name}\"]");
        let Some(field) = fields.iter().find(|it| **it == name) else {
            if is_complete {
                return Err(entity.without(&name, scanner));
            }
            skip(scanner, token)?;
            unknown.get_or_insert(name);
            continue;
        };
        read(scanner, field, token).map_err(|it| it.within(step()))?;
        if is_complete {
            let message = format!(
                "No fallback setter/field defined for creator property '{name}' (of `{class}`)"
            );
            return Err(Flaw::repeated(message).within(step()));
        }
        missing.retain(|it| it != field);
        if missing.is_empty()
            && let Some(name) = &unknown
        {
            scanner.next_inside()?;
            return Err(entity.without(name, scanner));
        }
    }
    match unknown {
        Some(name) => Err(entity.without(&name, scanner)),
        None => Ok(()),
    }
}

impl Entity {
    fn without(self, field: &str, scanner: &Scanner<'_>) -> Flaw {
        let Self { class, fields } = self;
        let count = match fields.len() {
            1 => "one known property".to_owned(),
            count => format!("{count} known properties"),
        };
        let known: Vec<_> = fields.iter().map(|it| format!("\"{it}\"")).collect();
        let known = known.join(", ");
        let message = format!(
            "Unrecognized field \"{field}\" (class {class}), not marked as ignorable \
             ({count}: {known})"
        );
        Flaw::form(message, scanner.here()).within(format!("{class}[\"{field}\"]"))
    }
}

/// One of several words, in any form of a scalar.
pub(in crate::rest) fn enumeration<T>(
    scanner: &mut Scanner<'_>,
    token: Token,
    class: &str,
    creator: &str,
    find: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, Flaw> {
    let place = scanner.place();
    match token {
        Token::ObjectStart => return Err(another_type(scanner, token, class)),
        Token::ArrayStart => {
            let message = format!(
                "Input mismatch reading Enum `{class}`: properties-based `@JsonCreator` \
                 ([method {creator}]) expects String Value, got Array value \
                 (`JsonToken.START_ARRAY`)"
            );
            return Err(Flaw::form(message, place));
        }
        _ => {}
    }
    let Some(word) = text(scanner, token)? else {
        return Ok(None);
    };
    find(&word).map(Some).map_err(|problem| {
        let message = format!("Cannot construct instance of `{class}`, problem: {problem}");
        Flaw::form(message, place)
    })
}

/// Reads a value that nobody wants.
fn skip(scanner: &mut Scanner<'_>, token: Token) -> Result<(), Flaw> {
    let mut depth = 0_usize;
    let mut token = token;
    loop {
        match token {
            Token::ObjectStart | Token::ArrayStart => depth += 1,
            Token::ObjectEnd | Token::ArrayEnd => depth -= 1,
            _ => {}
        }
        scanner.skip_text()?;
        if depth == 0 {
            return Ok(());
        }
        token = scanner.next_inside()?;
    }
}

fn another_type(scanner: &Scanner<'_>, token: Token, class: &str) -> Flaw {
    let kind = match token {
        Token::ObjectStart => "Object",
        Token::ArrayStart => "Array",
        Token::Text => "String",
        Token::Integer => "Integer",
        Token::Float => "Floating-point",
        Token::True | Token::False => "Boolean",
        Token::ObjectEnd | Token::ArrayEnd | Token::Name | Token::Null => "Null",
    };
    let message = format!(
        "Cannot deserialize value of type `{class}` from {kind} value (token `JsonToken.{}`)",
        token.name()
    );
    Flaw::form(message, scanner.place())
}

/// No object, where one of a class is wanted.
fn another_than(scanner: &mut Scanner<'_>, token: Token, class: &str) -> Flaw {
    let number = format!("Number value ({})", scanner.number());
    let (argument, shown) = match token {
        Token::Text => return from_text(scanner, class, "", " value"),
        Token::Integer => ("int/Int", number.as_str()),
        Token::Float => ("double/Double", number.as_str()),
        Token::True => ("boolean/Boolean", "boolean value (true)"),
        Token::False => ("boolean/Boolean", "boolean value (false)"),
        _ => return another_type(scanner, token, class),
    };
    not_constructed(scanner, class, argument, shown)
}

fn from_text(scanner: &mut Scanner<'_>, class: &str, before: &str, behind: &str) -> Flaw {
    let text = match scanner.text() {
        Ok(text) => text,
        Err(flaw) => return flaw,
    };
    let text = text.trim_matches(|it| it <= ' ');
    if text.is_empty() {
        let message = format!(
            "Cannot coerce empty String (\"\") to {before}`{class}`{behind} (but could if coercion \
             was enabled using `CoercionConfig`)"
        );
        return Flaw::form(message, scanner.place());
    }
    let shown = format!("String value ('{text}')");
    not_constructed(scanner, class, "String", &shown)
}

fn not_constructed(scanner: &Scanner<'_>, class: &str, argument: &str, shown: &str) -> Flaw {
    let message = format!(
        "Cannot construct instance of `{class}` (although at least one Creator exists): no \
         {argument}-argument constructor/factory method to deserialize from {shown}"
    );
    Flaw::form(message, scanner.place())
}
