//! What stands in for the implementations when there were mistakes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

pub(super) fn stub(input: &DeriveInput) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let ident = &input.ident;
    quote! {
        #[automatically_derived]
        impl ::connect_core::config::ConfigValue for #ident {
            fn kind(_: ::connect_core::config::Unit) -> ::connect_core::config::ConfigType {
                ::core::unreachable!()
            }

            fn parse_text(
                _: &str,
                _: ::connect_core::config::Unit,
            ) -> ::core::result::Result<Self, ::connect_core::config::ValueError> {
                ::core::unreachable!()
            }

            fn to_text(
                &self,
                _: ::connect_core::config::Unit,
            ) -> ::core::option::Option<::std::string::String> {
                ::core::unreachable!()
            }
        }

        #[automatically_derived]
        impl ::connect_core::config::ListElement for #ident {}
    }
}
