//! Every rule about an enum whose variants bring keys of their own. Each function is one rule.

use std::collections::HashSet;

use syn::LitStr;

use crate::config::tagged::{Tagged, Variant};
use crate::diag::Diagnostics;
use crate::literal::odd_key_character;

pub(in crate::config) fn all(model: &Tagged, diag: &mut Diagnostics) {
    super::struct_is_documented(&model.ident, &model.documentation, diag);
    enum_has_a_tag(model, diag);
    tag_is_well_formed(model, diag);
    variant_names_differ(model, diag);
    default_is_a_variant(model, diag);
    for variant in &model.variants {
        variant_is_documented(variant, diag);
        variant_has_named_fields(variant, diag);
        tag_is_no_key_of_a_variant(model, variant, diag);
        recommendation_is_for_a_struct(variant, diag);
        super::all_of_fields(&variant.model, diag);
    }
}

fn enum_has_a_tag(model: &Tagged, diag: &mut Diagnostics) {
    if model.tag.is_none() {
        diag.error(
            &model.ident,
            "a configuration enum needs `#[config(tag = \"...\")]`, the key that chooses the \
             variant; for a list of plain choices derive `ConfigEnum`",
        );
    } else if model.variants.is_empty() {
        let ident = &model.ident;
        let problem = format!("`{ident}` has no variants, so there is nothing to choose");
        diag.error(ident, problem);
    }
}

fn tag_is_well_formed(model: &Tagged, diag: &mut Diagnostics) {
    let Some(tag) = &model.tag else {
        return;
    };
    let text = tag.value();
    let problem = match odd_key_character(&text) {
        Some(odd) => format!(
            "`{odd}` is not allowed in configuration key `{text}`; use lowercase letters, digits, \
             `.`, `_` and `-`"
        ),
        None if text.is_empty() => "a configuration key cannot be empty".to_owned(),
        None => return,
    };
    diag.error_at(tag.span(), problem);
}

fn variant_names_differ(model: &Tagged, diag: &mut Diagnostics) {
    let mut names = HashSet::new();
    for variant in &model.variants {
        let name = variant.name.value();
        let place = variant.name.span();
        if name.trim() != name || name.is_empty() {
            let problem = format!(
                "`{name}` cannot be the name of a variant; it needs text without blanks around it"
            );
            diag.error_at(place, problem);
        } else if !names.insert(name.clone()) {
            let problem = format!("`{name}` is already the name of another variant");
            diag.error_at(place, problem);
        }
    }
}

fn default_is_a_variant(model: &Tagged, diag: &mut Diagnostics) {
    let Some(default) = &model.default else {
        return;
    };
    let text = default.value();
    let names: Vec<_> = model.variants.iter().map(|it| it.name.value()).collect();
    if names.is_empty() || names.contains(&text) {
        return;
    }
    let quoted: Vec<_> = names.iter().map(|it| format!("`{it}`")).collect();
    let (ident, list) = (&model.ident, quoted.join(", "));
    let problem = format!("default `{text}` is not a variant of `{ident}`; choose one of {list}");
    diag.error(default, problem);
}

fn variant_is_documented(variant: &Variant, diag: &mut Diagnostics) {
    let ident = &variant.model.ident;
    if variant.model.documentation.is_empty() {
        diag.error(
            ident,
            format!(
                "variant `{ident}` has no documentation; its `///` comment is shown beside the \
                 choice"
            ),
        );
    }
}

fn variant_has_named_fields(variant: &Variant, diag: &mut Diagnostics) {
    let ident = &variant.model.ident;
    if !variant.is_well_formed {
        diag.error(
            ident,
            format!(
                "variant `{ident}` needs named fields; the field names become configuration keys"
            ),
        );
    }
}

fn tag_is_no_key_of_a_variant(model: &Tagged, variant: &Variant, diag: &mut Diagnostics) {
    let Some(tag) = model.tag.as_ref().map(LitStr::value) else {
        return;
    };
    let names = variant.model.keys().flat_map(|(_, key)| key.names());
    for name in names.filter(|it| it.value() == tag) {
        let ident = &model.ident;
        diag.error_at(
            name.span(),
            format!("configuration key `{tag}` is the tag of `{ident}`, which chooses the variant"),
        );
    }
}

fn recommendation_is_for_a_struct(variant: &Variant, diag: &mut Diagnostics) {
    let ident = &variant.model.ident;
    for (_, path) in variant.model.recommended() {
        diag.error(
            path,
            format!(
                "`recommend` is made from the draft of a struct; put the keys of `{ident}` into a \
                 struct of their own and flatten it"
            ),
        );
    }
}
