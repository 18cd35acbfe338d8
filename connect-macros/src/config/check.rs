//! Every rule about the meaning of a configuration struct. Each function is one rule; the tests
//! hold at least one bad struct for each.

mod below;
mod relations;
mod tagged;
mod values;

use std::collections::HashMap;

use syn::{Ident, LitStr};

use super::model::{Field, FieldKind, Key, Model};
use super::shape::Leaf;
use crate::diag::Diagnostics;
use crate::literal::{did_you_mean, odd_key_character};

pub(super) use tagged::all as all_of_tagged;

pub(super) fn all(model: &Model, diag: &mut Diagnostics) {
    struct_is_documented(&model.ident, &model.documentation, diag);
    all_of_fields(model, diag);
}

/// The rules for the fields of a struct or of a variant.
pub(super) fn all_of_fields(model: &Model, diag: &mut Diagnostics) {
    keys_are_unique(model, diag);
    relations::dependencies_end(model, diag);
    below::prefixes_are_apart(model, diag);
    for field in &model.fields {
        match &field.kind {
            FieldKind::Flattened(_) => flattened_field_has_no_key_options(field, diag),
            FieldKind::Nested(below) => below::all(model, field, below, diag),
            FieldKind::Rest(rest) => {
                field_is_documented(field, &rest.documentation, diag);
                below::all(model, field, rest, diag);
            }
            FieldKind::Key(key) => {
                all_of_key(model, field, key, diag);
                if let Some(below) = &key.below {
                    below::keys_of_others_are_not_below(model, field, below, diag);
                }
            }
        }
    }
}

fn all_of_key(model: &Model, field: &Field, key: &Key, diag: &mut Diagnostics) {
    field_is_documented(field, &key.documentation, diag);
    key_is_well_formed(key, diag);
    key_is_not_reserved(model, key, diag);
    alias_is_not_the_key_itself(key, diag);
    group_is_declared(model, key, diag);
    option_has_no_default(key, diag);
    secret_is_not_in_the_source(key, diag);
    credential_is_a_secret(field, key, diag);
    values::all(key, diag);
    relations::all(model, field, key, diag);
}

pub(super) fn struct_is_documented(ident: &Ident, documentation: &str, diag: &mut Diagnostics) {
    if documentation.is_empty() {
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

fn key_is_not_reserved(model: &Model, key: &Key, diag: &mut Diagnostics) {
    /// Of the worker, below an alias.
    const RESERVED_UNDER_ALIAS: &[&str] = &["type", "plugin.version", "predicate", "negate"];
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
    let reserved = match model.is_under_alias {
        true => RESERVED_UNDER_ALIAS,
        false => RESERVED,
    };
    if !reserved.contains(&name.as_str()) {
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
