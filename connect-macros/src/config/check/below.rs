//! Every rule about fields whose keys are all those below a prefix. Each function is one rule.

use crate::config::model::{Below, Field, FieldKind, Model};
use crate::diag::Diagnostics;
use crate::literal::odd_key_character;

pub(super) fn all(model: &Model, field: &Field, below: &Below, diag: &mut Diagnostics) {
    prefix_excludes_other_options(field, below, diag);
    prefix_ends_with_a_dot(below, diag);
    keys_of_others_are_not_below(model, field, below, diag);
}

fn prefix_excludes_other_options(field: &Field, below: &Below, diag: &mut Diagnostics) {
    let ident = &field.ident;
    let what = match field.kind {
        FieldKind::Nested(_) => "stands for a group of keys",
        FieldKind::Key(_) | FieldKind::Flattened(_) | FieldKind::Rest(_) => {
            "takes keys of any name"
        }
    };
    for (option, place) in &below.vain_options {
        diag.error_at(
            *place,
            format!("`{option}` has no effect on `{ident}`, which {what}"),
        );
    }
}

fn prefix_ends_with_a_dot(below: &Below, diag: &mut Diagnostics) {
    let prefix = below.prefix.value();
    if !prefix.ends_with('.') || prefix.len() == 1 || odd_key_character(&prefix).is_some() {
        diag.error_at(
            below.prefix.span(),
            format!(
                "`{prefix}` cannot stand before keys; use lowercase letters, digits, `.`, `_` and \
                 `-`, and a dot at the end"
            ),
        );
    }
}

pub(super) fn keys_of_others_are_not_below(
    model: &Model,
    field: &Field,
    below: &Below,
    diag: &mut Diagnostics,
) {
    let (ident, prefix) = (&field.ident, below.prefix.value());
    let names = model.keys().flat_map(|(_, key)| key.names());
    for name in names.filter(|it| it.value().starts_with(&prefix)) {
        let text = name.value();
        diag.error_at(
            name.span(),
            format!("key `{text}` is below `{prefix}`, whose keys all go to field `{ident}`"),
        );
    }
}

pub(super) fn prefixes_are_apart(model: &Model, diag: &mut Diagnostics) {
    let mut earlier: Vec<(&Field, String)> = Vec::new();
    for (field, below) in model.belows() {
        let prefix = below.prefix.value();
        let overlaps = |other: &&(&Field, String)| {
            prefix.starts_with(&other.1) || other.1.starts_with(&prefix)
        };
        if let Some((other, _)) = earlier.iter().find(overlaps) {
            let (other, ident) = (&other.ident, &field.ident);
            diag.error_at(
                below.prefix.span(),
                format!("keys below `{prefix}` would go to both `{other}` and `{ident}`"),
            );
        }
        earlier.push((field, prefix));
    }
}
