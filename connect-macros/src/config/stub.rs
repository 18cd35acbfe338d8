//! What stands in for the implementation when there were mistakes, so that they are all that the
//! compiler reports.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use super::expand::draft_declaration;

pub(super) fn stub(input: &DeriveInput) -> TokenStream {
    // Code that uses a generic configuration could not be helped by an implementation.
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let ident = &input.ident;
    let (draft, declaration) = draft(input);
    quote! {
        #declaration

        #[automatically_derived]
        impl ::connect_core::config::ConfigBlock for #ident {
            const KEYS: ::connect_core::__private::KeyNames = ::connect_core::__private::KeyNames {
                own: &[],
                flattened: &[],
                below: &[],
            };

            type Draft = #draft;

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
        }
    }
}

/// Functions that recommend values use the fields of the draft.
fn draft(input: &DeriveInput) -> (TokenStream, TokenStream) {
    match &input.data {
        Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => {
            let named = data.fields.iter();
            let fields = named.filter_map(|it| Some((it.ident.as_ref()?, &it.ty)));
            draft_declaration(&input.vis, &input.ident, fields)
        }
        Data::Struct(_) | Data::Enum(_) | Data::Union(_) => (quote!(()), TokenStream::new()),
    }
}
