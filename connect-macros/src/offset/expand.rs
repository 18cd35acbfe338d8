//! From the model to code.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use super::Kind;
use super::input::Model;
use crate::place::place_of;

pub(super) fn expand(kind: Kind, model: &Model) -> TokenStream {
    let Model {
        ident,
        krate,
        fields,
    } = model;
    let constants: Vec<_> = (0..fields.len())
        .map(|it| format_ident!("FIELD_{it}"))
        .collect();
    let declarations = fields.iter().zip(&constants).map(|(field, constant)| {
        let (ty, key) = (&field.ty, &field.key);
        // The constructor has a bound on the type, so what it lacks is reported at the type.
        let here = krate.at(place_of(ty));
        let new = quote_spanned!(place_of(ty)=> #here::__private::stored_field::<#ty>);
        quote! {
            const #constant: #krate::__private::StoredField<#ty> = #new(#key);
        }
    });
    let idents: Vec<_> = fields.iter().map(|it| &it.ident).collect();
    let trait_name = kind.trait_name();
    quote! {
        const _: () = {
            #(#declarations)*

            #[automatically_derived]
            impl #krate::offset::#trait_name for #ident {
                fn to_stored(&self) -> #krate::offset::OffsetMap {
                    let mut stored = #krate::offset::OffsetMap::new();
                    #(#constants.write(&self.#idents, &mut stored);)*
                    stored
                }

                fn from_stored(
                    stored: &#krate::offset::OffsetMap,
                ) -> ::core::result::Result<Self, #krate::offset::OffsetError> {
                    ::core::result::Result::Ok(Self {
                        #(#idents: #constants.read(stored)?,)*
                    })
                }
            }
        };
    }
}
