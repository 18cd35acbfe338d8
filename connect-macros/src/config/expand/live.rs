//! What is asked of the other side: values to choose from, and whether a configuration works.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Path, Type, Visibility};

use crate::config::model::Model;
use crate::config::tagged::Tagged;
use crate::paths::CratePath;
use crate::place::place_of;

/// What recommendations are made from.
pub(super) fn draft_type(model: &Model) -> TokenStream {
    if model.recommended().next().is_none() {
        return quote!(());
    }
    let name = draft_name(&model.ident);
    quote!(#name)
}

fn draft_name(ident: &Ident) -> Ident {
    format_ident!("{ident}Draft")
}

/// The type that recommendations are made from, and how it is read.
pub(super) fn draft(model: &Model) -> Option<TokenStream> {
    model.recommended().next()?;
    let krate = &model.krate;
    let fields = model.fields.iter().map(|it| (&it.ident, &it.ty));
    let (name, declaration) = declaration(&model.visibility, &model.ident, fields);
    let idents = model.fields.iter().map(|it| &it.ident);
    let constants = model.fields.iter().map(|it| &it.constant);
    Some(quote! {
        #declaration

        impl #name {
            fn read(reader: &mut #krate::__private::Reader<'_>) -> Self {
                Self { #(#idents: #constants.read(reader),)* }
            }
        }
    })
}

/// A struct with the same fields, each of which may be absent: its name and its declaration.
pub(in crate::config) fn declaration<'a>(
    visibility: &Visibility,
    ident: &Ident,
    fields: impl Iterator<Item = (&'a Ident, &'a Type)>,
) -> (TokenStream, TokenStream) {
    let name = draft_name(ident);
    let (idents, types): (Vec<_>, Vec<_>) = fields.unzip();
    let text = name.to_string();
    let declaration = quote! {
        #[doc(hidden)]
        #[allow(dead_code, unreachable_pub, reason = "the user may read any of the fields, or none")]
        #visibility struct #name {
            #(pub #idents: ::core::option::Option<#types>,)*
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(#text)
            }
        }
    };
    (quote!(#name), declaration)
}

/// The methods of a struct that are not those of every other.
pub(super) fn methods(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let blocks: Vec<_> = model.blocks().collect();
    let constants: Vec<_> = blocks.iter().map(|it| &it.constant).collect();
    let idents = blocks.iter().map(|it| &it.ident);
    let questions = model.recommended().map(|(field, path)| {
        let (constant, leaf, draft) = (&field.constant, field.leaf(), draft_name(&model.ident));
        // What is wrong with the function is reported at its name.
        let place = place_of(path);
        let ask = quote_spanned!(place=> add::<#leaf, _, _, _, _>);
        let function = quote_spanned!(place=> |draft| #path(draft));
        quote!(recommendations.#ask(&#constant, #draft::read, #function);)
    });
    let questions: TokenStream = questions.collect();
    let recommend = (!blocks.is_empty() || !questions.is_empty()).then(|| {
        quote! {
            fn recommend(recommendations: &mut #krate::__private::Recommendations<'_>) {
                #(#constants.recommend(recommendations);)*
                #questions
            }
        }
    });
    let mut probes: Vec<_> = constants
        .iter()
        .zip(idents)
        .map(|(constant, ident)| quote!(#constant.probe(&self.#ident)))
        .collect();
    probes.extend(model.probe.as_ref().map(|it| probe(krate, it)));
    let in_turn = in_turn(krate, &probes);
    let probe = (!probes.is_empty()).then(|| probe_method(krate, &in_turn));
    quote!(#recommend #probe)
}

/// The same for an enum.
pub(super) fn methods_of_tagged(model: &Tagged) -> TokenStream {
    let krate = &model.krate;
    let has_blocks = model
        .variants
        .iter()
        .any(|it| it.model.blocks().next().is_some());
    let recommend = has_blocks.then(|| {
        quote! {
            fn recommend(recommendations: &mut #krate::__private::Recommendations<'_>) {
                VARIANTS.recommend(recommendations);
            }
        }
    });
    let own = model.probe.as_ref().map(|it| probe(krate, it));
    let variants = model.variants.iter().map(|variant| {
        let name = &variant.model.ident;
        let constants = variant.model.blocks().map(|it| &it.constant);
        let fields = variant.model.blocks().map(|it| &it.ident);
        let values: Vec<_> = variant.model.blocks().map(super::value_of).collect();
        let mut probes: Vec<_> = constants
            .zip(&values)
            .map(|(constant, value)| quote!(#constant.probe(#value)))
            .collect();
        probes.extend(own.clone());
        let in_turn = in_turn(krate, &probes);
        quote!(Self::#name { #(#fields: #values,)* .. } => #in_turn,)
    });
    let probe = (has_blocks || own.is_some())
        .then(|| probe_method(krate, &quote!(match self { #(#variants)* })));
    quote!(#recommend #probe)
}

fn probe(krate: &CratePath, path: &Path) -> TokenStream {
    let place = place_of(path);
    let here = krate.at(place);
    let ask = quote_spanned!(place=> #here::__private::probe);
    let function = quote_spanned!(place=> |config| #path(config));
    quote!(#ask(self, #function))
}

fn in_turn(krate: &CratePath, probes: &[TokenStream]) -> TokenStream {
    match probes {
        [only] => only.clone(),
        several => quote!(#krate::__private::in_turn(::std::vec![#(#several),*])),
    }
}

fn probe_method(krate: &CratePath, body: &TokenStream) -> TokenStream {
    quote! {
        fn probe(&self) -> #krate::__private::BoxFuture<'_, #krate::Result<()>> {
            #body
        }
    }
}
