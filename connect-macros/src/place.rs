//! Where the compiler points when generated code is not good.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;

/// The place of the user's tokens, for generated tokens that stand for them.
///
/// Only the place is taken over: names still mean what they mean to the macro, and lints know that
/// nobody wrote the code.
pub(crate) fn place_of(tokens: &impl ToTokens) -> Span {
    Span::mixed_site().located_at(tokens.span())
}
