//! Enums whose variants bring keys of their own.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;

use super::value_of;
use super::{
    assertions, connector_config, constant, groups, key_names, live, optional, relations, table,
};
use crate::config::model::Model;
use crate::config::tagged::{Tagged, Variant};
use crate::place::place_of;

pub(in crate::config) fn expand(model: &Tagged) -> TokenStream {
    let fields = |variant: &Variant| {
        let fields = variant.model.fields.iter();
        let constants = fields.map(|it| constant(&variant.model, it));
        let assertions = assertions(&variant.model);
        quote!(#(#constants)* #(#assertions)*)
    };
    let fields: TokenStream = model.variants.iter().map(fields).collect();
    let apart = model.variants.iter().flat_map(|it| apart(model, it));
    let variants = variants(model);
    let block = block(model);
    let config = connector_config(&model.krate, &model.ident, &model.documentation);
    let table = table::of_tagged(model);
    quote! {
        const _: () = {
            #fields
            #(#apart)*
            #variants
            #block
            #config
            #table
        };
    }
}

/// The key that chooses is not among those of a flattened struct.
fn apart(model: &Tagged, variant: &Variant) -> Vec<TokenStream> {
    let tag = &model.tag;
    let assertions = variant.model.flattened().map(|field| {
        let (name, ty) = (&field.constant, field.type_text());
        let tag_text = tag.as_ref().map(syn::LitStr::value).unwrap_or_default();
        let message = format!(
            "configuration key `{tag_text}` of the flattened `{ty}` is the tag of `{}`",
            model.ident
        );
        quote_spanned! {place_of(&field.ident)=>
            const _: () = ::core::assert!(!#name.keys().has(#tag), #message);
        }
    });
    assertions.collect()
}

fn variants(model: &Tagged) -> TokenStream {
    let Tagged {
        ident,
        krate,
        documentation,
        tag,
        ..
    } = model;
    let default = optional(model.default.as_ref());
    let names = model.variants.iter().map(|it| &it.name);
    let documentations = model.variants.iter().map(|it| &it.model.documentation);
    let functions = model.variants.iter().map(|it| functions(ident, &it.model));
    quote! {
        const VARIANTS: #krate::__private::Variants<#ident> = #krate::__private::Variants {
            tag: #tag,
            documentation: #documentation,
            choices: &[#(#krate::config::Choice {
                name: #names,
                documentation: #documentations,
            }),*],
            default: #default,
            variants: &[#(#functions),*],
        };
    }
}

fn functions(ident: &Ident, variant: &Model) -> TokenStream {
    let (krate, name) = (&variant.krate, &variant.ident);
    if variant.fields.is_empty() {
        return quote! {
            #krate::__private::Variant {
                define: |_| {},
                read: |_| ::core::option::Option::Some(#ident::#name {}),
                recommend: |_| {},
            }
        };
    }
    let constants: Vec<_> = variant.fields.iter().map(|it| &it.constant).collect();
    let fields: Vec<_> = variant.fields.iter().map(|it| &it.ident).collect();
    let values: Vec<_> = variant.fields.iter().map(value_of).collect();
    let relations = relations::checks(variant);
    let blocks: Vec<_> = variant.blocks().map(|it| &it.constant).collect();
    let recommend = if blocks.is_empty() {
        quote!(|_| {})
    } else {
        quote! {
            |recommendations: &mut #krate::__private::Recommendations<'_>| {
                #(#blocks.recommend(recommendations);)*
            }
        }
    };
    quote! {
        #krate::__private::Variant {
            define: |definer: &mut #krate::__private::Definer| {
                #(#constants.define(definer);)*
            },
            read: |reader: &mut #krate::__private::Reader<'_>| {
                #(let #values = #constants.read(reader);)*
                #relations
                ::core::option::Option::Some(#ident::#name { #(#fields: #values?,)* })
            },
            recommend: #recommend,
        }
    }
}

fn block(model: &Tagged) -> TokenStream {
    let Tagged {
        ident, krate, tag, ..
    } = model;
    let names = model.variants.iter().map(|it| key_names(&it.model));
    let groups = groups(&model.groups);
    let outcome = if let Some(check) = &model.check {
        quote! {
            let value = VARIANTS.read(reader)?;
            reader.check(value, #check)
        }
    } else {
        quote!(VARIANTS.read(reader))
    };
    let writes = model.variants.iter().map(|variant| {
        let (tag_value, name) = (&variant.name, &variant.model.ident);
        let constants = variant.model.fields.iter().map(|it| &it.constant);
        let fields = variant.model.fields.iter().map(|it| &it.ident);
        let values: Vec<_> = variant.model.fields.iter().map(value_of).collect();
        quote! {
            Self::#name { #(#fields: #values),* } => {
                VARIANTS.write(#tag_value, props);
                #(#constants.write(#values, props);)*
            }
        }
    });
    let live = live::methods_of_tagged(model);
    quote! {
        #[automatically_derived]
        impl #krate::config::ConfigBlock for #ident {
            const KEYS: #krate::__private::KeyNames = #krate::__private::KeyNames {
                own: &[#tag],
                flattened: &[#(#names),*],
                below: &[],
            };

            type Draft = ();

            fn define(definer: &mut #krate::__private::Definer) {
                #groups
                VARIANTS.define(definer);
            }

            fn read(
                reader: &mut #krate::__private::Reader<'_>,
            ) -> ::core::option::Option<Self> {
                #outcome
            }

            fn write(&self, props: &mut #krate::config::Props) {
                match self {
                    #(#writes)*
                }
            }

            #live
        }
    }
}
