//! Paths to fields: one literal name, or steps between dots.

use std::mem;

use connect_core::data::{Field, Map, Schema, Struct, Value};
use connect_core::{ConfigEnum, ConnectError, Result};

use crate::nulls::NullHandling;
use crate::shape::{no_map, no_struct, of_field};

const PURPOSE: &str = "nested field access";

/// How the path to a field is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ConfigEnum)]
#[config(any_case)]
pub enum FieldSyntaxVersion {
    /// The name of a top-level field, in which dots mean nothing.
    #[config(name = "V1")]
    V1,
    /// Names between dots, which lead into nested structs and maps. Backticks hold a name that has
    /// dots in it.
    #[config(name = "V2")]
    V2,
}

/// A path to a field.
#[derive(Debug)]
pub(crate) struct FieldPath {
    parents: Vec<String>,
    /// None of an empty path, which leads nowhere.
    last: Option<String>,
}

impl FieldPath {
    pub(crate) fn parse(text: &str, syntax: FieldSyntaxVersion) -> Result<Self> {
        let mut parents = match syntax {
            FieldSyntaxVersion::V1 => vec![text.to_owned()],
            FieldSyntaxVersion::V2 => steps(text)?,
        };
        let last = parents.pop();
        Ok(Self { parents, last })
    }

    fn last(&self) -> Result<&str> {
        let last = self.last.as_deref();
        last.ok_or_else(|| ConnectError::data("the path to a field is empty"))
    }

    /// The field that the path leads to.
    pub(crate) fn field_in<'a>(&self, schema: &'a Schema) -> Result<Option<&'a Field>> {
        let last = self.last()?;
        let mut current = schema;
        let mut parent = None;
        for step in &self.parents {
            match field_of(current, parent, step)? {
                Some(field) => current = field.schema(),
                None => return Ok(None),
            }
            parent = Some(step);
        }
        field_of(current, parent, last)
    }

    /// Takes the value at the end of the path; null when a struct on the way is null.
    pub(crate) fn take_from_struct(&self, record: Struct, nulls: NullHandling) -> Result<Value> {
        let mut current = record;
        for step in &self.parents {
            current = match take_field(current, step, NullHandling::DEFAULTS)? {
                Value::Null => return Ok(Value::Null),
                Value::Struct(it) => it,
                other => return Err(of_field(no_struct(&other, PURPOSE), step, "a struct")),
            };
        }
        take_field(current, self.last()?, nulls)
    }

    /// Takes the value at the end of the path; null when anything on the way is absent.
    pub(crate) fn take_from_map(&self, mut map: Map) -> Result<Value> {
        let last = self.last()?;
        for step in &self.parents {
            map = match take_entry(&mut map, step) {
                Value::Null => return Ok(Value::Null),
                Value::Map(it) => it,
                other => return Err(of_field(no_map(&other, PURPOSE), step, "a map")),
            };
        }
        Ok(take_entry(&mut map, last))
    }
}

/// A field of the schema that a path has led to, by way of its parent.
fn field_of<'s>(
    schema: &'s Schema,
    parent: Option<&String>,
    name: &str,
) -> Result<Option<&'s Field>> {
    schema.field(name).map_err(|error| match parent {
        Some(parent) => {
            let found = schema.kind().name();
            of_field(
                error.into(),
                parent,
                format_args!("a STRUCT, found {found}"),
            )
        }
        None => error.into(),
    })
}

fn take_field(record: Struct, name: &str, nulls: NullHandling) -> Result<Value> {
    let schema = record.schema().clone();
    let Some(field) = schema.field(name)? else {
        return Ok(Value::Null);
    };
    let mut values = record.into_values();
    Ok(nulls.read(field, mem::take(&mut values[field.index()])))
}

/// The order of what is left does not matter: it is dropped.
fn take_entry(map: &mut Map, name: &str) -> Value {
    let key = Value::from(name);
    map.get_mut(&key).map(mem::take).unwrap_or_default()
}

