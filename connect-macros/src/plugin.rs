//! `#[source_connector]`, `#[sink_connector]`, `#[converter]`, `#[transform]`, `#[predicate]` and
//! `#[config_provider]`: what registers a plugin.

mod check;
mod expand;
mod input;
mod model;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

use crate::diag::Diagnostics;
pub(crate) use model::Kind;

pub(crate) fn attribute(kind: Kind, arguments: TokenStream, item: &Item) -> TokenStream {
    let mut diag = Diagnostics::default();
    let model =
        input::parse(kind, arguments, item, &mut diag).map(|it| model::lower(kind, it, &mut diag));
    if let Some(model) = &model {
        check::all(model, &mut diag);
    }
    // With or without mistakes the item stays as it was written.
    match (diag.finish(), model) {
        (Ok(()), Some(model)) => {
            let registration = expand::expand(&model);
            quote!(#item #registration)
        }
        (Ok(()), None) => quote!(#item),
        (Err(errors), _) => quote!(#item #errors),
    }
}
