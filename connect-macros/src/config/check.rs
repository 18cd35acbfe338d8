//! Every rule about the meaning of a configuration struct. Each function is one rule; the tests
//! hold at least one bad struct for each.

mod relations;
mod rest;

use std::collections::HashMap;

use regex::Regex;
use syn::{Expr, Ident, LitStr};

use super::model::{Field, FieldKind, Key, Model, Range, Unit};
use super::shape::Leaf;
use crate::diag::Diagnostics;
use crate::literal::{Number, did_you_mean, odd_key_character, size, text_of, time};

pub(super) fn all(model: &Model, diag: &mut Diagnostics) {
    struct_is_documented(model, diag);
    keys_are_unique(model, diag);
    relations::dependencies_end(model, diag);
    rest::rests_are_apart(model, diag);
    for field in &model.fields {
        match &field.kind {
            FieldKind::Flattened(_) => flattened_field_has_no_key_options(field, diag),
            FieldKind::Rest(rest) => rest::all(model, field, rest, diag),
            FieldKind::Key(key) => all_of_key(model, field, key, diag),
        }
    }
}

fn all_of_key(model: &Model, field: &Field, key: &Key, diag: &mut Diagnostics) {
    field_is_documented(field, &key.documentation, diag);
    key_is_well_formed(key, diag);
    key_is_not_reserved(key, diag);
    alias_is_not_the_key_itself(key, diag);
    group_is_declared(model, key, diag);
    option_has_no_default(key, diag);
    secret_is_not_in_the_source(key, diag);
    credential_is_a_secret(field, key, diag);
    pattern_compiles(key, diag);
    let limits = [key.range.as_ref(), key.length.as_ref()];
    for range in limits.into_iter().flatten() {
        range_is_not_empty(key, range, diag);
    }
    range_bounds_are_values(key, diag);
    default_is_in_range(key, diag);
    relations::all(model, field, key, diag);
    for (option, text) in key.sample_texts() {
        if sample_is_a_value(key, option, text, diag) {
            sample_obeys_the_rules(key, option, text, diag);
        }
    }
}

fn struct_is_documented(model: &Model, diag: &mut Diagnostics) {
    if model.documentation.is_empty() {
        let ident = &model.ident;
        diag.error(
            ident,
            format!(
                "`{ident}` has no documentation; the first line of its `///` comment becomes the \
                 title of the generated page"
            ),
        );
    }
}

fn field_is_documented(field: &Field, documentation: &str, diag: &mut Diagnostics) {
    if documentation.is_empty() {
        let ident = &field.ident;
        diag.error(
            ident,
            format!(
                "`{ident}` has no documentation; add a `///` comment, it is what users see in \
                 forms and reference pages"
            ),
        );
    }
}

fn keys_are_unique(model: &Model, diag: &mut Diagnostics) {
    let mut owners: HashMap<String, &Ident> = HashMap::new();
    for (field, key) in model.keys() {
        if let Some(owner) = owners.insert(key.name.value(), &field.ident) {
            diag.error_at(key.name.span(), repetition(&key.name, owner));
        }
    }
    for (field, key) in model.keys() {
        let aliases = key.aliases.iter().map(|it| &it.name);
        for alias in aliases.filter(|it| it.value() != key.name.value()) {
            if let Some(owner) = owners.insert(alias.value(), &field.ident) {
                diag.error_at(alias.span(), repetition(alias, owner));
            }
        }
    }
}

fn repetition(name: &LitStr, owner: &Ident) -> String {
    let name = name.value();
    format!("configuration key `{name}` is already used by field `{owner}`")
}

fn key_is_well_formed(key: &Key, diag: &mut Diagnostics) {
    let aliases = key.aliases.iter().map(|it| &it.name);
    for name in std::iter::once(&key.name).chain(aliases) {
        let text = name.value();
        let problem = match odd_key_character(&text) {
            Some(odd) => format!(
                "`{odd}` is not allowed in configuration key `{text}`; use lowercase letters, \
                 digits, `.`, `_` and `-`"
            ),
            None if text.is_empty() => "a configuration key cannot be empty".to_owned(),
            None => continue,
        };
        diag.error_at(name.span(), problem);
    }
}

fn key_is_not_reserved(key: &Key, diag: &mut Diagnostics) {
    const RESERVED: &[&str] = &[
        "name",
        "connector.class",
        "connector.plugin.version",
        "tasks.max",
        "tasks.max.enforce",
        "key.converter",
        "value.converter",
        "header.converter",
        "key.converter.plugin.version",
        "value.converter.plugin.version",
        "header.converter.plugin.version",
        "transforms",
        "predicates",
        "config.action.reload",
        "errors.retry.timeout",
        "errors.retry.delay.max.ms",
        "errors.tolerance",
        "errors.log.enable",
        "errors.log.include.messages",
    ];
    let name = key.name.value();
    if !RESERVED.contains(&name.as_str()) {
        return;
    }
    let remedy = match key.is_named {
        true => "choose another key",
        false => "rename the field or set `#[config(key = \"...\")]`",
    };
    diag.error_at(
        key.name.span(),
        format!("`{name}` is reserved by the worker; {remedy}"),
    );
}