/// The steps of a path: between dots, or between backticks, of which the closing one stands before
/// a dot or at the end.
fn steps(path: &str) -> Result<Vec<String>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (step, after) = match rest.strip_prefix('`') {
            Some(quoted) => quoted_step(quoted).ok_or_else(|| unclosed(path, rest))?,
            None => match rest.split_once('.') {
                Some((step, after)) => (step.to_owned(), after),
                None => (rest.to_owned(), ""),
            },
        };
        steps.push(step);
        rest = after;
    }
    if path.ends_with('.') {
        steps.push(String::new());
    }
    Ok(steps)
}

/// The step up to its closing backtick, and what follows the dot behind that. A backslash before a
/// backtick and a dot makes the backtick a part of the step.
fn quoted_step(quoted: &str) -> Option<(String, &str)> {
    let mut step = String::new();
    let mut rest = quoted;
    loop {
        let (before, after) = rest.split_once('`')?;
        let unescaped = before.strip_suffix('\\');
        match (after.strip_prefix('.'), unescaped) {
            (None, None) if after.is_empty() => return Some((step + before, "")),
            (None, Some(_)) if after.is_empty() => return None,
            (None, _) => {
                step.push_str(before);
                step.push('`');
            }
            (Some(next), None) => return Some((step + before, next)),
            (Some(_), Some(unescaped)) => {
                step.push_str(unescaped);
                step.push('`');
            }
        }
        rest = after;
    }
}

fn unclosed(path: &str, rest: &str) -> ConnectError {
    let position = path.encode_utf16().count() - rest.encode_utf16().count();
    ConnectError::config(format_args!(
        "Incomplete backtick pair in path: [{path}], consider adding a backslash before backtick at \
         position {position} to escape it"
    ))
}

#[cfg(test)]
mod tests {
    use connect_core::data::SchemaBuilder;

    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &[&str]) {
        assert_eq!(steps(path).unwrap(), expected, "{path}");
    }

    #[test]
    fn steps_stand_between_dots() {
        check("a", &["a"]);
        check("a.b.c", &["a", "b", "c"]);
        check("a..b", &["a", "", "b"]);
        check("a.", &["a", ""]);
        check("a`b.c`", &["a`b", "c`"]);
    }

    #[test]
    fn backticks_hold_dots_and_backticks() {
        check("`a.b`", &["a.b"]);
        check("`a.b`.c", &["a.b", "c"]);
        check("x.`a`b.c`", &["x", "a`b.c"]);
        check(r"`a\`.b`.c", &["a`.b", "c"]);
        check(r"`a\`b`", &[r"a\`b"]);
    }

    #[test]
    fn a_step_that_leads_no_further_is_named() {
        let schema = SchemaBuilder::structure()
            .field("a", Schema::string())
            .build()
            .unwrap();
        let path = FieldPath::parse("a.b", FieldSyntaxVersion::V2).unwrap();
        let map = Map::from_iter([(Value::from("a"), Value::from("x"))]);

        let of_schema = path.field_in(&schema).unwrap_err().trace();
        let of_map = path.take_from_map(map).unwrap_err().trace();

        assert_eq!(
            of_schema,
            "Cannot look up fields on non-struct type\n\
             Caused by: field a, wanted a STRUCT, found STRING"
        );
        assert_eq!(
            of_map,
            "Only Map objects supported in absence of schema for [nested field access], found: \
             java.lang.String\nCaused by: field a, wanted a map"
        );
    }

    #[test]
    fn an_open_backtick_is_refused() {
        assert_eq!(
            steps("a.`b.c").unwrap_err().to_string(),
            "Incomplete backtick pair in path: [a.`b.c], consider adding a backslash before \
             backtick at position 2 to escape it"
        );
        assert!(steps(r"`a\`").is_err());
    }
}
