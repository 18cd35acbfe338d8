//! Every rule about fields that take all keys below a prefix. Each function is one rule.

use crate::config::model::{Field, Model, Rest};
use crate::diag::Diagnostics;
use crate::literal::odd_key_character;

pub(super) fn all(model: &Model, field: &Field, rest: &Rest, diag: &mut Diagnostics) {
    super::field_is_documented(field, &rest.documentation, diag);
    rest_has_no_other_options(field, rest, diag);
    rest_prefix_ends_with_a_dot(rest, diag);
    rest_has_no_keys_of_others(model, field, rest, diag);
}

fn rest_has_no_other_options(field: &Field, rest: &Rest, diag: &mut Diagnostics) {
    let ident = &field.ident;
    for (option, place) in &rest.vain_options {
        diag.error_at(
            *place,
            format!("`{option}` has no effect on `{ident}`, which takes keys of any name"),
        );
    }
}

fn rest_prefix_ends_with_a_dot(rest: &Rest, diag: &mut Diagnostics) {
    let prefix = rest.prefix.value();
    if !prefix.ends_with('.') || prefix.len() == 1 || odd_key_character(&prefix).is_some() {
        diag.error_at(
            rest.prefix.span(),
            format!(
                "`{prefix}` is not the beginning of keys; it ends with a dot, as `driver.` does"
            ),
        );
    }
}

fn rest_has_no_keys_of_others(model: &Model, field: &Field, rest: &Rest, diag: &mut Diagnostics) {
    let (ident, prefix) = (&field.ident, rest.prefix.value());
    let names = model.keys().flat_map(|(_, key)| key.names());
    for name in names.filter(|it| it.value().starts_with(&prefix)) {
        let text = name.value();
        diag.error_at(
            name.span(),
            format!("key `{text}` is below `{prefix}`, whose keys all go to field `{ident}`"),
        );
    }
}

pub(super) fn rests_are_apart(model: &Model, diag: &mut Diagnostics) {
    let mut earlier: Vec<(&Field, String)> = Vec::new();
    for (field, rest) in model.rests() {
        let prefix = rest.prefix.value();
        let overlaps = |other: &&(&Field, String)| {
            prefix.starts_with(&other.1) || other.1.starts_with(&prefix)
        };
        if let Some((other, _)) = earlier.iter().find(overlaps) {
            let (other, ident) = (&other.ident, &field.ident);
            diag.error_at(
                rest.prefix.span(),
                format!("keys below `{prefix}` would go to both `{other}` and `{ident}`"),
            );
        }
        earlier.push((field, prefix));
    }
}
