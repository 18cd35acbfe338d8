//! What stands in for the implementation when there were mistakes, so that they are all that the
//! compiler reports.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

pub(super) fn stub(input: &DeriveInput) -> TokenStream {
    // Code that uses a generic configuration could not be helped by an implementation.
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let ident = &input.ident;
    quote! {
        #[automatically_derived]
        impl ::connect_core::config::ConfigBlock for #ident {
            const KEYS: ::connect_core::__private::KeyNames = ::connect_core::__private::KeyNames {
                own: &[],
                flattened: &[],
                below: &[],
            };

            fn define(_: &mut ::connect_core::__private::Definer) {}

            fn read(
                _: &mut ::connect_core::__private::Reader<'_>,
            ) -> ::core::option::Option<Self> {
                ::core::unreachable!()
            }

            fn write(&self, _: &mut ::connect_core::config::Props) {}
        }

        #[automatically_derived]
        impl ::connect_core::config::ConnectorConfig for #ident {
            fn definition() -> &'static ::connect_core::config::ConfigDef {
                ::core::unreachable!()
            }

            fn parse(
                _: &::connect_core::config::Props,
            ) -> ::core::result::Result<Self, ::connect_core::config::ConfigErrors> {
                ::core::unreachable!()
            }

            fn validate(
                _: &::connect_core::config::Props,
            ) -> ::std::vec::Vec<::connect_core::config::ConfigValueInfo> {
                ::core::unreachable!()
            }
        }
    }
}
