//! Items under attributes.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Item;

/// What to underline when an item is of the wrong kind: its name, or its first word.
pub(crate) fn name_of(item: &Item) -> TokenStream {
    match item {
        Item::Enum(item) => item.ident.to_token_stream(),
        Item::Fn(item) => item.sig.ident.to_token_stream(),
        Item::Mod(item) => item.ident.to_token_stream(),
        Item::Struct(item) => item.ident.to_token_stream(),
        Item::Trait(item) => item.ident.to_token_stream(),
        Item::Type(item) => item.ident.to_token_stream(),
        other => {
            let mut words = quote!(#other).into_iter();
            let word = words.find(|it| matches!(it, TokenTree::Ident(_)));
            word.into_token_stream()
        }
    }
}
