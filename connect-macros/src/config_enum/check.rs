//! Every rule about the meaning of a list of choices. Each function is one rule.

use std::collections::HashSet;

use super::input::{Choice, Model};
use crate::diag::Diagnostics;

pub(super) fn all(model: &Model, diag: &mut Diagnostics) {
    enum_has_choices(model, diag);
    names_differ(model, diag);
    for choice in &model.choices {
        choice_is_documented(choice, diag);
        choice_has_no_payload(choice, diag);
        name_can_stand_in_a_list(choice, diag);
    }
}

fn enum_has_choices(model: &Model, diag: &mut Diagnostics) {
    if !model.has_variants {
        let ident = &model.ident;
        diag.error(
            ident,
            format!("`{ident}` has no variants, so there is nothing to choose"),
        );
    }
}

fn names_differ(model: &Model, diag: &mut Diagnostics) {
    let mut names = HashSet::new();
    for choice in &model.choices {
        let name = choice.name.value();
        let compared = match model.any_case {
            true => name.to_ascii_lowercase(),
            false => name.clone(),
        };
        if !names.insert(compared) {
            let place = choice.name.span();
            diag.error_at(
                place,
                format!("`{name}` is already the name of another choice"),
            );
        }
    }
}

fn choice_is_documented(choice: &Choice, diag: &mut Diagnostics) {
    if choice.documentation.is_empty() {
        let ident = &choice.ident;
        diag.error(
            ident,
            format!(
                "variant `{ident}` has no documentation; its `///` comment is shown beside the \
                 choice"
            ),
        );
    }
}

fn choice_has_no_payload(choice: &Choice, diag: &mut Diagnostics) {
    if !choice.fields.is_empty() {
        let ident = &choice.ident;
        diag.error(
            &choice.fields,
            format!(
                "variant `{ident}` carries data; a configuration choice is a plain name, and what \
                 belongs to it are keys of their own"
            ),
        );
    }
}

fn name_can_stand_in_a_list(choice: &Choice, diag: &mut Diagnostics) {
    let name = choice.name.value();
    if name.is_empty() || name.trim() != name || name.contains(',') {
        diag.error_at(
            choice.name.span(),
            format!("`{name}` cannot be the name of a choice; it needs text without commas and without blanks around it"),
        );
    }
}