fn alias_is_not_the_key_itself(key: &Key, diag: &mut Diagnostics) {
    let name = key.name.value();
    for alias in key.aliases.iter().filter(|it| it.name.value() == name) {
        diag.error(
            &alias.name,
            format!("alias `{name}` repeats the key itself; drop it"),
        );
    }
}

fn group_is_declared(model: &Model, key: &Key, diag: &mut Diagnostics) {
    let Some(group) = &key.group else {
        return;
    };
    let name = group.value();
    let known: Vec<_> = model.groups.iter().map(|it| it.id.value()).collect();
    if known.contains(&name) {
        return;
    }
    let mut hint = did_you_mean(&name, known.iter().map(String::as_str));
    if hint.is_empty() {
        hint =
            format!("; add `group(id = \"{name}\", label = \"...\")` to the options of the struct");
    }
    diag.error(group, format!("group `{name}` is not declared{hint}"));
}

fn flattened_field_has_no_key_options(field: &Field, diag: &mut Diagnostics) {
    let FieldKind::Flattened(options) = &field.kind else {
        return;
    };
    let ty = field.type_text();
    for (option, place) in options {
        diag.error_at(
            *place,
            format!("`{option}` has no effect on a group of keys; put it on the fields of `{ty}`"),
        );
    }
}

fn option_has_no_default(key: &Key, diag: &mut Diagnostics) {
    if let (true, Some(default)) = (key.shape.optional, &key.default) {
        diag.error(
            default,
            "an `Option` field already defaults to `None`; drop `default`, or drop `Option` if \
             the value is always present",
        );
    }
}

fn secret_is_not_in_the_source(key: &Key, diag: &mut Diagnostics) {
    if key.shape.leaf != Leaf::Secret {
        return;
    }
    if let Some(default) = &key.default {
        diag.error(default, "a secret must not have a default in source code");
    }
    if let Some(example) = &key.example {
        diag.error(example, "a secret must not have an example value");
    }
}

fn credential_is_a_secret(field: &Field, key: &Key, diag: &mut Diagnostics) {
    const SIGNS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "credential",
        "credentials",
        "apikey",
    ];
    const PAIRS: &[&str] = &["api_key", "private_key", "access_key", "account_key"];
    let ident = field.ident.to_string();
    let looks_secret = ident.split('_').any(|word| SIGNS.contains(&word))
        || PAIRS.iter().any(|pair| ident.ends_with(pair));
    if looks_secret && key.shape.leaf == Leaf::Text && !key.not_secret {
        diag.error(
            &field.ty,
            format!(
                "`{ident}` looks like a credential; use `Secret` so that it is masked everywhere, \
                 or say `#[config(not_secret)]`"
            ),
        );
    }
}

fn pattern_compiles(key: &Key, diag: &mut Diagnostics) {
    let Some(pattern) = &key.matches else {
        return;
    };
    if let Err(error) = Regex::new(&pattern.value()) {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default();
        let reason = reason.strip_prefix("error: ").unwrap_or(reason);
        diag.error(pattern, format!("invalid regular expression: {reason}"));
    }
}

fn range_is_not_empty(key: &Key, range: &Range, diag: &mut Diagnostics) {
    let bound = |it: &Option<Expr>| it.as_ref().and_then(|it| measure(key, it));
    if let (Some(min), Some(max)) = (bound(&range.min), bound(&range.max))
        && min > max
    {
        diag.error(
            &range.written,
            "this range is empty: its start is greater than its end",
        );
    }
}

fn range_bounds_are_values(key: &Key, diag: &mut Diagnostics) {
    let Some(range) = &key.range else {
        return;
    };
    let bounds = [range.min.as_ref(), range.max.as_ref()];
    for text in bounds.into_iter().flatten().filter_map(text_of) {
        if let Some(problem) = refusal(key, &text.value()) {
            diag.error(text, problem);
        }
    }
}

fn default_is_in_range(key: &Key, diag: &mut Diagnostics) {
    let (Some(default), Some(range)) = (&key.default, &key.range) else {
        return;
    };
    let Some(value) = measure(key, default) else {
        return;
    };
    let bound = |it: &Option<Expr>| it.as_ref().and_then(|it| measure(key, it));
    let is_below = bound(&range.min).is_some_and(|min| value < min);
    let is_above = bound(&range.max).is_some_and(|max| value > max);
    if is_below || is_above {
        let (default_text, range_text) = (plain(default), plain(&range.written));
        diag.error(
            default,
            format!("default `{default_text}` is outside `{range_text}`"),
        );
    }
}

