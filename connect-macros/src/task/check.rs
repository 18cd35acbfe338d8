//! Every rule about the item under a task's attribute. Each function is one rule.

use quote::ToTokens;
use syn::{ImplItem, Item, ItemImpl};

use super::Kind;
use super::input::Options;
use crate::diag::Diagnostics;
use crate::item;

pub(super) fn all(kind: Kind, options: &Options, item: &Item, diag: &mut Diagnostics) {
    match item {
        Item::Impl(item) => {
            task_trait_is_implemented(kind, item, diag);
            if options.blocking {
                blocking_methods_are_plain(kind, item, diag);
            }
        }
        other => item_is_an_implementation(kind, other, diag),
    }
}

fn blocking_methods_are_plain(kind: Kind, item: &ItemImpl, diag: &mut Diagnostics) {
    for method in &item.items {
        let ImplItem::Fn(method) = method else {
            continue;
        };
        let name = method.sig.ident.to_string();
        if let Some(keyword) = &method.sig.asyncness
            && kind.blocking_methods().contains(&name.as_str())
        {
            diag.error(
                keyword,
                format!(
                    "`{name}` runs on a blocking thread here; drop `async`, or drop `blocking`"
                ),
            );
        }
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
