//! Where generated code finds the SDK.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::diag::Diagnostics;

/// The path of the SDK: `::connect_core`, or what `crate = ...` says.
#[derive(Clone)]
pub(crate) struct CratePath(TokenStream);

impl CratePath {
    /// Takes the path of a crate that re-exports the SDK. It must not depend on where it stands.
    pub(crate) fn new(path: Option<&syn::Path>, diag: &mut Diagnostics) -> Self {
        let Some(path) = path else {
            return Self::default();
        };
        let first = path.segments.first().map(|it| it.ident.to_string());
        if path.leading_colon.is_none() && first.as_deref() != Some("crate") {
            let text = path.to_token_stream().to_string().replace(' ', "");
            diag.error(
                path,
                format!("`crate` needs an absolute path, such as `::{text}`"),
            );
        }
        Self(path.to_token_stream())
    }

    /// The path at another place, so that messages about what follows it point there.
    pub(crate) fn at(&self, place: Span) -> TokenStream {
        let moved = self.0.clone().into_iter().map(|mut token| {
            TokenTree::set_span(&mut token, place);
            token
        });
        moved.collect()
    }
}

impl Default for CratePath {
    fn default() -> Self {
        Self(quote!(::connect_core))
    }
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}