fn sample_is_a_value(key: &Key, option: &str, text: &LitStr, diag: &mut Diagnostics) -> bool {
    let value = text.value();
    if key.shape.leaf == Leaf::Time && key.unit == Unit::None && is_whole_number(&value) {
        let name = key.name.value();
        diag.error(
            text,
            format!(
                "key `{name}` says no unit, so `{value}` could mean anything; name it `{name}.ms` \
                 or write a time such as `5s`"
            ),
        );
        return false;
    }
    let elements = key.elements(&value);
    let problem = elements.iter().find_map(|it| refusal(key, it));
    match problem {
        Some(problem) if matches!(key.shape.leaf, Leaf::Time | Leaf::Size) => {
            diag.error(text, problem);
        }
        Some(problem) => diag.error(text, format!("{option} {problem}")),
        None => return true,
    }
    false
}

fn sample_obeys_the_rules(key: &Key, option: &str, text: &LitStr, diag: &mut Diagnostics) {
    // What the text of an unknown type holds shows when it is read.
    if key.shape.leaf == Leaf::Unknown {
        return;
    }
    let value = text.value();
    let elements = key.elements(&value);
    let words: Vec<_> = key.one_of.iter().map(LitStr::value).collect();
    let pattern = key.matches.as_ref();
    let pattern = pattern.and_then(|it| Regex::new(&format!("^(?:{})$", it.value())).ok());
    for element in &elements {
        if !words.is_empty() && !words.iter().any(|it| it == element) {
            let quoted: Vec<_> = words.iter().map(|it| format!("`{it}`")).collect();
            let list = quoted.join(", ");
            diag.error(text, format!("{option} `{element}` is not one of {list}"));
        }
        if let (Some(regex), Some(pattern)) = (&pattern, &key.matches)
            && !regex.is_match(element)
        {
            let pattern = pattern.value();
            diag.error(
                text,
                format!("{option} `{element}` does not match `{pattern}`"),
            );
        }
    }
    let is_nothing = match key.shape.list {
        true => elements.is_empty(),
        false => value.is_empty(),
    };
    if key.non_empty && is_nothing {
        diag.error(
            text,
            format!("this {option} is empty, which `non_empty` forbids"),
        );
    }
}

/// Why a text is no value of the key's type, as far as the macro knows the type.
fn refusal(key: &Key, text: &str) -> Option<String> {
    let has_unit = key.unit != Unit::None && is_whole_number(text);
    let not_a = |ty: &str| Some(format!("`{text}` is not a valid `{ty}`"));
    match key.shape.leaf {
        Leaf::Integer(min, max) => match text.parse::<i128>() {
            Ok(number) if (min..=max).contains(&number) => None,
            _ => not_a(&key.leaf_text),
        },
        Leaf::Float if text.parse::<f64>().is_err() => not_a("f64"),
        Leaf::Boolean if !matches!(text, "true" | "false") => not_a("bool"),
        Leaf::Time if !has_unit && time(text).is_none() => Some(format!(
            "`{text}` is not a duration; write for example `500ms`, `5s`, `2m` or `1h`"
        )),
        Leaf::Size if !has_unit && size(text).is_none() => Some(format!(
            "`{text}` is not a size; write for example `512KiB` or `1MiB`"
        )),
        Leaf::Float
        | Leaf::Boolean
        | Leaf::Time
        | Leaf::Size
        | Leaf::Text
        | Leaf::Secret
        | Leaf::Unknown => None,
    }
}

fn is_whole_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it.is_ascii_digit())
}

/// The number behind a literal, in one unit for each type; `None` for other expressions.
fn measure(key: &Key, expr: &Expr) -> Option<Number> {
    let Some(text) = text_of(expr) else {
        return Number::of_expr(expr);
    };
    let text = text.value();
    let factor = match key.unit {
        Unit::Millis => 1_000_000,
        Unit::Seconds => 1_000_000_000,
        Unit::Bytes | Unit::None => 1,
    };
    let bare = || text.parse::<i128>().ok();
    let whole = match key.shape.leaf {
        Leaf::Time => time(&text).or_else(|| bare().map(|it| it * factor)),
        Leaf::Size => size(&text).or_else(bare),
        Leaf::Float => return text.parse().ok().map(Number::Float),
        _ => bare(),
    };
    whole.map(Number::Integer)
}

/// The source of an expression, as it was most likely written.
fn plain(tokens: &dyn quote::ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    text.replace(" ..= ", "..=").replace(['"', ' '], "")
}
