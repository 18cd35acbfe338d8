//! Every rule about the item under a task's attribute. Each function is one rule.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Item, ItemImpl};

use super::Kind;
use crate::diag::Diagnostics;
use crate::item;

pub(super) fn all(kind: Kind, arguments: &TokenStream, item: &Item, diag: &mut Diagnostics) {
    attribute_has_no_options(kind, arguments, diag);
    match item {
        Item::Impl(item) => task_trait_is_implemented(kind, item, diag),
        other => item_is_an_implementation(kind, other, diag),
    }
}

fn attribute_has_no_options(kind: Kind, arguments: &TokenStream, diag: &mut Diagnostics) {
    if !arguments.is_empty() {
        diag.error(
            arguments,
            format!("`#[{}]` takes no options", kind.attribute()),
        );
    }
}

fn item_is_an_implementation(kind: Kind, other: &Item, diag: &mut Diagnostics) {
    let (attribute, trait_name) = (kind.attribute(), kind.trait_name());
    diag.error(
        &item::name_of(other),
        format!("`#[{attribute}]` goes on an implementation of `{trait_name}`"),
    );
}

fn task_trait_is_implemented(kind: Kind, item: &ItemImpl, diag: &mut Diagnostics) {
    let implemented = item
        .trait_
        .as_ref()
        .and_then(|(path, _)| path.segments.last());
    if implemented.is_none_or(|it| it.ident != kind.trait_name()) {
        let ty = item.self_ty.to_token_stream().to_string();
        diag.error(
            &item.self_ty,
            format!("expected `impl {} for {ty}`", kind.trait_name()),
        );
    }
}
