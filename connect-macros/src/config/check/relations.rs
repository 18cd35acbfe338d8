//! Every rule about relations between keys. Each function is one rule.

use syn::Ident;

use crate::config::model::{Field, Key, Model, choice_of};
use crate::diag::Diagnostics;
use crate::literal::did_you_mean;

pub(super) fn all(model: &Model, field: &Field, key: &Key, diag: &mut Diagnostics) {
    relation_is_to_another_key(model, field, key, diag);
    condition_is_a_choice(key, diag);
}

fn relation_is_to_another_key(model: &Model, field: &Field, key: &Key, diag: &mut Diagnostics) {
    let conflicts = key.conflicts_with.iter().map(|it| ("conflicts_with", it));
    for (option, name) in key.references().chain(conflicts) {
        if *name == field.ident {
            let verb = match option {
                "conflicts_with" => "conflict with",
                _ => "depend on",
            };
            diag.error(name, format!("`{name}` cannot {verb} itself"));
        } else if model.key_of(name).is_none() {
            let text = name.to_string();
            let known: Vec<_> = model.keys().map(|(it, _)| it.ident.to_string()).collect();
            let hint = did_you_mean(&text, known.iter().map(String::as_str));
            let ident = &model.ident;
            diag.error(
                name,
                format!("`{option}` names `{text}`, which is not a key field of `{ident}`{hint}"),
            );
        }
    }
}

fn condition_is_a_choice(key: &Key, diag: &mut Diagnostics) {
    for condition in key.required_if.iter().chain(&key.visible_if) {
        if choice_of(&condition.value).is_none() {
            diag.error(
                &condition.value,
                "a condition names a variant, such as `mode = Incrementing`, or `true` or `false`",
            );
        }
    }
}

pub(super) fn dependencies_end(model: &Model, diag: &mut Diagnostics) {
    let mut seen: Vec<(&Ident, &Ident)> = Vec::new();
    for (field, key) in model.keys() {
        for (_, name) in key.references().filter(|(_, name)| **name != field.ident) {
            let mut reached = vec![name];
            let mut next = 0;
            while let Some(from) = reached.get(next).copied() {
                let targets = seen.iter().filter(|(start, _)| *start == from);
                let new: Vec<_> = targets
                    .map(|(_, end)| *end)
                    .filter(|end| !reached.contains(end))
                    .collect();
                reached.extend(new);
                next += 1;
            }
            if reached.contains(&&field.ident) {
                let ident = &field.ident;
                diag.error(name, format!("`{name}` and `{ident}` depend on each other"));
            }
            seen.push((&field.ident, name));
        }
    }
}
