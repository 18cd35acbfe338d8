//! What stands in for the implementation when there were mistakes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use super::Kind;

pub(super) fn stub(kind: Kind, input: &DeriveInput) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let (ident, trait_name) = (&input.ident, kind.trait_name());
    quote! {
        #[automatically_derived]
        impl ::connect_core::offset::#trait_name for #ident {
            fn to_stored(&self) -> ::connect_core::offset::OffsetMap {
                ::core::unreachable!()
            }

            fn from_stored(
                _: &::connect_core::offset::OffsetMap,
            ) -> ::core::result::Result<Self, ::connect_core::offset::OffsetError> {
                ::core::unreachable!()
            }
        }
    }
}
